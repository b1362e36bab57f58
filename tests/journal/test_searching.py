"""status tells how every run stands, where tells of one SIM; neither starts Prefect, nor makes what is not there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from domain.errors import UsageError
from domain.events import Event, Json, Kind
from domain.findings import FINDINGS
from domain.orders import Part
from domain.outcomes import OUTCOMES, Outcome
from domain.plan import Step, utc_text
from journal.approval import approve
from journal.book import Journal
from journal.files import write_frame
from journal.folder import new_run
from journal.run_folder import RunFolder
from journal.search import forms_of, where
from journal.status import Stage, facts, runs
from tests.journal.journal_samples import KEYS, NOW, planned, steps

CARD = "89883030000000000015"  # KEYS[1] with its check digit


def told(folder: RunFolder, *events: Event) -> None:
    with Journal.open(None, folder) as journal:
        journal.write(*events)


def event(kind: Kind, minute: int, sims: tuple[str, ...] = (), **body: Json) -> Event:
    batch = 2 if sims or "said" in body else 0
    return Event(kind, utc_text(NOW + timedelta(minutes=minute)), batch, 1, sims=sims, body=body)


def at(part: Part, *events: Event) -> list[Event]:
    return [replace(each, part=str(part)) for each in events]


def test_a_run_is_followed_from_plan_to_end(tmp_path: Path) -> None:
    home = tmp_path / "runs"
    folder, plan = planned(home)

    def stage() -> Stage:
        return facts(folder, None).stage

    assert stage() == Stage.PLANNED
    approve(folder, plan, 3, "ann", NOW)
    assert stage() == Stage.APPROVED
    assert not folder.journal.exists()
    told(folder, event(Kind.OPENED, 1), event(Kind.INTENDED, 2, KEYS[1:3]), event(Kind.ANSWERED, 3, said="yes"))
    assert stage() == Stage.BEGUN
    told(folder, event(Kind.STOPPED, 4, cause="declined", words="too many declined"))
    assert stage() == Stage.STOPPED
    assert facts(folder, None).stopped == ("declined", "too many declined")
    told(folder, event(Kind.RESUMED, 5, cause="declined"), event(Kind.FINISHED, 6))
    outcomes = [Outcome.CONFIRMED, Outcome.CONFIRMED, Outcome.LEFT]
    pl.DataFrame({"outcome": outcomes}, schema_overrides={"outcome": OUTCOMES["outcome"]}).write_parquet(
        folder.outcomes
    )
    (run,) = runs(home, None)
    assert (run.name, run.stage, run.source, run.target) == (folder.name, Stage.FINISHED, "depot", "fleet")
    assert run.counts == {Step.MOVE: 3, Step.LEAVE: 1, Step.REFUSE: 0, Step.ASSIST: 0}
    assert run.totals == {Outcome.CONFIRMED: 2, Outcome.LEFT: 1}
    assert (run.last_at, run.last, run.ways) == ("2026-11-20T09:06:00Z", (2, "move"), {"move": 3})
    assert run.approval is not None
    assert run.approval.by == "ann"


def test_one_damaged_run_does_not_hide_the_others(tmp_path: Path) -> None:
    home = tmp_path / "runs"
    broken, _ = planned(home)
    lost, _ = planned(home)
    planned(home)
    new_run(home, Path("begun"), NOW)
    broken.plan.write_text("{")
    lost.begun.write_text("{}")
    found = {run.name: run for run in runs(home, None)}
    assert sorted(run.stage for run in found.values()) == [Stage.DAMAGED, Stage.DAMAGED, Stage.PLANNED, Stage.UNPLANNED]
    assert "none of its records are here" in found[lost.name].words


@pytest.mark.parametrize("written", [CARD, CARD[:-1], "8988 3030-0000 0000 0015", CARD + "F", "262010000000001"])
def test_a_sim_is_found_however_its_number_is_written(tmp_path: Path, written: str) -> None:
    folder, _ = planned(tmp_path / "runs")
    (place,) = where(tmp_path / "runs", None, written)
    assert (place.run, place.list_file, place.row, place.step, place.batch) == (
        folder.name,
        "Fleet März.csv",
        3,
        "MOVE",
        2,
    )
    assert (place.deed, place.outcome, place.words, place.records) == ("", "", "it fits", ())


@pytest.mark.parametrize("told_as", [str.lower, str.upper, " {} ".format])
def test_a_sim_is_found_by_the_providers_own_id(tmp_path: Path, told_as: Callable[[str], str]) -> None:
    folder, _ = planned(tmp_path / "runs")
    sid, other = ("HS" + digit * 32 for digit in "aF")
    write_frame(folder.steps, steps().with_columns(sim_id=pl.Series([None, sid, other, None])))
    write_frame(folder.rejected, pl.DataFrame({"row": [9], "raw": [f" {other.lower()}"]}))
    (place,) = where(tmp_path / "runs", None, told_as(sid))
    assert (place.row, place.step) == (3, "MOVE")
    assert [place.row for place in where(tmp_path / "runs", None, told_as(other))] == [4, 9]


@pytest.mark.parametrize("written", ["", "8.98E+18", "HS12", "HS" + "g" * 32, "89883030000000000019x", "123"])
def test_what_is_no_identifier_is_said_to_be_none(tmp_path: Path, written: str) -> None:
    with pytest.raises(UsageError, match="no ICCID"):
        where(tmp_path, None, written)


def test_a_body_and_a_card_number_name_the_same_sim() -> None:
    assert set(forms_of(CARD)) == set(forms_of(CARD[:-1]))


def test_what_was_done_about_a_sim_is_told_from_the_journal(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    told(
        folder,
        event(Kind.OPENED, 1),
        event(Kind.INTENDED, 2, KEYS[1:3]),
        event(Kind.ANSWERED, 3, said="no", http=409, words="", refusals=[[KEYS[1], "1503", "status not allowed"]]),
        event(Kind.SEEN, 4, (KEYS[2],), stand="done"),
    )
    (place,) = where(tmp_path / "runs", None, KEYS[1])
    assert (place.deed, place.code, place.words) == ("declined", "1503", "status not allowed")
    assert place.records == (
        "2026-11-20T09:02:00Z batch 2, move, attempt 1: intended",
        "2026-11-20T09:03:00Z batch 2, move, attempt 1: answered, no 409",
    )
    (other,) = where(tmp_path / "runs", None, KEYS[2])
    assert (other.part, other.deed) == ("move", "arrived")
    assert len(other.records) == 3
    assert other.records[-1].endswith("seen, as wanted")


WAY = f"{Part.DEACTIVATE} {Part.MOVE} {Part.ACTIVATE}"


def test_a_sim_is_told_by_the_part_of_its_way_that_it_is_at(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs", (WAY, WAY, WAY))
    told(
        folder,
        *at(
            Part.DEACTIVATE,
            event(Kind.INTENDED, 1, KEYS[1:3]),
            event(Kind.ANSWERED, 2, KEYS[1:3], said="later", http=202),
            event(Kind.SEEN, 3, (KEYS[1],), stand="done"),
            event(Kind.SETTLED, 3, (KEYS[2],), stand="before", accepted=True),
        ),
    )

    def stands(key: str) -> tuple[str, str, str, str]:
        (place,) = where(tmp_path / "runs", None, key)
        return place.way, place.part, place.deed, place.records[-1].partition(": ")[2]

    assert stands(KEYS[1]) == (WAY, "move", "none", "seen, as wanted")
    assert stands(KEYS[2]) == (
        WAY,
        "deactivate",
        "fell_back",
        "settled, as before, though the provider had accepted it",
    )
    told(folder, *at(Part.MOVE, event(Kind.INTENDED, 4, (KEYS[1],)), event(Kind.ANSWERED, 5, (KEYS[1],), said="yes")))
    assert stands(KEYS[1]) == (WAY, "move", "told", "answered, yes")
    told(folder, *at(Part.MOVE, event(Kind.SEEN, 6, (KEYS[1],), stand="done")))
    assert stands(KEYS[1]) == (WAY, "activate", "none", "seen, as wanted")
    told(folder, *at(Part.ACTIVATE, event(Kind.INTENDED, 7, (KEYS[1],)), event(Kind.SEEN, 8, (KEYS[1],), stand="done")))
    assert stands(KEYS[1]) == (WAY, "activate", "arrived", "seen, as wanted")
    assert facts(folder, None).last == (2, "activate")


def test_an_answer_about_a_whole_attempt_is_told_of_those_that_it_was_for(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    told(
        folder,
        event(Kind.INTENDED, 1, (KEYS[1],)),
        event(Kind.ANSWERED, 2, said="yes"),
        *(
            replace(each, attempt=2)
            for each in (event(Kind.INTENDED, 3, (KEYS[2],)), event(Kind.ANSWERED, 4, said="no"))
        ),
    )
    records = {key: where(tmp_path / "runs", None, key)[0].records for key in KEYS[1:3]}
    assert [line[-3:] for line in records[KEYS[1]]] == ["ded", "yes"]
    assert [line[-3:] for line in records[KEYS[2]]] == ["ded", " no"]


def test_records_of_another_version_are_said_to_be_so(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    told(folder, event(Kind.INTENDED, 1, (KEYS[1],)), event(Kind.SEEN, 2, (KEYS[1],), side="target"))
    (place,) = where(tmp_path / "runs", None, KEYS[1])
    assert (place.step, place.deed) == ("MOVE", "")
    assert "written by another version" in place.records[0]


def test_a_reconciled_sim_is_told_by_its_outcome_in_every_run(tmp_path: Path) -> None:
    home = tmp_path / "runs"
    first, _ = planned(home)
    second, _ = planned(home)
    row = {
        "line": 1,
        "row": 3,
        "outcome": Outcome.NOT_DONE,
        "code": "eligible",
        "reason": "two reads agree",
        "next_step": "plan again",
        "iccid": CARD,
    }
    pl.DataFrame([row], schema_overrides=dict(OUTCOMES)).write_parquet(second.outcomes)
    places = where(home, None, CARD)
    assert [place.run for place in places] == [first.name, second.name]
    assert [place.outcome for place in places] == ["", "not_done"]
    assert (places[1].words, places[1].next_step, places[1].step) == ("two reads agree", "plan again", "MOVE")


def test_a_rejected_row_is_found_by_its_raw_text(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    write_frame(folder.rejected, pl.DataFrame({"row": [9], "raw": [" 8988-3030 0000 9999 9999 "]}))
    (place,) = where(tmp_path / "runs", None, "89883030000099999999")
    assert (place.row, place.outcome, place.line) == (9, "rejected", None)


def test_a_rejected_row_tells_its_reason_before_any_reconciliation(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    write_frame(folder.rejected, pl.DataFrame({"row": [9], "raw": [CARD]}))
    found = [
        {"row": 8, "code": "length", "severity": "error", "sentence": "another row", "suggestion": "none of it"},
        {"row": 9, "code": "numeric_imsi", "severity": "warning", "sentence": "a warning", "suggestion": "none of it"},
        {
            "row": 9,
            "code": "check_digit",
            "severity": "error",
            "sentence": "last digit is off",
            "suggestion": "type it",
        },
    ]
    write_frame(folder.findings, pl.DataFrame(found, schema=FINDINGS))
    *_, place = where(tmp_path / "runs", None, CARD)
    assert (place.row, place.code, place.words, place.next_step) == (9, "check_digit", "last digit is off", "type it")
    folder.findings.write_bytes(b"PAR1")
    *_, place = where(tmp_path / "runs", None, CARD)
    assert place.words == CARD


def test_a_run_without_files_or_with_damaged_ones_is_passed_over(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs")
    folder.outcomes.write_bytes(b"PAR1")
    new_run(tmp_path / "runs", Path("empty"), NOW)
    assert len(where(tmp_path / "runs", None, CARD)) == 1


def test_the_memory_starts_without_prefect_and_pandera() -> None:
    modules = "approval, book, claims, folder, lock, search, status"
    code = f"from journal import {modules}; import sys; print([m for m in ('prefect', 'pandera') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
