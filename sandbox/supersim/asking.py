"""Parameters of a request, read strictly: forms only, no repeats, no names that the call does not have."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl

from sandbox.exchange import Asked
from sandbox.supersim.refusals import refuse
from sandbox.supersim.service import Service
from sandbox.supersim.switches import UnknownParameters
from sandbox.supersim.tokens import FORM
from sandbox.supersim.words import Code

PAIRS_MAX = 100
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}", re.ASCII)


def form_of(service: Service, asked: Asked, known: Collection[str]) -> dict[str, str]:
    """A POST's parameters; a body that is no form is refused, and so are unknown and repeated names."""
    if not asked.body:
        return {}
    if asked.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        refuse(Code.NOT_A_FORM)
    try:
        pairs = parse_qsl(
            asked.body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=PAIRS_MAX, errors="strict"
        )
    except ValueError:  # a body that is no UTF-8 among them
        refuse(Code.NOT_A_FORM)
    form = dict(pairs)
    if len(form) < len(pairs):
        refuse(Code.INVALID_VALUE, "A parameter is given twice")
    return _known(service, form, known)


def query_of(service: Service, asked: Asked, known: Collection[str]) -> Mapping[str, str]:
    """A GET's parameters; unknown names are refused."""
    return _known(service, dict(asked.query), known)


def one_of(value: str, words: Collection[str], name: str) -> str:
    """`value`, if it is one of the words."""
    if value not in words:
        refuse(Code.INVALID_VALUE, f"{name} must be one of {', '.join(sorted(words))}")
    return value


def number_of(value: str, name: str, low: int, high: int) -> int:
    """`value` as a number between two bounds, both included."""
    if not NUMBER.fullmatch(value) or not low <= int(value) <= high:
        refuse(Code.INVALID_VALUE, f"{name} must be a number from {low} to {high}")
    return int(value)


def _known(service: Service, given: dict[str, str], known: Collection[str]) -> dict[str, str]:
    unknown = sorted(set(given) - set(known))
    if unknown and service.switches.unknown_parameters is UnknownParameters.REFUSED:
        refuse(Code.UNKNOWN_PARAMETERS, f"Unknown parameters: {', '.join(unknown)}")
    return {name: value for name, value in given.items() if name in known}
