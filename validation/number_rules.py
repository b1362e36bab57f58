"""The common rules for the digits of one identifier."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.findings import Code, Severity
from domain.identifiers import IMSI_DIGITS_MAX, IMSI_DIGITS_MIN, ISSUER_PREFIX, PRINTED_DIGITS
from domain.lists import Role
from domain.rules import RowRule
from validation.cells import Form
from validation.facts import form_is_not, is_iccid, sim_is_imsi
from validation.sources import ASK_AGAIN, DOUBLES, E118, E212, EXCEL, LUHN


def length_rules() -> Iterator[RowRule]:
    """How many digits each cell may have."""
    imsi_length = pl.col("imsi_length").is_between(IMSI_DIGITS_MIN, IMSI_DIGITS_MAX)
    yield RowRule(
        Code.LENGTH,
        Role.SIM,
        pl.col("sim_digits").is_null() | is_iccid(Role.SIM) | sim_is_imsi(),
        "“{raw}” has {length} digits, where an ICCID has 19 or 20 (and an IMSI, in a row without another, 14 or 15).",
        "Compare it with the card or the order; put one identifier into each cell.",
        E118,
    )
    yield RowRule(
        Code.LENGTH,
        Role.IMSI,
        pl.col("imsi_digits").is_null() | imsi_length,
        "“{raw}” has {length} digits, where an IMSI has 14 or 15.",
        "Compare it with the provider's own list.",
        E212,
    )
    yield RowRule(
        Code.LENGTH,
        Role.END,
        pl.col("end_digits").is_null() | is_iccid(Role.END),
        "The end of the range, {digits}, has {length} digits, where an ICCID has 19 or 20.",
        "Write the last ICCID of the range in full.",
        E118,
    )


def is_issued(role: Role) -> pl.Expr:
    """True where the digits begin as an ICCID does."""
    return pl.col(f"{role.value}_digits").str.starts_with(ISSUER_PREFIX)


def issuer_rule(role: Role) -> RowRule:
    """Whether the number is one of telecommunications at all."""
    return RowRule(
        Code.ISSUER,
        role,
        ~is_iccid(role).fill_null(False) | is_issued(role),
        "{digits} does not begin with 89, as every ICCID does.",
        "Check whether this is an ICCID at all, and which column it stands in.",
        E118,
    )


def check_digit_rule(role: Role) -> RowRule:
    """Whether the check digit of 20 fits; a number that was rounded with its whole column is told so instead."""
    length, digits = pl.col(f"{role.value}_length"), pl.col(f"{role.value}_digits")
    fits = digits.str.slice(PRINTED_DIGITS - 1, 1) == pl.col(f"{role.value}_expected")
    unchecked = (length != PRINTED_DIGITS) | ~is_issued(role)
    if role is Role.SIM:
        unchecked = unchecked | pl.col("rounded")
    return RowRule(
        Code.CHECK_DIGIT,
        role,
        ~is_iccid(role).fill_null(False) | unchecked | fits,
        "The last digit of {digits} should be {expected} by the other 19, so at least one digit is wrong.",
        "Compare it with the card digit by digit; the digit named here is a sum, not a repair.",
        LUHN,
    )


def rounded_rule() -> RowRule:
    """Whether the whole column went through a number."""
    return RowRule(
        Code.ROUNDED,
        Role.SIM,
        ~pl.col("rounded"),
        "{digits} was rounded: all ICCIDs of this column are multiples of what a number can tell apart.{shared}",
        ASK_AGAIN,
        DOUBLES,
    )


def imsi_rules() -> Iterator[RowRule]:
    """IMSIs stored as numbers: all 15 digits there, or zeros lost."""
    taken_from = (
        (Role.IMSI, pl.col("imsi_form") == Form.WHOLE_IMSI),
        (Role.SIM, (pl.col("sim_form") == Form.WHOLE_IMSI) & sim_is_imsi()),
    )
    yield RowRule(
        Code.LEADING_ZEROS,
        Role.IMSI,
        form_is_not(Role.IMSI, Form.SHORT),
        "The cell holds the number {raw}, which is shorter than an IMSI: zeros in front of it are lost.",
        ASK_AGAIN,
        E212,
    )
    for role, taken in taken_from:
        yield RowRule(
            Code.NUMERIC_IMSI,
            role,
            ~taken.fill_null(False),
            "The IMSI {digits} is stored as a number; all of its 15 digits are there, so it was taken.",
            "Keep the column as Text from now on: one digit more, and it would have been damaged.",
            EXCEL,
            Severity.WARNING,
        )
