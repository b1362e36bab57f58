"""Small books and small accounts, in the shapes that an audit judges."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from domain.audit.frames import BOOKED, CARRIED, HELD, SET, STATED, Account, Register
from domain.audit.judging import Side
from domain.audit.numbers import sim_number
from domain.audit.terms import Rule, Terms

TODAY = date(2026, 11, 1)
FURTHER = pl.Schema({"sim": pl.UInt64(), "imsi": pl.String()})


def iccid(number: int) -> str:
    """A 19-digit ICCID."""
    return f"8988303000{number:09d}"


def booked(
    number: int, register: str = "assets", row: int = 2, account: str | None = None, **more: str | float | None
) -> dict[str, str | int | float | None]:
    """A row of a register."""
    return {"register": register, "row": row, "iccid": iccid(number), "account": account, **more}


def held(number: int, account: str = "east", **more: str | date | None) -> dict[str, str | int | date | None]:
    """A SIM of an account."""
    own = {"iccid": iccid(number), "imsi": f"26201{number:010d}", "status": "active"}
    return {"account": account, **own, **more}


def side_of(
    books: Iterable[dict[str, str | int | float | None]],
    sims: Iterable[dict[str, str | int | date | None]],
    carried: Iterable[tuple[int, str, str, str]] = (),
    further: Iterable[tuple[int, str]] = (),
    stated: Iterable[tuple[int, str, str]] = (),
    settings: Iterable[tuple[int, str, str]] = (),
) -> Side:
    """Both sides as they are judged; settings are of the register assets and of the account east."""
    return Side(
        _numbered(pl.DataFrame(list(books), schema=BOOKED)),
        _numbered(pl.DataFrame(list(sims), schema=HELD)),
        pl.DataFrame([("assets", 2, int(iccid(sim)), *rest) for sim, *rest in stated], schema=STATED, orient="row"),
        pl.DataFrame([("east", int(iccid(sim)), *rest) for sim, *rest in settings], schema=SET, orient="row"),
        pl.DataFrame([(int(iccid(sim)), imsi) for sim, imsi in further], schema=FURTHER, orient="row"),
        pl.DataFrame([(int(iccid(sim)), *rest) for sim, *rest in carried], schema=CARRIED, orient="row"),
    )


def terms_of(
    registers: tuple[str, ...] = ("assets",), unread: tuple[str, ...] = (), rules: tuple[Rule, ...] = ()
) -> Terms:
    """A month with the accounts east and west."""
    return Terms(
        TODAY,
        tuple(Register(name, 1) for name in registers),
        tuple(Account(name, "soracom", problem="no answer" if name in unread else "") for name in ("east", "west")),
        rules,
    )


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(sim_number(pl.col("iccid")).alias("sim"))
