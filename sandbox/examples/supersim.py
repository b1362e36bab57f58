"""`supersim.xlsx` and `fleets.csv`: a list for Super SIM, from the north to the south."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.identifiers import printed
from sandbox.examples.rows import CONFIRMED, CUSTOMERS, SITES, Row, refused, rejected, write_expected
from sandbox.examples.workbook import Layout, write_workbook
from sandbox.supersim.accounts import ANNEX, NORTH, SOUTH, STRANGER
from sandbox.supersim.truth import Truth
from sandbox.world import SIMS_DEFAULT, Name, seed

HEADER_ROW = 3
LAYOUT = Layout(
    title="Acme – Super SIMs, north to south",
    subtitle="What the southern depots take over; sids where the console was at hand",
    header_row=HEADER_ROW,
    columns=(("No", 6), ("Depot", 12), ("ICCID", 38), ("Used by", 24), ("Order", 12), ("Notes", 30)),
    identifiers=(3,),
)
GOOD_ROWS = 240
FLEET_PAIRS = (("Pilot", "Rollout"), ("Trackers", "Trackers"), ("Meters", "Meters South"))


@dataclass(slots=True)
class Found:
    """The world's SIMs; taking some uses them up, so that no SIM is named twice by accident."""

    left: pl.DataFrame
    names_taken: list[str]

    def take(self, count: int, status: str, account: str = NORTH.sid) -> list[dict[str, str]]:
        """SIMs of an account with that status, whose names are free in the south."""
        free = pl.col("name").is_null() | ~pl.col("name").is_in(self.names_taken)
        return self._taken(self.left.filter(pl.col("account") == account, pl.col("status") == status, free), count)

    def take_clashing(self, count: int) -> list[dict[str, str]]:
        """New SIMs of the north whose names are taken in the south."""
        new = (pl.col("account") == NORTH.sid) & (pl.col("status") == "new")
        return self._taken(self.left.filter(new, pl.col("name").is_in(self.names_taken)), count)

    def _taken(self, among: pl.DataFrame, count: int) -> list[dict[str, str]]:
        taken = among.head(count)
        assert taken.height == count, "the world has too few of them"
        self.left = self.left.filter(~pl.col("sim_id").is_in(taken["sim_id"].to_list()))
        return taken.rows(named=True)


def fleets(folder: Path) -> None:
    """The pairs of fleets."""
    lines = ["from,to", *(f"{source},{target}" for source, target in FLEET_PAIRS)]
    (folder / "fleets.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def supersim(folder: Path) -> None:
    """The workbook and its expectations."""
    with tempfile.TemporaryDirectory() as home:
        seed(Path(home), SIMS_DEFAULT, provider=Name.SUPERSIM)
        where, free = Truth(Path(home)).where(), Truth(Path(home)).unregistered()
    taken = where.filter(pl.col("account") == SOUTH.sid)["name"].drop_nulls().to_list()
    found = Found(where, taken)
    good = found.take(GOOD_ROWS, "new")
    rows = [_well_written(sim, number) for number, sim in enumerate(good)]
    odd = [*_damaged(found), *_elsewhere(found), *_in_use(found)]
    odd += [refused(printed(iccid), "not_found", "a SIM that nobody has registered") for iccid in free["iccid"][:2]]
    for place, row in enumerate(odd, start=1):
        rows.insert(place * 4 % len(rows), row)
    rows += _afterthoughts(good)
    _write(folder, rows)


def _write(folder: Path, rows: list[Row]) -> None:
    rng = random.Random(83)  # noqa: S311 - a list to repeat, not a secret
    cells: list[list[object]] = []
    expected: dict[int, Row] = {}
    for number, row in enumerate(rows, start=1):
        note = "ask the depot first" if number % 41 == 0 else None
        site, customer = rng.choice(SITES), rng.choice(CUSTOMERS)
        cells.append([number, site, row.sim, customer, f"PO-{rng.randint(1_000, 9_999)}", note])
        expected[HEADER_ROW + len(cells)] = row
    write_workbook(folder / "supersim.xlsx", LAYOUT, cells)
    write_expected(folder / "supersim.expected.json", "supersim.xlsx", expected, NORTH.name, SOUTH.name)


def _well_written(sim: dict[str, str], number: int) -> Row:
    """A good row, in one of the ways people write SIMs."""
    body, whole = sim["iccid"], printed(sim["iccid"])
    match number % 20:
        case 3 | 13:
            return Row(sim["sim_id"], "a sid")
        case 7:
            return Row(body, "19 digits, without the check digit")
        case 11:
            return Row(" ".join(whole[at : at + 4] for at in range(0, 20, 4)), "20 digits in groups of four")
        case 17:
            return Row(f"\u00a0{whole} ", "20 digits between spaces that don't show")
        case _:
            return Row(whole, "20 digits")


def _damaged(found: Found) -> Iterator[Row]:
    sims = iter(found.take(22, "new"))
    for _ in range(5):
        yield rejected(float(next(sims)["iccid"][:15] + "0000"), "lost_digits", "a number: only 15 digits are left")
    yield rejected("8,988307E+19", "e_notation", "text in E-notation with a comma")
    yield rejected("8.98830700001E+18", "e_notation", "text in E-notation")
    for _ in range(4):
        whole = printed(next(sims)["iccid"])
        yield rejected(whole[:-1] + str((int(whole[-1]) + 7) % 10), "check_digit", "a wrong check digit")
    yield rejected(next(sims)["iccid"][:-1], "length", "18 digits")
    yield rejected(printed(next(sims)["iccid"]) + "1", "length", "21 digits")
    yield rejected(next(sims)["sim_id"].lower(), "sim_id", "a sid in small letters")
    yield rejected(next(sims)["sim_id"][:-2], "sim_id", "a sid that is cut off")
    yield rejected("901405112345678", "imsi_alone", "an IMSI, which Super SIM does not show")
    yield rejected("on order", "characters", "words")
    yield rejected("#N/A", "formula", "an error value")
    yield rejected(None, "empty", "no identifier")
    yield rejected("  ", "empty", "spaces")


def _elsewhere(found: Found) -> Iterator[Row]:
    for sim in found.take(5, "new", SOUTH.sid):
        yield Row(printed(sim["iccid"]), "already in the south", {"left/already_there": 1})
    (sim,) = found.take(1, "active", SOUTH.sid)
    yield Row(sim["sim_id"], "the sid of a SIM that is in the south", {"left/already_there": 1})
    for sim in found.take(3, "new", ANNEX.sid):
        yield refused(printed(sim["iccid"]), "not_found", "in an account that the list does not go from")
    for sim in found.take(2, "new", STRANGER.sid):
        yield refused(printed(sim["iccid"]), "not_found", "in an account of somebody else")
    yield refused("HS" + "0" * 32, "not_found", "a sid of no SIM")


def _in_use(found: Found) -> Iterator[Row]:
    """What a plan without options won't touch; some of it moves once it is deactivated."""
    for status, count in (("active", 12), ("ready", 5)):
        for sim in found.take(count, status):
            held = {"refused/in_service": 1}
            yield Row(printed(sim["iccid"]), f"a SIM that is {status}", held, deactivated=dict(CONFIRMED))
    for sim in found.take(9, "inactive"):
        held = {"refused/inactive_locked": 1}
        yield Row(printed(sim["iccid"]), "an inactive SIM", held, deactivated=dict(CONFIRMED))
    for sim in found.take(3, "scheduled"):
        yield refused(printed(sim["iccid"]), "status_scheduled", "a SIM with an update under way")
    for sim in found.take_clashing(2):
        yield refused(printed(sim["iccid"]), "name_taken", "a SIM whose name another has in the south")


def _afterthoughts(good: list[dict[str, str]]) -> Iterator[Row]:
    """Rows at the end that come back to SIMs named before."""
    for sim in good[20:23]:
        yield rejected(printed(sim["iccid"]), "duplicate", "the same ICCID as above")
    yield rejected(good[43]["sim_id"], "duplicate", "the same sid as above")
    yield refused(good[30]["sim_id"], "same_sim", "the sid of a SIM that a row above names by its ICCID")
