"""Where one SIM is: every run whose list names it, what the plan made of it, what was done, and how it ended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import UsageError
from domain.findings import reasons_of
from domain.identifiers import BODY_DIGITS, IMSI_DIGITS_MAX, IMSI_DIGITS_MIN, PRINTED_DIGITS, SIM_ID, printed
from journal.folder import every_run
from journal.run_folder import RunFolder
from journal.story import done_about

_NUMBERED_BY = ("key", "iccid", "imsi", "raw")
_KNOWN_BY = ("sim_id", "raw")
_TOLD = ("row", "line", "step", "parts", "batch", "key", "outcome", "code", "words", "reason", "next_step", "raw")


@dataclass(frozen=True, slots=True)
class Place:
    """One line of one run's list that names the SIM; None and '' where a run has not come so far.

    `way` are the parts of its way and `part` the one that `deed` is about, which is a later one than the last record's
    where that part is done. `words` say why, in the last word that was had: of the outcome, else of the deed, else of
    the plan, or of the gate. `records` are the journal's about this SIM, a sentence each.
    """

    run: str
    list_file: str
    sheet: str
    row: int
    line: int | None = None
    step: str = ""
    way: str = ""
    batch: int | None = None
    part: str = ""
    deed: str = ""
    outcome: str = ""
    code: str = ""
    words: str = ""
    next_step: str = ""
    records: tuple[str, ...] = ()


def where(home: Path, url: str | None, identifier: str) -> list[Place]:
    """Every place of a SIM in the runs of `home`, oldest run first.

    An ICCID is given with or without its check digit, an IMSI with 14 or 15 digits, and a SIM's id as the provider
    writes it; capitals, and spaces, dashes and a trailing F of a number don't matter. Raises `UsageError` for anything
    else. A run whose files are damaged tells what it still can.
    """
    forms = forms_of(identifier)
    known = (folder for folder in every_run(home) if not folder.forgotten.exists())
    return [place for folder in known for place in _in_run(folder, url, forms)]


def forms_of(identifier: str) -> tuple[str, ...]:
    """Every way in which a list, a provider or a plan may write the identifier."""
    if re.fullmatch(SIM_ID, identifier.strip(), re.IGNORECASE):
        return (identifier.strip().upper(),)
    digits = re.sub(r"[\s\-]", "", identifier).upper().removesuffix("F")
    if digits.isascii() and digits.isdigit():
        if len(digits) == PRINTED_DIGITS:
            return digits, digits[:BODY_DIGITS]
        if len(digits) == BODY_DIGITS:
            return digits, printed(digits)
        if IMSI_DIGITS_MIN <= len(digits) <= IMSI_DIGITS_MAX:
            return (digits,)
    raise UsageError(
        f"{identifier} is no ICCID (19 or 20 digits), no IMSI (14 or 15) and no sid of a SIM (HS and 32 more). "
        "Give one of these:  simferry where ID"
    )


def _in_run(folder: RunFolder, url: str | None, forms: tuple[str, ...]) -> Iterator[Place]:
    """The SIM's places in one run: the furthest that is known of each line."""
    planned = _rows(folder.steps, forms)
    ended = _rows(folder.outcomes, forms)
    rejected = [row | _reason(folder.findings, row) for row in _rows(folder.rejected, forms)]
    rows = ended or planned + rejected
    steps = {row["line"]: row for row in planned}
    list_file, sheet = _list_of(folder)
    for row in rows:
        step = steps.get(row["line"], {})
        done, records = done_about(folder, url, _word(step, "key"), _count(step, "batch"), _word(step, "parts"))
        outcome = _word(row, "outcome") or ("" if row["line"] is not None else "rejected")
        yield Place(
            run=folder.name,
            list_file=list_file,
            sheet=sheet,
            row=_count(row, "row") or 0,
            line=_count(row, "line"),
            step=_word(step, "step"),
            way=_word(step, "parts"),
            batch=_count(step, "batch"),
            part=done.part,
            deed=done.deed,
            outcome=outcome,
            code=_word(row, "code") if "outcome" in row else done.code or _word(row, "code"),
            words=_word(row, "reason") or done.words or _word(row, "words") or _word(row, "raw"),
            next_step=_word(row, "next_step"),
            records=records,
        )


def _rows(file: Path, forms: tuple[str, ...]) -> list[dict[str, object]]:
    """Rows of one of the run's frames that name the SIM; none where the file is not there or is damaged."""
    try:
        frame = pl.scan_parquet(file, glob=False)
        names = frame.collect_schema().names()
        told = [pl.col(name) for name in _TOLD if name in names]
        found = frame.filter(_named(names, forms)).select(told).collect()
    except (OSError, pl.exceptions.PolarsError):
        return []
    return [{"line": None} | row for row in found.iter_rows(named=True)]


def _reason(findings: Path, row: dict[str, object]) -> dict[str, object]:
    """Why the gate rejected the row: code, reason and next step; nothing where the file is damaged."""
    try:
        of_row = pl.scan_parquet(findings, glob=False).filter(pl.col("row") == row["row"]).collect()
        return next(reasons_of(of_row).iter_rows(named=True), {})
    except (OSError, pl.exceptions.PolarsError):
        return {}


def _named(names: list[str], forms: tuple[str, ...]) -> pl.Expr:
    """Whether a row has one of the forms in a column for such identifiers."""
    if re.fullmatch(SIM_ID, forms[0], re.IGNORECASE):
        known = [pl.col(name).str.strip_chars().str.to_uppercase() for name in _KNOWN_BY if name in names]
    else:
        known = [_plain(pl.col(name)) for name in _NUMBERED_BY if name in names]
    return pl.any_horizontal(pl.lit(value=False), *(each.is_in(forms) for each in known))


def _plain(column: pl.Expr) -> pl.Expr:
    """The column without what people put between and behind digits."""
    return column.str.replace_all(r"[\s\-]", "").str.strip_suffix("F")


def _list_of(folder: RunFolder) -> tuple[str, str]:
    """File and sheet of the run's list."""
    try:
        facts = json.loads(folder.sheet.read_text(encoding="utf-8"))
        return str(facts["name"]), str(facts["sheet"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def _word(row: dict[str, object], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _count(row: dict[str, object], name: str) -> int | None:
    value = row.get(name)
    return value if isinstance(value, int) else None
