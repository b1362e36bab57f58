"""What moving SIMs at Super SIM does beside moving them, in words for whoever approves it.

Source: the vendors' Sim page, considerations when moving inactive SIMs, and status values.
"""

from __future__ import annotations

import polars as pl

from domain.orders import Options, Part
from domain.plan import Step
from providers.supersim_words import NEW, READY


def consequences_of(steps: pl.DataFrame, options: Options) -> tuple[str, ...]:  # noqa: ARG001 - the steps say it all
    """Sentences with counts (of STEPS that are MOVE); those that concern nobody are left out."""
    moved = steps.filter(pl.col("step") == Step.MOVE)
    used = moved.filter(pl.col("status") != NEW)
    parts = pl.col("parts").str.split(" ")  # as words: "deactivate" holds "activate"
    offline = moved.filter(parts.list.contains(Part.DEACTIVATE))
    back = offline.filter(parts.list.contains(Part.ACTIVATE))
    ready = back.filter(pl.col("status") == READY).height
    ready_left = offline.filter(~parts.list.contains(Part.ACTIVATE), pl.col("status") == READY).height
    fleetless = moved.filter(pl.col("group").is_not_null(), pl.col("group_to") == "").height
    new = moved.height - used.height
    told = (
        (new, f"{_sims(new)} new and {_stay(new)} so: nothing is activated that was not active before."),
        (offline.height, _offline(offline.height, back.height)),
        (
            ready,
            f"{_sims(ready)} ready now and will be active, which costs by the month: ready cannot be had back.",
        ),
        (ready_left, f"{_sims(ready_left)} ready now and will be inactive; ready cannot be had back."),
        (used.height, _used(used.height)),
        (
            fleetless,
            f"{_sims(fleetless)} taken out of a fleet and in none then: without one no SIM is activated.",
        ),
    )
    return tuple(words for count, words in told if count)


def _offline(count: int, back: int) -> str:
    """What happens to SIMs in service."""
    if back == count:
        until = f"until {_it(count)} activated again in the target account"
    elif back:
        until = f"until {back:,} of them are activated again in the target account; the others stay inactive"
    else:
        until = f"and {_stay(count)} inactive: nothing was said about activating {'it' if count == 1 else 'them'} again"
    return f"{_sims(count)} deactivated first, so offline, {until}."


def _used(count: int) -> str:
    """What becomes of the records of SIMs that are not new."""
    return (
        f"{_sims(count)} not new. Their billing periods look empty in the target account until the current one ends, "
        "and still run: what was used since they began counts against the new fleet's data limit. Usage records stay "
        "in the source account, and the history of settings updates leaves it. Billing periods and usage are saved in "
        "the run's folder before a SIM is touched."
    )


def _sims(count: int) -> str:
    return f"{count:,} SIM is" if count == 1 else f"{count:,} SIMs are"


def _it(count: int) -> str:
    return "it is" if count == 1 else "they are"


def _stay(count: int) -> str:
    return "stays" if count == 1 else "stay"
