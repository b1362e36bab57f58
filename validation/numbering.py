"""How a provider counts its SIMs by the 19 digits of an ICCID: from one SIM to the next, and to the number in full.

              digits on the card      counted         the next SIM
BODY          19, and a check digit   all 19          one more
WHOLE         19, the last of them    the first 18    one more before the check digit
              the check digit
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from domain.identifiers import BODY_DIGITS, luhn_digit

_COUNTED_DIGITS = BODY_DIGITS - 1  # of a number that ends in its own check digit
_BASE = 10


class Numbering(StrEnum):
    """What 19 digits are."""

    BODY = "body"  # all but the check digit, which is the 20th (emnify, Super SIM)
    WHOLE = "whole"  # the number as it is printed, its check digit included (Soracom)


def counted(digits: pl.Expr, numbering: Numbering) -> pl.Expr:
    """What goes up by one from each SIM to the next (UInt64), of a column of 19 digits (UInt64)."""
    match numbering:
        case Numbering.BODY:
            return digits
        case Numbering.WHOLE:
            return digits // _BASE


def in_digits(number: pl.Expr, numbering: Numbering) -> pl.Expr:
    """The 19 digits (UInt64) of a column of what `counted` gives."""
    match numbering:
        case Numbering.BODY:
            return number
        case Numbering.WHOLE:
            return (number.cast(pl.String) + luhn_digit(number, _COUNTED_DIGITS)).cast(pl.UInt64)


def in_full(digits: pl.Expr, numbering: Numbering) -> pl.Expr:
    """The ICCID as text, its check digit included, of a column of 19 digits (UInt64)."""
    match numbering:
        case Numbering.BODY:
            return digits.cast(pl.String) + luhn_digit(digits, BODY_DIGITS)
        case Numbering.WHOLE:
            return digits.cast(pl.String)


def ends_in_check_digit(digits: pl.Expr) -> pl.Expr:
    """True where the last of 19 digits (UInt64) is the check digit of the others; null where there are none."""
    return luhn_digit(digits // _BASE, _COUNTED_DIGITS) == (digits % _BASE).cast(pl.String)
