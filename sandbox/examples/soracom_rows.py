"""Rows of Soracom's list: well written, damaged, of SIMs that are elsewhere or that no token transfers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from domain.identifiers import check_digit
from sandbox.examples.rows import Row, refused, rejected
from sandbox.soracom.accounts import EAST, EDO, FAR, WEST
from sandbox.soracom.population import GLOBAL, sim_id_of

RUN = 6  # SIMs of a range
NOBODYS_PLACE = 700_000_000  # of a SIM that is nowhere


@dataclass(slots=True)
class Found:
    """The world's SIMs (WHERE) and their further numbers (ALIASES).

    Taking SIMs uses them up, so that none is named twice by accident.
    """

    left: pl.DataFrame
    aliases: pl.DataFrame

    def take(self, count: int, status: str, operator: str = EAST.name) -> list[dict[str, str]]:
        """Cards of an operator in that status, without further numbers."""
        plain = (pl.col("type") != "virtual") & ~pl.col("iccid").is_in(self.aliases["key"].implode())
        return self._taken(pl.col("operator_name") == operator, pl.col("status") == status, plain, count=count)

    def take_virtual(self, count: int) -> list[dict[str, str]]:
        """Virtual SIMs of the east that are in use."""
        east = pl.col("operator_name") == EAST.name
        return self._taken(east, pl.col("status") == "active", pl.col("type") == "virtual", count=count)

    def take_many_numbered(self, count: int) -> list[dict[str, str]]:
        """Ready SIMs of the east with another profile, whose ICCID is `other` and whose IMSI is `other_imsi`."""
        numbers = self.aliases.filter(pl.col("iccid") != pl.col("key")).unique("key", keep="any", maintain_order=True)
        taken = self._taken(
            (pl.col("operator_name") == EAST.name) & (pl.col("status") == "ready"),
            pl.col("iccid").is_in(numbers["key"].implode()),
            count=count,
        )
        known = {key: (iccid, imsi) for key, iccid, imsi in numbers.iter_rows()}
        return [sim | dict(zip(("other", "other_imsi"), known[sim["iccid"]], strict=True)) for sim in taken]

    def take_run(self) -> list[dict[str, str]]:
        """Ready cards of the east whose SIM ids follow each other."""
        ready = (pl.col("operator_name") == EAST.name) & (pl.col("status") == "ready") & (pl.col("type") == "uicc")
        place = pl.col("iccid").str.slice(0, 18).cast(pl.Int64)
        runs = self.left.filter(ready).with_columns(run=place - pl.int_range(pl.len()))
        first = runs.filter(pl.len().over("run") >= RUN)["run"][0]
        iccids = runs.filter(pl.col("run") == first)["iccid"].head(RUN).to_list()
        return self._taken(pl.col("iccid").is_in(iccids), count=RUN)

    def _taken(self, *conditions: pl.Expr, count: int) -> list[dict[str, str]]:
        taken = self.left.filter(*conditions).head(count)
        assert taken.height == count, "the world has too few of them"
        self.left = self.left.filter(~pl.col("iccid").is_in(taken["iccid"].to_list()))
        return taken.rows(named=True)


def well_written(sim: dict[str, str], number: int) -> Row:  # noqa: PLR0911 - one case per way of writing
    """A good row, in one of the ways people write SIMs."""
    whole = sim["iccid"]
    match number % 24:
        case 5:
            return Row(" ".join(whole[at : at + 4] for at in range(0, 19, 4)), "19 digits in groups of four")
        case 9:
            return Row(f"{whole}F", "19 digits and the filler F")
        case 13:
            return Row(f"\u00a0{whole} ", "19 digits between spaces that don't show")
        case 3 | 15:
            return Row(whole, "19 digits, and the IMSI of the same SIM", imsi=sim["imsi"])
        case 7 | 19:
            return Row(None, "an IMSI alone", imsi=sim["imsi"])
        case 21:
            return Row(sim["imsi"], "an IMSI in the ICCID's column")
        case _:
            return Row(whole, "19 digits")


def in_ranges(found: Found) -> Iterator[Row]:
    """SIM ids from one to another, the check digit at the end of each passed over in counting."""
    for dash in ("-", " - "):
        run = found.take_run()
        words = f"a range of {RUN} SIMs"
        yield Row(f"{run[0]['iccid']}{dash}{run[-1]['iccid']}", words, {"confirmed/eligible": RUN})
    run = found.take_run()
    yield rejected(f"{run[-1]['iccid']}-{run[0]['iccid']}", "range_reversed", "a range from its end to its start")


def damaged(found: Found) -> Iterator[Row]:
    """What spreadsheets and hands do to numbers."""
    sims = iter(found.take(18, "ready"))
    for _ in range(5):
        yield rejected(float(next(sims)["iccid"][:15] + "0000"), "lost_digits", "a number: only 15 digits are left")
    yield rejected("8,94231E+18", "e_notation", "text in E-notation with a comma")
    yield rejected("8.94231071E+18", "e_notation", "text in E-notation")
    yield rejected(next(sims)["iccid"][:-1], "length", "18 digits: the check digit is missing")
    whole = next(sims)["iccid"]
    yield rejected(whole + check_digit(whole), "length", "20 digits: a check digit too many")
    yield rejected("89044000000000000000000000000017", "length", "the EID of an eUICC")
    for _ in range(3):
        sim = next(sims)
        yield Row(None, "an IMSI of 15 digits as a number", imsi=float(sim["imsi"]), warning="numeric_imsi")
    for _ in range(2):
        whole = next(sims)["iccid"]
        wrong = whole[:-1] + str((int(whole[-1]) + 3) % 10)
        yield Row(wrong, "a wrong check digit", {"refused/not_found": 1}, warning="check_digit")
    yield rejected("HS" + "0" * 32, "sim_id", "the sid of a Super SIM")
    yield rejected("in the drawer", "characters", "words")
    yield rejected("#N/A", "formula", "an error value")
    yield rejected(None, "empty", "no identifier")
    yield refused(next(sims)["iccid"], "pair_mismatch", "the IMSI of another SIM", next(sims)["imsi"])


def elsewhere(found: Found) -> Iterator[Row]:
    """SIMs that the east does not hold."""
    for sim in found.take(6, "ready", WEST.name):
        yield Row(sim["iccid"], "already in the west", {"left/already_there": 1})
    (sim,) = found.take(1, "active", WEST.name)
    yield Row(None, "the IMSI of a SIM that is in the west", {"left/already_there": 1}, sim["imsi"])
    for sim in found.take(2, "ready", FAR.name):
        yield refused(sim["iccid"], "not_found", "with an operator that the list does not go from")
    for sim in found.take(2, "ready", EDO.name):
        yield refused(sim["iccid"], "not_found", "of the other coverage")
    yield refused(sim_id_of(GLOBAL, NOBODYS_PLACE), "not_found", "a number of no SIM")


def in_use(found: Found) -> Iterator[Row]:
    """What only support transfers, or nobody; and SIMs with numbers beside their own."""
    for status, count in (("active", 14), ("inactive", 6), ("standby", 4), ("suspended", 5)):
        for sim in found.take(count, status):
            yield Row(sim["iccid"], f"a SIM that is {status}", {"assisted/by_support": 1})
    for sim in found.take(4, "terminated"):
        yield refused(sim["iccid"], "terminated", "a terminated SIM")
    for sim in found.take(3, "transferring"):
        yield refused(sim["iccid"], "transferring", "a SIM that somebody has offered already")
    for sim in found.take_virtual(2):
        yield refused(sim["iccid"], "virtual", "a virtual SIM")
    first, second = found.take_many_numbered(2)
    yield Row(first["iccid"], "a SIM with two profiles, by its SIM id")
    yield Row(None, "a SIM with two profiles, by the IMSI of the other one", imsi=second["other_imsi"])


def afterthoughts(good: list[dict[str, str]]) -> Iterator[Row]:
    """Rows at the end that come back to SIMs named before."""
    for sim in good[24:27]:
        yield rejected(sim["iccid"], "duplicate", "the same SIM id as above")
    yield refused(None, "same_sim", "the IMSI of a SIM that a row above names by its SIM id", good[25 + 24]["imsi"])
