"""From a list to a plan: the steps of `simferry plan`, each a task of the engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from domain.inventory import Side
from domain.lists import ListLimits, Sheet, Verdict
from inputs.read import Asked, read_list
from providers.protocol import Reader
from tasks.asked import ListAsked
from tasks.kinds import reading
from tasks.voice import voice
from validation.judge import judge

SECONDS_PER_CALL = 0.5  # a rough time for one call with its look; the estimate is for a person, not for a clock


@reading(name="read the list")
def read(list_path: Path, asked: ListAsked) -> Sheet:
    """The list as text with the kinds of its cells; raises `ListError`."""
    voice().say(f"Reading {list_path.name} …")
    return read_list(list_path, Asked(asked.sheet, asked.column, asked.imsi_column, asked.end_column))


@reading(name="judge its rows")
def judged(sheet: Sheet, provider: str, asked: ListAsked) -> Verdict:
    """Accepted lines and findings by the provider's rules."""
    return judge(sheet, provider, ListLimits(expanded_sims_max=asked.range_limit))


@reading(name="survey both accounts")
def survey(reader: Reader) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What source and target hold (INVENTORY, INVENTORY), read side by side."""

    def whole(side: Side) -> pl.DataFrame:
        heard = voice()
        return reader.survey(side, lambda done, of: heard.progress(f"Survey of the {side}, SIMs", done, of))

    from contextvars import copy_context

    with ThreadPoolExecutor(max_workers=2) as pool:
        source = pool.submit(copy_context().run, whole, Side.SOURCE)
        target = pool.submit(copy_context().run, whole, Side.TARGET)
        return source.result(), target.result()
