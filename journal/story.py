"""What the journal tells of one SIM: which part of its way it is at, what was done about that, and record by record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from domain.errors import FerryError
from domain.events import Event, Kind
from domain.parts import Stand
from domain.plan import Step
from domain.queue import with_deeds
from domain.state import fold
from journal.approval import has_begun
from journal.book import Journal
from journal.run_folder import RunFolder

_SEEN_AS = {
    Stand.DONE: "as wanted",
    Stand.BEFORE: "as before",
    Stand.UNDER_WAY: "under way",
    Stand.ASTRAY: "neither as before nor as wanted",
}


@dataclass(frozen=True, slots=True)
class Done:
    """The part of its way that a SIM is at and the deed about it, with code and words; all "" where there is none.

    A SIM that has done a part, and about whose next part there is no record, is at that next one with the deed `none`.
    """

    part: str = ""
    deed: str = ""
    code: str = ""
    words: str = ""


NOTHING = Done()


def done_about(
    folder: RunFolder, url: str | None, key: str, batch: int | None, parts: str
) -> tuple[Done, tuple[str, ...]]:
    """What was done about the SIM of a MOVE step, and a sentence per record; where the journal is damaged, why."""
    if not key or batch is None or not has_begun(folder):
        return NOTHING, ()
    try:
        with Journal.open(url, folder) as journal:
            events = list(_about(key, (event for event in journal.events() if event.batch == batch)))
        return _done(key, parts, events), tuple(_sentence(event) for event in events)
    except FerryError as error:
        return NOTHING, (str(error),)
    except ValueError as error:
        return NOTHING, (f"The journal of {folder.name} was written by another version: {error}.",)


def _done(key: str, parts: str, events: Iterable[Event]) -> Done:
    deeds = fold(events).filter(pl.col("key") == key)
    if deeds.is_empty():
        return NOTHING
    step = pl.DataFrame({"step": [str(Step.MOVE)], "key": [key], "parts": [parts]})
    part, deed = with_deeds(step, deeds).select("part", "deed").row(0)
    code, words = deeds.select("code", "words").row(0)
    return Done(part, deed, code or "", words or "")


def _about(key: str, events: Iterable[Event]) -> Iterator[Event]:
    """Records of the SIM's batch that are about it; one that names no SIM is about all that its attempt intended."""
    intended: set[tuple[str, int]] = set()
    for event in events:
        if key in event.sims:
            yield event
            if event.kind == Kind.INTENDED:
                intended.add((event.part, event.attempt))
        elif not event.sims and (event.part, event.attempt) in intended:
            yield event


def _sentence(event: Event) -> str:
    """When, where, what, and what was said or seen."""
    said = [str(event.body[name]) for name in ("said", "http", "words") if event.body.get(name)]
    seen = "".join(_SEEN_AS[stand] for stand in Stand if event.body.get("stand") == stand)
    if seen and event.body.get("accepted"):
        seen += ", though the provider had accepted it"
    where = f"{event.at} batch {event.batch}, {event.part}, attempt {event.attempt}: {event.kind}"
    told = " ".join([*([seen] if seen else []), *said])
    return where + (f", {told}" if told else "")
