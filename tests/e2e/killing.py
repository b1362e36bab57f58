"""`execute` killed with SIGKILL at scripted moments, again and again, until one of them lives to its end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sandbox.remote import Sent
from tests.e2e.agreement import MIGRATION
from tests.e2e.crossings import Rule
from tests.e2e.ferry import Ended
from tests.e2e.planned import Quay

SIM = "/v1/Sims/"  # where Super SIM is asked to change one
EXECUTIONS_MAX = 6
MOMENT_S_MAX = 60.0  # until a moment must have come, or the process have ended
POLL_S = 0.02


@dataclass(frozen=True)
class Moment:
    """When to kill: once so many changing requests have come since this execution began, or emnify's `dry_run`s.

    `after_s` later, which may be while the answer is held back or after it was read. With a `path` (a pattern) those
    changing requests count that go there.
    """

    requests: int
    dry_run: bool = False
    after_s: float = 0.0
    path: str = ""


@dataclass(frozen=True)
class Scenario:
    """What the provider does, and a moment for each execution that is to die."""

    faults: tuple[Rule, ...]
    deaths: tuple[Moment, ...]


@dataclass
class Story:
    """How it went: executions that were killed, and the last one."""

    killed: int = 0
    ended: list[Ended] = field(default_factory=list)


def play(quay: Quay, scenario: Scenario) -> Story:
    """Execute, die as scripted, and execute until nothing is left to do, as an operator would."""
    quay.sandbox.set_faults(list(scenario.faults))
    story = Story()
    for death in scenario.deaths:
        story.killed += die(quay, death)
    for _ in range(EXECUTIONS_MAX):
        ended = quay.ferry.run("execute", quay.run)
        story.ended.append(ended)
        if ended.code == 0:
            break
    return story


def die(quay: Quay, death: Moment, *command: str) -> bool:
    """Whether an execution (or another command on the run) was killed at that moment."""
    before = arrived(quay, death)
    process = quay.ferry.start(*(command or ("execute",)), quay.run)
    came = wait_for(quay, process, death, before)
    if came:
        time.sleep(death.after_s)
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return came and process.returncode == -signal.SIGKILL


def wait_for(quay: Quay, process: subprocess.Popen[str], moment: Moment, before: int) -> bool:
    """Whether the moment came before the process ended."""
    deadline = time.monotonic() + MOMENT_S_MAX
    while process.poll() is None and time.monotonic() < deadline:
        if arrived(quay, moment) - before >= moment.requests:
            return True
        time.sleep(POLL_S)
    return False


def arrived(quay: Quay, moment: Moment) -> int:
    """Requests of that kind that the provider has seen so far."""
    return sum(_counts(sent, moment) for sent in quay.sandbox.requests())


def _counts(sent: Sent, moment: Moment) -> bool:
    if moment.path:
        return sent.method != "GET" and fnmatchcase(sent.path, moment.path)
    if sent.path == MIGRATION:
        return sent.dry_run is moment.dry_run
    return sent.method == "POST" and sent.path.startswith(SIM) and not moment.dry_run
