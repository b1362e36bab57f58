"""Bodies and queries, read strictly: JSON by its content type, no unknown names, no wrong types."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import orjson

from sandbox.exchange import APPLICATION_JSON, JSON, Asked
from sandbox.soracom.codes import Code
from sandbox.soracom.refusals import refuse

NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


def body_of(asked: Asked) -> JSON:
    """The body, whatever JSON it is."""
    if asked.headers.get("content-type", "").partition(";")[0].strip().lower() != APPLICATION_JSON:
        refuse(Code.NOT_JSON)
    try:
        body: JSON = orjson.loads(asked.body)
    except orjson.JSONDecodeError:
        refuse(Code.BODY, "The body is not JSON")
    return body


def nothing(asked: Asked) -> None:
    """A call that takes no body; an empty object is none."""
    if asked.body and body_of(asked) != {}:
        refuse(Code.BODY, "This call takes no body")


def an_object(value: JSON, known: Collection[str], required: Collection[str] = ()) -> dict[str, JSON]:
    """`value` as an object with known names only."""
    if not isinstance(value, dict):
        refuse(Code.BODY, "An object is wanted")
    if unknown := sorted(set(value) - set(known)):
        refuse(Code.BODY, f"Unknown properties: {', '.join(unknown)}")
    if missing := sorted(set(required) - set(value)):
        refuse(Code.BODY, f"Missing properties: {', '.join(missing)}")
    return value


def a_list(value: JSON, name: str) -> list[JSON]:
    """`value` as a list of at least one entry."""
    if not isinstance(value, list) or not value:
        refuse(Code.BODY, f"{name} must be a list that is not empty")
    return value


def a_text(value: JSON, name: str) -> str:
    """`value` as a text of at least one character."""
    if not isinstance(value, str) or not value:
        refuse(Code.BODY, f"{name} must be a string that is not empty")
    return value


def a_number(value: JSON, name: str, low: int, high: int) -> int:
    """`value` as a whole number between two bounds, both included."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        refuse(Code.BODY, f"{name} must be a whole number from {low} to {high}")
    return value


def query_of(asked: Asked, known: Collection[str] = ()) -> Mapping[str, str]:
    """The query's parameters; unknown names are refused."""
    if unknown := sorted(set(asked.query) - set(known)):
        refuse(Code.QUERY, f"Unknown parameters: {', '.join(unknown)}")
    return asked.query


def number_in(query: Mapping[str, str], name: str, low: int, high: int, default: int) -> int:
    """A query's number between two bounds, both included."""
    text = query.get(name)
    if text is None:
        return default
    if not NUMBER.fullmatch(text) or not low <= int(text) <= high:
        refuse(Code.QUERY, f"{name} must be a number from {low} to {high}")
    return int(text)


def one_of(query: Mapping[str, str], name: str, words: Collection[str], default: str) -> str:
    """A query's word, which has to be one of these."""
    word = query.get(name, default)
    if word not in words:
        refuse(Code.QUERY, f"{name} must be one of {', '.join(sorted(words))}")
    return word
