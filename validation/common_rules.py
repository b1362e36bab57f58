"""The rules every list answers to, whatever the provider; each is a row, and null is no.

Placeholders: `{raw}`, `{digits}`, `{length}`, `{expected}`, `{alien}` are the named cell's; `{shared}` says how many
rows show the same damaged value; every other name is a column of the facts.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.findings import Code, Severity
from domain.identifiers import IMSI_DIGITS_MAX, IMSI_DIGITS_MIN, ISSUER_DIGITS, ISSUER_PREFIX, PRINTED_DIGITS
from domain.lists import ListLimits, Role
from domain.rules import RowRule
from validation.cells import Form
from validation.facts import is_iccid, sim_is_imsi

_EXCEL = "https://support.microsoft.com: Excel specifications and limits, number precision: 15 digits"
_E118 = "ITU-T E.118, section 4: structure of the primary account number"
_E212 = "ITU-T E.212, section 6: structure of the IMSI"
_OURS = "docs/architecture.md: identifiers are text, and a SIM has one row"

_ASK_AGAIN = "Get the list again from where it came from, with this column formatted as Text before it is filled."
_AS_TEXT = "Format the column as Text, and enter the identifier again."


def cell_rules(limits: ListLimits) -> tuple[RowRule, ...]:
    """Rules that look at one row alone, in the order in which their findings are listed."""
    return (_empty(), *(rule for role in Role for rule in _form_rules(role)), *_numbers(), *_ranges(limits))


def _form_is_not(role: Role, *forms: Form) -> pl.Expr:
    return pl.all_horizontal(*(pl.col(f"{role.value}_form") != form for form in forms))


def _empty() -> RowRule:
    imsi_alone = _form_is_not(Role.IMSI, Form.EMPTY) & ~pl.col("is_range")
    return RowRule(
        code=Code.EMPTY,
        column=Role.SIM,
        fine=_form_is_not(Role.SIM, Form.EMPTY) | imsi_alone,
        sentence="The row has other content but no identifier here.",
        suggestion="Fill in the ICCID or IMSI, or take the row out of the list.",
        source=_OURS,
    )


def _form_rules(role: Role) -> Iterator[RowRule]:
    """What a cell must not be: the same for all three columns, but for small whole numbers."""
    imsi = role is Role.IMSI
    not_text = {Role.SIM: (Form.SHORT,), Role.IMSI: (), Role.END: (Form.SHORT, Form.WHOLE_IMSI)}[role]
    yield RowRule(
        Code.FORMULA,
        role,
        _form_is_not(role, Form.FORMULA),
        "The cell holds a formula without a stored result, or an error value.",
        "Paste the column as values, check them, and save the list again.",
        _OURS,
    )
    yield RowRule(
        Code.NOT_TEXT,
        role,
        _form_is_not(role, Form.NOT_TEXT, *not_text),
        "The cell holds {kind} ({raw}), where an identifier must be text.",
        _AS_TEXT,
        _OURS,
    )
    yield RowRule(
        Code.LOST_DIGITS,
        role,
        _form_is_not(role, Form.LOST),
        "The cell holds the number {raw}; a spreadsheet keeps 15 digits of a number, so the rest is lost.{shared}",
        _ASK_AGAIN,
        _EXCEL,
    )
    yield RowRule(
        Code.E_NOTATION,
        role,
        _form_is_not(role, Form.E_NOTATION),
        "“{raw}” is a number in E-notation, so most of the identifier's digits are lost.{shared}",
        _ASK_AGAIN,
        _EXCEL,
    )
    yield RowRule(
        Code.CHARACTERS,
        role,
        _form_is_not(role, Form.ALIEN),
        "“{raw}” has {alien} in it, which is no part of an identifier.",
        "Write the identifier with the digits 0 to 9; spaces and dashes between them do no harm.",
        _E212 if imsi else _E118,
    )


def _numbers() -> Iterator[RowRule]:
    imsi_length = pl.col("imsi_length").is_between(IMSI_DIGITS_MIN, IMSI_DIGITS_MAX)
    imsi_taken = (pl.col("imsi_form") == Form.WHOLE_IMSI, (pl.col("sim_form") == Form.WHOLE_IMSI) & sim_is_imsi())
    yield RowRule(
        Code.LENGTH,
        Role.SIM,
        pl.col("sim_digits").is_null() | is_iccid(Role.SIM) | sim_is_imsi(),
        "“{raw}” has {length} digits, where an ICCID has 19 or 20 (and an IMSI, in a row without another, 14 or 15).",
        "Compare it with the card or the order; put one identifier into each cell.",
        _E118,
    )
    yield RowRule(
        Code.LENGTH,
        Role.IMSI,
        pl.col("imsi_digits").is_null() | imsi_length,
        "“{raw}” has {length} digits, where an IMSI has 14 or 15.",
        "Compare it with the provider's own list.",
        _E212,
    )
    yield RowRule(
        Code.LENGTH,
        Role.END,
        pl.col("end_digits").is_null() | is_iccid(Role.END),
        "The end of the range, {digits}, has {length} digits, where an ICCID has 19 or 20.",
        "Write the last ICCID of the range in full.",
        _E118,
    )
    for role in (Role.SIM, Role.END):
        yield from _iccid_rules(role)
    yield RowRule(
        Code.LEADING_ZEROS,
        Role.IMSI,
        _form_is_not(Role.IMSI, Form.SHORT),
        "The cell holds the number {raw}, which is shorter than an IMSI: zeros in front of it are lost.",
        _ASK_AGAIN,
        _E212,
    )
    for role, taken in zip((Role.IMSI, Role.SIM), imsi_taken, strict=True):
        yield RowRule(
            Code.NUMERIC_IMSI,
            role,
            ~taken.fill_null(False),
            "The IMSI {digits} is stored as a number; all of its 15 digits are there, so it was taken.",
            "Keep the column as Text from now on: one digit more, and it would have been damaged.",
            _EXCEL,
            Severity.WARNING,
        )


def _is_issued(role: Role) -> pl.Expr:
    return pl.col(f"{role.value}_digits").str.starts_with(ISSUER_PREFIX)


def _iccid_rules(role: Role) -> Iterator[RowRule]:
    no_iccid = ~is_iccid(role).fill_null(False)
    length, digits = pl.col(f"{role.value}_length"), pl.col(f"{role.value}_digits")
    fits = digits.str.slice(PRINTED_DIGITS - 1, 1) == pl.col(f"{role.value}_expected")
    unchecked = (length != PRINTED_DIGITS) | ~_is_issued(role)
    if role is Role.SIM:
        unchecked = unchecked | pl.col("rounded")
    yield RowRule(
        Code.ISSUER,
        role,
        no_iccid | _is_issued(role),
        "{digits} does not begin with 89, as every ICCID does.",
        "Check whether this is an ICCID at all, and which column it stands in.",
        _E118,
    )
    yield RowRule(
        Code.CHECK_DIGIT,
        role,
        no_iccid | unchecked | fits,
        "The last digit of {digits} should be {expected} by the other 19, so at least one digit is wrong.",
        "Compare it with the card digit by digit; the digit named here is a sum, not a repair.",
        "ITU-T E.118, section 4, and ISO/IEC 7812-1, annex B",
    )
    if role is Role.SIM:
        yield RowRule(
            Code.ROUNDED,
            role,
            ~pl.col("rounded"),
            "{digits} was rounded: all ICCIDs of this column are multiples of what a number can tell apart.{shared}",
            _ASK_AGAIN,
            "IEEE 754 binary64: 53 bits",
        )


def _ranges(limits: ListLimits) -> Iterator[RowRule]:
    both = pl.col("is_range") & is_iccid(Role.SIM).fill_null(False) & is_iccid(Role.END).fill_null(False)
    same_length = pl.col("sim_length") == pl.col("end_length")
    same_issuer = pl.col("sim_digits").str.head(ISSUER_DIGITS) == pl.col("end_digits").str.head(ISSUER_DIGITS)
    issued = _is_issued(Role.SIM) & _is_issued(Role.END)
    ordered = pl.col("end_body") >= pl.col("sim_body")
    no_pair = ~both | ~same_length
    yield RowRule(
        Code.RANGE_LENGTH,
        Role.END,
        ~both | same_length,
        "The range begins with {sim_length} digits and ends with {end_length}.",
        "Write both ends the same way: both with the check digit (20), or both without it (19).",
        _E118,
    )
    yield RowRule(
        Code.RANGE_ISSUER,
        Role.END,
        no_pair | ~issued | same_issuer,
        "The range begins at {sim_digits} and ends at {end_digits}: their first seven digits, the issuer, differ.",
        "Give one range for each issuer.",
        _E118,
    )
    yield RowRule(
        Code.RANGE_REVERSED,
        Role.END,
        no_pair | ~issued | ~same_issuer | ordered,
        "The range ends at {end_digits}, before it begins at {sim_digits}.",
        "Swap the two, after making sure that both are meant.",
        _OURS,
    )
    yield RowRule(
        Code.RANGE_TOO_LONG,
        Role.END,
        no_pair | ~issued | ~same_issuer | ~ordered | (pl.col("range_sims") <= limits.range_sims_max),
        f"The range stands for {{range_sims}} SIMs; one range may stand for {limits.range_sims_max:,}.",
        "Check its ends; split it if it is meant.",
        _OURS,
    )
