"""When to strike: moments drawn from seeded dice, and waited for by what the provider sees."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from chaos.launcher import Running
from sandbox.remote import Sandbox, Sent

POLL_S = 0.1
WAIT_S_MAX = 60.0


class After(StrEnum):
    """What a moment is counted from."""

    START = "start"  # of the process
    REQUEST = "request"  # the n-th request of it that the provider sees
    CHANGE = "change"  # the n-th that is to change something


KINDS = (After.CHANGE, After.REQUEST, After.START)
WEIGHTS = (5, 3, 2)
LATER_S_MAX = {After.START: 5.0, After.REQUEST: 0.3, After.CHANGE: 0.25}
COUNT_MAX = {After.START: 0, After.REQUEST: 20, After.CHANGE: 3}


@dataclass(frozen=True, slots=True)
class Moment:
    """So many seconds after the n-th of something."""

    after: After
    count: int
    later_s: float


def drawn(dice: random.Random) -> Moment:
    """A moment: of every ten, five by changes, three by requests, two uniform in time."""
    (after,) = dice.choices(KINDS, WEIGHTS)
    return Moment(after, dice.randint(min(1, COUNT_MAX[after]), COUNT_MAX[after]), dice.uniform(0, LATER_S_MAX[after]))


def awaited(moment: Moment, running: Running, sandbox: Sandbox, is_change: Callable[[Sent], bool]) -> bool:
    """Whether the moment came while the process lived; the record of requests has to be as new as the process."""
    deadline_s = time.monotonic() + WAIT_S_MAX
    while running.lives and time.monotonic() < deadline_s:
        if moment.after is After.START or _seen(moment, sandbox, is_change) >= moment.count:
            time.sleep(moment.later_s)
            return running.lives
        time.sleep(POLL_S)
    return running.lives


def _seen(moment: Moment, sandbox: Sandbox, is_change: Callable[[Sent], bool]) -> int:
    counts = is_change if moment.after is After.CHANGE else lambda _: True
    return sum(counts(sent) for sent in sandbox.requests())
