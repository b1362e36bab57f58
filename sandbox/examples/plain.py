"""`fleet.csv` and `ranges.csv`."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from domain.identifiers import printed
from sandbox.emnify.words import Status
from sandbox.examples.rows import CUSTOMERS, SITES, Row, rejected, write_expected
from sandbox.population import PACK


def german(folder: Path, sims: pl.DataFrame) -> None:
    """A German spreadsheet's CSV: semicolons, cp1252."""
    table: list[list[str]] = [["Standort", "Kunde", "Kartennummer", "Bemerkung"]]
    expected: dict[int, Row] = {}
    for number, sim in enumerate(sims.head(60).rows(named=True)):
        row = Row(printed(sim["iccid"]) if number % 5 else sim["iccid"], "20 digits" if number % 5 else "19 digits")
        if number in {20, 40}:
            row = rejected("8,9883E+19", "e_notation", "E-notation as a German spreadsheet writes it")
        expected[len(table) + 1] = row
        table.append([SITES[number % 8], CUSTOMERS[number % 5], str(row.sim), "geprüft" if number % 3 else "–"])
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(table)
    (folder / "fleet.csv").write_bytes(text.getvalue().encode("cp1252"))
    write_expected(folder / "fleet-csv.expected.json", "fleet.csv", expected)


def ranges(folder: Path, sims: pl.DataFrame) -> None:
    """Whole packs as ranges in two columns; what cannot move in a pack is answered for SIM by SIM."""
    table = [["Depot", "ICCID from", "ICCID to"]]
    expected: dict[int, Row] = {}
    for _, pack in sims.group_by(pl.col("place") // PACK, maintain_order=True):
        deleted = pack.filter(pl.col("status") == Status.DELETED).height
        attached = pack.filter(pl.col("status") != Status.DELETED, pl.col("endpoint_id").is_not_null()).height
        refusals = _some({"refused/status_not_allowed": deleted, "refused/device_attached": attached})
        ends = {"confirmed/eligible": PACK - deleted - attached, **refusals}
        detached = _some({"confirmed/eligible": PACK - deleted, "refused/status_not_allowed": deleted})
        expected[len(table) + 1] = Row(pack["iccid"][0], f"a pack of {PACK}", ends, detached=detached)
        table.append([SITES[len(table) % 8], printed(pack["iccid"][0]), printed(pack["iccid"][-1])])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    (folder / "ranges.csv").write_text(text.getvalue(), encoding="utf-8")
    write_expected(folder / "ranges.expected.json", "ranges.csv", expected)


def _some(ends: dict[str, int]) -> dict[str, int]:
    return {name: sims for name, sims in ends.items() if sims}
