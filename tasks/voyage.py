"""One run under way: what its steps work with, and the only place where they write to the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.events import Event, Json, Kind
from domain.inventory import Side
from domain.limits import Limits
from domain.orders import Options, Reply, Sim
from domain.plan import utc_text
from providers.protocol import Mover, Reader
from tasks.clock import Clock


class Log(Protocol):
    """Where records go; when `write` returns they are durable."""

    def write(self, *events: Event) -> None:
        """Append the records, all or none."""


@dataclass(frozen=True, slots=True)
class Batch:
    """SIMs of one batch of the plan that may still be sent; `attempts` were made before."""

    number: int
    sims: tuple[Sim, ...]
    attempts: int = 0


class Voyage:
    """What carrying out a plan needs; its repr holds no secret, so it may pass through the engine."""

    def __init__(
        self,
        run: str,
        reader: Reader,
        mover: Mover | None,
        log: Log,
        clock: Clock,
        limits: Limits,
        options: Options,
        say: Callable[[str], None],
        moved: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.run = run
        self.reader = reader
        self._mover = mover
        self._log = log
        self.clock = clock
        self.limits = limits
        self.options = options
        self.say = say
        self.moved = moved  # told how many SIMs a batch was about, when it has ended

    def __repr__(self) -> str:
        return f"Voyage({self.run})"

    @property
    def mover(self) -> Mover:
        """The hands; only `execute` has them."""
        if self._mover is None:
            raise TypeError("a reading flow was given no hands")
        return self._mover

    def held_back(self, batch: Batch, attempt: int, why: dict[str, tuple[str, str]]) -> None:
        """Record SIMs that the look before an attempt took out, each with code and words."""
        body: dict[str, Json] = {"why": {key: list(reason) for key, reason in why.items()}}
        self._write(Kind.LOOKED, batch, attempt, tuple(why), body)

    def intend(self, batch: Batch, attempt: int, sims: Sequence[Sim]) -> None:
        """Record, durably, that these SIMs are about to be sent."""
        self._write(Kind.INTENDED, batch, attempt, tuple(sim.key for sim in sims), {})

    def answered(self, batch: Batch, attempt: int, reply: Reply, about: Sequence[Sim] | None) -> None:
        """Record what the provider said; `about` None means: about all that the attempt intended."""
        keys = () if about is None else tuple(sim.key for sim in about)
        body: dict[str, Json] = {
            "said": str(reply.said),
            "http": reply.http_status,
            "words": reply.words,
            "refusals": [[refusal.key, refusal.code, refusal.words] for refusal in reply.refusals],
            "problems": list(reply.problems),
        }
        self._write(Kind.ANSWERED, batch, attempt, keys, body, reply.secret)

    def saw(self, kind: Kind, batch: Batch, attempt: int, sides: Mapping[Side, Sequence[str]]) -> None:
        """Record where SIMs were seen (SEEN) or settled (SETTLED), one record per side, together."""
        self.saw_all(kind, ((batch, attempt, side, keys) for side, keys in sides.items() if keys))

    def saw_all(self, kind: Kind, seen: Iterable[tuple[Batch, int, Side, Iterable[str]]]) -> None:
        """Record, together, where SIMs of several batches and attempts were seen or settled."""
        at = utc_text(self.clock.now())
        records = [
            Event(kind, at, batch.number, attempt, sims=tuple(keys), body={"side": str(side)})
            for batch, attempt, side, keys in seen
        ]
        if records:
            self._log.write(*records)

    def note(self, kind: Kind, body: dict[str, Json]) -> None:
        """Record something about the run as a whole."""
        self._log.write(Event(kind, utc_text(self.clock.now()), body=body))

    def wait_until(self, moment: datetime) -> None:
        """Let time pass until that instant."""
        left_s = (moment - self.clock.now()).total_seconds()
        if left_s > 0:
            self.clock.sleep(left_s)

    def _write(
        self,
        kind: Kind,
        batch: Batch,
        attempt: int,
        keys: tuple[str, ...],
        body: dict[str, Json],
        secret: bytes | None = None,
    ) -> None:
        at = utc_text(self.clock.now())
        self._log.write(Event(kind, at, batch.number, attempt, sims=keys, body=body, secret=secret))


def by_side(sights: Iterable[tuple[str, Side]]) -> dict[Side, list[str]]:
    """Keys grouped by where they were seen."""
    sides: dict[Side, list[str]] = {}
    for key, side in sights:
        sides.setdefault(side, []).append(key)
    return sides
