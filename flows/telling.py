"""What the command line says of findings, plans and outcomes, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

import polars as pl

from domain.findings import Severity
from domain.lists import Sheet, Verdict
from domain.outcomes import Outcome, totals
from domain.plan import Party, Plan, Reason, Step

FINDINGS_SHOWN_PER_CODE = 3
REASONS_SHOWN_MAX = 12
MINUTE_S = 60
HOUR_S = 3600
LINE_MAX = 116  # characters
CELL_SHOWN, RAW_SHOWN = 8, 24  # characters of a cell's name and of what is in it


def of_list(sheet: Sheet, verdict: Verdict) -> str:
    """The list in a line, then the first findings of each code, then how many rows there are of each kind."""
    where = f", sheet “{sheet.sheet}”" if sheet.sheet else ""
    roles = ", ".join(
        f"{role} in column {column.letter} {f'“{column.heading}”' if column.heading else '(no heading)'}"
        for role, column in sheet.roles.items()
    )
    lines = [f"{sheet.name}{where} ({sheet.details}): {roles}"]
    if sheet.from_report:
        lines.append("This list is a report of simferry that came back; its simferry columns are not read.")
    lines += _findings(verdict.findings)
    lines += [
        "",
        _rows(verdict.rows_read, verdict.rows_accepted, verdict.rows_rejected) + f"; {_sims(verdict.lines.height)}",
    ]
    return "\n".join(lines)


def of_plan(plan: Plan) -> str:
    """The plan's summary, as a person reads it before approving."""
    counts, listed = plan.counts, plan.list
    where = f", sheet “{listed.sheet}”" if listed.sheet else ""
    return "\n".join(
        [
            f"Plan {plan.run}",
            f"  {plan.provider}: {_party(plan.source)} → {_party(plan.target)} at {plan.target.base_url}",
            f"  {listed.file}{where}: {_rows(listed.rows_read, listed.rows_accepted, listed.rows_rejected)}",
            "",
            f"  MOVE    {counts[Step.MOVE]:>9,}  {_batches(plan)}".rstrip(),
            f"  LEAVE   {counts[Step.LEAVE]:>9,}  already where they should be",
            f"  REFUSE  {counts[Step.REFUSE]:>9,}  {_reasons(plan.reasons)}".rstrip(),
            *([f"  ASSIST  {counts[Step.ASSIST]:>9,}"] if counts[Step.ASSIST] else []),
            "",
            *_points("What comes with it", plan.consequences),
            *_points("Checked before", plan.preflight),
            *_points("Checked here", plan.checked.here),
            *_points("Checked by the provider", plan.checked.by_provider),
            *_points("Cannot be known before", plan.checked.unknown),
            *_points("Why nothing moves twice", (plan.guarantee,)),
            *_points("Settings", _settings(plan)),
            f"  About {plan.calls_estimated:,} calls, {_duration(plan.seconds_estimated)} at least.",
            f"  Made {plan.made_at[:16]}Z, fingerprint {plan.fingerprint[:16]}.",
        ]
    )


def of_outcomes(outcomes: pl.DataFrame, closing: str) -> str:
    """SIMs per outcome with the codes behind them, and the sum."""
    codes = outcomes.group_by("outcome", "code").len().sort("len", descending=True)
    lines = []
    for outcome, count in totals(outcomes).items():
        if count:
            of_this = codes.filter(pl.col("outcome") == outcome, pl.col("code") != Reason.ELIGIBLE)
            named = " · ".join(f"{code} {sims:,}" for code, sims in of_this.select("code", "len").iter_rows())
            lines.append(f"  {outcome.replace('_', ' '):<12} {count:>9,}  {named}".rstrip())
    return "\n".join([*lines, "", closing])


def of_counts(counts: Mapping[Outcome, int]) -> str:
    """Outcomes and their counts in one line."""
    return ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items() if count)


def _findings(findings: pl.DataFrame) -> Iterator[str]:
    for code, group in findings.group_by("code", maintain_order=True):
        first = group.row(0, named=True)
        mark = "rejected" if first["severity"] == Severity.ERROR else "accepted, with a warning"
        yield ""
        yield f"{code[0]}: {group.height:,} {'row' if group.height == 1 else 'rows'} {mark}"
        for finding in group.head(FINDINGS_SHOWN_PER_CODE).iter_rows(named=True):
            raw = _clipped(finding["raw"] or "")
            head = f"  {finding['cell']:<{CELL_SHOWN}} {raw:<{RAW_SHOWN}} "
            yield _wrapped(head + finding["sentence"], len(head))
        if group.height > FINDINGS_SHOWN_PER_CODE:
            yield f"  … and {group.height - FINDINGS_SHOWN_PER_CODE:,} more"
        if first["suggestion"]:
            yield _wrapped(f"  → {first['suggestion']}", 4)


def _clipped(raw: str) -> str:
    """A cell in one line, as much as fits its column: ranges are a single word, and longer."""
    line = " ".join(raw.split())
    return line if len(line) <= RAW_SHOWN else line[: RAW_SHOWN - 1] + "…"


def _reasons(reasons: Mapping[str, int]) -> str:
    named = sorted(
        ((code, count) for code, count in reasons.items() if code != Reason.ALREADY_THERE), key=lambda item: -item[1]
    )
    more = f" · {len(named) - REASONS_SHOWN_MAX} more reasons" if len(named) > REASONS_SHOWN_MAX else ""
    return " · ".join(f"{code} {count:,}" for code, count in named[:REASONS_SHOWN_MAX]) + more


def _rows(read: int, accepted: int, rejected: int) -> str:
    return f"{read:,} {'row' if read == 1 else 'rows'} = {accepted:,} accepted + {rejected:,} rejected"


def _sims(count: int) -> str:
    return f"{count:,} {'SIM' if count == 1 else 'SIMs'}"


def _party(party: Party) -> str:
    return f"{party.name} ({party.account_id})"


def _batches(plan: Plan) -> str:
    canary = f"the first {plan.limits.canary_sims} SIMs are read back before the rest goes"
    batches = f"{plan.batches:,} {'batch' if plan.batches == 1 else 'batches'}"
    return f"in {batches} of at most {plan.limits.batch_sims}; {canary}" if plan.batches else ""


def _settings(plan: Plan) -> tuple[str, ...]:
    limits, options = plan.limits, plan.options
    statuses = ", ".join(options.allowed_statuses) if options.allowed_statuses else "as the provider's rules say"
    devices = "detached" if options.detach_devices else "refused"
    declined, asked = f"{limits.breaker_declined_share:.0%}", limits.breaker_attempted_min
    return (
        f"allowed statuses: {statuses}; attached devices: {devices}",
        f"requests at once: {limits.calls_in_flight}; read back at once: {limits.spot_sims} SIMs of each batch",
        f"doubt is settled after {limits.settle_s:g} s; stale after {limits.stale_after_s / HOUR_S:g} h",
        f"stops where more than {declined} are declined, once {asked} were asked for",
    )


def _points(title: str, sentences: tuple[str, ...]) -> list[str]:
    return [f"  {title}:", *(_point(sentence) for sentence in sentences), ""] if sentences else []


def _point(sentence: str) -> str:
    return _wrapped(f"    · {sentence}", 6)


def _wrapped(text: str, indent: int) -> str:
    return textwrap.fill(text, LINE_MAX, subsequent_indent=" " * indent, break_long_words=False)


def _duration(seconds: float) -> str:
    if seconds < MINUTE_S:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / MINUTE_S:.0f} min" if seconds < HOUR_S else f"{seconds / HOUR_S:.1f} h"
