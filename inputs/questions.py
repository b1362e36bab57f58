"""What an operator is asked where columns cannot be told: what there is to choose from, and what to type."""

from __future__ import annotations

from domain.lists import Kind, Role
from inputs.headings import Meaning, compact, meaning
from inputs.limits import CANDIDATES_SHOWN_MAX
from inputs.shapes import is_code
from inputs.source import letter
from inputs.table import Table

CODE_OPTION = "--code-column"
SAMPLE_CHARS_MAX = 40  # of a cell that a message shows


def endless(table: Table, start: int) -> str:
    """A message for a start of ranges without an end: taken as SIMs, all but the first of each would be left out."""
    name = table.names[start].strip()
    return (
        f"column {letter(start)} “{name}” begins ranges, and no column is headed as their end.\n"
        "Where a column holds the last ICCID of each range, name it:  --end-column HEADING\n"
        f"Where each row is one SIM, say so:  --column {letter(start)}"
    )


def codeless(reason: str, table: Table, roles: dict[Role, int]) -> str:
    """A message for a list to register SIMs by, where no column is one of codes."""
    others = [at for at in range(table.width) if at not in roles.values()]
    if others:
        return question(reason, table, others, CODE_OPTION)
    return f"{reason}.\nAdd a column “Registration code” with the code of each SIM, and give the list again."


def question(reason: str, table: Table, places: list[int], option: str = "--column") -> str:
    """A message that lists columns with a sample each, and ends in what to type."""
    lines = [f"{reason}."]
    for at in places[:CANDIDATES_SHOWN_MAX]:
        name = table.names.get(at, "").strip()
        heading = f"“{name}”" if name else "(no heading)"
        lines.append(f"  {letter(at):<3} {heading}  {_sample(table, at)}")
    if len(places) > CANDIDATES_SHOWN_MAX:
        lines.append(f"  … and {len(places) - CANDIDATES_SHOWN_MAX} more")
    if not places:
        return f"{reason}: it has no cells. Give a list with at least one row."
    example = table.names.get(places[0], "").strip()
    alone = [compact(name) for name in table.names.values()].count(compact(example)) == 1
    typed = f'"{example}"' if example and alone else letter(places[0])
    return "\n".join([*lines, f"Say which one it is, by heading or letter:  {option} {typed}"])


def _sample(table: Table, at: int) -> str:
    """The first cell of a column; nothing that may be a registration code."""
    cell = next((cell for cell in table.cells.get(at, ()) if cell.kind is not Kind.EMPTY), None)
    if cell is None:
        return "(empty)"
    if is_code(cell) or meaning(table.names.get(at, "")) is Meaning.CODE:
        return "(not shown)"
    return f"e.g. {cell.text.strip()[:SAMPLE_CHARS_MAX]}"
