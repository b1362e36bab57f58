"""What people have written into an audit's workbook: an owner and a note beside an open item."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from domain.audit.kinds import MEANINGS, Kind
from domain.audit.ledger import NOTES, NOTES_SHEET, Heading
from domain.errors import ListError
from inputs.choose import Asked
from inputs.opened import opened
from inputs.source import text_of

_NEEDED = (Heading.KIND, Heading.SIM, Heading.SUBJECT, Heading.OWNER, Heading.NOTE)


def read_notes(path: Path) -> pl.DataFrame:
    """NOTES of a workbook that an audit has written, a line for each of its items; an empty cell takes a note away.

    Raises ListError where the file is none, or where its columns or kinds were changed.
    """
    with opened(path, Asked(sheet=NOTES_SHEET)) as tables:
        source = tables.sources[0]
        head = source.head()
        places = {}
        for row in head.rows:
            places = {cell.text.strip(): at for at, cell in row.cells.items()}
            if set(_NEEDED) <= set(places):
                break
        else:
            named = ", ".join(f"“{heading}”" for heading in _NEEDED)
            raise ListError(
                f"{path.name}, sheet “{NOTES_SHEET}”: not all of the columns {named} are there.\n"
                "Take the workbook of an audit as it is, and change nothing but owners and notes."
            )
        at = {heading: places[heading] for heading in _NEEDED}
        found = source.columns(sorted(at.values())).filter(pl.col("row") > row.number)
    kinds = {meaning.title: str(kind) for kind, meaning in MEANINGS.items()}
    texts = found.select("row", *(pl.col(text_of(place)).alias(heading) for heading, place in at.items()))
    unknown = texts.filter(pl.col(Heading.KIND).is_not_null() & ~pl.col(Heading.KIND).is_in(list(kinds)))
    if unknown.height:
        first = unknown.row(0, named=True)
        raise ListError(
            f"{path.name}, sheet “{NOTES_SHEET}”, row {first['row']}: “{first[Heading.KIND]}” is no kind of break.\n"
            "Undo that change, and hand the workbook in again."
        )
    return (
        texts.drop_nulls(Heading.KIND)
        .select(
            pl.col(Heading.KIND).replace_strict(kinds, return_dtype=pl.Enum(Kind)).alias("kind"),
            pl.col(Heading.SIM).fill_null("").alias("who"),
            pl.col(Heading.SUBJECT).fill_null("").alias("subject"),
            pl.col(Heading.OWNER).fill_null("").str.strip_chars().alias("owner"),
            pl.col(Heading.NOTE).fill_null("").str.strip_chars().alias("note"),
        )
        .match_to_schema(NOTES)
    )
