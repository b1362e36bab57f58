"""`simferry where`: one ICCID or IMSI, in every run that names it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from domain.errors import Exit
from domain.orders import Part
from domain.outcomes import Deed
from domain.plan import Step
from flows.said import say
from flows.standing import At
from flows.wording import way
from journal.search import Place, where
from tasks.asked import here


def run(asked: argparse.Namespace) -> Exit:
    """Tell where a SIM is; exit code 0, also where no run names it."""
    around = here()
    places = where(around.home, around.journal_url, asked.identifier)
    text = "\n".join(line for place in places for line in _lines(place))
    say(
        asked,
        text or f"No run in {around.home} names {asked.identifier}. `simferry status` lists the runs.",
        {"identifier": asked.identifier, "places": [asdict(place) for place in places]},
    )
    return Exit.OK


def _lines(place: Place) -> Iterator[str]:
    sheet = f", sheet “{place.sheet}”" if place.sheet else ""
    yield f"{place.run}: {place.list_file}{sheet}, row {place.row}"
    batch = f" in batch {place.batch}" if place.batch is not None else ""
    if place.step:
        yield f"  planned    {place.step}{batch}{f': {way(place.way)}' if _is_special(place) else ''}"
    if place.deed:
        yield f"  done       {_done(place)}"
    if place.outcome:
        yield f"  outcome    {place.outcome.replace('_', ' ')}"
    if place.words:
        yield f"  because    {place.words}"
    if place.next_step:
        yield f"  next       {place.next_step}"
    for record in place.records:
        yield f"  journal    {record}"


def _is_special(place: Place) -> bool:
    """Whether a SIM goes another way than to be moved."""
    return place.step == Step.MOVE and place.way not in {"", str(Part.MOVE)}


def _done(place: Place) -> str:
    """What was done about the SIM, and at which part of its way where that has several."""
    deed = Deed(place.deed)
    at = At(Part(place.part), deed, begun=bool(place.way) and place.way.split()[0] != place.part, sims=1)
    done = "registered" if at.part == Part.REGISTER else "arrived"
    words = done if deed == Deed.ARRIVED else at.words
    return f"{words} (at {place.part})" if " " in place.way else words
