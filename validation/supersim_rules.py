"""Super SIM's own rules for rows (Twilio, KORE): how a list names its SIMs."""

from __future__ import annotations

import polars as pl

from domain.findings import Code
from domain.identifiers import BODY_DIGITS
from domain.lists import Role
from domain.rules import RowRule
from validation.cells import Form
from validation.facts import form_is_not, is_iccid, sim_is_imsi
from validation.sim_id_rules import single_rules
from validation.sources import SUPER_SIM


def row_rules() -> tuple[RowRule, ...]:
    """A SIM is known by its ICCID, or by its sid.

    Both forms of an ICCID come down to one body of 19 digits. The API shows no IMSI: a row that has one alone names
    nobody. An IMSI beside an ICCID or a sid is not checked and not warned of, since that would be said of every row;
    twice in a list it is a duplicate as anywhere.
    """
    body = pl.col("sim_body").cast(pl.String).str.len_bytes() == BODY_DIGITS
    nothing_else = form_is_not(Role.IMSI, Form.EMPTY) & ~form_is_not(Role.SIM, Form.EMPTY) & ~pl.col("is_range")
    return (
        RowRule(
            Code.LENGTH,
            Role.SIM,
            ~is_iccid(Role.SIM).fill_null(False) | body,
            "{digits} does not come down to 19 digits and a check digit.",
            "Compare it with the ICCID in the provider's console.",
            f"{SUPER_SIM}, iccid",
        ),
        *(
            RowRule(
                Code.IMSI_ALONE,
                role,
                fine,
                "The row has an IMSI alone, and Super SIM does not show which of its SIMs has which IMSI.",
                "Give the SIM's ICCID, or its sid, beside the IMSI or in its place.",
                f"{SUPER_SIM}, properties of a Sim",
            )
            for role, fine in ((Role.SIM, ~sim_is_imsi().fill_null(False)), (Role.IMSI, ~nothing_else))
        ),
        *single_rules(),
    )
