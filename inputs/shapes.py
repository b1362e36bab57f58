"""Whether a cell looks like an identifier: only to choose a column by, never to accept one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from domain.codes import CODE_CHARS
from domain.identifiers import SIM_ID
from domain.lists import Kind
from inputs.source import Cell

DIGITS_MIN = 14  # the shortest IMSI
VALUE_MIN = 1e13  # a number of 14 digits
VALUE_MAX = 1e20  # a number of 21 digits


class Shape(IntEnum):
    """How much a cell looks like what we look for."""

    OTHER = 0
    NUMERAL = 1  # 14 to 20 digits of any kind, among them IMSIs and damaged numbers
    SIM_ID = 2  # an id that a provider gives its SIMs
    ICCID = 3  # 18 digits or more that begin with 89


LONG_NUMBER = re.compile(r"\d{14,20}[Ff]?")
TWO_LONG_NUMBERS = re.compile(r"(\d{14,20})[Ff]?(?:[-–—:/;]|\.\.|to|bis)+(\d{14,20})[Ff]?", re.IGNORECASE)
ICCID_LIKE = re.compile(r"89\d{16,18}")
SIM_ID_LIKE = re.compile(SIM_ID)
CODE_LIKE = re.compile(rf"[0-9A-Za-z]{{{CODE_CHARS}}}")
PADDING = re.compile(r"[\s\u00a0'\"=]")
EXPONENT = re.compile(r"\d(?:[.,]\d+)?[Ee]\+?\d{2}")


def shape(cell: Cell) -> Shape:
    """How much one cell looks like an ICCID, an IMSI, a range, or what a spreadsheet leaves of them."""
    text = PADDING.sub("", cell.text)
    match cell.kind:
        case Kind.TEXT:
            if SIM_ID_LIKE.fullmatch(text):
                return Shape.SIM_ID
            if EXPONENT.fullmatch(text):
                return _of_value(text.replace(",", "."))
            both = TWO_LONG_NUMBERS.fullmatch(text)
            return _of_digits(both.group(1) if both else re.sub(r"[-–.]", "", text))
        case Kind.NUMBER:
            return _of_value(text)
        case _:
            return Shape.OTHER


def is_range(cell: Cell) -> bool:
    """Whether one cell holds both ends of a range."""
    return cell.kind is Kind.TEXT and TWO_LONG_NUMBERS.fullmatch(PADDING.sub("", cell.text)) is not None


def is_code(cell: Cell) -> bool:
    """Whether a cell may hold a registration code, which no message shows."""
    return CODE_LIKE.fullmatch(cell.text.strip()) is not None


def tally(cells: Iterable[Cell]) -> dict[Shape, int]:
    """How many of the cells that are not blank have each shape."""
    counts = dict.fromkeys(Shape, 0)
    for cell in cells:
        if cell.kind is not Kind.EMPTY:
            counts[shape(cell)] += 1
    return counts


def _of_digits(text: str) -> Shape:
    if not LONG_NUMBER.fullmatch(text):
        return Shape.OTHER
    return Shape.ICCID if ICCID_LIKE.match(text) else Shape.NUMERAL


def _of_value(text: str) -> Shape:
    try:
        value = float(text)
    except ValueError:
        return Shape.OTHER
    if not VALUE_MIN <= value < VALUE_MAX:
        return Shape.OTHER
    return Shape.ICCID if ICCID_LIKE.match(f"{value:.0f}") else Shape.NUMERAL
