"""How a run stands, from its folder and its journal alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from domain.orders import Part
from domain.outcomes import Deed, Outcome
from domain.queue import with_deeds
from domain.state import fold
from journal.book import Journal
from journal.folder import open_run
from tasks.asked import Surroundings

UNCONFIRMED = (
    Outcome.DECLINED,
    Outcome.AWAITING,
    Outcome.NOT_DONE,
    Outcome.IN_DOUBT,
    Outcome.DRIFTED,
    Outcome.CANCELLED,
    Outcome.NOT_STARTED,
)

# What is said of SIMs that have not arrived. Those that wait for a part of their way stand in _BETWEEN.
WORDS: Mapping[Deed, str] = {
    Deed.NONE: "not sent",
    Deed.HELD_BACK: "held back",
    Deed.UNHEARD: "without an answer",
    Deed.TOLD: "said to be done and not seen",
    Deed.PENDING: "accepted and not done",
    Deed.DECLINED: "declined",
    Deed.UNSENT: "not sent",
    Deed.STILL: "still as before",
    Deed.FELL_BACK: "accepted and fell back",
    Deed.ASTRAY: "neither as before nor as wanted",
    Deed.CANCELLED: "cancelled",
}
_BETWEEN = {
    Part.MOVE: "deactivated and not moved yet",
    Part.ACTIVATE: "moved and not activated yet",
    Part.ACCEPT: "issued and not accepted yet",
}
# What the other side is to accept, or has not accepted in time.
_OFFERED = {
    Deed.PENDING: "offered and not seen accepted yet",
    Deed.FELL_BACK: "not accepted in time",
}
_BY_TOKEN = (Part.OFFER, Part.ISSUE, Part.ACCEPT)
_OWN_WORDS = frozenset({*_BETWEEN.values(), *_OFFERED.values()})  # which say by themselves at which part SIMs are
_UNSENT = (Deed.NONE, Deed.UNSENT)
_GO_ON = (*_UNSENT, Deed.PENDING)  # what `execute` takes up again


@dataclass(frozen=True, slots=True)
class At:
    """SIMs at one place of their way: the part, what was done about it, and whether an earlier part was done."""

    part: Part
    deed: Deed
    begun: bool
    sims: int

    @property
    def words(self) -> str:
        """What is said of them."""
        if self.begun and self.deed in _UNSENT and self.part in _BETWEEN:
            return _BETWEEN[self.part]
        return _OFFERED.get(self.deed, WORDS[self.deed]) if self.part in _BY_TOKEN else WORDS[self.deed]


@dataclass(frozen=True, slots=True)
class Standing:
    """SIMs that were to be moved, by where each is on its way; ARRIVED are those that have done its last part."""

    places: tuple[At, ...]
    in_parts: bool  # whether any way has more than one part

    @property
    def sims(self) -> int:
        """All of them."""
        return sum(at.sims for at in self.places)

    @property
    def arrived(self) -> int:
        """Those that are where they were to be."""
        return self.deeds.get(Deed.ARRIVED, 0)

    @property
    def deeds(self) -> dict[Deed, int]:
        """SIMs per deed, at whatever part, the most first."""
        counted: Counter[Deed] = Counter()
        for at in self.places:
            counted[at.deed] += at.sims
        return dict(counted.most_common())

    @property
    def goes_on(self) -> bool:
        """Whether another `execute` may bring more of them there."""
        return any(at.deed in _GO_ON for at in self.places)

    def __str__(self) -> str:
        """How many arrived, and what the others are."""
        others = "".join(f"; {words}" for words in self._others())
        done = "registered" if {at.part for at in self.places} == {Part.REGISTER} else "arrived"
        return f"{self.arrived:,} of {self.sims:,} SIMs {done}{others}"

    def _others(self) -> Iterator[str]:
        """Those that did not arrive in words, the most first; at which part, where ways have several."""
        by_words: dict[str, list[At]] = {}
        for at in self.places:
            if at.deed != Deed.ARRIVED:
                by_words.setdefault(at.words, []).append(at)
        for words, places in by_words.items():
            parts: Counter[Part] = Counter()
            for at in places:
                parts[at.part] += at.sims
            named = ", ".join(f"{part} {sims:,}" for part, sims in parts.most_common())
            told = self.in_parts and words not in _OWN_WORDS
            yield f"{parts.total():,} {words}" + (f" ({named})" if told else "")


def done_so_far(around: Surroundings, run: str) -> Standing:
    """Where the SIMs of the run's MOVE steps are on their way; raises as `load_plan` and the journal do."""
    folder = open_run(around.home, run)
    _, steps = folder.load_plan()
    with Journal.open(around.journal_url, folder) as journal:
        return standing_of(with_deeds(steps, fold(journal.events())))


def facts_of(name: str, stands: Standing) -> dict[str, object]:
    """The same for machines: SIMs in all, per deed, and per place of their way."""
    places = [{"part": at.part, "deed": at.deed, "begun": at.begun, "sims": at.sims} for at in stands.places]
    return {"run": name, "sims": stands.sims, "arrived": stands.arrived, "deeds": stands.deeds, "places": places}


def standing_of(moves: pl.DataFrame) -> Standing:
    """The standing of the rows of `with_deeds`."""
    counted = moves.group_by("part", "deed", "begun").len().sort("len", "part", "deed", descending=[True, False, False])
    places = (At(Part(part), Deed(deed), begun, count) for part, deed, begun, count in counted.iter_rows())
    return Standing(tuple(places), bool(moves["parts"].str.contains(" ").any()))


def outcomes_of(around: Surroundings, run: str) -> pl.DataFrame:
    """The outcomes of the run's last reconciliation (OUTCOMES)."""
    folder = open_run(around.home, run)
    return folder.load_frame(folder.outcomes)
