"""The lists to go on with, and all files of a report together."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import Side
from domain.lists import Column, Role
from domain.orders import Part
from domain.outcomes import OUTCOMES, Deed, Outcome
from domain.parts import Stand
from domain.verdicts import VERDICTS
from inputs.read import read_list
from reports.delimited import defused, quoted
from reports.files import replacing
from reports.follow_ups import may_be_retried, write_restore, write_retry
from reports.offline import went_offline
from reports.run_report import ListFile
from reports.write import write_reports
from tests.reports.report_samples import KINDS, Made, outcomes_of
from tests.reports.soracom_samples import COURSE as TRANSFERS
from tests.reports.supersim_samples import COURSE, supersim_report

NEXT = pl.lit("Nothing to do.").alias("next_step")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_may_be_tried_again_is_what_was_seen_unmoved(tmp_path: Path) -> None:
    retry = read(write_retry(outcomes_of(), tmp_path / "retry.csv"))
    assert {line["simferry outcome"] for line in retry} == {
        "declined",
        "not_done",
        "not_started",
        "cancelled",
        "drifted",
    }
    assert len(retry) == 5 + 1 + 6 + 1 + 2  # the drifted SIM that is in neither account is not among them


def every_verdict() -> pl.DataFrame:
    """What the verdicts say of SIMs at Super SIM and Soracom, each with where it is by then."""
    lines = []
    for (part, deed, stand), (outcome, reason, next_step) in VERDICTS.items():
        goal = {**COURSE.goals, **TRANSFERS.goals}[part]
        side = {Stand.DONE: goal.side, Stand.ASTRAY: Side.NOWHERE}.get(stand, goal.before)
        side = Side.NOWHERE if stand == Stand.GONE else side
        done = stand == Stand.DONE and goal.statuses
        status = goal.statuses[0] if done else "inactive" if part == Part.ACTIVATE else "active"
        lines.append((part, deed != Deed.NONE, outcome, side, status, reason, next_step))
    schema = ["part", "attempts", "outcome", "side_now", "status_now", "reason", "next_step"]
    return pl.DataFrame(lines, schema=schema, orient="row").with_columns(
        pl.col("attempts").cast(pl.UInt16), status_before=pl.lit("active")
    )


def test_whoever_is_told_that_it_is_in_the_retry_list_finds_it_there() -> None:
    told = every_verdict().filter(pl.col("next_step").str.contains("retry.csv"))
    assert told.height > 0
    assert told.filter(~may_be_retried()).is_empty()


def test_whoever_is_told_that_it_is_in_the_restore_list_finds_it_there(tmp_path: Path) -> None:
    told = every_verdict().filter(pl.col("next_step").str.contains("restore.csv"))
    assert told.height > 0
    assert told.filter(~went_offline(supersim_report(tmp_path))).is_empty()


def test_nothing_that_is_in_the_target_by_now_is_tried_again() -> None:
    outcomes = [(str(outcome), part, "target") for outcome in Outcome for part in (*Part, None)]
    lines = pl.DataFrame(outcomes, schema=["outcome", "part", "side_now"], orient="row").with_columns(NEXT)
    assert lines.filter(may_be_retried()).is_empty()
    assert every_verdict().filter(may_be_retried() & (pl.col("side_now") == Side.TARGET)).is_empty()


@pytest.mark.parametrize("outcome", [Outcome.IN_DOUBT, Outcome.AWAITING, Outcome.CONFIRMED, Outcome.LEFT])
def test_what_may_have_been_acted_on_is_never_tried_again(outcome: Outcome) -> None:
    sides = pl.Series(["source", "target", "nowhere", None], dtype=pl.String)
    lines = pl.DataFrame({"outcome": [outcome.value] * 4, "side_now": sides, "part": ["move"] * 4}).with_columns(NEXT)
    assert lines.filter(may_be_retried()).is_empty()


def test_the_retry_list_is_a_list_we_take(made: Made, tmp_path: Path) -> None:
    outcomes = outcomes_of()
    sheet = read_list(write_retry(outcomes, tmp_path / "retry.csv"))
    assert sheet.from_report
    assert sheet.roles[Role.SIM].heading == "SIM"
    assert sheet.rows["sim"].to_list() == outcomes.filter(may_be_retried())["iccid"].to_list()
    restore = read_list(write_restore(made(outcomes), tmp_path / "restore.csv"))
    assert restore.roles[Role.SIM].heading == "ICCID"


def test_a_sim_known_by_its_imsi_alone_is_in_the_retry_list_by_it(tmp_path: Path) -> None:
    lines = outcomes_of(KINDS[6:7]).with_columns(iccid=pl.lit(None, pl.String), imsi=pl.lit("262011234567890"))
    assert {line["SIM"] for line in read(write_retry(lines, tmp_path / "retry.csv"))} == {"262011234567890"}


def test_the_restore_list_names_what_was_active_or_had_a_device(made: Made, tmp_path: Path) -> None:
    lines = outcomes_of().head(4).with_columns(
        status_before=pl.Series(["Activated", "Activated", "Issued", "Issued"]),
        status_now=pl.Series(["Suspended", "activated", "Issued", "Issued"]),
        device_id=pl.Series([None, None, "77", "78"], dtype=pl.String),
        device_name=pl.Series([None, None, "=cmd()", None], dtype=pl.String),
        device_now=pl.Series([None, None, None, "78"], dtype=pl.String),
    )  # fmt: skip
    restore = read(write_restore(made(lines), tmp_path / "restore.csv"))
    assert [(line["simferry what to do"], line["simferry device name"]) for line in restore] == [
        ("activate the SIM (before: Activated)", ""),
        ("attach it to a device again (before: =cmd())", "'=cmd()"),
    ]


@given(
    st.text(max_size=20),
    st.sampled_from(list("=+-@\t\r＝＋－＠")),
    st.sampled_from(["", " ", "\n", "\u00a0", "\ufeff"]),
)
def test_no_text_of_ours_begins_like_a_formula_in_a_csv(text: str, sign: str, lead: str) -> None:
    frame = pl.DataFrame({"text": [lead + sign + text]})
    assert frame.select(defused(pl.col("text"))).item().startswith("'")
    field = frame.select(quoted(pl.col("text"), ";")).item()
    assert next(csv.reader(io.StringIO(field, newline=""), delimiter=";"))[0].startswith("'")


def test_a_report_is_six_files_that_only_their_owner_reads(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    named: list[str] = []
    paths = write_reports(made(), folder, named.append)
    assert [path.name for path in paths] == [
        *("report.xlsx", "report.html", "returned-fleet.csv", "retry.csv", "restore.csv", "outcomes.parquet")
    ]
    assert sorted(named) == sorted(path.name for path in folder.iterdir())
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert pl.read_parquet(folder / "outcomes.parquet").schema == OUTCOMES


def test_a_list_that_cannot_be_returned_is_named_in_the_report(made: Made, tmp_path: Path) -> None:
    listed = ListFile(tmp_path / "broken.xlsx", "broken.xlsx", "xlsx", "A", 1, (Column(0, "ICCID", "A"),))
    listed.path.write_bytes(b"PK no zip")
    paths = write_reports(made(listed=listed), tmp_path)
    assert [path.name for path in paths if path.name.startswith("returned")] == []
    assert "broken.xlsx is not returned with its outcomes" in (tmp_path / "report.html").read_text("utf-8")


def test_a_file_that_is_not_finished_never_takes_the_place_of_one_that_is(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", "utf-8")
    with pytest.raises(UnicodeEncodeError), replacing(path) as temporary:
        temporary.write_text("half \ud800", "utf-8")
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
