"""The rules for ids that a provider gives its SIMs: Super SIM's sid, in lists for it and in lists for anybody else."""

from __future__ import annotations

import polars as pl

from domain.findings import Code
from domain.lists import Role
from domain.rules import RowRule
from validation.cells import Form
from validation.facts import form_is_not
from validation.sources import SUPER_SIM


def written_rules() -> tuple[RowRule, ...]:
    """What looks like a sid has to be one of a SIM, whoever the list is for."""
    return (
        RowRule(
            Code.SIM_ID,
            Role.SIM,
            form_is_not(Role.SIM, Form.NEARLY_SIM_ID),
            "“{raw}” is not the sid of a SIM, which is HS (in capitals) and then 32 of the digits 0 to 9 and a to f.",
            "Copy the sid from the provider's console, or give the SIM's ICCID.",
            SUPER_SIM,
        ),
    )


def foreign_rules(suggestion: str) -> tuple[RowRule, ...]:
    """A sid where there is nobody to know it."""
    return (
        RowRule(
            Code.SIM_ID,
            Role.SIM,
            form_is_not(Role.SIM, Form.SIM_ID),
            "“{raw}” is the sid of a SIM, an id that Super SIM (Twilio, KORE) gives it and nobody else knows.",
            suggestion,
            SUPER_SIM,
        ),
    )


def single_rules() -> tuple[RowRule, ...]:
    """A sid is no end of a range: the next one belongs to any SIM."""
    return (
        RowRule(
            Code.SIM_ID,
            Role.SIM,
            form_is_not(Role.SIM, Form.SIM_ID) | ~pl.col("is_range"),
            "The row is a range, and “{raw}” is a sid: a range runs from ICCID to ICCID.",
            "Give each SIM a row of its own, or both ends of the range as ICCIDs.",
            SUPER_SIM,
        ),
    )
