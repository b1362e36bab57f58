"""SIMs and devices by the column: packs of 25 consecutive bodies, gaps between deliveries, every status."""

from __future__ import annotations

import random

import polars as pl

from domain.identifiers import luhn_digit
from sandbox import accounts
from sandbox.emnify.words import Status
from sandbox.mix import Mix

FIRST_BODY = 8_988_303_000_010_000_000  # 19 digits, so a whole number of 63 bits
FIRST_SIM_ID = 1_000_000
FIRST_ENDPOINT_ID = 700_000
PACK = 25  # SIMs printed and sold together
DELIVERY = 400  # consecutive bodies before a gap
GAP = 37  # bodies that belong to nobody
DAYS = 900  # over which deliveries were produced
PACKS_ROUND = 50
# Pack within a round → workspace; all the others are in the source.
PACKS_ELSEWHERE = {
    8: accounts.TARGET,
    22: accounts.TARGET,
    36: accounts.TARGET,
    12: accounts.OBSERVED,
    19: accounts.BRAZIL,
    27: accounts.SMALL_OFFICE,
    33: accounts.OUT_OF_SIGHT,
}
# A roll below the number, tried from the top, decides the status.
STATUS_BELOW = (
    (0.25, Status.ISSUED),
    (0.70, Status.ACTIVATED),
    (0.95, Status.SUSPENDED),
    (0.975, Status.FACTORY_TEST),
    (1.0, Status.DELETED),
)
ATTACHED_SHARE = 0.10  # of the activated and suspended
EID_SHARE = 0.20
EID_BODY = 890_330_230_000_000_000_000_000_000_000  # SGP.02: 30 digits, then two that check them
DATES = "%Y-%m-%dT%H:%M:%S%.3f+0000"
FIRST_PRODUCED = pl.datetime(2023, 1, 9, 7, 30, time_unit="ms")


def sims_of(sims: int, seed: int, mix: Mix) -> pl.DataFrame:
    """The columns of table `sim`, in the order of ids, and the IMEI of the device where one is attached."""
    rng = random.Random(seed)  # noqa: S311 - a world to repeat, not a secret
    frame = pl.DataFrame(
        {
            "place": pl.int_range(sims, eager=True),
            "kind": [rng.random() for _ in range(sims)],
            "luck": [rng.random() for _ in range(sims)],
            "eid": _eids(sims, rng),
        },
        schema_overrides={"eid": pl.String},
    )
    frame = frame.with_columns(_workspace(mix), _status(mix)).with_columns(_attached(mix))
    place = pl.col("place")
    body = (pl.lit(FIRST_BODY) + place + place // DELIVERY * GAP).cast(pl.String)
    tested = pl.col("status") == Status.FACTORY_TEST
    produced = FIRST_PRODUCED + pl.duration(days=place // DELIVERY % DAYS, minutes=place % DELIVERY)
    used = pl.col("status").is_in([Status.ACTIVATED, Status.SUSPENDED])
    imei = pl.lit("35693803") + (place % 1_000_000).cast(pl.String).str.zfill(6)
    return frame.select(
        id=place + FIRST_SIM_ID,
        iccid=body.cast(pl.Int64),
        check_digit=luhn_digit(body, 19),
        eid="eid",
        imsi=pl.when(tested).then(pl.lit("00101")).otherwise(pl.lit("90143")) + place.cast(pl.String).str.zfill(10),
        msisdn=pl.lit("88228") + place.cast(pl.String).str.zfill(10),
        workspace_id="workspace_id",
        status="status",
        endpoint_id=pl.when("attached").then(place + FIRST_ENDPOINT_ID),
        production_date=produced.dt.strftime(DATES),
        activation_date=pl.when(used).then((produced + pl.duration(days=30)).dt.strftime(DATES)),
        imei=pl.when("attached").then(imei + luhn_digit(imei, 14)),
    )


def endpoints(population: pl.DataFrame) -> pl.DataFrame:
    """The columns of table `endpoint`: one device for each SIM that has one."""
    number = (pl.col("endpoint_id") - FIRST_ENDPOINT_ID).cast(pl.String).str.zfill(7)
    return population.filter(pl.col("endpoint_id").is_not_null()).select(
        id="endpoint_id",
        workspace_id="workspace_id",
        name=pl.lit("tracker-") + number,
        tags=pl.lit("fleet"),
        imei="imei",
        status=pl.when(pl.col("status") == Status.ACTIVATED).then(0).otherwise(1),
        sim_id="id",
    )


def _workspace(mix: Mix) -> pl.Expr:
    if mix is Mix.PLAIN:
        return pl.lit(accounts.SOURCE).alias("workspace_id")
    pack = pl.col("place") // PACK % PACKS_ROUND
    return pack.replace_strict(PACKS_ELSEWHERE, default=accounts.SOURCE).alias("workspace_id")


def _status(mix: Mix) -> pl.Expr:
    if mix is Mix.PLAIN:
        return pl.lit(int(Status.SUSPENDED)).alias("status")
    status = pl.lit(int(STATUS_BELOW[-1][1]))
    for below, one in reversed(STATUS_BELOW):
        status = pl.when(pl.col("kind") < below).then(pl.lit(int(one))).otherwise(status)
    return status.alias("status")


def _attached(mix: Mix) -> pl.Expr:
    if mix is Mix.PLAIN:
        return pl.lit(value=False).alias("attached")
    may = pl.col("status").is_in([Status.ACTIVATED, Status.SUSPENDED])
    return (may & (pl.col("luck") < ATTACHED_SHARE)).alias("attached")


def _eids(sims: int, rng: random.Random) -> list[str | None]:
    """EIDs with their check digits (ISO 7064 mod 97-10, SGP.02 section 2.1) for some SIMs."""
    return [_eid(place) if rng.random() < EID_SHARE else None for place in range(sims)]


def _eid(place: int) -> str:
    body = EID_BODY + place
    return f"{body}{98 - body * 100 % 97:02d}"
