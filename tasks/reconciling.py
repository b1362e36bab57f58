"""The steps of `simferry reconcile` as tasks of the engine: nothing here has hands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from domain.batches import batch_table
from domain.findings import reasons_of
from domain.inventory import SIGHTS, Side, sights_of
from domain.orders import Part
from domain.outcomes import Outcome, totals
from domain.plan import utc_text
from domain.queue import sims_of
from domain.reconciling import reconcile
from domain.state import run_state
from inputs.registration import without_codes
from journal.approval import approval_of
from providers.protocol import Reader
from reports.balance import closing_lines
from reports.run_report import Approved, RunReport, Stopped, list_file
from reports.write import write_reports
from tasks import artifacts, crossing, handing_rounds
from tasks.aboard import Aboard, release
from tasks.crossing import FOUND_BY_NAME_MAX
from tasks.kinds import reading, touching
from tasks.surveying import NO_SOURCE, account_now, both_accounts
from tasks.transfer_report import with_transfer
from tasks.voice import voice


@reading(name="settle what is in doubt")
def settle(aboard: Aboard) -> None:
    """Settle what is in doubt, and read back what was said to have moved and was not seen."""
    if aboard.plan.limits.token_life_s > 0:
        handing_rounds.settle_doubts(aboard.voyage, aboard.steps, aboard.deeds, aboard.tokens(), 0.0)
    else:
        crossing.settle_doubts(aboard.voyage, aboard.steps, aboard.deeds())


@dataclass(frozen=True, slots=True)
class Looked:
    """Where every SIM of a plan is (SIGHTS), and what those in the target are set to (SETTINGS)."""

    sights: pl.DataFrame
    settings: pl.DataFrame


@reading(name="survey again")
def look(aboard: Aboard) -> Looked:
    """How every SIM of the plan is now, by a fresh survey of its accounts."""
    reader, steps = aboard.voyage.reader, aboard.steps
    if aboard.plan.is_registration:
        source, target = NO_SOURCE, account_now(reader, steps)
    else:
        source, target = both_accounts(reader, steps)
    sights = found_again(reader, steps, sights_of(steps["key"], source.sims, target.sims))
    return Looked(sights, target.settings.filter(pl.col("key").is_in(steps["key"].drop_nulls().implode())))


def found_again(reader: Reader, steps: pl.DataFrame, sights: pl.DataFrame) -> pl.DataFrame:
    """The sights (SIGHTS), where SIMs of the plan that no survey showed were looked for once more, by name.

    A list whose pages move while they are read can pass over a SIM and still add up.
    """
    nowhere = sights.filter(pl.col("side") == Side.NOWHERE)
    sought = pl.col("sim_id").is_not_null() | (pl.col("parts") == Part.REGISTER)
    lost = steps.filter(sought).join(nowhere, on="key", how="semi").unique("key")
    if not 0 < lost.height <= FOUND_BY_NAME_MAX:
        return sights
    found = [(s.key, s.side, s.sim_id, s.status, s.device_id, s.group) for s in reader.find(sims_of(lost))]
    return sights.join(lost, on="key", how="anti").vstack(pl.DataFrame(found, schema=SIGHTS, orient="row"))


@reading(name="balance the list")
def balance(aboard: Aboard, looked: Looked) -> pl.DataFrame:
    """One outcome per line of the list (OUTCOMES)."""
    outcomes = reconcile(
        aboard.steps,
        _rejected(aboard),
        aboard.deeds(),
        looked.sights,
        aboard.voyage.course,
        aboard.tokens().issued(),
    )
    return advised(outcomes, aboard.voyage.reader)


def advised(outcomes: pl.DataFrame, reader: Reader) -> pl.DataFrame:
    """The outcomes (OUTCOMES), where what a person can do about a declined change comes before its next step."""
    declined = pl.col("outcome") == Outcome.DECLINED
    codes = outcomes.filter(declined)["code"].drop_nulls().unique()
    known = {code: words for code in codes if (words := reader.advice(code))}
    advice = pl.col("code").replace_strict(known, default=None, return_dtype=pl.String)
    both = pl.concat_str(advice, "next_step", separator=" ", ignore_nulls=True)
    return outcomes.with_columns(pl.when(declined).then(both).otherwise("next_step").alias("next_step"))


@touching(name="write the reports")
def write(aboard: Aboard, outcomes: pl.DataFrame, looked: Looked) -> tuple[Path, ...]:
    """Write the reports into the run's folder, and show where they are."""
    voice().say("Writing the reports …")
    report = with_transfer(_report(aboard, outcomes), aboard, looked.sights, looked.settings)
    files = write_reports(report, aboard.folder.path)
    counts = {str(outcome): sims for outcome, sims in totals(outcomes).items()}
    text = artifacts.counted(f"Reconciliation of {aboard.plan.run}", counts, closing_lines(outcomes))
    artifacts.final(aboard.plan.run, text, files[0])
    return files


@touching(name="let go of SIMs")
def let_go(aboard: Aboard) -> None:
    """Let other runs plan the SIMs about which everything is known."""
    release(aboard)


def _rejected(aboard: Aboard) -> pl.DataFrame:
    """Rejected rows with the first error of each as code, reason and next step."""
    first = reasons_of(aboard.folder.load_frame(aboard.folder.findings))
    return aboard.folder.load_frame(aboard.folder.rejected).join(first, on="row", how="left", maintain_order="left")


def _report(aboard: Aboard, outcomes: pl.DataFrame) -> RunReport:
    """All that the reports are made from."""
    folder, plan, reader = aboard.folder, aboard.plan, aboard.voyage.reader
    given = approval_of(folder)
    state = run_state(aboard.journal.events())
    sheet = folder.load_sheet()
    settings = asdict(plan.limits) | asdict(plan.options) | {"who reconciled": aboard.around.who}
    return RunReport(
        plan=plan,
        list=list_file(sheet, sheet.path if plan.is_registration else folder.pinned),
        outcomes=outcomes,
        findings=folder.load_frame(folder.findings),
        batches=batch_table(aboard.journal.events()),
        settings=tuple((name.replace("_", " "), str(value)) for name, value in settings.items()),
        live_statuses=reader.traits.live_statuses,
        approved=Approved(given.by, given.at) if given else None,
        reconciled_at=utc_text(aboard.voyage.clock.now()),
        stopped=Stopped(*state.stopped) if state.stopped else None,
        groups=pl.concat([reader.groups(Side.TARGET), reader.groups(Side.SOURCE)]).unique("group", keep="first"),
        history=folder.all_history(),
        shown=without_codes(sheet) if plan.is_registration and sheet.path.is_file() else None,
    )
