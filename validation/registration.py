"""The judge of lists to register SIMs by: an ICCID and a code on each row, and no finding that shows a code."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from domain.codes import Codes, hidden_codes
from domain.lists import IDENTIFIERS, KIND_TYPE, Kind, ListLimits, Sheet, Verdict
from validation.facts import state_facts
from validation.judge import judge_facts
from validation.tables import registration_rules


def judge_registration(sheet: Sheet, codes: Codes, provider: str, limits: ListLimits) -> Verdict:
    """Every row of `sheet` as an accepted line with an ICCID and a good code, or rejected with findings.

    LINES hold no code: `codes.of(row)` has one for each of them. Cells of identifiers that may be codes, as where two
    columns were swapped, are hidden before they are judged, so that they are in no finding and in no rejected row.
    Raises UsageError for a provider at which nobody registers SIMs, and what `judge` raises.
    """
    rules = registration_rules(provider, limits)
    shown = replace(sheet, rows=sheet.rows.with_columns(hidden_codes(pl.col(role)).alias(role) for role in IDENTIFIERS))
    facts = state_facts(shown.rows).join(codes.shapes(), on="row", how="left", maintain_order="left")
    empty = pl.col("code_kind").fill_null(pl.lit(Kind.EMPTY, KIND_TYPE))
    return judge_facts(shown, facts.with_columns(empty), rules, limits)
