"""The first rows of a table, split at its heading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.lists import Kind
from inputs.headings import Meaning, meaning
from inputs.limits import HEADING_ROWS_MAX
from inputs.shapes import Shape, is_range, shape, tally
from inputs.source import Cell, Head, HeadRow

DIGITS_IN_HEADING_MAX = 8  # a cell with more is a bad identifier rather than a heading

# How well a heading tells that its row is one.
WORTH = {
    Meaning.ICCID: 3,
    Meaning.START: 3,
    Meaning.IMSI: 2,
    Meaning.SIM: 2,
    Meaning.FROM: 1,
    Meaning.END: 1,
    Meaning.OURS: 1,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A head split at its heading: names by column (none where there is no heading), and the cells below by column."""

    header_row: int
    names: dict[int, str]
    cells: dict[int, list[Cell]]
    width: int
    _tallies: dict[int, dict[Shape, int]] = field(default_factory=dict)

    def tally(self, index: int) -> dict[Shape, int]:
        """How many cells of a column have each shape; counted once."""
        if index not in self._tallies:
            self._tallies[index] = tally(self.cells.get(index, ()))
        return self._tallies[index]

    def fits(self, index: int) -> bool:
        """Whether at least half of a column's cells look like identifiers."""
        counts = self.tally(index)
        return 0 < sum(counts.values()) <= 2 * (sum(counts.values()) - counts[Shape.OTHER])

    def ranges(self, index: int) -> bool:
        """Whether any cell of a column holds a range on its own."""
        return any(is_range(cell) for cell in self.cells.get(index, ()))

    def empty(self, index: int) -> bool:
        """Whether a column has no cell that is not blank."""
        return not any(self.tally(index).values())

    def meant(self, *what: Meaning) -> list[int]:
        """Columns whose headings mean one of these."""
        return [index for index, name in self.names.items() if meaning(name) in what]


def split(head: Head) -> Table:
    """Split a head at the row whose cells are headings we know best; whole where there is none."""
    if head.headings is not None:
        return Table(0, dict(enumerate(head.headings)), _by_column(head.rows), head.width)
    best, best_worth = None, (0, 0)
    for row in head.rows[:HEADING_ROWS_MAX]:
        known = [meaning(cell.text) for cell in row.cells.values() if cell.kind is Kind.TEXT]
        worth = (
            max((WORTH.get(what, 0) for what in known if what), default=0),
            sum(what is not None for what in known),
        )
        if worth > best_worth and worth[0]:
            best, best_worth = row, worth
    return at_heading(head, best or _above_identifiers(head))


def at_heading(head: Head, heading: HeadRow | None) -> Table:
    """Split a head at a row of headings; whole where there is none."""
    if heading is None:
        return Table(0, {}, _by_column(head.rows), head.width)
    below = _by_column(row for row in head.rows if row.number > heading.number)
    return Table(heading.number, {index: cell.text for index, cell in heading.cells.items()}, below, head.width)


def _by_column(rows: Iterable[HeadRow]) -> dict[int, list[Cell]]:
    cells: dict[int, list[Cell]] = {}
    for row in rows:
        for index, cell in row.cells.items():
            cells.setdefault(index, []).append(cell)
    return cells


def _above_identifiers(head: Head) -> HeadRow | None:
    """The row that looks like a heading: words alone, over the column of the first identifier.

    The first such row is taken, so that at most lines of a title are passed over, and never a bad row below.
    """
    words: list[HeadRow] = []
    for row in head.rows[:HEADING_ROWS_MAX]:
        found = [at for at, cell in row.cells.items() if shape(cell) is not Shape.OTHER]
        if found:
            over = [each for each in words if found[0] in each.cells]
            several = [each for each in over if len(each.cells) > 1]
            return next(iter(several or over), None)
        if all(_is_words(cell) for cell in row.cells.values()):
            words.append(row)
    return None


def _is_words(cell: Cell) -> bool:
    digits = sum(character.isdigit() for character in cell.text)
    letters = any(character.isalpha() for character in cell.text)
    return cell.kind is Kind.TEXT and letters and digits <= DIGITS_IN_HEADING_MAX
