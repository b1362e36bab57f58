"""The example lists carried from one workspace to another by the commands that an operator types."""

from __future__ import annotations

import csv
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from domain.errors import Exit
from reports.annotations import HEADINGS
from reports.words import WORDS
from sandbox.accounts import MOVER
from sandbox.emnify.words import Status
from sandbox.remote import Sandbox
from sandbox.truth import Truth
from tests.e2e.agreement import lies, lost
from tests.e2e.ferry import EXAMPLES, Afloat, Desk, Ferry

LISTS = ("fleet", "fleet-csv", "ranges")
JWT_BEGINS = "eyJ"  # the start of every JSON object in base64
SECRETS = (MOVER.password, MOVER.password_sha1, MOVER.refresh_token, str(MOVER.fingerprint), JWT_BEGINS)


@dataclass(frozen=True)
class Carried:
    """A list that has been carried: its run's folder, the books before, and row by row what it should have come to."""

    folder: Path
    outcomes: pl.DataFrame
    before: pl.DataFrame
    codes: list[int]
    said: str
    ends: dict[int, dict[str, int]]


@pytest.fixture(scope="module")
def sandbox(afloat: Afloat, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with afloat(tmp_path_factory.mktemp("lists")) as serving:
        yield serving


@pytest.fixture(scope="module")
def ferry(desk: Desk, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Ferry:
    return desk(tmp_path_factory.mktemp("desk"), sandbox)


@pytest.fixture(scope="module")
def carried(ferry: Ferry, sandbox: Sandbox) -> dict[str, Carried]:
    """Every example list, one by its single commands and two in one go; they have no SIM in common."""
    return {
        "fleet": step_by_step(ferry, sandbox, "fleet"),
        "fleet-csv": in_one_go(ferry, sandbox, "fleet-csv"),
        "ranges": in_one_go(ferry, sandbox, "ranges", "--detach-devices"),
    }


def step_by_step(ferry: Ferry, sandbox: Sandbox, name: str) -> Carried:
    ends, listed = expected(name)
    before = Truth(sandbox.home).where()
    run, sims = ferry.planned(listed)
    codes = [
        ferry.run("approve", run, "--sims", sims).code,
        ferry.run("execute", run).code,
        (last := ferry.run("reconcile", run)).code,
    ]
    return Carried(ferry.runs / run, ferry.outcomes(run), before, codes, last.out, ends)


def in_one_go(ferry: Ferry, sandbox: Sandbox, name: str, *more: str) -> Carried:
    ends, listed = expected(name, detached=bool(more))
    before = Truth(sandbox.home).where()
    sims = sum(counts.get("confirmed/eligible", 0) for counts in ends.values())
    last = ferry.run("migrate", listed, "--from", "pilot", "--to", "fleet", "--sims", sims, *more)
    run = max(ferry.runs.glob(f"*-{listed.stem}*"), key=lambda folder: folder.stat().st_mtime).name
    return Carried(ferry.runs / run, ferry.outcomes(run), before, [last.code], last.out, ends)


def expected(name: str, *, detached: bool = False) -> tuple[dict[int, dict[str, int]], Path]:
    """What each row of a list should end as, and the list."""
    written = json.loads((EXAMPLES / f"{name}.expected.json").read_text(encoding="utf-8"))
    ends = {
        int(row): entry.get("detached", entry["ends"]) if detached else entry["ends"]
        for row, entry in written["rows"].items()
    }
    return ends, EXAMPLES / written["list"]


@pytest.mark.parametrize("name", LISTS)
def test_every_row_ends_as_it_should_and_as_the_books_say(
    name: str, carried: dict[str, Carried], sandbox: Sandbox
) -> None:
    done, truth = carried[name], Truth(sandbox.home)
    ends: dict[int, Counter[str]] = {}
    for row, outcome, code in done.outcomes.select("row", "outcome", "code").iter_rows():
        ends.setdefault(row, Counter())[f"{outcome}/{code}"] += 1
    assert {row: dict(found) for row, found in ends.items()} == done.ends
    assert (lies(done.outcomes, truth), lost(done.before, truth), truth.moved_twice()) == ([], [], [])


@pytest.mark.parametrize("name", LISTS)
def test_the_last_line_is_the_sum_of_all_outcomes(name: str, carried: dict[str, Carried]) -> None:
    done = carried[name]
    (closing,) = [line for line in done.said.splitlines() if " in the list = " in line]
    total, parts = closing.split(" in the list = ")
    lines = sum(sum(counts.values()) for counts in done.ends.values())
    assert int(total.replace(",", "")) == done.outcomes.height == lines
    assert sum(int(part.split()[0].replace(",", "")) for part in parts.split(" + ")) == lines


@pytest.mark.parametrize("name", LISTS)
def test_a_list_with_rejected_rows_or_refused_sims_ends_with_3_when_all_else_is_confirmed(
    name: str, carried: dict[str, Carried]
) -> None:
    assert carried[name].codes[-1] == Exit.ROWS
    assert set(carried[name].codes[:-1]) <= {Exit.OK}


@pytest.mark.parametrize("name", LISTS)
def test_restore_names_exactly_the_moved_sims_that_were_active_or_attached(
    name: str, carried: dict[str, Carried], sandbox: Sandbox
) -> None:
    done = carried[name]
    now = Truth(sandbox.home).where().select("iccid", pl.col("workspace_id").alias("now"))
    moved = done.before.join(now, on="iccid").filter(
        pl.col("workspace_id") != pl.col("now"),
        pl.col("iccid").is_in(done.outcomes["iccid"].drop_nulls().str.slice(0, 19).implode()),
    )
    lively = moved.filter((pl.col("status") == Status.ACTIVATED) | pl.col("endpoint_id").is_not_null())
    restored = pl.read_csv(done.folder / "restore.csv", infer_schema=False)["ICCID"].str.slice(0, 19)
    assert lively.height > 0
    assert sorted(restored) == sorted(lively["iccid"])


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_left_to_try_again(name: str, carried: dict[str, Carried]) -> None:
    assert pl.read_csv(carried[name].folder / "retry.csv", infer_schema=False).is_empty()


@pytest.mark.parametrize("name", LISTS)
def test_the_returned_list_has_every_outcome_beside_its_row(name: str, carried: dict[str, Carried]) -> None:
    done = carried[name]
    (returned,) = done.folder.glob("returned-*")
    labels = {f"{outcome}": words.label for outcome, words in WORDS.items()}
    for row, counts in done.ends.items():
        said = cells(returned)[row] or ""
        kinds = Counter[str]()
        for end, sims in counts.items():
            kinds[labels[end.split("/")[0]]] += sims
        wanted = {next(iter(kinds))} if sum(kinds.values()) == 1 else {f"{n} {k.lower()}" for k, n in kinds.items()}
        assert set(said.split(", ")) == wanted, row


@cache
def cells(returned: Path) -> dict[int, str | None]:
    """The outcome column of a returned list, by row."""
    if returned.suffix == ".csv":
        raw = returned.read_bytes()
        text = raw.decode("utf-8" if returned.stem.endswith("ranges") else "cp1252")
        rows: list[list[object]] = [
            list(row) for row in csv.reader(text.splitlines(), delimiter=max(";,", key=text.count))
        ]
    else:
        book = openpyxl.load_workbook(returned, read_only=False)
        rows = [list(row) for row in book["Rollout"].iter_rows(values_only=True)]
        book.close()
    (heading,) = [row for row in rows if HEADINGS[0] in row]
    place = heading.index(HEADINGS[0])
    return {number: None if row[place] is None else str(row[place]) for number, row in enumerate(rows, start=1)}


def test_no_secret_is_in_anything_that_was_written_or_said(carried: dict[str, Carried], ferry: Ferry) -> None:
    assert carried
    written = {path: path.read_bytes() for path in ferry.folder.rglob("*") if path.is_file()}
    written[Path("screen")] = "".join(ferry.said).encode()
    assert len(written) > 30
    for secret in SECRETS:
        assert [path for path, content in written.items() if secret.encode() in content] == []


def test_what_is_compressed_holds_no_secret_either(carried: dict[str, Carried]) -> None:
    for done in carried.values():
        texts = [pl.read_parquet(path).write_csv() for path in done.folder.glob("*.parquet")]
        for path in done.folder.glob("*.xlsx"):
            with zipfile.ZipFile(path) as book:
                texts += [book.read(name).decode(errors="replace") for name in book.namelist()]
        assert not any(secret in text for text in texts for secret in SECRETS)


def test_nothing_outside_of_this_machine_was_asked_for(carried: dict[str, Carried], ferry: Ferry) -> None:
    assert carried
    assert ferry.reached_out_to == []
