"""What a move by the provider's support keeps of what SIMs are set to, and what it loses; per SIM and in total.

The provider's page on transfers of SIMs in other statuses names what is kept and what is lost. What it does not name is
asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from domain.inventory import GROUPS
from domain.settings import GROUP
from reports.setting_words import NOUNS, kind_of, value_of
from reports.support_request import SupportRequest


class Lot(StrEnum):
    """What becomes of a setting."""

    KEPT = "kept"
    LOST = "lost"
    UNSAID = "unsaid"  # the provider does not say


LOTS: dict[str, Lot] = {
    "tag": Lot.KEPT,
    "expiry": Lot.KEPT,
    "imei_lock": Lot.KEPT,
    "speed_class": Lot.LOST,
    GROUP: Lot.LOST,
    "event_handler": Lot.LOST,
    "termination_protection": Lot.UNSAID,
    "port_mapping": Lot.UNSAID,
}
CONTAINERS = "subscription containers"  # kept too; no setting of ours


@dataclass(frozen=True, slots=True)
class Total:
    """How many of the SIMs have a setting of this kind."""

    lot: Lot
    name: str
    sims: int


def lots_of(request: SupportRequest) -> pl.DataFrame:
    """The SIMs with a column of text for each lot: what they have of it (`tags: name, site; expiry: …`), else null."""
    one, several = ({kind: NOUNS[kind][number] for kind in LOTS} for number in (0, 1))
    noun = (
        pl.when(pl.col("items") > 1)
        .then(pl.col("kind").replace_strict(several, return_dtype=pl.String))
        .otherwise(pl.col("kind").replace_strict(one, return_dtype=pl.String))
    )
    texts = (
        _lines(request)
        .group_by("key", "lot", "kind", "place", maintain_order=True)
        .agg(pl.col("item").str.join(", "), pl.len().alias("items"))
        .sort("place")
        .group_by("key", "lot", maintain_order=True)
        .agg(pl.concat_str(noun, pl.lit(": "), pl.col("item")).str.join("; ").alias("text"))
    )
    sims = request.sims
    for lot in Lot:
        mine = texts.filter(pl.col("lot") == str(lot)).select("key", pl.col("text").alias(str(lot)))
        sims = sims.join(mine, on="key", how="left", maintain_order="left")
    return sims


def totals_of(request: SupportRequest) -> tuple[Total, ...]:
    """How many SIMs have each kind of setting, in the order of the lots; without those that none has."""
    counted = dict(_lines(request).group_by("kind").agg(pl.col("key").n_unique()).iter_rows())
    return tuple(Total(lot, NOUNS[kind][1], counted[kind]) for kind, lot in LOTS.items() if kind in counted)


def _lines(request: SupportRequest) -> pl.DataFrame:
    """Settings of the request's SIMs: `key`, `kind`, `lot`, `place` and `item`, what is shown of each.

    Of a tag that is its name; of what is off, or of a kind that nobody knows, nothing.
    """
    places = {kind: place for place, kind in enumerate(LOTS)}
    setting, value = pl.col("setting"), pl.col("value")
    off = (setting == "termination_protection") & (value == "off")
    rest = setting.str.strip_prefix(kind_of(setting)).str.strip_prefix(":")
    return (
        request.settings.join(request.sims, on="key", how="semi")
        .filter(~off, kind_of(setting).is_in(list(LOTS)))
        .join(request.sims.select("key", "group").unique("key"), on="key", how="left", maintain_order="left")
        .with_columns(kind_of(setting).alias("kind"))
        .select(
            "key",
            "kind",
            pl.col("kind").replace_strict(LOTS, return_dtype=pl.String).alias("lot"),
            pl.col("kind").replace_strict(places, return_dtype=pl.UInt8).alias("place"),
            pl.when(setting == GROUP)
            .then(pl.coalesce("group", "value"))
            .when(rest != "")
            .then(rest)
            .otherwise(value_of(setting, value, pl.DataFrame(schema=GROUPS)))
            .alias("item"),
        )
    )
