"""From a list to a plan: the steps of `simferry plan`, each a task of the engine."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from domain.errors import UsageError
from domain.inventory import Side
from domain.limits import Limits
from domain.lists import ListLimits, Sheet, Verdict
from domain.orders import Options
from domain.plan import ListFacts, Plan, Step, sealed, steps_digest, utc_text
from domain.planning import Terms, make_plan
from inputs.read import read_list
from journal.claims import Claims
from journal.files import write_frame
from journal.folder import new_run
from journal.run_folder import RunFolder
from providers.protocol import Reader, Survey, Traits
from tasks import artifacts, dry_run
from tasks.accounts import Pair, Parties
from tasks.asked import ListAsked, MoveAsked, Surroundings
from tasks.clock import WallClock
from tasks.grouping import grouped
from tasks.kinds import reading, touching
from tasks.voice import voice
from validation.judge import judge
from validation.survivors import name_survivors
from validation.tables import move_rules, parts_of, statuses_of

CALLS_PER_BATCH = 2  # the look before, and the change itself


@dataclass(frozen=True, slots=True)
class Seen:
    """What both accounts held when the plan was made, and sentences on what was checked before they were read."""

    source: Survey
    target: Survey
    preflight: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """Steps (STEPS) with the numbers and permissions they were made under, and sentences on their groups."""

    steps: pl.DataFrame
    options: Options
    limits: Limits
    groups: tuple[str, ...] = ()


@reading(name="read the list")
def read(list_path: str, asked: ListAsked) -> Sheet:
    """The list as text with the kinds of its cells; raises `ListError`."""
    path = Path(list_path)
    voice().say(f"Reading {path.name} …")
    return read_list(path, asked.reading())


@reading(name="judge its rows")
def judged(sheet: Sheet, provider: str, asked: ListAsked) -> Verdict:
    """Accepted lines and findings by the provider's rules."""
    verdict = judge(sheet, provider, ListLimits(expanded_sims_max=asked.range_limit))
    voice().say(f"{verdict.rows_read:,} rows: {verdict.rows_accepted:,} accepted, {verdict.rows_rejected:,} rejected.")
    return verdict


@reading(name="survey both accounts")
def survey(reader: Reader, lines: pl.DataFrame) -> Seen:
    """What source and target hold of these lines (LINES) at least, after the provider has said who we are."""
    preflight = reader.preflight()
    return Seen(*both_accounts(reader, lines), preflight)


def both_accounts(reader: Reader, wanted: pl.DataFrame) -> tuple[Survey, Survey]:
    """Source and target, read side by side: whole, or as far as `wanted` (LINES or STEPS) needs."""
    heard = voice()
    titles = {side: f"Survey of the {side}, SIMs" for side in (Side.SOURCE, Side.TARGET)}
    bars = {side: artifacts.progress(title) for side, title in titles.items()}

    def look(side: Side) -> Survey:
        def tell(done: int, of: int) -> None:
            heard.progress(titles[side], done, of)
            bars[side].update(done, of)

        return reader.survey(side, tell, wanted)

    heard.say("Surveying both accounts …")
    with ThreadPoolExecutor(max_workers=2) as pool:
        source, target = pool.map(look, (Side.SOURCE, Side.TARGET))
    heard.say(f"Read {source.sims.height:,} SIMs of the source and {target.sims.height:,} of the target.")
    return source, target


@reading(name="draft the plan")
def draft(
    reader: Reader, lines: pl.DataFrame, seen: Seen, moving: MoveAsked, pair: Pair, around: Surroundings
) -> Draft:
    """One step per line, before the provider was asked; SIMs of other live runs are refused.

    Raises `UsageError` for batches larger than the provider's requests, and for groups that are not there.
    """
    traits = reader.traits
    limits = fitting(moving.limits(traits.settle_s, traits.calls_in_flight), traits)
    options = replace(moving.options(), inactive_moves=pair.source.flags.get("inactive_moves", False))
    if options.allowed_statuses is not None:  # else the provider would not know the word, and be told nothing
        options = replace(options, allowed_statuses=statuses_of(traits.name, options.allowed_statuses))
    rules = move_rules(traits.name, options)
    grouping = grouped(reader, moving.grouping(), seen.source.sims, lines)
    with Claims.open(around.journal_url, around.home) as claims:
        held = claims.held(traits.name)
    terms = Terms(
        rules=rules,
        held=held,
        live_statuses=traits.live_statuses,
        limits=limits,
        parts=parts_of(traits.name, options),
        groups=grouping.groups,
        names_taken=_names_taken(reader, lines, seen),
    )
    return Draft(make_plan(lines, seen.source.sims, seen.target.sims, terms), options, limits, grouping.words)


def _names_taken(reader: Reader, lines: pl.DataFrame, seen: Seen) -> frozenset[str]:
    """Names of the list's SIMs that another SIM of the target has already."""
    source, target = seen.source.sims, seen.target.sims
    listed = pl.col("key").is_in(lines["key"].drop_nulls().implode()) | pl.col("sim_id").is_in(
        lines["sim_id"].drop_nulls().implode()
    )
    named = source.filter(pl.col("name").is_not_null() & listed).select("name")
    if named.is_empty():
        return frozenset()
    if seen.target.whole:
        return frozenset(named.join(target.select("name"), on="name", how="semi")["name"])
    return reader.names_taken(named["name"].to_list())


def fitting(limits: Limits, traits: Traits) -> Limits:
    """The limits, where a batch is one call of the provider's or one call per SIM; raises `UsageError` otherwise."""
    largest = max(limits.batch_sims, limits.canary_sims)
    if 1 < traits.sims_per_call < largest:
        raise UsageError(
            f"{traits.name} takes {traits.sims_per_call} SIMs per request, and a batch of {largest:,} was asked for. "
            f"Give --batch and --canary numbers up to {traits.sims_per_call}."
        )
    return limits


@reading(name="dry-run every batch")
def tried(reader: Reader, made: Draft) -> Draft:
    """The draft after every batch of it was put to the provider with nothing to be done."""
    batches = made.steps["batch"].n_unique() - made.steps["batch"].has_nulls()
    voice().say(f"Dry run of {made.steps['batch'].count():,} SIMs in {batches:,} batches …")
    return replace(made, steps=dry_run.dry_run(reader, made.steps, made.options))


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
        plan = _plan(folder, reader, parties, sheet, verdict, seen, made)
        folder.save_plan(plan, made.steps)
    except BaseException:
        shutil.rmtree(folder.path)  # a run without a plan is none
        raise
    text = artifacts.counted(f"Plan {plan.run}", plan.counts, f"Fingerprint {plan.fingerprint[:16]}")
    artifacts.final(plan.run, text, folder.plan)
    return folder.name


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
    calls = _calls(traits, batches, moves)
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
            guarantee=traits.guarantee,
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


def _calls(traits: Traits, batches: int, moves: pl.DataFrame) -> int:
    """About how many calls the plan takes: per batch, or one per part of each SIM's way and a tenth for reads."""
    if traits.sims_per_call > 1:
        return batches * CALLS_PER_BATCH
    parts = int(moves["parts"].str.count_matches(r"\w+").sum())
    return parts + parts // 10 + batches


def _facts(sheet: Sheet, verdict: Verdict) -> ListFacts:
    """What a plan remembers of the list it was made from."""
    rows = verdict.rows_read, verdict.rows_accepted, verdict.rows_rejected
    return ListFacts(sheet.name, sheet.sha256, sheet.sheet, sheet.details, *rows)
