"""Soracom's own rules for rows: how a list names SIMs to transfer.

A SIM id is an ICCID of 19 digits as it is printed, its check digit included. An F behind it, which modems show in the
place of a 20th digit, is taken off before anything is judged.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.findings import Code, Severity
from domain.identifiers import BODY_DIGITS, IMSI_DIGITS_MAX, PRINTED_DIGITS
from domain.lists import ListLimits, Role
from domain.rules import RowRule
from validation.facts import sim_is_imsi
from validation.number_rules import imsi_rules, issuer_rule, rounded_rule
from validation.numbering import ends_in_check_digit
from validation.range_rules import range_rules
from validation.sim_id_rules import foreign_rules
from validation.sources import E212, LUHN, SORACOM, SORACOM_IDS

EID_DIGITS = 32  # SGP.02: the number of an eUICC

# Counts of digits that are told of in words of their own: sentence and suggestion.
_ODD = {
    BODY_DIGITS - 1: (
        "{digits} has 18 digits, where a SIM id has 19: one is missing, most likely the check digit at its end.",
        "Copy all 19 from the card or the user console; none is put in here, since any of them may be the missing one.",
    ),
    PRINTED_DIGITS: (
        "{digits} has 20 digits, where a SIM id has 19, the check digit among them.",
        "Give the 19 digits of the card and the user console, or an IMSI; find out what put a digit behind them.",
    ),
    EID_DIGITS: (
        "{digits} has 32 digits, as the EID of an eUICC has, by which no row is looked up.",
        "Give the ICCID of one of its profiles, or an IMSI of it.",
    ),
}


def row_rules(limits: ListLimits) -> tuple[RowRule, ...]:
    """A SIM is known by its id or by an IMSI, and a range runs from id to id.

    These stand in the place of the common rules for the digits of a cell.
    """
    return (
        *(rule for role in (Role.SIM, Role.END) for rule in _length_rules(role)),
        _imsi_length(),
        issuer_rule(Role.SIM),
        rounded_rule(),
        issuer_rule(Role.END),
        *(_range_digit(role) for role in (Role.SIM, Role.END)),
        _single_digit(),
        *imsi_rules(),
        # both ends have 19 digits by the rules above
        *(rule for rule in range_rules(limits) if rule.code is not Code.RANGE_LENGTH),
        *foreign_rules("Give the SIM id, which is printed on the card; Soracom does not know this sid."),
    )


def _length_rules(role: Role) -> Iterator[RowRule]:
    length = pl.col(f"{role.value}_length")
    for digits, (sentence, suggestion) in _ODD.items():
        yield RowRule(Code.LENGTH, role, length.ne_missing(digits), sentence, suggestion, SORACOM_IDS)
    known = length.is_null() | length.is_in([BODY_DIGITS, *_ODD])
    if role is Role.END:
        yield RowRule(
            Code.LENGTH,
            role,
            known,
            "The end of the range, {digits}, has {length} digits, where a SIM id has 19.",
            "Write the last SIM id of the range in full.",
            SORACOM_IDS,
        )
    else:
        yield RowRule(
            Code.LENGTH,
            role,
            known | (sim_is_imsi() & (length == IMSI_DIGITS_MAX)).fill_null(value=False),
            "“{raw}” has {length} digits, where a SIM id has 19 (and an IMSI, in a row without another, 15).",
            "Compare it with the card or the user console; put one identifier into each cell.",
            SORACOM_IDS,
        )


def _imsi_length() -> RowRule:
    length = pl.col("imsi_length")
    return RowRule(
        Code.LENGTH,
        Role.IMSI,
        length.is_null() | (length == IMSI_DIGITS_MAX),
        "“{raw}” has {length} digits, where an IMSI of Soracom has 15.",
        "Compare it with the user console.",
        f"{SORACOM}, primaryImsi; {E212}",
    )


def _single_digit() -> RowRule:
    """Of one SIM: a warning, since no document of the vendor says that the last digit is a check digit.

    Its cards' numbers are, as far as we know them, so that a wrong digit shows here; the survey has the last word.
    """
    return RowRule(
        Code.CHECK_DIGIT,
        Role.SIM,
        pl.col("is_range") | _fits(Role.SIM) | pl.col("rounded"),
        "The last digit of {digits} is not the check digit of the 18 before it, as it is in most SIM ids of Soracom.",
        "Compare it with the card digit by digit; the plan says whether either account has a SIM of that number.",
        LUHN,
        Severity.WARNING,
    )


def _range_digit(role: Role) -> RowRule:
    """Of the ends of a range: an error, since without it nobody can count from one SIM to the next."""
    return RowRule(
        Code.CHECK_DIGIT,
        role,
        ~pl.col("is_range") | _fits(role),
        "The range is counted without check digits, and the last digit of {digits} is none that fits the 18 before it.",
        "Compare it with the card digit by digit, or give each SIM a row of its own.",
        LUHN,
    )


def _fits(role: Role) -> pl.Expr:
    """True where the last of 19 digits fits the others, and where there are not 19 of them."""
    other = pl.col(f"{role.value}_length").ne_missing(BODY_DIGITS)
    return other | ends_in_check_digit(pl.col(f"{role.value}_body")).fill_null(value=False)
