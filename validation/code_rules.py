"""The rules for registration codes, none of which shows one: they look at CODE_SHAPES alone."""

from __future__ import annotations

import polars as pl

from domain.codes import CODE_CHARS
from domain.findings import Code
from domain.lists import Kind, Role
from domain.rules import RowRule
from validation.sources import EXCEL, OURS, SUPER_SIM

_COMPARE = "Compare it with the card, and enter it as Text."
_REGISTRATION = f"{SUPER_SIM}, RegistrationCode: ten characters"


def code_rules() -> tuple[RowRule, ...]:
    """Each row has a code, as text, of ten letters and digits."""
    kind = pl.col("code_kind")
    return (
        RowRule(
            Code.EMPTY,
            Role.CODE,
            kind != Kind.EMPTY,
            "The row has no registration code, without which nobody can register its SIM.",
            "Fill in the code that is printed beside the ICCID, or take the row out of the list.",
            _REGISTRATION,
        ),
        RowRule(
            Code.FORMULA,
            Role.CODE,
            ~kind.is_in([Kind.FORMULA, Kind.ERROR]),
            "The cell of the registration code holds a formula without a stored result, or an error value.",
            "Paste the column as values, check them, and save the list again.",
            OURS,
        ),
        RowRule(
            Code.NOT_TEXT,
            Role.CODE,
            ~kind.is_in([Kind.NUMBER, Kind.DATE, Kind.BOOL]),
            "The cell holds {kind}, where a registration code must be text: zeros and letters of it may be lost.",
            _COMPARE,
            EXCEL,
        ),
        RowRule(
            Code.CHARACTERS,
            Role.CODE,
            (kind != Kind.TEXT) | pl.col("code_plain"),
            "The registration code has something in it that is neither a letter from A to Z nor a digit.",
            _COMPARE,
            _REGISTRATION,
        ),
        RowRule(
            Code.LENGTH,
            Role.CODE,
            (kind != Kind.TEXT) | (pl.col("code_length") == CODE_CHARS),
            f"The registration code has {{length}} characters, where one has {CODE_CHARS}.",
            _COMPARE,
            _REGISTRATION,
        ),
    )
