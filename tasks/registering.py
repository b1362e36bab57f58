"""From a list with codes to a plan that registers its SIMs: the steps of `simferry register`, each a task.

Codes never leave the task that reads them: they are judged, and read again from the run's own copy of the list when
they are to be sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from domain.errors import RefusedToRun
from domain.lists import ListLimits, Sheet, Verdict
from domain.orders import Options, Part
from domain.plan import Step
from domain.registering import plan_registration
from inputs.registration import read_codes, read_registration
from journal.claims import Claims
from journal.run_folder import RunFolder
from providers.protocol import Reader
from reports.words import plural
from tasks.asked import ListAsked, NumbersAsked, Surroundings
from tasks.drafting import Draft, fitting
from tasks.kinds import reading
from tasks.surveying import Seen
from tasks.voice import voice
from validation.registration import judge_registration


@reading(name="read the list and judge its rows")
def read_and_judged(list_path: str, provider: str, asked: ListAsked) -> tuple[Sheet, Verdict]:
    """The list without its codes, and accepted lines and findings; raises `ListError` and `UsageError`."""
    path = Path(list_path)
    voice().say(f"Reading {path.name} …")
    sheet, codes = read_registration(path, asked.reading())
    verdict = judge_registration(sheet, codes, provider, ListLimits(expanded_sims_max=asked.range_limit))
    voice().say(
        f"{plural(verdict.rows_read, 'row')}: {verdict.rows_accepted:,} accepted, {verdict.rows_rejected:,} rejected."
    )
    return sheet, verdict


@reading(name="draft the plan")
def draft(reader: Reader, lines: pl.DataFrame, seen: Seen, numbers: NumbersAsked, around: Surroundings) -> Draft:
    """One step per line, before the account was read again; SIMs of other live runs are refused."""
    traits = reader.traits
    limits = fitting(numbers.limits(traits.settle_s, traits.calls_in_flight), traits)
    with Claims.open(around.journal_url, around.home) as claims:
        held = claims.held(traits.name)
    return Draft(plan_registration(lines, seen.target.sims, held, limits), Options(), limits)


def codes_of(folder: RunFolder, steps: pl.DataFrame) -> Mapping[str, str]:
    """Codes by key of the SIMs that the plan registers, from the run's own copy of the list; none for a move.

    Raises `RefusedToRun` where that copy is gone, or is not the file that was judged.
    """
    moves = steps.filter(pl.col("step") == Step.MOVE, pl.col("parts") == Part.REGISTER)
    if moves.is_empty():
        return {}
    sheet = folder.load_sheet()
    if not sheet.path.is_file():
        raise RefusedToRun(
            f"The list of {folder.name} is no longer in the run's folder, and its registration codes are gone with it. "
            f"Nothing can be sent; what there is by now is told by:  simferry reconcile {folder.name}",
            "codes",
        )
    codes = read_codes(sheet)
    return {key: codes.of(row) for key, row in moves.select("key", "row").iter_rows()}
