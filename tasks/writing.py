"""A plan put into a new run's folder, with everything that it was made from."""

from __future__ import annotations

import shutil

import polars as pl

from domain.inventory import Side
from domain.lists import Sheet, Verdict
from domain.plan import ListFacts, Plan, Step, sealed, steps_digest, utc_text
from journal.files import write_frame
from journal.folder import new_run
from journal.run_folder import RunFolder
from providers.protocol import Reader
from reports.foreseen import SETTINGS_FILE, write_foreseen
from reports.support_pack import write_support_pack
from reports.support_request import sims_of_steps
from tasks import artifacts
from tasks.accounts import Parties
from tasks.asked import Surroundings
from tasks.clock import WallClock
from tasks.drafting import Draft
from tasks.estimate import calls_of
from tasks.kinds import touching
from tasks.support import asked_of_support
from tasks.surveying import Seen
from validation.survivors import name_survivors


@touching(name="write the plan")
def write_plan(
    reader: Reader,
    parties: Parties,
    sheet: Sheet,
    verdict: Verdict,
    seen: Seen,
    made: Draft,
    around: Surroundings,
) -> str:
    """Put everything into a new run's folder, the plan last; the run's name."""
    folder = new_run(around.home, sheet.path, WallClock().now())
    try:
        folder.pin(sheet.path, sheet.sha256)
        folder.save_sheet(sheet)
        write_frame(folder.findings, name_survivors(verdict.findings, seen.source.sims))
        write_frame(folder.rejected, verdict.rejected)
        write_frame(folder.lines, verdict.lines)
        write_frame(folder.survey_source, seen.source.sims)
        write_frame(folder.survey_target, seen.target.sims)
        _save_settings(folder, reader, parties, seen, made)
        plan = _plan(folder, reader, parties, sheet, verdict, seen, made)
        folder.save_plan(plan, made.steps)
    except BaseException:
        shutil.rmtree(folder.path)  # a run without a plan is none
        raise
    text = artifacts.counted(f"Plan {plan.run}", plan.counts, f"Fingerprint {plan.fingerprint[:16]}")
    artifacts.final(plan.run, text, folder.plan)
    return folder.name


def _save_settings(folder: RunFolder, reader: Reader, parties: Parties, seen: Seen, made: Draft) -> None:
    """Keep what SIMs of the plan are set to, tell what becomes of it, and write what support has to be asked for."""
    going = made.steps.filter(pl.col("step").is_in([str(Step.MOVE), str(Step.ASSIST)]))
    settings = seen.source.settings.filter(pl.col("key").is_in(going["key"].implode()))
    if reader.traits.token_life_s is None:
        return
    write_frame(folder.settings_planned, settings)
    write_foreseen(going, settings, folder.path / SETTINGS_FILE, restores=made.options.restores)
    request = asked_of_support(
        folder.name, reader, parties, sims_of_steps(made.steps, settings, reader.groups(Side.SOURCE)), settings
    )
    if request.sims.height:
        write_support_pack(request, folder.path)


def _plan(
    folder: RunFolder,
    reader: Reader,
    parties: Parties,
    sheet: Sheet,
    verdict: Verdict,
    seen: Seen,
    made: Draft,
) -> Plan:
    """All that a person approves, sealed."""
    traits, steps = reader.traits, made.steps
    batches = steps["batch"].drop_nulls().n_unique()
    stands = steps.filter(pl.col("step") != Step.MOVE)
    moves = steps.filter(pl.col("step") == Step.MOVE)
    ways = moves.group_by("parts").len().sort("parts")
    calls = calls_of(traits, steps, made.options, seen.source.settings)
    return sealed(
        Plan(
            run=folder.name,
            made_at=utc_text(WallClock().now()),
            provider=traits.name,
            source=parties.source,
            target=parties.target,
            list=_facts(sheet, verdict),
            options=made.options,
            limits=made.limits,
            counts={str(step): int((steps["step"] == step).sum()) for step in Step},
            reasons={str(code): int(count) for code, count in stands.group_by("code").len().sort("code").iter_rows()},
            batches=batches,
            guarantee=str(traits.guarantee),
            consequences=reader.consequences(steps, made.options),
            checked=traits.checked,
            preflight=(*seen.preflight, *filter(None, (seen.source.how, seen.target.how))),
            calls_estimated=calls,
            seconds_estimated=calls * traits.seconds_per_call / made.limits.calls_in_flight,
            steps_sha256=steps_digest(steps),
            ways={str(parts): int(sims) for parts, sims in ways.iter_rows()},
            groups=made.groups,
            parent=parties.parent,
        )
    )


def _facts(sheet: Sheet, verdict: Verdict) -> ListFacts:
    """What a plan remembers of the list it was made from."""
    rows = verdict.rows_read, verdict.rows_accepted, verdict.rows_rejected
    return ListFacts(sheet.name, sheet.sha256, sheet.sheet, sheet.details, *rows)
