"""How far a run has come, in words: only what has done its whole way has arrived."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from domain.errors import Exit
from domain.events import Event, Json, Kind
from domain.orders import Part
from domain.outcomes import OUTCOMES, RECONCILED_AT, Deed, Outcome
from domain.plan import sealed, utc_text
from flows.cli import main
from flows.commands import execute
from flows.standing import WORDS, At, Standing, done_so_far
from journal.approval import approve
from journal.book import Journal
from journal.run_folder import RunFolder
from tasks.asked import here
from tests.journal.journal_samples import KEYS, NOW, planned, steps

FULL = f"{Part.DEACTIVATE} {Part.MOVE} {Part.ACTIVATE}"
MOVED = str(Part.MOVE)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMFERRY_HOME", str(tmp_path / "runs"))
    return tmp_path / "runs"


def event(kind: Kind, part: Part, sims: Sequence[str], **body: Json) -> Event:
    return Event(kind, utc_text(NOW + timedelta(minutes=1)), 2, 1, str(part), tuple(sims), body)


def sent(part: Part, sims: Sequence[str], said: str) -> tuple[Event, Event]:
    return event(Kind.INTENDED, part, sims), event(Kind.ANSWERED, part, sims, said=said)


def seen(part: Part, sims: Sequence[str]) -> Event:
    return event(Kind.SEEN, part, sims, stand="done")


def told(folder: RunFolder, *events: Event) -> Standing:
    with Journal.open(None, folder) as journal:
        journal.write(*events)
    return done_so_far(here(), folder.name)


def test_a_sim_has_arrived_when_the_last_part_of_its_way_is_done(home: Path) -> None:
    folder, _ = planned(home, (FULL, FULL, MOVED))
    stands = told(folder, *sent(Part.DEACTIVATE, KEYS[:2], "later"), *sent(Part.MOVE, KEYS[2:3], "yes"))
    assert (
        str(stands)
        == "0 of 3 SIMs arrived; 2 accepted and not done (deactivate 2); 1 said to be done and not seen (move 1)"
    )
    stands = told(folder, seen(Part.DEACTIVATE, KEYS[:2]), seen(Part.MOVE, KEYS[2:3]))
    assert str(stands) == "1 of 3 SIMs arrived; 2 deactivated and not moved yet"
    stands = told(folder, *sent(Part.MOVE, KEYS[:2], "yes"), seen(Part.MOVE, KEYS[:1]))
    assert str(stands) == (
        "1 of 3 SIMs arrived; 1 moved and not activated yet; 1 said to be done and not seen (move 1)"
    )
    stands = told(folder, *sent(Part.ACTIVATE, KEYS[:1], "later"), seen(Part.MOVE, KEYS[1:2]))
    assert str(stands) == ("1 of 3 SIMs arrived; 1 moved and not activated yet; 1 accepted and not done (activate 1)")
    assert stands.goes_on
    stands = told(folder, *sent(Part.ACTIVATE, KEYS[1:2], "no"), seen(Part.ACTIVATE, KEYS[:1]))
    assert str(stands) == "2 of 3 SIMs arrived; 1 declined (activate 1)"
    assert (stands.arrived, stands.sims, stands.goes_on) == (2, 3, False)
    assert stands.deeds == {Deed.ARRIVED: 2, Deed.DECLINED: 1}


def test_where_sims_are_only_moved_no_part_is_named(home: Path) -> None:
    folder, _ = planned(home)
    stands = told(folder, *sent(Part.MOVE, KEYS[:1], "later"))
    assert str(stands) == "0 of 3 SIMs arrived; 2 not sent; 1 accepted and not done"


def test_there_are_words_for_every_deed() -> None:
    assert set(WORDS) == set(Deed) - {Deed.ARRIVED}


def tell(folder: RunFolder, capsys: pytest.CaptureFixture[str], *, as_json: bool = False) -> tuple[Exit, str]:
    code = execute.tell(argparse.Namespace(json=as_json), folder.name)
    return code, capsys.readouterr().out


def test_the_end_of_an_execution_names_the_next_step(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = planned(home)
    told(folder, *sent(Part.MOVE, KEYS[:3], "later"), seen(Part.MOVE, KEYS[:2]))
    code, text = tell(folder, capsys)
    assert code == Exit.UNCONFIRMED
    assert text.splitlines() == [
        "2 of 3 SIMs arrived; 1 accepted and not done.",
        f"What was accepted is looked at again, and what was not sent is sent, by:  simferry execute {folder.name}",
        f"What there is by now is reported by:  simferry reconcile {folder.name}",
    ]
    told(folder, seen(Part.MOVE, KEYS[:3]))
    assert tell(folder, capsys) == (Exit.OK, f"3 of 3 SIMs arrived. Next:  simferry reconcile {folder.name}\n")


def test_a_sim_that_lacks_its_last_part_ends_an_execution_as_not_confirmed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = planned(home, (MOVED, MOVED, FULL))
    told(folder, *sent(Part.MOVE, KEYS[:3], "yes"), seen(Part.MOVE, KEYS[:3]))
    code, text = tell(folder, capsys, as_json=True)
    assert code == Exit.UNCONFIRMED
    facts = json.loads(text)
    assert (facts["arrived"], facts["sims"], facts["deeds"]) == (2, 3, {"arrived": 2, "none": 1})
    assert facts["places"][1] == {"part": "activate", "deed": "none", "begun": True, "sims": 1}


def test_status_of_one_run_says_how_far_its_sims_are(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = planned(home, (FULL, FULL, MOVED))
    assert main(["status", folder.name]) == Exit.OK
    assert "arrived" not in capsys.readouterr().out
    begun = replace(event(Kind.OPENED, Part.MOVE, ()), batch=0, attempt=0)
    told(folder, begun, *sent(Part.DEACTIVATE, KEYS[:2], "later"))
    assert main(["status", folder.name]) == Exit.OK
    assert capsys.readouterr().out.splitlines() == [
        f"{folder.name}  begun",
        "  Fleet März.csv, emnify, depot → fleet: MOVE 3, LEAVE 1",
        "  deactivate → move → activate 2, move 1",
        "  0 of 3 SIMs arrived; 2 accepted and not done (deactivate 2); 1 not sent (move 1)",
        "  last record 2026-11-20T09:01:00Z, batch 2, deactivate",
        f"  next:  simferry execute {folder.name}",
    ]
    assert main(["status"]) == Exit.OK
    assert "arrived" not in capsys.readouterr().out  # all runs at a glance are not counted SIM by SIM
    assert main(["status", folder.name, "--json"]) == Exit.OK
    facts = json.loads(capsys.readouterr().out)
    assert (facts["runs"][0]["last"], facts["arrived"]) == ([2, "deactivate"], 0)


def test_where_says_which_part_a_sim_is_at(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = planned(home, (FULL, FULL, MOVED))
    told(folder, *sent(Part.DEACTIVATE, KEYS[:2], "later"), *sent(Part.MOVE, KEYS[2:3], "yes"))
    told(folder, seen(Part.DEACTIVATE, KEYS[1:2]), seen(Part.MOVE, KEYS[2:3]))

    def lines(key: str) -> list[str]:
        assert main(["where", key]) == Exit.OK
        return capsys.readouterr().out.splitlines()[1:3]

    assert lines(KEYS[1]) == [
        "  planned    MOVE in batch 2: deactivate → move → activate",
        "  done       deactivated and not moved yet (at move)",
    ]
    assert lines(KEYS[2]) == ["  planned    MOVE in batch 2", "  done       arrived"]


@pytest.mark.parametrize("part", Part)
@pytest.mark.parametrize("deed", sorted(set(Deed) - {Deed.ARRIVED}))
def test_every_place_of_a_way_has_words(part: Part, deed: Deed) -> None:
    assert At(part, deed, begun=True, sims=1).words
    assert At(part, deed, begun=False, sims=1).words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (At(Part.OFFER, Deed.PENDING, begun=False, sims=1), "1 offered and not seen accepted yet"),
        (At(Part.OFFER, Deed.FELL_BACK, begun=False, sims=1), "1 not accepted in time"),
        (At(Part.ACCEPT, Deed.NONE, begun=True, sims=1), "1 issued and not accepted yet"),
        (At(Part.ACCEPT, Deed.DECLINED, begun=True, sims=1), "1 declined (accept 1)"),
        (At(Part.ACTIVATE, Deed.PENDING, begun=True, sims=1), "1 accepted and not done (activate 1)"),
    ],
)
def test_sims_of_a_token_are_spoken_of_as_offered(at: At, words: str) -> None:
    assert str(Standing((at,), in_parts=True)) == f"0 of 1 SIMs arrived; {words}"


@pytest.mark.parametrize(
    ("outcome", "times"), [(Outcome.AWAITING, 1), (Outcome.NOT_STARTED, 1), (Outcome.CANCELLED, 0)]
)
def test_status_says_what_is_next_where_a_reconciliation_left_something_to_do(
    outcome: Outcome, times: int, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, plan = planned(home)
    told(folder, Event(Kind.OPENED, utc_text(NOW)))
    nothing = {name: [None] for name in OUTCOMES.names() if name != "outcome"}
    pl.DataFrame({"outcome": [outcome]} | nothing, schema_overrides=OUTCOMES).write_parquet(folder.outcomes)
    assert main(["status", plan.run]) == Exit.OK
    said = capsys.readouterr().out
    assert f"reconciled: 1 {outcome}" in said
    assert said.count(f"next:  simferry execute {plan.run}") == times


def test_an_older_reconciliation_is_marked_as_such(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, plan = planned(home)
    told(folder, Event(Kind.OPENED, utc_text(NOW)))
    nothing = {name: [None] * 3 for name in OUTCOMES.names() if name != "outcome"}
    outcomes = pl.DataFrame({"outcome": [Outcome.CONFIRMED] * 3} | nothing, schema_overrides=OUTCOMES)
    at = utc_text(NOW + timedelta(seconds=30))
    outcomes.write_parquet(folder.outcomes, metadata={RECONCILED_AT: at})
    assert main(["status", plan.run]) == Exit.OK
    assert capsys.readouterr().out.splitlines()[2:] == ["  reconciled: 3 confirmed"]
    told(folder, *sent(Part.MOVE, KEYS[:2], "yes"))  # half a minute after it
    assert main(["status", plan.run]) == Exit.OK
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "  reconciled before the last record, at 2026-11-20T09:00Z: 3 confirmed",
        f"  what there is by now is reported by:  simferry reconcile {plan.run}",
        f"  next:  simferry execute {plan.run}",
    ]


@pytest.mark.parametrize(("assist", "by"), [(0, None), (0, "ann"), (12, None)])
def test_where_no_sim_moves_status_says_that_there_is_nothing_to_carry_out(
    assist: int, by: str | None, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, plan = planned(home)
    counts = {"MOVE": 0, "LEAVE": 0, "REFUSE": 4 - bool(assist), "ASSIST": assist}
    idle = sealed(replace(plan, counts=counts, ways={}))
    folder.save_plan(idle, steps())
    if by:
        approve(folder, idle, 0, by, NOW)
    assert main(["status", plan.run]) == Exit.OK
    said = capsys.readouterr().out
    assert "there is nothing to carry out" in said
    assert said.rstrip().endswith(f"simferry reconcile {plan.run}")
    assert "simferry approve" not in said
    assert "simferry execute" not in said
    assert (f"12 SIMs left to support: send {folder.path / 'support-request.txt'}" in said) == bool(assist)
    outcome = Outcome.ASSISTED if assist else Outcome.REFUSED
    nothing = {name: [None] for name in OUTCOMES.names() if name != "outcome"}
    pl.DataFrame({"outcome": [outcome]} | nothing, schema_overrides=OUTCOMES).write_parquet(folder.outcomes)
    assert main(["status", plan.run]) == Exit.OK
    assert ("simferry reconcile" in capsys.readouterr().out) == bool(assist)
