"""`soracom.xlsx`, `soracom.csv` and `groups.csv`: lists for Soracom, east to west and Edo to Osaka."""

from __future__ import annotations

import csv
import io
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sandbox.examples.rows import CUSTOMERS, SITES, Row, write_expected
from sandbox.examples.soracom_rows import Found, afterthoughts, damaged, elsewhere, in_ranges, in_use, well_written
from sandbox.examples.workbook import Layout, write_workbook
from sandbox.soracom.accounts import EAST, EDO, OSAKA, WEST
from sandbox.soracom.truth import Truth
from sandbox.world import SIMS_DEFAULT, Name, seed

HEADER_ROW = 3
LAYOUT = Layout(
    title="Acme – Soracom SIMs, east to west",
    subtitle="What the western branch takes over; IMSIs where the console was at hand",
    header_row=HEADER_ROW,
    columns=(("No", 6), ("Depot", 12), ("ICCID", 44), ("IMSI", 20), ("Used by", 24), ("Order", 12), ("Notes", 30)),
    identifiers=(3, 4),
)
GOOD_ROWS = 300
GROUP_PAIRS = (("Meters", "Meters West"),)  # groups of one name stand for each other without being named
CSV_ROWS = 40


def groups(folder: Path) -> None:
    """The pairs of groups."""
    lines = ["from,to", *(f"{source},{target}" for source, target in GROUP_PAIRS)]
    (folder / "groups.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def soracom(folder: Path) -> None:
    """The workbook, the CSV file, and what is expected of them."""
    with tempfile.TemporaryDirectory() as home:
        seed(Path(home), SIMS_DEFAULT, provider=Name.SORACOM)
        truth = Truth(Path(home))
        found = Found(truth.where(), truth.aliases())
    _workbook(folder, list(_rows(found)))
    _csv(folder, found.take(CSV_ROWS, "ready", EDO.name))


def _rows(found: Found) -> Iterator[Row]:
    odd = [*in_ranges(found), *damaged(found), *elsewhere(found), *in_use(found)]
    good = found.take(GOOD_ROWS, "ready")
    rows = [well_written(sim, number) for number, sim in enumerate(good)]
    for place, row in enumerate(odd, start=1):
        rows.insert(place * 4 % len(rows), row)
    yield from rows
    yield from afterthoughts(good)


def _workbook(folder: Path, rows: list[Row]) -> None:
    rng = random.Random(89)  # noqa: S311 - a list to repeat, not a secret
    cells: list[list[object]] = []
    expected: dict[int, Row] = {}
    for number, row in enumerate(rows, start=1):
        note = "=ask the depot first" if number % 53 == 0 else None
        site, customer = rng.choice(SITES), rng.choice(CUSTOMERS)
        cells.append([number, site, row.sim, row.imsi, customer, f"PO-{rng.randint(1_000, 9_999)}", note])
        expected[HEADER_ROW + len(cells)] = row
    write_workbook(folder / "soracom.xlsx", LAYOUT, cells)
    write_expected(folder / "soracom.expected.json", "soracom.xlsx", expected, EAST.name, WEST.name)


def _csv(folder: Path, sims: list[dict[str, str]]) -> None:
    """As the console exports it, of the other coverage: IMSIs, with the SIM ids beside most of them."""
    table = [["IMSI", "SIM ID", "Name", "Status"]]
    expected: dict[int, Row] = {}
    for number, sim in enumerate(sims):
        alone = number % 5 == 4
        words = "an IMSI alone" if alone else "an IMSI and the SIM id of the same SIM"
        expected[len(table) + 1] = Row(None if alone else sim["iccid"], words, imsi=sim["imsi"])
        table.append([sim["imsi"], "" if alone else sim["iccid"], sim["name"] or "", "ready"])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    (folder / "soracom.csv").write_text(text.getvalue(), encoding="utf-8")
    write_expected(folder / "soracom-csv.expected.json", "soracom.csv", expected, EDO.name, OSAKA.name)
