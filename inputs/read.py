"""A list of SIMs read from a file: format, table, columns and rows, with nothing repaired and nothing lost.

file ──detect──► tables ──head──► choose ──columns──► Sheet
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl

from domain.errors import ListError
from domain.lists import IDENTIFIERS, KIND_TYPE, ROWS, Column, Kind, Role, Sheet
from inputs.choose import Asked, Choice, Doubt, choose
from inputs.headings import OUTCOME_HEADING
from inputs.limits import CANDIDATES_SHOWN_MAX
from inputs.opened import opened
from inputs.source import Source, kind_of, text_of

__all__ = ["Asked", "extras", "read_list"]

NOTHING_ASKED = Asked()


def read_list(path: Path, asked: Asked = NOTHING_ASKED) -> Sheet:
    """Read a list; raises ListError where it is broken, too large, or its columns cannot be told.

    `rows` of the result has the schema ROWS, in the order of the file, without the rows that are wholly blank.
    """
    return read_table(path, asked)[0]


Further = Callable[[Sheet], Iterable[int]]  # which columns (0-based) are wanted beside those with a role


def read_table(path: Path, asked: Asked, further: Further = lambda _: ()) -> tuple[Sheet, pl.DataFrame]:
    """The list, and of the same rows every column that has a role, and `further` ones (as `Source.columns` gives them).

    `further` is told of the list without its rows, and may raise ListError.
    """
    with opened(path, asked) as tables, ThreadPoolExecutor(max_workers=1) as beside:
        source, choice = _pick(path.name, tables.sources, asked)
        digest = beside.submit(digest_of, path)
        sheet = Sheet(
            path=path,
            sha256="",
            form=source.form,
            sheet=source.sheet,
            header_row=choice.header_row,
            columns=choice.columns,
            roles=choice.roles,
            rows=pl.DataFrame(schema=ROWS),
            details=source.details + tables.remark,
            from_report=tables.ours or any(each.heading.casefold() == OUTCOME_HEADING for each in choice.columns),
            encoding=asked.encoding,
            separator=asked.separator,
        )
        wanted = {column.index for column in choice.roles.values()} | set(further(sheet))
        found = source.columns(sorted(wanted))
        found = found.slice(found["row"].search_sorted(choice.header_row, side="right"))
        return replace(sheet, sha256=digest.result(), rows=_by_role(found, choice.roles)), found


def extras(sheet: Sheet, asked: Asked = NOTHING_ASKED) -> pl.DataFrame:
    """All columns of a list as text, in order: `row`, then one per heading, or per letter where there is none.

    A heading that is there twice gets its letter: `Name (C)`. A column of codes is not among them. The file is read
    again, as it was `asked` before.
    """
    columns = [column for column in sheet.columns if column != sheet.roles.get(Role.CODE)]
    with opened(sheet.path, asked) as tables:
        source = next(each for each in tables.sources if each.sheet == sheet.sheet)
        found = source.columns([column.index for column in columns])
    return found.filter(pl.col("row") > sheet.header_row).select(
        "row", *(pl.col(text_of(column.index)).alias(name) for column, name in _names(columns))
    )


def _pick(name: str, sources: Sequence[Source], asked: Asked) -> tuple[Source, Choice]:
    """The one table with columns for us; raises ListError where there is none, or more than one."""
    answers = [(source, choose(source.head(), asked)) for source in sources]
    chosen = [(source, answer) for source, answer in answers if isinstance(answer, Choice)]
    chosen = [each for each in chosen if each[1].likely] or chosen  # a summary's column of counts is no second list
    if len(chosen) == 1:
        return chosen[0]
    if len(chosen) > 1:
        raise ListError(f"{name}: {_which_sheet(chosen)}")
    doubts = [(source, answer) for source, answer in answers if isinstance(answer, Doubt)]
    if len(doubts) == 1:
        source, doubt = doubts[0]
        where = f", sheet “{source.sheet}”" if source.sheet else ""
        raise ListError(f"{name}{where}: {doubt.words}")
    first_words = [f"  “{source.sheet}”  {doubt.words.partition(chr(10))[0]}" for source, doubt in doubts]
    raise ListError(
        "\n".join(
            (
                f"{name}: no sheet has a column that is clearly one of SIMs.",
                *first_words[:CANDIDATES_SHOWN_MAX],
                f'Say which sheet and column:  --sheet "{sources[0].sheet}" --column A',
            )
        )
    )


def _which_sheet(chosen: Sequence[tuple[Source, Choice]]) -> str:
    lines = ["several sheets have a column of SIMs."]
    for source, choice in chosen[:CANDIDATES_SHOWN_MAX]:
        column = choice.roles[Role.SIM]
        rows = source.columns([column.index]).filter(pl.col("row") > choice.header_row).height
        count = f"{rows:,} {'row' if rows == 1 else 'rows'}"
        lines.append(f"  “{source.sheet}”  column {column.letter} “{column.heading}”, {count}")
    return "\n".join([*lines, f'Say which one:  --sheet "{chosen[0][0].sheet}"'])


def _by_role(found: pl.DataFrame, roles: dict[Role, Column]) -> pl.DataFrame:
    """Columns renamed from their places to their roles, with the schema ROWS."""
    columns = [pl.col("row")]
    for role in IDENTIFIERS:
        if role in roles:
            index = roles[role].index
            columns += [pl.col(text_of(index)).alias(role), pl.col(kind_of(index)).alias(f"{role}_kind")]
        else:
            none = pl.lit(Kind.EMPTY, KIND_TYPE)
            columns += [pl.lit(None, pl.String).alias(role), none.alias(f"{role}_kind")]
    return found.select(columns).match_to_schema(ROWS)


def _names(columns: Sequence[Column]) -> Iterator[tuple[Column, str]]:
    """A name for each column that no other has."""
    taken = {"row"}
    for column in columns:
        name = column.heading or column.letter
        name = f"{name} ({column.letter})" if name in taken else name
        while name in taken:
            name += "'"
        taken.add(name)
        yield column, name


def digest_of(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
