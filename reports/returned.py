"""`returned-<list>`: the analyst's list comes back in its own format, with what became of each row beside it."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from domain.errors import UsageError
from reports.annotations import HEADINGS, annotate
from reports.files import replacing
from reports.package import PartTooLarge
from reports.returned_text import StrangeText, return_text
from reports.returned_workbook import return_workbook
from reports.run_report import ListFile
from reports.sheetxml import StrangeSheet


class NotReturned(UsageError):
    """The list cannot be written back in its own format; everything is in `report.xlsx` all the same."""


def return_list(listed: ListFile, outcomes: pl.DataFrame, run: str, folder: Path) -> Path:
    """Write `returned-<list>` into `folder` and give its path; raises NotReturned."""
    target = folder / f"returned-{Path(listed.name).name}"
    beside = annotate(outcomes)
    try:
        match listed.form:
            case "csv":
                return return_text(listed, beside, target)
            case "parquet":
                return _return_parquet(listed, beside, target)
            case _:
                return return_workbook(listed, beside, run, target)
    except (StrangeSheet, StrangeText, PartTooLarge) as error:
        raise NotReturned(not_returned(listed, str(error))) from error
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, PolarsError) as error:
        raise NotReturned(not_returned(listed, f"it is not written as expected ({error})")) from error


def not_returned(listed: ListFile, why: str) -> str:
    """A sentence on why it is not, and where its outcomes are."""
    return f"{listed.name} is not returned with its outcomes: {why}. See the sheet Outcomes of report.xlsx instead."


def _return_parquet(listed: ListFile, beside: pl.DataFrame, target: Path) -> Path:
    """Parquet keeps its headings apart, so its first row is row 1. Columns of an earlier report are replaced."""
    names = dict(zip(("outcome", "reason", "next_step"), HEADINGS, strict=True))
    frame = pl.read_parquet(listed.path, glob=False).drop(HEADINGS, strict=False)
    numbered = frame.with_row_index("simferry row", offset=1)
    joined = numbered.join(
        beside.select("row", *names).rename(names),
        left_on="simferry row",
        right_on="row",
        how="left",
        maintain_order="left",
    )
    if joined[HEADINGS[0]].count() < beside["outcome"].count():
        raise StrangeText(f"{beside.height:,} rows were read from it, and not all are in it")
    with replacing(target) as temporary:
        joined.drop("simferry row").write_parquet(temporary)
    return target
