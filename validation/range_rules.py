"""The common rules for the two ends of a range."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.findings import Code
from domain.identifiers import ISSUER_DIGITS
from domain.lists import ListLimits, Role
from domain.rules import RowRule
from validation.facts import is_iccid
from validation.number_rules import is_issued
from validation.sources import E118, OURS


def range_rules(limits: ListLimits) -> Iterator[RowRule]:
    """What the two ends of a range must have in common; each rule speaks where those before it hold."""
    both = pl.col("is_range") & is_iccid(Role.SIM).fill_null(False) & is_iccid(Role.END).fill_null(False)
    same_length = pl.col("sim_length") == pl.col("end_length")
    same_issuer = pl.col("sim_digits").str.head(ISSUER_DIGITS) == pl.col("end_digits").str.head(ISSUER_DIGITS)
    issued = is_issued(Role.SIM) & is_issued(Role.END)
    ordered = pl.col("end_body") >= pl.col("sim_body")
    no_pair = ~both | ~same_length
    yield RowRule(
        Code.RANGE_LENGTH,
        Role.END,
        ~both | same_length,
        "The range begins with {sim_length} digits and ends with {end_length}.",
        "Write both ends the same way: both with the check digit (20), or both without it (19).",
        E118,
    )
    yield RowRule(
        Code.RANGE_ISSUER,
        Role.END,
        no_pair | ~issued | same_issuer,
        "The range begins at {sim_digits} and ends at {end_digits}: their first seven digits, the issuer, differ.",
        "Give one range for each issuer.",
        E118,
    )
    yield RowRule(
        Code.RANGE_REVERSED,
        Role.END,
        no_pair | ~issued | ~same_issuer | ordered,
        "The range ends at {end_digits}, before it begins at {sim_digits}.",
        "Swap the two, after making sure that both are meant.",
        OURS,
    )
    yield RowRule(
        Code.RANGE_TOO_LONG,
        Role.END,
        no_pair | ~issued | ~same_issuer | ~ordered | (pl.col("range_sims") <= limits.range_sims_max),
        f"The range stands for {{range_sims:,}} SIMs; one range may stand for {limits.range_sims_max:,}.",
        "Check its ends; split it if it is meant.",
        OURS,
    )
