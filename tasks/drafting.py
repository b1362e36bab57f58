"""From a list to a plan: the steps of `simferry plan`, each a task of the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from domain.errors import UsageError
from domain.limits import Limits
from domain.lists import ListLimits, Sheet, Verdict
from domain.orders import Options
from domain.plan import Step
from domain.planning import Terms, make_plan
from inputs.read import read_list
from journal.claims import Claims
from providers.protocol import Reader, Traits
from reports.words import plural
from tasks import dry_run
from tasks.accounts import Pair
from tasks.asked import ListAsked, MoveAsked, Surroundings
from tasks.grouping import grouped, ungrouped
from tasks.kinds import reading
from tasks.surveying import Seen
from tasks.voice import voice
from validation.judge import judge
from validation.tables import move_rules, parts_of, statuses_of


@dataclass(frozen=True, slots=True)
class Draft:
    """Steps (STEPS) with the numbers and permissions they were made under, and sentences on their groups.

    `groups_anyway` are those that are true also where no SIM moves.
    """

    steps: pl.DataFrame
    options: Options
    limits: Limits
    groups: tuple[str, ...] = ()
    groups_anyway: tuple[str, ...] = ()


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
    voice().say(
        f"{plural(verdict.rows_read, 'row')}: {verdict.rows_accepted:,} accepted, {verdict.rows_rejected:,} rejected."
    )
    return verdict


@reading(name="draft the plan")
def draft(
    reader: Reader, lines: pl.DataFrame, seen: Seen, moving: MoveAsked, pair: Pair, around: Surroundings
) -> Draft:
    """One step per line, before the provider was asked; SIMs of other live runs are refused.

    Raises `UsageError` for batches larger than the provider's requests, and for groups that are not there.
    """
    traits = reader.traits
    numbers = moving.numbers.limits(traits.settle_s, traits.calls_in_flight, traits.await_s, traits.token_life_s)
    limits = fitting(numbers, traits)
    accepts = traits.token_life_s is not None and not pair.target.is_blind
    options = replace(
        moving.options(),
        inactive_moves=pair.source.flags.get("inactive_moves", False),
        accepts=accepts,
        restores=accepts and not moving.no_restore,
    )
    if options.allowed_statuses is not None:  # else the provider would not know the word, and be told nothing
        options = replace(options, allowed_statuses=statuses_of(traits.name, options.allowed_statuses))
    rules = move_rules(traits.name, options)
    grouping = (
        ungrouped(pair.target.name, moving.grouping(), traits.group_noun)
        if pair.target.is_blind
        else grouped(reader, moving.grouping(), seen.source.sims, lines)
    )
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
        aliases=pl.concat([seen.source.aliases, seen.target.aliases]),
        source_id=pair.source.account_id,
        target_id=pair.target.account_id,
    )
    steps = make_plan(lines, seen.source.sims, seen.target.sims, terms)
    return Draft(steps, options, limits, grouping.words, grouping.hindrances)


def _names_taken(reader: Reader, lines: pl.DataFrame, seen: Seen) -> frozenset[str]:
    """Names of the list's SIMs that another SIM of the target has already."""
    source, target = seen.source.sims, seen.target.sims
    by_id = pl.col("sim_id").str.to_lowercase().is_in(lines["sim_id"].drop_nulls().str.to_lowercase().implode())
    listed = pl.col("key").is_in(lines["key"].drop_nulls().implode()) | by_id
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
    if batches:
        counted = f"{batches:,} {'batch' if batches == 1 else 'batches'}"
        named = dry_run.named(reader.traits)
        voice().say(f"{named} of {plural(made.steps['batch'].count(), 'SIM')} in {counted} …")
    steps = dry_run.dry_run(reader, made.steps, made.options)
    moves = (steps["step"] == Step.MOVE).any()
    return replace(made, steps=steps, groups=made.groups if moves else made.groups_anyway)
