"""What a provider's account holds, in one shape for all providers."""

from __future__ import annotations

from enum import StrEnum

import polars as pl


class Side(StrEnum):
    """Where a SIM was seen."""

    SOURCE = "source"
    TARGET = "target"
    NOWHERE = "nowhere"  # in neither account


SIDE_TYPE = pl.Enum(Side)

# One line per SIM of one account.
#   key    what lists are matched by; unique within an account (emnify: 19-digit body without the check digit)
#   iccid  as printed on the card, with its check digit
#   status the provider's own word
#   group  what the provider groups SIMs by and a move must map (Super SIM: fleet; Soracom: group); null where none
#   type   the provider's own word for what kind of SIM it is (Soracom: uicc, euicc, virtual); null where it has none
INVENTORY = pl.Schema(
    {
        "key": pl.String(),
        "sim_id": pl.String(),
        "iccid": pl.String(),
        "imsi": pl.String(),
        "status": pl.String(),
        "device_id": pl.String(),
        "device_name": pl.String(),
        "group": pl.String(),
        "name": pl.String(),
        "type": pl.String(),
    }
)

# Further numbers of SIMs: other profiles and subscriptions of theirs, by which a list may name them.
ALIASES = pl.Schema({"key": pl.String(), "iccid": pl.String(), "imsi": pl.String()})

# One line per SIM that was looked for: where it is, and how. `sim_id` and `status` are null where it is nowhere.
SIGHTS = pl.Schema(
    {
        "key": pl.String(),
        "side": SIDE_TYPE,
        "sim_id": pl.String(),
        "status": pl.String(),
        "device_id": pl.String(),
        "group": pl.String(),
    }
)

# One line per group of one account; `limit_mb` is its limit of data per SIM and billing period, null where none.
GROUPS = pl.Schema({"group": pl.String(), "name": pl.String(), "limit_mb": pl.Int64()})

# Which group of the target stands for which of the source; `group_to` "" takes the SIM out of any.
GROUP_MAP = pl.Schema({"group": pl.String(), "group_to": pl.String()})

# What a SIM leaves behind in its account: one line per billing period, the current one first.
#   times  as the provider gives them (ISO 8601, UTC);  bytes_used  since the start of the period, read at `read_at`
HISTORY = pl.Schema(
    {
        "key": pl.String(),
        "sim_id": pl.String(),
        "period": pl.String(),
        "period_type": pl.String(),
        "starts_at": pl.String(),
        "ends_at": pl.String(),
        "bytes_used": pl.Int64(),
        "bytes_up": pl.Int64(),
        "bytes_down": pl.Int64(),
        "read_at": pl.String(),
    }
)

_SEEN = ("sim_id", "status", "device_id", "group")


def sights_of(keys: pl.Series, source: pl.DataFrame, target: pl.DataFrame) -> pl.DataFrame:
    """Where each of `keys` is (SIGHTS), from two inventories; a SIM in both counts as still in the source."""
    seen = pl.concat(
        [
            source.select("key", pl.lit(Side.SOURCE, SIDE_TYPE).alias("side"), *_SEEN),
            target.select("key", pl.lit(Side.TARGET, SIDE_TYPE).alias("side"), *_SEEN),
        ]
    ).unique("key", keep="first", maintain_order=True)
    return (
        pl.DataFrame({"key": keys.cast(pl.String)})
        .join(seen, on="key", how="left", maintain_order="left")
        .with_columns(pl.col("side").fill_null(pl.lit(Side.NOWHERE, SIDE_TYPE)))
        .select(SIGHTS.names())
    )
