"""Super SIMs by the column: packs of 25 consecutive ICCIDs, mostly new, some on air, named or in fleets."""

from __future__ import annotations

import hashlib
import random

import polars as pl

from domain.identifiers import luhn_digit
from sandbox.mix import Mix
from sandbox.supersim.accounts import ANNEX, DEPOT, NORTH, SOUTH, STRANGER
from sandbox.supersim.words import CODE_CHARACTERS, Status

FIRST_BODY = 8_988_307_000_010_000_000  # 19 digits, so a whole number of 63 bits
FIRST_SIM_ID = 1
PACK = 25  # SIMs printed and sold together
PACKS_ROUND = 40
# Pack within a round → account; all the others are in the north.
PACKS_ELSEWHERE = {
    6: SOUTH.id,
    14: SOUTH.id,
    23: SOUTH.id,
    31: SOUTH.id,
    9: DEPOT.id,
    27: DEPOT.id,
    18: ANNEX.id,
    36: STRANGER.id,
}
# A roll below the number, tried from the top, decides the status.
STATUS_BELOW = (
    (0.62, Status.NEW),
    (0.67, Status.READY),
    (0.84, Status.ACTIVE),
    (0.97, Status.INACTIVE),
    (1.0, Status.SCHEDULED),  # by an update that never ends
)
NEW_WITH_FLEET, INACTIVE_WITH_FLEET, NAMED = 0.20, 0.80, 0.30  # shares
CLASH_EVERY = 15  # of the named SIMs of an account, one has a name that its neighbours have as well
UNREGISTERED = 24  # SIMs behind the last, of no account
FLEETS = {  # account → unique names and data limits in MB
    DEPOT.id: (("Stock", 0),),
    NORTH.id: (("Pilot", 250), ("Trackers", 500), ("Meters", 50)),
    SOUTH.id: (("Rollout", 1_000), ("Trackers", 500), ("Meters South", 25)),
    ANNEX.id: (("Annex", 250),),
    STRANGER.id: (("Theirs", 250),),
}
FIRST_MADE = pl.datetime(2024, 2, 5, 6, 0, time_unit="ms")


def fleet_rows() -> list[tuple[int, str, int, str, int]]:
    """Id, sid, account, unique name and data limit of every fleet."""
    named = [(account_id, name, limit) for account_id, fleets in FLEETS.items() for name, limit in fleets]
    return [
        (number, "HF" + _digest(f"fleet {account_id} {name}"), account_id, name, limit)
        for number, (account_id, name, limit) in enumerate(named, start=1)
    ]


def sims_of(sims: int, seed: int, mix: Mix) -> pl.DataFrame:
    """The columns of table `sim` that a seed fills, in the order of ids, the unregistered ones last."""
    rng = random.Random(seed)  # noqa: S311 - a world to repeat, not a secret
    places = sims + UNREGISTERED
    frame = pl.DataFrame(
        {
            "place": pl.int_range(places, eager=True),
            "kind": [rng.random() for _ in range(places)],
            "luck": [rng.random() for _ in range(places)],
            "call": [rng.random() for _ in range(places)],
            "sid": ["HS" + _digest(f"sim {seed} {place}") for place in range(places)],
        }
    )
    registered = pl.col("place") < sims
    place = pl.col("place")
    body = (pl.lit(FIRST_BODY) + place).cast(pl.String)
    made = (FIRST_MADE + pl.duration(days=place // PACK % 700, minutes=place % PACK)).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    frame = frame.with_columns(
        account_id=pl.when(registered).then(_account(mix)),
        status=pl.when(registered).then(_status(mix)).otherwise(pl.lit(str(Status.NEW))),
    )
    return frame.with_columns(fleet_id=_fleet(mix), unique_name=_name(mix)).select(
        id=place + FIRST_SIM_ID,
        sid="sid",
        iccid=body + luhn_digit(body, 19),
        account_id="account_id",
        unique_name="unique_name",
        status="status",
        fleet_id="fleet_id",
        created=made,
        updated=made,
        registration_code=pl.when(~registered).then(_code()),
    )


def _account(mix: Mix) -> pl.Expr:
    if mix is Mix.PLAIN:
        return pl.lit(NORTH.id)
    return (pl.col("place") // PACK % PACKS_ROUND).replace_strict(PACKS_ELSEWHERE, default=NORTH.id)


def _status(mix: Mix) -> pl.Expr:
    status = pl.lit(str(STATUS_BELOW[-1][1]))
    for below, one in reversed(STATUS_BELOW):
        status = pl.when(pl.col("kind") < below).then(pl.lit(str(one))).otherwise(status)
    return pl.lit(str(Status.NEW)) if mix is Mix.PLAIN else status


def _fleet(mix: Mix) -> pl.Expr:
    """One of the account's fleets: always on air, mostly where inactive, seldom where new."""
    if mix is Mix.PLAIN:
        return pl.lit(None, pl.Int64)
    own: dict[int, list[int]] = {}
    for fleet_id, _, account_id, _, _ in fleet_rows():
        own.setdefault(account_id, []).append(fleet_id)
    first = pl.col("account_id").replace_strict({one: ids[0] for one, ids in own.items()}, default=None)
    many = pl.col("account_id").replace_strict({one: len(ids) for one, ids in own.items()}, default=1)
    share = pl.col("status").replace_strict(
        {str(Status.NEW): NEW_WITH_FLEET, str(Status.INACTIVE): INACTIVE_WITH_FLEET}, default=1.0
    )
    return pl.when(pl.col("luck") < share).then(first + pl.col("place") % many)


def _name(mix: Mix) -> pl.Expr:
    """Unique within an account; of some, the same in every account."""
    if mix is Mix.PLAIN:
        return pl.lit(None, pl.String)
    named = pl.col("account_id").is_not_null() & (pl.col("call") < NAMED)
    rank = named.cast(pl.Int64).cum_sum().over("account_id")
    prefix = pl.when(rank % CLASH_EVERY == 0).then(pl.lit("gateway")).otherwise(_prefix())
    return pl.when(named).then(prefix + "-" + rank.cast(pl.String).str.zfill(5))


def _prefix() -> pl.Expr:
    names = {one.id: f"{one.name}-van" for one in (DEPOT, NORTH, SOUTH, ANNEX, STRANGER)}
    return pl.col("account_id").replace_strict(names, default=None, return_dtype=pl.String)


def _code() -> pl.Expr:
    return pl.col("sid").str.slice(2, CODE_CHARACTERS).str.to_uppercase()


def _digest(text: str) -> str:
    return hashlib.md5(f"simferry sandbox {text}".encode(), usedforsecurity=False).hexdigest()
