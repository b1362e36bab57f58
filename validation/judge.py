"""The judge: a list goes in, accepted SIMs and findings come out, and no row is lost.

rows ─► facts ─► rules for one row ─► rules for ranges together ─► duplicates ─► lines
                      │                        │                       │
                      └──────────── findings ──┴───────────────────────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from domain.errors import ListError
from domain.findings import FINDINGS, Severity
from domain.lists import ListLimits, Sheet, Verdict
from domain.rules import RowRule
from validation.duplicates import with_first_rows
from validation.expand import lines_of, sims_of
from validation.facts import state_facts
from validation.list_rules import duplicate_rules, total_rules
from validation.numbering import Numbering
from validation.schema import failures
from validation.switched_off import refuse_if_switched_off
from validation.tables import numbering_of, row_rules
from validation.wording import findings_of


@dataclass(frozen=True, slots=True)
class _Heard:
    """What one table of rules left standing, and what it found."""

    standing: pl.DataFrame
    findings: pl.DataFrame


def judge(sheet: Sheet, provider: str | None, limits: ListLimits) -> Verdict:
    """Every row of `sheet` as accepted LINES, or rejected with findings that say why.

    `provider` None: the common rules only. Findings come in the order of the list. Raises UsageError for an unknown
    provider or with pandera's checks switched off, ListError for more rows than `limits` has.
    """
    numbering = numbering_of(provider)
    facts = state_facts(sheet.rows, numbering)
    return judge_facts(sheet, facts, row_rules(provider, limits), limits, numbering)


def judge_facts(
    sheet: Sheet,
    facts: pl.DataFrame,
    rules: Sequence[RowRule],
    limits: ListLimits,
    numbering: Numbering = Numbering.BODY,
) -> Verdict:
    """The same by `rules` for one row over `facts`, which are those of `sheet.rows` and whatever the rules ask for."""
    heard = _row_by_row(sheet, facts, rules, limits)
    sims = sims_of(heard.standing, numbering)
    unique = _hear(sheet, with_first_rows(heard.standing, sims), duplicate_rules())
    found = pl.concat([heard.findings, unique.findings]).sort("place", maintain_order=True)
    return _verdict(sheet, _Heard(unique.standing, found), sims, numbering)


def judge_register(sheet: Sheet, limits: ListLimits) -> Verdict:
    """The rows of a register by the common rules; a SIM may be on several rows, which is for the audit to say."""
    heard = _row_by_row(sheet, state_facts(sheet.rows), row_rules(None, limits), limits)
    return _verdict(sheet, heard, sims_of(heard.standing, Numbering.BODY), Numbering.BODY)


def _row_by_row(sheet: Sheet, facts: pl.DataFrame, rules: Sequence[RowRule], limits: ListLimits) -> _Heard:
    """What each row says by itself, and how much its ranges come to with those before it."""
    refuse_if_switched_off()
    _refuse_long(sheet, limits)
    single = _hear(sheet, facts, rules)
    ranges = _hear(sheet, _with_range_total(single.standing), total_rules(limits))
    found = pl.concat([single.findings, ranges.findings]).sort("place", maintain_order=True)
    return _Heard(ranges.standing, found)


def _verdict(sheet: Sheet, heard: _Heard, sims: pl.DataFrame, numbering: Numbering) -> Verdict:
    rejected = _rejected(sheet, heard.findings)
    _balance(sheet.rows.height, heard.standing.height, rejected.height)
    return Verdict(
        lines=lines_of(heard.standing, sims, numbering),
        findings=heard.findings.select(FINDINGS.names()),
        rejected=rejected,
        rows_read=sheet.rows.height,
        rows_accepted=heard.standing.height,
        rows_rejected=rejected.height,
    )


def _refuse_long(sheet: Sheet, limits: ListLimits) -> None:
    if sheet.rows.height > limits.rows_max:
        raise ListError(
            f"{sheet.name} has {sheet.rows.height:,} rows; a list may have {limits.rows_max:,}. Split it into several."
        )


def _balance(read: int, accepted: int, rejected: int) -> None:
    if accepted + rejected != read:
        raise RuntimeError(f"{read} rows were read, {accepted} accepted and {rejected} rejected: rows went astray")


def _hear(sheet: Sheet, frame: pl.DataFrame, rules: Sequence[RowRule]) -> _Heard:
    broken = failures(frame, rules)
    findings = findings_of(sheet, frame, broken, rules).sort("place", "rule")
    out = findings.filter(pl.col("severity") == Severity.ERROR).select("place").unique()
    standing = frame.join(out, on="place", how="anti", maintain_order="left") if out.height else frame
    return _Heard(standing, findings)


def _with_range_total(frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `range_total`: SIMs of this range and all before it; each is within its own limit, so the sum is no wrap."""
    return frame.with_columns(pl.col("range_sims").fill_null(0).cum_sum().alias("range_total"))


def _rejected(sheet: Sheet, found: pl.DataFrame) -> pl.DataFrame:
    """`row` and `raw` (what the row had for an identifier) of the rows with at least one error, in list order."""
    errors = found.filter(pl.col("severity") == Severity.ERROR).select("row").unique()
    sim = pl.concat_str("sim", "end", separator=" – ", ignore_nulls=True)
    raw = pl.when(sim != "").then(sim).otherwise(pl.col("imsi").fill_null(""))
    return sheet.rows.join(errors, on="row", how="semi", maintain_order="left").select("row", raw.alias("raw"))
