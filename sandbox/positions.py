"""Switches by name: closed choices and numbers, set from texts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar, get_type_hints

from domain.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)


def names_of(kind: type[DataclassInstance]) -> frozenset[str]:
    """The switches that there are."""
    return frozenset(field.name for field in fields(kind))


def as_texts(switches: DataclassInstance) -> dict[str, str]:
    """Plain names and values, as `PUT /_sandbox/switches` takes them."""
    return {name: str(value) for name, value in asdict(switches).items()}


def parse(kind: type[T], given: Mapping[str, str]) -> T:
    """Switches from names and values, the rest by default; raises `UsageError` for unknown ones."""
    known = names_of(kind)
    if unknown := sorted(set(given) - known):
        raise UsageError(f"No such switch: {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    types = get_type_hints(kind)
    return kind(**{name: _position(name, types[name], text) for name, text in given.items()})


def _position(name: str, kind: type[StrEnum | float], text: str) -> StrEnum | float:
    try:
        value = kind(text)
    except ValueError as error:
        raise UsageError(f"The switch {name} has no such position: {error}. See the sandbox's switches.py.") from error
    if isinstance(value, float) and not (math.isfinite(value) and value >= 0):
        raise UsageError(f"The switch {name} takes a number from 0 up, not {text}.")
    return value
