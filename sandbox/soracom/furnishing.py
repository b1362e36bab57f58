"""What seeded SIMs are set to: tags and names, groups, IMEI locks, expiries, speed classes, protection."""

from __future__ import annotations

import polars as pl

from sandbox.mix import Mix
from sandbox.soracom.accounts import EAST, EDO, FAR, FRESH, KANSAI, OSAKA, WEST
from sandbox.soracom.words import SPEED_CLASS_DEFAULT, Status

GROUPS = {  # operator → names
    EAST.id: ("Trackers", "Meters", "Cold chain"),
    WEST.id: ("Trackers", "Meters West", "Cold chain"),
    FAR.id: ("Rental",),
    EDO.id: ("Lifts", "Kiosks"),
    OSAKA.id: ("Lifts", "Vending"),
    KANSAI.id: ("Buses",),
    FRESH.id: ("Trackers",),
}
SPEEDS = ("s1.minimum", "s1.slow", "s1.fast", "s1.4xfast")
ACTIONS = ("deactivate", "terminate", "suspend", "doNothing", None)
SITES = ("Aachen", "Brno", "Como", "Dijon")
EXPIRES_MS, DAY_MS = 1_893_456_000_000, 86_400_000  # from the first day of 2030 on
# What is set on which share of the SIMs of a realistic world, and the roll that decides it.
SHARES = {
    "named": ("name", 0.6),
    "sited": ("site", 0.4),
    "grouped": ("group", 0.5),
    "locked": ("lock", 0.12),
    "expires": ("expiry", 0.15),
    "hurried": ("speed", 0.3),
    "guarded": ("guard", 0.2),
}
DSN_EVERY, GADGET_EVERY, ANONYMOUS_EVERY = 23, 41, 4  # SIMs with a tag of the vendor's; locks that let none pass


def group_rows() -> list[tuple[int, int, str]]:
    """Id, operator and name of every group."""
    named = [(operator, name) for operator, names in GROUPS.items() for name in names]
    return [(number, operator, name) for number, (operator, name) in enumerate(named, start=1)]


def chances(mix: Mix) -> list[pl.Expr]:
    """What each SIM is set to, as truth values: some in a realistic world, none in a plain one, all in a furnished."""
    match mix:
        case Mix.REALISTIC:
            there = pl.col("status") != Status.TERMINATED
            return [((pl.col(roll) < share) & there).alias(name) for name, (roll, share) in SHARES.items()]
        case Mix.PLAIN | Mix.FURNISHED:
            return [pl.lit(mix is Mix.FURNISHED).alias(name) for name in SHARES]


def settings() -> dict[str, pl.Expr]:
    """The columns of table `sim` that these make."""
    place = pl.col("place")
    lock = pl.col("imei") + pl.when(place % ANONYMOUS_EVERY == 0).then(pl.lit("|ANONYMOUS")).otherwise(pl.lit(""))
    usual = pl.lit(SPEED_CLASS_DEFAULT["s1"])
    return {
        "group_id": pl.when("grouped").then(_group()),
        "tags": _tags(),
        "imei_lock": pl.when("locked").then(lock),
        "expiry_ms": pl.when("expires").then(EXPIRES_MS + place % 1_000 * DAY_MS),
        "expiry_action": pl.when("expires").then(_picked(ACTIONS)),
        "speed_class": pl.when("hurried").then(_picked(SPEEDS)).otherwise(usual),
        "protected": pl.col("guarded").cast(pl.Int64),
    }


def _group() -> pl.Expr:
    """One of the operator's groups."""
    own: dict[int, list[int]] = {}
    for group_id, operator_id, _ in group_rows():
        own.setdefault(operator_id, []).append(group_id)
    first = pl.col("operator_id").replace_strict({one: ids[0] for one, ids in own.items()})
    many = pl.col("operator_id").replace_strict({one: len(ids) for one, ids in own.items()})
    return first + pl.col("place") % many


def _tags() -> pl.Expr:
    """An object as JSON; nothing in it needs an escape."""
    place = pl.col("place")
    number = place.cast(pl.String).str.zfill(6)
    parts = (
        pl.when("named").then(pl.lit('"name":"van-') + number + pl.lit('"')),
        pl.when("sited").then(pl.lit('"site":"') + _picked(SITES) + pl.lit('"')),
        pl.when(place % DSN_EVERY == 0).then(pl.lit('"DSN":"G030') + number + pl.lit('"')),
        pl.when(place % GADGET_EVERY == 0).then(pl.lit('"soracom.gadgets":"button"')),
    )
    return pl.lit("{") + pl.concat_str(parts, separator=",", ignore_nulls=True) + pl.lit("}")


def _picked(words: tuple[str | None, ...]) -> pl.Expr:
    """One of the words, by turns of a number that no other choice follows."""
    turn = pl.col("place") // 3 % len(words)
    return turn.replace_strict(dict(enumerate(words)), return_dtype=pl.String)
