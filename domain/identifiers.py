"""ICCID (ITU-T E.118), IMSI (ITU-T E.212) and SIM ids as text: check digits and bodies, by the column and singly."""

from __future__ import annotations

from functools import cache

import polars as pl

ISSUER_PREFIX = "89"  # E.118: telecommunications
BODY_DIGITS = 19  # digits of a 20-digit ICCID without its check digit
PRINTED_DIGITS = 20
IMSI_DIGITS_MIN = 14
IMSI_DIGITS_MAX = 15
ISSUER_DIGITS = 7  # E.118: 89, then country code and issuer, at most seven digits together

# A provider's own id of a SIM, as a regular expression: the sid of a Sim, by Super SIM's OpenAPI file. Its digits
# may be in either case, and are kept as they stand: which case the provider goes by is not documented.
SIM_ID = "HS[0-9a-fA-F]{32}"

_CHUNK = 10_000
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # digit sums of the doubled digits


def check_digit(body: str) -> str:
    """Luhn check digit (ISO/IEC 7812-1 annex B) that belongs behind `body`, a string of digits."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * 2 if place % 2 == 0 else int(digit)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - nine is the digit sum of a doubled digit
    return str(-total % 10)


def printed(body: str) -> str:
    """The 20-digit ICCID on the card for a 19-digit body."""
    return body + check_digit(body)


@cache
def _chunk_sums() -> pl.Series:
    """Luhn sums of all four-digit numbers, counted from a doubled last digit; four is even, so chunks just add up."""
    pairs = [first + _LUHN_DOUBLED[last] for first in range(10) for last in range(10)]
    return pl.Series([high + low for high in pairs for low in pairs], dtype=pl.UInt8)


def luhn_digit(body: pl.Expr, digits: int) -> pl.Expr:
    """Column of Luhn check digits (String, one digit) for a column of bodies of at most `digits` (≤ 19) digits.

    Null stays null; other text than digits gives null.
    """
    return luhn_number(body.cast(pl.UInt64, strict=False), digits).cast(pl.String)


def luhn_number(number: pl.Expr, digits: int) -> pl.Expr:
    """The same (UInt8) for a column of UInt64.

    Four digits at a time are looked up, which is five times as fast as arithmetic on single digits.
    """
    total = pl.lit(0, pl.UInt8)
    for place in range(0, digits, 4):
        total = total + pl.lit(_chunk_sums()).gather(number // 10**place % _CHUNK)
    return (10 - total % 10) % 10


def with_check_digit(body: pl.Expr) -> pl.Expr:
    """Column of 20-digit ICCIDs for a column of 19-digit bodies."""
    return body + luhn_digit(body, BODY_DIGITS)
