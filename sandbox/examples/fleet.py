"""`fleet.xlsx`: 1,200 rows and more, as fleets are kept."""

from __future__ import annotations

import random
from pathlib import Path

from domain.identifiers import printed
from sandbox.examples.damage import afterthoughts, damaged
from sandbox.examples.rows import CUSTOMERS, SITES, Row, Stock, rejected, write_expected
from sandbox.examples.workbook import Layout, write_workbook

HEADER_ROW = 4
LAYOUT = Layout(
    title="Acme – fleet rollout, wave 3",
    subtitle="SIMs to go from Acme Pilot to Acme Fleet; exported 2026-11-02",
    header_row=HEADER_ROW,
    columns=(
        ("Pos.", 7),
        ("Site", 12),
        ("Customer", 24),
        ("ICCID", 30),
        ("IMSI", 20),
        ("Contract", 12),
        ("Notes", 36),
    ),
    identifiers=(4, 5),
)
GOOD_ROWS = 1_120
BLANK_EVERY = 173


def fleet(folder: Path, stock: Stock) -> None:
    """The workbook and its expectations."""
    rng = random.Random(77)  # noqa: S311 - a list to repeat, not a secret
    rows = [_well_written(stock.take(), number) for number in range(GOOD_ROWS)]
    for place, row in enumerate(damaged(stock), start=1):
        rows.insert(place * 19 % len(rows), row)
    rows += afterthoughts(stock, rows)
    cells: list[list[object]] = []
    expected: dict[int, Row] = {}
    for number, row in enumerate(rows, start=1):
        if number % BLANK_EVERY == 0:
            cells.append([])
        site, customer = rng.choice(SITES), rng.choice(CUSTOMERS)
        cells.append(
            [number, site, customer, row.sim, row.imsi, f"C-{rng.randint(10_000, 99_999)}", row.notes or _note(number)]
        )
        expected[HEADER_ROW + len(cells)] = row
    cells.append(["Total", None, None, None, None, None, f"{len(rows)} rows"])
    expected[HEADER_ROW + len(cells)] = rejected(None, "empty", "the line with the total")
    write_workbook(folder / "fleet.xlsx", LAYOUT, cells)
    write_expected(folder / "fleet.expected.json", "fleet.xlsx", expected)


def _well_written(sim: dict[str, str], number: int) -> Row:  # noqa: PLR0911 - one case per way of writing
    """A good row, in one of the ways people write ICCIDs."""
    body, whole = sim["iccid"], printed(sim["iccid"])
    match number % 40:
        case 3 | 13 | 23 | 33:
            return Row(body, "19 digits, without the check digit")
        case 7:
            return Row(" ".join(whole[at : at + 4] for at in range(0, 20, 4)), "20 digits in groups of four")
        case 17:
            return Row(f"{whole[:6]}-{whole[6:13]}-{whole[13:]}", "20 digits with dashes")
        case 27:
            return Row(f"{body}F", "19 digits and the filler F")
        case 37:
            return Row(f"\u00a0{whole} ", "20 digits between spaces that don't show")
        case 5 | 15:
            return Row(whole, "20 digits, and the IMSI of the same SIM", imsi=sim["imsi"])
        case 25:
            return Row(None, "an IMSI alone", imsi=sim["imsi"])
        case 35:
            return Row(sim["imsi"], "an IMSI in the ICCID's column")
        case _:
            return Row(whole, "20 digits")


def _note(number: int) -> str | None:
    """What people write beside SIMs; some of it would be a formula if it were taken for one."""
    notes = {
        1: "=SUM(A1:A3)",
        2: "+49 221 555 0100, ask for Jürgen",
        3: "@depot",
        4: "-",
        5: '=HYPERLINK("http://example.invalid","click")',
    }
    return notes.get(number % 97)
