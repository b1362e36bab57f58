"""What SIMs are set to, as people know it: names of settings, their values, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.settings import GROUP, SettingState
from reports.names import NO_GROUP, name_of

DEVICE = "device"
NAME = "tag:name"  # the tag that a SIM's name is

# A setting's name up to its first colon: what one is called, and several.
NOUNS: dict[str, tuple[str, str]] = {
    "tag": ("tag", "tags"),
    "expiry": ("expiry", "expiry"),
    "imei_lock": ("IMEI lock", "IMEI locks"),
    "speed_class": ("speed class", "speed classes"),
    GROUP: ("group", "groups"),
    "event_handler": ("event handler", "event handlers"),
    "termination_protection": ("termination protection", "termination protection"),
    "port_mapping": ("port mapping", "port mappings"),
    DEVICE: ("device", "devices"),
}


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state of a setting for people: its name, and what is said of several such settings."""

    label: str
    clause: str


STATES: dict[SettingState, StateWords] = {
    SettingState.DIFFERS: StateWords("Differs", "differ"),
    SettingState.LOST: StateWords("Not carried", "can't be carried"),
    SettingState.UNSEEN: StateWords("Not seen", "not seen yet"),
    SettingState.SAME: StateWords("Same", "as wanted"),
}  # in the order in which they need a person


def kind_of(setting: pl.Expr) -> pl.Expr:
    """A setting's name up to its first colon."""
    return setting.str.split(":").list.first()


def label_of(setting: pl.Expr, group_noun: str) -> pl.Expr:
    """A setting's name as a heading: `IMEI lock`, `Tag: site`; one that nobody knows as it is."""
    labels = {kind: one[0].upper() + one[1:] for kind, (one, _) in NOUNS.items()} | {GROUP: group_noun}
    kind = kind_of(setting)
    label = kind.replace_strict(list(labels), list(labels.values()), default=kind, return_dtype=pl.String)
    rest = setting.str.strip_prefix(kind).str.strip_prefix(":")
    named = pl.when(rest == "").then(label).otherwise(pl.concat_str(label, pl.lit(": "), rest))
    return pl.when(setting == NAME).then(pl.lit("Name")).otherwise(named)


def value_of(setting: pl.Expr, value: pl.Expr, groups: pl.DataFrame) -> pl.Expr:
    """A setting's value for people: a group by its name (GROUPS), an instant without what says nothing; "" is none."""
    dated = value.str.replace(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.0+)?Z (\w+)$", "$1 $2 UTC, $3")
    plain = pl.when(setting == "expiry").then(dated).otherwise(value)
    named = pl.when(setting == GROUP).then(name_of(value, groups)).otherwise(plain)
    return pl.when(value == "").then(pl.lit(NO_GROUP)).otherwise(named)
