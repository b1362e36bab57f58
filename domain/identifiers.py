"""ICCID (ITU-T E.118) and IMSI (ITU-T E.212) as text: check digits, bodies and spans, by the column and one by one."""

from __future__ import annotations

import polars as pl

ISSUER_PREFIX = "89"  # E.118: telecommunications
BODY_DIGITS = 19  # digits of a 20-digit ICCID without its check digit
PRINTED_DIGITS = 20
IMSI_DIGITS_MIN = 14
IMSI_DIGITS_MAX = 15


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


def luhn_digit(body: pl.Expr, digits: int) -> pl.Expr:
    """Column of Luhn check digits (String, one digit) for a column of bodies of exactly `digits` digits.

    Null stays null; other text than digits gives null.
    """
    number = body.cast(pl.UInt64, strict=False)
    total = pl.lit(0, pl.UInt64)
    for place in range(digits):
        digit = (number // 10**place) % 10
        if place % 2 == 0:
            doubled = digit * 2
            total = total + doubled - pl.when(doubled > 9).then(9).otherwise(0)  # noqa: PLR2004 - as above
        else:
            total = total + digit
    return ((10 - total % 10) % 10).cast(pl.String)


def with_check_digit(body: pl.Expr) -> pl.Expr:
    """Column of 20-digit ICCIDs for a column of 19-digit bodies."""
    return body + luhn_digit(body, BODY_DIGITS)
