"""`returned-<list>` of a list that holds secrets: its other columns as text, with what became of each row behind them.

The analyst's own file cannot be handed back with a column blanked out: a workbook keeps copies of a text in its table
of shared texts, in caches of formulas and of pivot tables.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import xlsxwriter

from reports.annotations import HEADINGS, annotate
from reports.dialect import find_dialect
from reports.files import replacing
from reports.returned import NotReturned, not_returned
from reports.run_report import ListFile
from reports.tables import EXCEL_ROWS_MAX

ROW = "simferry row"
WIDTHS = {ROW: 12, HEADINGS[0]: 20, HEADINGS[1]: 48, HEADINGS[2]: 48}  # characters
WIDTH = 24
_MARK = "\ufeff".encode()  # by which a spreadsheet knows UTF-8


def return_shown(listed: ListFile, shown: pl.DataFrame, outcomes: pl.DataFrame, folder: Path) -> Path:
    """Write `returned-<list>` into `folder` from what may be shown of the list (`row` and texts); give its path.

    It is a new file of the same format, in which rows above the headings and blank rows are gone. Raises NotReturned
    where it has more rows than a sheet.
    """
    beside = annotate(outcomes)
    named = dict(zip(("outcome", "reason", "next_step"), HEADINGS, strict=True))
    own = shown.drop(ROW, *HEADINGS, strict=False)
    lines = own.join(beside.select("row", *named).rename(named), on="row", how="left", maintain_order="left")
    row = pl.col("row").cast(pl.String).alias(ROW)
    lines = lines.select(pl.exclude("row", *HEADINGS), row, *(pl.col(name) for name in HEADINGS))
    if listed.form == "xlsx" and lines.height >= EXCEL_ROWS_MAX:
        raise NotReturned(not_returned(listed, "it has more rows than a sheet takes"))
    file = Path(listed.name)
    target = folder / f"returned-{file.with_suffix('.xlsx').name if listed.form == 'xlsx' else file.name}"
    with replacing(target) as temporary:
        match listed.form:
            case "csv":
                _write_text(lines, find_dialect(listed).separator, temporary)
            case "parquet":
                lines.write_parquet(temporary)
            case _:
                _write_workbook(lines, temporary)
    return target


def _write_text(lines: pl.DataFrame, separator: str, path: Path) -> None:
    """The analyst's cells as they are; ours begin with a letter or are digits, so none becomes a formula."""
    with path.open("wb") as out:
        out.write(_MARK)
        lines.write_csv(out, separator=separator)


def _write_workbook(lines: pl.DataFrame, path: Path) -> None:
    """One sheet of texts."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("List")
        text, heading = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
        for at, name in enumerate(lines.columns):
            sheet.set_column(at, at, WIDTHS.get(name, WIDTH))
            sheet.write_string(0, at, name, heading)
        sheet.freeze_panes(1, 0)
        for place, row in enumerate(lines.iter_rows(), start=1):
            for at, cell in enumerate(row):
                if cell is not None:
                    sheet.write_string(place, at, cell, text)
