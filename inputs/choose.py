"""Which columns of a table are ours: by what the operator said, else by headings, else by what the cells look like.

asked for ──► headings we know ──► cells that look like identifiers ──► a question back (`Doubt`)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.lists import Column, Role
from inputs.headings import Meaning, compact, rank
from inputs.limits import HEADING_ROWS_MAX
from inputs.questions import CODE_OPTION, codeless, endless, question
from inputs.shapes import Shape
from inputs.source import Head, index_of, letter
from inputs.table import Table, at_heading, split


class Purpose(StrEnum):
    """What a list is read for: codes are looked for only where they are needed."""

    MOVE = "move"
    REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator said about the list; None where it is to be found out.

    Columns are headings or letters; `encoding` is a name that Python knows, `separator` one character. `code_column`
    counts where the list is read to register SIMs.
    """

    sheet: str | None = None
    column: str | None = None
    imsi_column: str | None = None
    end_column: str | None = None
    encoding: str | None = None
    separator: str | None = None
    code_column: str | None = None
    purpose: Purpose = Purpose.MOVE


@dataclass(frozen=True, slots=True)
class Choice:
    """The columns that count, and the row of their headings (0 where there is none).

    `likely`: at least one of the first cells looks like an identifier; a column `SIMs` may as well hold counts.
    """

    header_row: int
    columns: tuple[Column, ...]
    roles: dict[Role, Column]
    likely: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why no column was chosen, in words that list what there is to choose from and end in the next step."""

    words: str


def choose(head: Head, asked: Asked) -> Choice | Doubt:
    """Choose columns for the roles; a Doubt where that would be a guess."""
    table = split(head)
    if asked.column is not None:
        return _by_request(head, table, asked)
    roles = _by_headings(table)
    if Role.SIM not in roles:
        found = _by_content(table)
        if isinstance(found, Doubt):
            return found
        if asked.end_column is None and found in table.meant(Meaning.START, Meaning.FROM) and not table.ranges(found):
            return Doubt(endless(table, found))
        roles = {Role.SIM: found} if roles.get(Role.IMSI) in {None, found} else {**roles, Role.SIM: found}
    return _with_requested(head, table, roles, asked)


def _by_headings(table: Table) -> dict[Role, int]:
    """Roles that headings alone give; none of SIM where two say the same, or bare words are not borne out by cells."""
    ranged, named = _range(table), table.meant(Meaning.ICCID)
    roles: dict[Role, int] = {}
    if ranged and not any(at != ranged[Role.SIM] and table.fits(at) for at in named):
        roles = ranged
    elif not ranged:
        sim = _one_of(table, named) if named else _borne_out(table, table.meant(Meaning.SIM))
        roles = {} if sim is None else {Role.SIM: sim}
    imsi = _one_of(table, table.meant(Meaning.IMSI))
    if imsi is not None and imsi not in roles.values():
        roles = {**roles, Role.IMSI: imsi}
        if Role.SIM not in roles and table.empty(imsi):
            return {Role.SIM: imsi}  # a list of IMSIs without rows
    return roles


def _range(table: Table) -> dict[Role, int]:
    """Start and end of a range, where both are there; bare words like `from` only over cells that look right."""
    starts = table.meant(Meaning.START) or [at for at in table.meant(Meaning.FROM) if table.fits(at)]
    starts = starts or table.meant(Meaning.ICCID) or [at for at in table.meant(Meaning.SIM) if table.fits(at)]
    ends = table.meant(Meaning.END) or [at for at in table.meant(Meaning.UNTIL) if table.fits(at)]
    if len(starts) == 1 and len(ends) == 1:
        return {Role.SIM: starts[0], Role.END: ends[0]}
    return {}


def _one_of(table: Table, places: list[int]) -> int | None:
    """The column of the best name; of several with that name, the only one that is not empty."""
    best = min((rank(table.names[at]) for at in places), default=0)
    named = [at for at in places if rank(table.names[at]) == best]
    filled = [at for at in named if not table.empty(at)]
    if len(named) > 1 and len(filled) == 1:
        return filled[0]
    return named[0] if len(named) == 1 else None


def _borne_out(table: Table, places: list[int]) -> int | None:
    """The column that is likely ours by name and whose cells agree, or that nothing contradicts."""
    fitting = [at for at in places if table.fits(at)]
    if len(fitting) == 1:
        return fitting[0]
    if len(places) == 1 and not any(table.fits(at) for at in set(table.cells).difference(table.meant(Meaning.FOREIGN))):
        return places[0]
    return None


def _by_content(table: Table) -> int | Doubt:
    """The one column whose cells look like identifiers; ICCIDs go before providers' ids, and those before numbers."""
    barred = table.meant(Meaning.FOREIGN, Meaning.OURS)
    fitting = [at for at in sorted(table.cells) if at not in barred and table.fits(at)]
    iccids = [at for at in fitting if _mostly(table, at, Shape.ICCID)]
    best = iccids or [at for at in fitting if _mostly(table, at, Shape.ICCID, Shape.SIM_ID)] or fitting
    if len(best) == 1:
        return best[0]
    if best:
        return Doubt(question("several columns look like SIMs", table, best))
    shown = [at for at in range(table.width) if at in table.names or not table.empty(at)]
    return Doubt(question("no column looks like SIMs", table, shown))


def _mostly(table: Table, at: int, *shapes: Shape) -> bool:
    """Whether at least half of a column's cells have one of these shapes."""
    counts = table.tally(at)
    return 2 * sum(counts[shape] for shape in shapes) >= sum(counts.values())


def _by_request(head: Head, table: Table, asked: Asked) -> Choice | Doubt:
    """The column that was asked for, and beside it what headings say."""
    found = _find(head, table, asked.column or "")
    if isinstance(found, Doubt):
        return found
    table, index = found
    roles = _by_headings(table) or {}
    if roles.get(Role.SIM) != index:
        imsi = _one_of(table, table.meant(Meaning.IMSI))
        roles = {Role.SIM: index} if imsi in {None, index} else {Role.SIM: index, Role.IMSI: imsi}
    return _with_requested(head, table, roles, asked)


def _with_requested(head: Head, table: Table, roles: dict[Role, int], asked: Asked) -> Choice | Doubt:
    """Add the further columns that were asked for, and make columns of indices."""
    further = ((Role.IMSI, asked.imsi_column, "--imsi-column"), (Role.END, asked.end_column, "--end-column"))
    for role, wish, option in further:
        if wish is not None:
            found = _find(head, table, wish, option)
            if isinstance(found, Doubt):
                return found
            roles = {**roles, role: found[1]}
    if asked.purpose is Purpose.REGISTER:
        code = _code(head, table, roles, asked.code_column)
        if isinstance(code, Doubt):
            return code
        roles = {**roles, Role.CODE: code}
    width = max((table.width, *(index + 1 for index in roles.values())))
    columns = tuple(Column(index, table.names.get(index, "").strip(), letter(index)) for index in range(width))
    likely = any(count for what, count in table.tally(roles[Role.SIM]).items() if what is not Shape.OTHER)
    return Choice(table.header_row, columns, {role: columns[index] for role, index in roles.items()}, likely)


def _code(head: Head, table: Table, roles: dict[Role, int], wish: str | None) -> int | Doubt:
    """The column of registration codes, by request or by heading; what its cells look like says too little."""
    if wish is not None:
        found = _find(head, table, wish, CODE_OPTION)
        if isinstance(found, Doubt) or found[1] not in roles.values():
            return found if isinstance(found, Doubt) else found[1]
        return Doubt(codeless(f"column “{wish}” is that of the SIMs, and codes need one of their own", table, roles))
    named = [at for at in table.meant(Meaning.CODE) if at not in roles.values()]
    at = _one_of(table, named)
    if at is None and named:
        return Doubt(question("several columns are headed as registration codes", table, named, CODE_OPTION))
    return Doubt(codeless("no column is headed as registration codes", table, roles)) if at is None else at


def _find(head: Head, table: Table, wish: str, option: str = "--column") -> tuple[Table, int] | Doubt:
    """The column with that heading, or with that letter; and the table split where that heading is."""
    if places := _headed(table.names, wish):
        return (table, places[0]) if len(places) == 1 else _several(table, places, wish, option)
    if re.fullmatch(r"[A-Za-z]{1,3}", wish) and index_of(wish) < table.width:
        return table, index_of(wish)  # before other rows, of which a cell may as well be a letter
    for row in head.rows[:HEADING_ROWS_MAX]:
        if places := _headed({at: cell.text for at, cell in row.cells.items()}, wish):
            there = at_heading(head, row)
            return (there, places[0]) if len(places) == 1 else _several(there, places, wish, option)
    return Doubt(question(f"there is no column “{wish}”", table, list(range(table.width)), option))


def _headed(names: dict[int, str], wish: str) -> list[int]:
    return [at for at, name in names.items() if compact(name) == compact(wish) != ""]


def _several(table: Table, places: list[int], wish: str, option: str) -> Doubt:
    return Doubt(question(f"several columns are headed “{wish}”", table, places, option))
