"""The trials of every point can fail: what simferry writes down is spoiled, and they find it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.events import Event, Kind
from domain.parts import Stand
from journal.book import Journal
from sandbox.faults import Act, Rule
from tests.reliability.berths import BERTHS
from tests.reliability.harbour import Harbour, lay

WRITE = Journal.write
LIES = {  # a yes, and nothing is done
    "emnify": Rule(Act.LIE, "POST", "/api/v1/sim/migration/workspace", dry_run=False, nth=2),
    "supersim": Rule(Act.LIE, "POST", "/v1/Sims/*", nth=3),
    "soracom": Rule(Act.LIE, "POST", "/v1/subscribers/transfer_token/verify", nth=2),
}


def without_intents(journal: Journal, *events: Event) -> None:
    """What is about to be sent is not written down before."""
    WRITE(journal, *(event for event in events if event.kind != Kind.INTENDED))


def believing(journal: Journal, *events: Event) -> None:
    """Whatever a read shows is taken for done."""
    WRITE(journal, *(_done(event) if event.kind in {Kind.SEEN, Kind.SETTLED} else event for event in events))


def _done(event: Event) -> Event:
    return replace(event, body={**event.body, "stand": str(Stand.DONE)})


def wrongs_of(berth: str, rule: Rule, folder: Path) -> list[str]:
    """What is wrong after one execution."""
    harbour = Harbour(lay(BERTHS[berth], folder / "laid"), folder / "trial", [rule])
    harbour.execute()
    harbour.pass_time(70.0)
    assert harbour.reconcile() == "reconciled"
    wrongs = harbour.wrongs()
    harbour.close()
    return wrongs


@pytest.mark.parametrize("berth", LIES)
def test_a_journal_that_knows_of_arrivals_that_were_none_is_found(
    berth: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Journal, "write", believing)
    assert any(wrong.startswith("the journal has") for wrong in wrongs_of(berth, LIES[berth], tmp_path))


def test_a_report_that_takes_our_own_change_for_that_of_others_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Journal, "write", without_intents)
    unheard = replace(LIES["emnify"], act=Act.DROP_AFTER)
    assert any("without this run" in wrong for wrong in wrongs_of("emnify", unheard, tmp_path))
