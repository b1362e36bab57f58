"""Strict reading of what a client sent: unknown names and wrong types are refused (400), other content too (415)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

import orjson

from sandbox.exchange import APPLICATION_JSON, JSON, Answer, Asked, RefusedError

INTEGER_MAX = 2**63 - 1  # what the books can hold


def refuse(status: int, message: str) -> NoReturn:
    """Raise a refusal whose body is the gateway's bare `{"message"}`."""
    raise RefusedError(Answer.of(status, {"message": message}))


def body_object(asked: Asked, allowed: Collection[str], required: Collection[str] = ()) -> dict[str, JSON]:
    """The body as an object with known names only; raises `RefusedError` (415, 400)."""
    if asked.headers.get("content-type", "").partition(";")[0].strip().lower() != APPLICATION_JSON:
        refuse(415, "Content-Type must be application/json")
    try:
        body: JSON = orjson.loads(asked.body)
    except orjson.JSONDecodeError:
        refuse(400, "The body is not valid JSON")
    return an_object(body, "body", allowed, required)


def an_object(value: JSON, name: str, allowed: Collection[str], required: Collection[str] = ()) -> dict[str, JSON]:
    """`value` as an object with known names only."""
    if not isinstance(value, dict):
        refuse(400, f"{name} must be an object")
    if unknown := sorted(set(value) - set(allowed)):
        refuse(400, f"{name} has unknown fields: {', '.join(unknown)}")
    if missing := sorted(set(required) - set(value)):
        refuse(400, f"{name} lacks: {', '.join(missing)}")
    return value


def an_integer(value: JSON, name: str) -> int:
    """`value` as a non-negative whole number; `1.0` is one in JSON (the vendor's library sends it), `true` is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= INTEGER_MAX:
        refuse(400, f"{name} must be an integer")
    return value


def a_text(value: JSON, name: str) -> str:
    """`value` as a text of at least one character."""
    if not isinstance(value, str) or not value:
        refuse(400, f"{name} must be a string")
    return value


def a_list(value: JSON, name: str) -> list[JSON]:
    """`value` as a list."""
    if not isinstance(value, list):
        refuse(400, f"{name} must be a list")
    return value


def a_truth(value: JSON, name: str) -> bool:
    """`value` as true or false."""
    if not isinstance(value, bool):
        refuse(400, f"{name} must be true or false")
    return value


def an_id(value: JSON, name: str, *also: str) -> int:
    """The id in `{"id": N}`; other names than `also` are refused."""
    return an_integer(an_object(value, name, {"id", *also}, {"id"})["id"], f"{name}.id")
