"""The facts of a list as JSON: all that was found out while reading it, without its rows."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import polars as pl

from domain.lists import ROWS, Column, Role, Sheet


def to_json(sheet: Sheet) -> str:
    """The sheet as readable JSON, its path by file name alone."""
    facts = {
        "name": sheet.name,
        "sha256": sheet.sha256,
        "form": sheet.form,
        "sheet": sheet.sheet,
        "header_row": sheet.header_row,
        "columns": [asdict(column) for column in sheet.columns],
        "roles": {str(role): asdict(column) for role, column in sheet.roles.items()},
        "details": sheet.details,
        "from_report": sheet.from_report,
        "encoding": sheet.encoding,
        "separator": sheet.separator,
        "rows_read": sheet.rows.height,
    }
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str, folder: Path) -> Sheet:
    """The sheet that `to_json` wrote, without rows, its file in `folder`; raises ValueError, KeyError or TypeError."""
    raw = json.loads(text)
    return Sheet(
        path=folder / Path(raw["name"]).name,
        sha256=raw["sha256"],
        form=raw["form"],
        sheet=raw["sheet"],
        header_row=raw["header_row"],
        columns=tuple(Column(**column) for column in raw["columns"]),
        roles={Role(role): Column(**column) for role, column in raw["roles"].items()},
        rows=pl.DataFrame(schema=ROWS),
        details=raw["details"],
        from_report=raw["from_report"],
        encoding=raw["encoding"],
        separator=raw["separator"],
    )
