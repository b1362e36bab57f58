"""SIMs by the column: packs of 25 consecutive SIM ids, mostly ready, set to all that a transfer drops."""

from __future__ import annotations

import random
from dataclasses import dataclass

import polars as pl

from domain.identifiers import check_digit, luhn_digit
from sandbox.mix import Mix
from sandbox.soracom.accounts import EAST, EDO, FAR, FRESH, KANSAI, OSAKA, WEST
from sandbox.soracom.furnishing import SHARES, chances, settings
from sandbox.soracom.words import Kind, Status

COUNTED_DIGITS = 18  # of a SIM id; the 19th is their check digit


@dataclass(frozen=True, slots=True)
class Numbers:
    """How the numbers of a coverage's SIMs begin; nine digits follow, and the check digit of an ICCID."""

    counted_prefix: str
    imsi_prefix: str
    msisdn_prefix: str
    subscription: str


GLOBAL = Numbers("894231071", "295050", "423663", "plan01s")
JAPAN = Numbers("898110342", "440103", "812075", "plan-D")
SECOND_SUBSCRIPTION = Numbers("894231071", "901310", "423664", "planX1")
SECOND_PROFILE = Numbers("894231971", "454070", "852900", "planX2")
FAMILY_OF_KANSAI = "plan-K2"

FIRST_ID = 1
PACK = 25  # SIMs printed and sold together
PACKS_ROUND = 40
# Pack within a round → operator; all the others are in the east.
PACKS_ELSEWHERE = {
    6: WEST.id,
    14: WEST.id,
    23: WEST.id,
    31: WEST.id,
    9: FAR.id,
    27: FAR.id,
    11: EDO.id,
    18: EDO.id,
    25: EDO.id,
    33: EDO.id,
    20: OSAKA.id,
    37: OSAKA.id,
    29: KANSAI.id,
    36: FRESH.id,
}
OF_JAPAN = (EDO.id, OSAKA.id, KANSAI.id)
# A roll below the number, tried from the top, decides the status.
STATUS_BELOW = (
    (0.70, Status.READY),
    (0.83, Status.ACTIVE),
    (0.88, Status.INACTIVE),
    (0.91, Status.STANDBY),
    (0.95, Status.SUSPENDED),
    (0.99, Status.TERMINATED),
    (1.00, Status.TRANSFERRING),  # by a token of the east's that never ends; elsewhere ready
)
VIRTUAL_BELOW, EUICC_BELOW = 0.03, 0.15
FURTHER_BELOW = 0.06  # a second subscription, or a second profile where a SIM can have some; never of virtual SIMs
FIRST_MADE = pl.datetime(2024, 2, 5, 6, 0, time_unit="ms")


def sim_id_of(numbers: Numbers, place: int) -> str:
    """The SIM id of that place in a coverage."""
    counted = f"{numbers.counted_prefix}{place:09d}"
    return counted + check_digit(counted)


def sims_of(sims: int, seed: int, mix: Mix) -> pl.DataFrame:
    """The columns of table `sim` but for tokens, in the order of ids, and what a further number is.

    `profiled` says that it is another profile's, whose ICCID is `other`.
    """
    rng = random.Random(seed)  # noqa: S311 - a world to repeat, not a secret
    rolls = ("kind", "type", "more", *(roll for roll, _ in SHARES.values()))
    frame = pl.DataFrame(
        {"place": pl.int_range(sims, eager=True), **{roll: [rng.random() for _ in range(sims)] for roll in rolls}}
    ).with_columns(operator_id=_operator(mix), type_=_type(mix))
    frame = frame.with_columns(status=_status(mix)).with_columns(*chances(mix), further=_further(mix))
    place = pl.col("place")
    made = ((FIRST_MADE + pl.duration(days=place // PACK % 700, minutes=place % PACK)).dt.epoch("ms")).alias("made")
    of_japan = pl.col("operator_id").is_in(OF_JAPAN)
    virtual = pl.col("type_") == Kind.VIRTUAL
    imei = pl.lit("35693803") + (place % 1_000_000).cast(pl.String).str.zfill(6)
    frame = frame.with_columns(
        imei=imei + luhn_digit(imei, 14), second=iccid_of(SECOND_PROFILE), own=_own_iccid(of_japan)
    )
    active = pl.col("status") == Status.ACTIVE
    profiled = (pl.col("further") == 1) & (pl.col("type_") == Kind.EUICC)
    in_use = profiled & (place % 2 == 0)  # the second one
    return frame.select(
        id=place + FIRST_ID,
        sim_id="own",
        operator_id="operator_id",
        status="status",
        type="type_",
        module_type=pl.when(virtual).then(pl.lit("virtual")).otherwise(_module()),
        profile_iccid=pl.when(in_use).then("second").otherwise("own"),
        imsi=_numbered("imsi_prefix", of_japan),
        msisdn=_numbered("msisdn_prefix", of_japan),
        subscription=pl.when(pl.col("operator_id") == KANSAI.id)
        .then(pl.lit(FAMILY_OF_KANSAI))
        .when(of_japan)
        .then(pl.lit(JAPAN.subscription))
        .otherwise(pl.lit(GLOBAL.subscription)),
        serial=pl.when(~virtual).then(pl.lit("TX") + place.cast(pl.String).str.zfill(9)),
        further="further",
        profiled=profiled,
        other=pl.when(in_use).then("own").otherwise("second"),
        **settings(),
        imei=pl.when(active & ~virtual).then("imei"),
        online=(active & (place % 2 == 0)).cast(pl.Int64),
        created_ms=made,
        modified_ms=made,
    )


def _operator(mix: Mix) -> pl.Expr:
    if mix is not Mix.REALISTIC:
        return pl.lit(EAST.id)
    return (pl.col("place") // PACK % PACKS_ROUND).replace_strict(PACKS_ELSEWHERE, default=EAST.id)


def _further(mix: Mix) -> pl.Expr:
    if mix is not Mix.REALISTIC:
        return pl.lit(0, pl.Int64)
    return ((pl.col("type_") != Kind.VIRTUAL) & (pl.col("more") < FURTHER_BELOW)).cast(pl.Int64)


def _type(mix: Mix) -> pl.Expr:
    if mix is not Mix.REALISTIC:
        return pl.lit(str(Kind.UICC))
    return (
        pl.when(pl.col("type") < VIRTUAL_BELOW)
        .then(pl.lit(str(Kind.VIRTUAL)))
        .when(pl.col("type") < EUICC_BELOW)
        .then(pl.lit(str(Kind.EUICC)))
        .otherwise(pl.lit(str(Kind.UICC)))
    )


def _status(mix: Mix) -> pl.Expr:
    """By the roll; virtual SIMs are never anything but active or terminated."""
    ready = pl.lit(str(Status.READY))
    if mix is not Mix.REALISTIC:
        return ready
    status = ready
    for below, one in reversed(STATUS_BELOW):
        away = (one is Status.TRANSFERRING) & (pl.col("operator_id") != EAST.id)
        word = pl.when(away).then(ready).otherwise(pl.lit(str(one)))
        status = pl.when(pl.col("kind") < below).then(word).otherwise(status)
    ended = status == Status.TERMINATED
    only = pl.when(ended).then(status).otherwise(pl.lit(str(Status.ACTIVE)))
    return pl.when(pl.col("type_") == Kind.VIRTUAL).then(only).otherwise(status)


def _numbered(name: str, of_japan: pl.Expr) -> pl.Expr:
    """A coverage's prefix and the place."""
    place = pl.col("place").cast(pl.String).str.zfill(9)
    return pl.when(of_japan).then(pl.lit(getattr(JAPAN, name))).otherwise(pl.lit(getattr(GLOBAL, name))) + place


def _own_iccid(of_japan: pl.Expr) -> pl.Expr:
    return pl.when(of_japan).then(iccid_of(JAPAN)).otherwise(iccid_of(GLOBAL))


def iccid_of(numbers: Numbers) -> pl.Expr:
    """The ICCIDs of these places in a coverage, their check digits included."""
    counted = pl.lit(numbers.counted_prefix) + pl.col("place").cast(pl.String).str.zfill(9)
    return counted + luhn_digit(counted, COUNTED_DIGITS)


def _module() -> pl.Expr:
    euicc = pl.col("type_") == Kind.EUICC
    return (
        pl.when(euicc)
        .then(pl.lit("embedded"))
        .when(pl.col("place") % 3 == 0)
        .then(pl.lit("nano"))
        .otherwise(pl.lit("trio"))
    )
