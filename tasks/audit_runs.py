"""Which SIMs runs of ours have carried, so that an audit can say who moved them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.audit.frames import CARRIED
from domain.audit.numbers import sim_number
from domain.errors import FerryError
from domain.outcomes import Outcome
from journal.folder import every_run
from journal.run_folder import RunFolder
from providers import accounts as configured
from tasks.asked import Surroundings
from tasks.voice import voice


def carried(around: Surroundings) -> pl.DataFrame:
    """CARRIED: of every SIM that a run of this home has confirmed, the last one, by what runs have reconciled.

    Accounts go by the names that they have in the accounts file now, whatever they were called then.
    """
    names = _names(around)
    frames = []
    for folder in every_run(around.home):
        try:
            frames += list(_of(folder, names))
        except FerryError as error:
            voice().say(f"{folder.name} explains nothing in this audit: {error}")
    schema = {**CARRIED, "at": pl.String()}
    return (
        pl.concat([pl.DataFrame(schema=schema), *frames])
        .sort("at", nulls_last=False)
        .unique("sim", keep="last", maintain_order=True)
        .select(CARRIED.names())
    )


def _of(folder: RunFolder, names: dict[tuple[str, str], str]) -> Iterator[pl.DataFrame]:
    if not folder.outcomes.exists():
        return
    plan, _ = folder.load_plan()
    outcomes = folder.load_frame(folder.outcomes)
    source, target = (names.get((plan.provider, party.account_id), party.name) for party in (plan.source, plan.target))
    yield (
        outcomes.filter(pl.col("outcome") == Outcome.CONFIRMED)
        .select(
            sim_number(pl.col("iccid")).alias("sim"),
            pl.lit(folder.name).alias("run"),
            pl.lit(source).alias("source"),
            pl.lit(target).alias("target"),
            pl.col("last_at").alias("at"),
        )
        .drop_nulls("sim")
    )


def _names(around: Surroundings) -> dict[tuple[str, str], str]:
    try:
        known = configured.read_accounts(around.accounts)
    except FerryError:
        return {}  # an audit of what was read already needs no accounts file
    return {(account.provider, account.account_id): name for name, account in known.items()}
