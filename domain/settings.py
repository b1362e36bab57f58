"""What SIMs are set to beside where they are: saved before a move, put back after it, and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

GROUP = "group"

# One line per SIM and setting; what a SIM has not is no line.
# Settings are tag:NAME, group (its id), imei_lock, expiry (instant in UTC and action, with a space between them),
# speed_class, termination_protection (on, off), event_handler:NAME and port_mapping:ENDPOINT.
SETTINGS = pl.Schema({"key": pl.String(), "setting": pl.String(), "value": pl.String()})

CARRIED = ("tag", GROUP, "imei_lock", "expiry", "speed_class", "termination_protection")  # up to the first colon


class SettingState(StrEnum):
    """What became of one setting of one SIM."""

    SAME = "same"  # read back as it was wanted
    DIFFERS = "differs"  # read back, and otherwise than it was wanted
    LOST = "lost"  # it cannot be put back by us: somebody has to do it by hand
    UNSEEN = "unseen"  # the SIM is not where it should be, or cannot be read there


SETTING_STATE_TYPE = pl.Enum(SettingState)

# One line per SIM and setting that it had before, or has now and had not.
#   before, after  as read, null for none;  wanted  what it should be now, "" for none, null where we cannot see to it
COMPARED = pl.Schema(
    {
        "key": pl.String(),
        "setting": pl.String(),
        "before": pl.String(),
        "wanted": pl.String(),
        "after": pl.String(),
        "state": SETTING_STATE_TYPE,
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """A setting and what it is to be; "" for none."""

    setting: str
    value: str


def wanted_of(before: pl.DataFrame, groups_to: pl.DataFrame) -> pl.DataFrame:
    """What SIMs are to be set to after a move: SETTINGS and `wanted`, "" for none, null where we cannot put it back.

    `before` SETTINGS; `groups_to` has `key` and `group_to` (as STEPS): the group of the target that stands for the
    SIM's, "" for none, null where nothing was said of it.
    """
    known = groups_to.select("key", "group_to").unique("key", keep="first")
    stays = pl.col("setting").str.split(":").list.first().is_in(CARRIED)
    return (
        before.join(known, on="key", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("setting") == GROUP).then("group_to").when(stays).then("value").alias("wanted"),
        )
        .drop("group_to")
    )


def new_groups(before: pl.DataFrame, groups_to: pl.DataFrame) -> pl.DataFrame:
    """Lines (as `wanted_of`, without a `value`) of SIMs that had no group and are to be in one."""
    in_one = before.filter(pl.col("setting") == GROUP).select("key")
    return (
        groups_to.select("key", "group_to")
        .unique("key", keep="first")
        .filter(pl.col("group_to").fill_null("") != "")
        .join(in_one, on="key", how="anti")
        .select(
            "key",
            pl.lit(GROUP).alias("setting"),
            pl.lit(None, pl.String).alias("value"),
            pl.col("group_to").alias("wanted"),
        )
    )


def compared(before: pl.DataFrame, groups_to: pl.DataFrame, after: pl.DataFrame, seen: pl.Series) -> pl.DataFrame:
    """Every setting before and after (COMPARED), ordered by key and setting; `seen` are keys read at the target.

    `before` and `after` SETTINGS, `groups_to` as in `wanted_of`. A setting that only the target knows (a speed class
    that it gives every SIM) is none of ours and is left out.
    """
    wanted = pl.concat([wanted_of(before, groups_to), new_groups(before, groups_to)])
    now = after.unique(["key", "setting"], keep="last").rename({"value": "after"})
    judged = wanted.join(now, on=["key", "setting"], how="left", maintain_order="left")
    unseen = ~pl.col("key").is_in(seen.implode())
    state = (
        pl.when(unseen)
        .then(pl.lit(str(SettingState.UNSEEN)))
        .when((pl.col("after") == pl.col("before")) & (pl.col("setting") != GROUP))  # put back by whomever
        .then(pl.lit(str(SettingState.SAME)))
        .when(pl.col("wanted").is_null())
        .then(pl.lit(str(SettingState.LOST)))
        .when(pl.col("after").fill_null("") == pl.col("wanted"))
        .then(pl.lit(str(SettingState.SAME)))
        .otherwise(pl.lit(str(SettingState.DIFFERS)))
    )
    return (
        judged.rename({"value": "before"})
        .with_columns(state.cast(SETTING_STATE_TYPE).alias("state"))
        .select(COMPARED.names())
        .sort("key", "setting")
    )


def changes_of(wanted: Mapping[str, str], now: Mapping[str, str]) -> tuple[Change, ...]:
    """What has to be set so that a SIM with the settings `now` gets those that are `wanted` (setting → value or "")."""
    return tuple(Change(name, value) for name, value in sorted(wanted.items()) if now.get(name, "") != value)
