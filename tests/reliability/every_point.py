"""A run that dies at one of its points, is taken up, and is held against the provider's books."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from domain.errors import FerryError
from sandbox.faults import Act, Rule
from sandbox.scripts import read_script
from tests.reliability.harbour import Harbour, Laid

SCRIPTS = Path(__file__).parents[2] / "chaos" / "scripts"
EXECUTIONS_MAX = 12  # some scripts open a breaker every few batches
RECONCILED_MAX = 5
WELL = ("executed", "reconciled")
QUIET_S = 70.0  # nothing of a script lags or is late for longer
AFTER_S = (0.0, 0.5, 20.0, 90.0)  # from a death to the next process, by the point's number
TIMES_SLOWER = 40.0  # scripts are made for a settle time of 1.5 s; here it is the provider's own, which is 60
HELD = frozenset({Act.LATE, Act.LAG, Act.DONE_LATE})


@dataclass(frozen=True)
class Trial:
    """One run of a plan under a script; `point` 0 is one that does not die."""

    laid: Laid
    script: str
    point: int = 0

    @property
    def name(self) -> str:
        """What replays it: `SIMFERRY_POINT=` this."""
        return f"{self.laid.berth.label}:{self.script}:{self.point}"


@dataclass(frozen=True)
class Ended:
    """What came of a trial; `points` is how many were passed in all."""

    points: int
    died_of: str
    wrongs: tuple[str, ...]


def rules_of(berth_name: str, script: str) -> tuple[Rule, ...]:
    """A script of chaos/scripts for the provider's own settle time."""
    rules = read_script(SCRIPTS / berth_name / f"{script}.toml")
    return tuple(replace(rule, seconds=rule.seconds * TIMES_SLOWER) if rule.act in HELD else rule for rule in rules)


def tried(trial: Trial, folder: Path) -> Ended:
    """The trial made in a folder that is gone afterwards."""
    harbour = Harbour(trial.laid, folder, rules_of(trial.laid.berth.name, trial.script))
    harbour.die_at(trial.point)
    try:
        return _sailed(trial, harbour)
    except (FerryError, OSError, AssertionError, ValueError, TypeError, KeyError) as error:
        return Ended(harbour.points.passed, harbour.points.died_of, (f"{type(error).__name__}: {error}",))
    finally:
        harbour.close()
        shutil.rmtree(folder)


def _sailed(trial: Trial, harbour: Harbour) -> Ended:
    wrongs = [*_executed(trial, harbour), *_reported(trial, harbour)]
    if not harbour.is_finished():
        harbour.pass_time(harbour.token_life_s)  # what nobody has accepted falls back
        wrongs += [*_executed(trial, harbour), *_reported(trial, harbour)]
    return Ended(harbour.points.passed, harbour.points.died_of, tuple(wrongs))


def _executed(trial: Trial, harbour: Harbour) -> list[str]:
    """Execute until all is done, or an execution has come to its end twice; what is wrong with reports on the way."""
    wrongs: list[str] = []
    ends: list[str] = []
    while len(ends) < EXECUTIONS_MAX and ends[-2:] != ["executed", "executed"]:
        ends.append(harbour.execute())
        if ends[-1] == "died":
            harbour.pass_time(AFTER_S[trial.point % len(AFTER_S)])
            if trial.point % 3 == 0:  # somebody looks first
                wrongs += _reported(trial, harbour)
        elif harbour.is_finished():
            break
    return wrongs


def _reported(trial: Trial, harbour: Harbour) -> list[str]:
    """What is wrong with a report that is made now, or as soon as the provider lets it be made."""
    said: list[str] = []
    harbour.pass_time(QUIET_S)
    for attempt in range(RECONCILED_MAX):
        said.append(harbour.reconcile())
        if said[-1] in WELL:
            return harbour.wrongs()
        if attempt == RECONCILED_MAX - 2:
            harbour.calm()
    return [f"no report of {trial.name}: {', '.join(said)}"]
