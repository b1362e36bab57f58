"""SIMs handed over by tokens: die at every record and every call, run again, and hold journal and books together."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from domain.errors import FerryError
from domain.inventory import Side
from domain.outcomes import Outcome
from domain.settings import SettingState
from tests.fakes import Killed
from tests.handing import LIFE_S, Slip, TwoParties
from tests.transfers import AS_WANTED, Run

CHAOS = os.environ.get("SIMFERRY_CHAOS") == "1"
STRIDE = 1 if CHAOS else 12  # of the places to die at
SCRIPTS: dict[str, dict[int, Slip]] = {
    "fair weather": {},
    "no answer, all done": {1: Slip.SILENT_AFTER, 4: Slip.SILENT_AFTER, 5: Slip.SILENT_AFTER},
    "no answer, done late": {2: Slip.SILENT_LATE, 3: Slip.SILENT_LATE, 6: Slip.SILENT_LATE},
    "no answer, nothing done": {1: Slip.SILENT_BEFORE, 4: Slip.SILENT_BEFORE, 5: Slip.SILENT_BEFORE},
    "declined": {3: Slip.DECLINE, 6: Slip.DECLINE},
    "one declined": {3: Slip.DECLINE_ONE, 6: Slip.DECLINE_ONE},
    "no connection": {2: Slip.UNSENT, 5: Slip.UNSENT},
    "yes and nothing done": {4: Slip.LIE},
    "seen late": {1: Slip.LAG, 2: Slip.LAG, 4: Slip.LAG, 5: Slip.LAG},
    "no way in": {4: Slip.NO_ENTRY},
}
KINDS = {
    "accepted by us": (False, 500),
    "accepted by us, a token each": (False, 1),
    "accepted by the other side": (True, 500),
    "accepted by the other side, a token each": (True, 1),
}


def open_first(provider: TwoParties) -> None:
    """The other side is quick with the first SIM, whoever else accepts."""
    provider.opens_link(next(iter(provider.cards)))


def go_active(provider: TwoParties) -> None:
    """One SIM connects while it is being transferred."""
    provider.goes_active(list(provider.cards)[3])


MEANWHILE = {"quiet": {}, "others act": {2: open_first, 4: go_active, 5: go_active}}


def lives_through(run: Run, act: Callable[[], None]) -> bool:
    """Whether it died on the way; it is begun again until it does not."""
    died = False
    for _ in range(3):
        try:
            act()
        except Killed:
            died = True
            run.log.resurrect()
            run.provider.die_at_call = run.provider.die_at_restore = -1
            continue
        except FerryError:
            break
        break
    return died


def crash_and_resume(folder: Path, kind: str, script: str, meanwhile: str, **death: int) -> bool:
    """Whether the death happened; raises where an invariant is broken."""
    folder.mkdir()
    run = Run(folder, is_blind=KINDS[kind][0], sims_per_token=KINDS[kind][1])
    run.provider.script = SCRIPTS[script]
    run.provider.meanwhile = dict(MEANWHILE[meanwhile])
    for name, number in death.items():
        setattr(run.provider if name in {"die_at_call", "die_at_restore"} else run.log, name, number)
    died = lives_through(run, run.execute)
    run.tells_the_truth()
    run.provider.clock.sleep(LIFE_S)
    asked = len(run.provider.asked)
    died |= lives_through(run, run.settle)  # as a reconciliation does
    run.tells_the_truth()
    assert len(run.provider.asked) == asked
    run.provider.script, run.provider.meanwhile = {}, {}
    died |= lives_through(run, run.execute)
    run.provider.clock.sleep(LIFE_S)  # of the tokens that this has issued
    died |= lives_through(run, run.execute)
    is_over(run)
    return died


def is_over(run: Run) -> None:
    """Every SIM is at an end, those that have arrived with what they were set to."""
    run.tells_the_truth()
    outcomes = dict(run.outcomes().select("iccid", pl.col("outcome").cast(pl.String)).iter_rows())
    if run.provider.is_blind:
        return
    assert not set(outcomes.values()) & {Outcome.IN_DOUBT, Outcome.AWAITING}
    for key, card in run.provider.cards.items():
        assert (card.side == Side.TARGET) == (outcomes[key] in {Outcome.CONFIRMED, Outcome.LEFT})
        if outcomes[key] == Outcome.CONFIRMED:
            assert card.settings == AS_WANTED
    states = run.settings_compared().filter(pl.col("setting") != "event_handler:h")
    there = states.filter(pl.col("state") != SettingState.UNSEEN)
    assert set(there["state"]) <= {SettingState.SAME}


@pytest.fixture(autouse=True)
def _one_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the n-th call is the same one each time."""
    monkeypatch.setattr("tasks.handing.BATCHES_AT_ONCE", 1)


DEATHS = ("die_before", "die_after", "die_at_call", "die_at_restore")
EVERY = list(product(KINDS, SCRIPTS, MEANWHILE, DEATHS))
# Each script of each kind dies in one way, so that together they die in all of them.
SOME = [
    (kind, script, list(MEANWHILE)[(at + place) % 2], DEATHS[(at + place // 2) % 3 if place % 4 else 3])
    for at, kind in enumerate(KINDS)
    for place, script in enumerate(SCRIPTS)
]


@pytest.mark.parametrize(("kind", "script", "meanwhile", "death"), EVERY if CHAOS else SOME)
def test_wherever_it_dies_nothing_is_transferred_twice_and_the_report_tells_the_truth(
    kind: str, script: str, meanwhile: str, death: str, tmp_path: Path
) -> None:
    number = 1 + EVERY.index((kind, script, meanwhile, death)) % STRIDE
    while crash_and_resume(tmp_path / str(number), kind, script, meanwhile, **{death: number}):
        number += STRIDE
