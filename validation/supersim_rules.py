"""Super SIM's own rules for rows (Twilio, KORE): how a list names SIMs to move, and SIMs to register."""

from __future__ import annotations

import polars as pl

from domain.findings import Code
from domain.identifiers import BODY_DIGITS
from domain.lists import Role
from domain.rules import RowRule
from validation.cells import Form
from validation.code_rules import code_rules
from validation.facts import form_is_not, is_iccid, sim_is_imsi
from validation.sim_id_rules import foreign_rules, single_rules
from validation.sources import SUPER_SIM

_REGISTRATION = f"{SUPER_SIM}, adding a Super SIM to an account: its ICCID and its registration code"


def row_rules() -> tuple[RowRule, ...]:
    """A SIM is known by its ICCID, or by its sid.

    Both forms of an ICCID come down to one body of 19 digits. The API shows no IMSI: a row that has one alone names
    nobody. An IMSI beside an ICCID or a sid is not checked and not warned of, since that would be said of every row;
    twice in a list it is a duplicate as anywhere.
    """
    return (
        _body_rule(),
        *_imsi_rules(
            "The row has an IMSI alone, and Super SIM does not show which of its SIMs has which IMSI.",
            "Give the SIM's ICCID, or its sid, beside the IMSI or in its place.",
            f"{SUPER_SIM}, properties of a Sim",
        ),
        *single_rules(),
    )


def registration_rules() -> tuple[RowRule, ...]:
    """A SIM that nobody has registered is known by its ICCID, and each has a code of its own."""
    return (
        _body_rule(),
        *_imsi_rules(
            "The row has an IMSI alone, and a SIM is registered by its ICCID.",
            "Give the ICCID that is printed on the card.",
            _REGISTRATION,
        ),
        *foreign_rules("Give the ICCID that is printed on the card; a SIM that has a sid is registered already."),
        RowRule(
            Code.RANGE,
            Role.END,
            ~pl.col("is_range"),
            "The row is a range, and each SIM has a registration code of its own.",
            "Give each SIM a row of its own, with its code.",
            _REGISTRATION,
        ),
        *code_rules(),
    )


def _body_rule() -> RowRule:
    body = pl.col("sim_body").cast(pl.String).str.len_bytes() == BODY_DIGITS
    return RowRule(
        Code.LENGTH,
        Role.SIM,
        ~is_iccid(Role.SIM).fill_null(False) | body,
        "{digits} does not come down to 19 digits and a check digit.",
        "Compare it with the card.",
        f"{SUPER_SIM}, iccid",
    )


def _imsi_rules(sentence: str, suggestion: str, source: str) -> tuple[RowRule, ...]:
    """An IMSI alone, told at the column it stands in."""
    nothing_else = form_is_not(Role.IMSI, Form.EMPTY) & ~form_is_not(Role.SIM, Form.EMPTY) & ~pl.col("is_range")
    in_sim = sim_is_imsi().fill_null(False)
    return tuple(
        RowRule(Code.IMSI_ALONE, role, fine, sentence, suggestion, source)
        for role, fine in ((Role.SIM, ~in_sim), (Role.IMSI, ~nothing_else))
    )
