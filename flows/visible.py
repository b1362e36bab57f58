"""Texts from lists and file names made harmless for a terminal: what would steer it is shown, and not obeyed."""

from __future__ import annotations

import re

# Controls of ECMA-48 (C0 and C1) but line ends and tabs, and Unicode's marks that turn the direction of what follows.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """The text with each steering character as its code: an escape is `<U+001B>`."""
    return _STEERING.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def visible_json(document: str) -> str:
    """A JSON document with the steering characters of its texts as JSON escapes them, so that it says the same."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", document)
