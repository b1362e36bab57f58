"""The JSON of answers, as a closed type, and values out of it that may not be there."""

from __future__ import annotations

from typing import cast

import orjson

from providers.calls import Unreadable
from providers.wire import Answer

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def parsed(answer: Answer) -> Json:
    """The body as JSON; raises `Unreadable`."""
    try:
        return cast("Json", orjson.loads(answer.body))
    except orjson.JSONDecodeError as error:
        raise Unreadable("the body is not JSON") from error


def objects_of(value: Json) -> list[dict[str, Json]]:
    """The entries of a list, an empty object for each that is none."""
    return [object_of(entry) for entry in value] if isinstance(value, list) else []


def object_of(value: Json) -> dict[str, Json]:
    """An object, empty where the value is none."""
    return value if isinstance(value, dict) else {}


def text_of(value: Json) -> str | None:
    """A text or a whole number as text; None where it is neither, or empty."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value).strip() or None


def number_of(value: Json) -> int | None:
    """A whole number; None where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
