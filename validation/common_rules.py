"""The rules every list answers to, whatever the provider; each is a row, and null is no.

Placeholders: `{raw}`, `{digits}`, `{length}`, `{expected}`, `{alien}` are the named cell's; `{shared}` says how many
rows show the same damaged value; every other name is a column of the facts.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.findings import Code
from domain.lists import IDENTIFIERS, ListLimits, Role
from domain.rules import RowRule
from validation.cells import Form
from validation.facts import form_is_not
from validation.number_rules import check_digit_rule, imsi_rules, issuer_rule, length_rules, rounded_rule
from validation.range_rules import range_rules
from validation.sim_id_rules import written_rules
from validation.sources import ASK_AGAIN, E118, E212, EXCEL, OURS

_AS_TEXT = "Format the column as Text, and enter the identifier again."


def cell_rules(limits: ListLimits) -> tuple[RowRule, ...]:
    """Rules that look at one row alone, in the order in which their findings are listed."""
    return (
        *form_rules(),
        *length_rules(),
        issuer_rule(Role.SIM),
        check_digit_rule(Role.SIM),
        rounded_rule(),
        issuer_rule(Role.END),
        check_digit_rule(Role.END),
        *imsi_rules(),
        *range_rules(limits),
    )


def form_rules() -> tuple[RowRule, ...]:
    """Those of them that ask for no particular number of digits."""
    return (_empty(), *(rule for role in IDENTIFIERS for rule in _form_rules(role)), *written_rules())


def _empty() -> RowRule:
    imsi_alone = form_is_not(Role.IMSI, Form.EMPTY) & ~pl.col("is_range")
    return RowRule(
        code=Code.EMPTY,
        column=Role.SIM,
        fine=form_is_not(Role.SIM, Form.EMPTY) | imsi_alone,
        sentence="The row has other content but no identifier here.",
        suggestion="Fill in the ICCID or IMSI, or take the row out of the list.",
        source=OURS,
    )


def _form_rules(role: Role) -> Iterator[RowRule]:
    """What a cell must not be: the same for all three columns, but for small whole numbers."""
    yield from _kind_rules(role)
    yield from _text_rules(role)


def _kind_rules(role: Role) -> Iterator[RowRule]:
    not_text = {Role.SIM: (Form.SHORT,), Role.IMSI: (), Role.END: (Form.SHORT, Form.WHOLE_IMSI)}[role]
    yield RowRule(
        Code.FORMULA,
        role,
        form_is_not(role, Form.FORMULA),
        "The cell holds a formula without a stored result, or an error value.",
        "Paste the column as values, check them, and save the list again.",
        OURS,
    )
    yield RowRule(
        Code.NOT_TEXT,
        role,
        form_is_not(role, Form.NOT_TEXT, *not_text),
        "The cell holds {kind} ({raw}), where an identifier must be text.",
        _AS_TEXT,
        OURS,
    )
    yield RowRule(
        Code.LOST_DIGITS,
        role,
        form_is_not(role, Form.LOST),
        "The cell holds the number {raw}; a spreadsheet keeps 15 digits of a number, so the rest is lost.{shared}",
        ASK_AGAIN,
        EXCEL,
    )


def _text_rules(role: Role) -> Iterator[RowRule]:
    yield RowRule(
        Code.E_NOTATION,
        role,
        form_is_not(role, Form.E_NOTATION),
        "“{raw}” is a number in E-notation, so most of the identifier's digits are lost.{shared}",
        ASK_AGAIN,
        EXCEL,
    )
    yield RowRule(
        Code.CHARACTERS,
        role,
        form_is_not(role, Form.ALIEN),
        "“{raw}” has {alien}, which is no part of an identifier.",
        "Write the identifier with the digits 0 to 9; spaces and dashes between them do no harm.",
        E212 if role is Role.IMSI else E118,
    )
