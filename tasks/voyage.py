"""One run under way: what its steps work with, and the only place where they write to the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn, Protocol

from domain.breakers import Cause
from domain.errors import CredentialsRefused, RefusedToRun
from domain.events import Event, Json, Kind
from domain.limits import Limits
from domain.orders import Options, Part, Reply, Sim
from domain.parts import Course, Stand
from domain.plan import utc_text
from domain.tokens import TOKEN
from providers.protocol import Mover, Reader
from tasks.clock import Clock


class Log(Protocol):
    """Where records go; when `write` returns they are durable."""

    def write(self, *events: Event) -> None:
        """Append the records, all or none."""


@dataclass(frozen=True, slots=True)
class Batch:
    """SIMs of one batch of the plan that may be sent for one part of their way; `attempts` at it were made before.

    `tried` is whether one of those may have arrived; two reads have shown that it had no effect until then.
    """

    number: int
    sims: tuple[Sim, ...]
    attempts: int = 0
    part: Part = Part.MOVE
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Aids:
    """What a voyage is lent beside its crew.

    `moved` is told how many SIMs have ended their way; `rest` waits for so many seconds, or less where there is a
    reason to look at one of these SIMs (by the provider's id) earlier; `keep` saves what SIMs of a batch would leave
    behind; `codes` are registration codes by key.
    """

    moved: Callable[[int], None] = lambda _: None
    rest: Callable[[float, frozenset[str]], object] | None = None
    keep: Callable[[int, tuple[Sim, ...]], None] = lambda *_: None
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)


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
        aids: Aids | None = None,
    ) -> None:
        self.run = run
        self.reader = reader
        self._mover = mover
        self._log = log
        self.clock = clock
        self.began_at = clock.now()
        self.limits = limits
        self.options = options
        self.say = say
        self.aids = aids or Aids()
        self.moved = self.aids.moved
        self.rest = self.aids.rest or (lambda seconds, _: clock.sleep(seconds))
        self._watched: list[Event] | None = None

    def __repr__(self) -> str:
        return f"Voyage({self.run})"

    @property
    def mover(self) -> Mover:
        """The hands; only `execute` has them."""
        if self._mover is None:
            raise TypeError("a reading flow was given no hands")
        return self._mover

    @property
    def course(self) -> Course:
        """What the parts of a way are at this provider."""
        return self.reader.traits.course

    @contextmanager
    def watching(self) -> Iterator[list[Event]]:
        """A list of all that is recorded from here on."""
        self._watched = []
        try:
            yield self._watched
        finally:
            self._watched = None

    def held_back(self, batch: Batch, attempt: int, why: dict[str, tuple[str, str]]) -> None:
        """Record SIMs that the look before an attempt took out, each with code and words."""
        body: dict[str, Json] = {"why": {key: list(reason) for key, reason in why.items()}}
        self._write(Kind.LOOKED, batch, attempt, tuple(why), body)

    def intend(self, batch: Batch, attempt: int, sims: Sequence[Sim]) -> None:
        """Record, durably, that these SIMs are about to be sent."""
        self._write(Kind.INTENDED, batch, attempt, tuple(sim.key for sim in sims), {})

    def answered(self, batch: Batch, attempt: int, reply: Reply, about: Sequence[Sim] | None) -> None:
        """Record what the provider said; `about` None means: about all that the attempt intended."""
        self.answered_all([(batch, attempt, reply, about)])

    def answered_all(self, answers: Iterable[tuple[Batch, int, Reply, Sequence[Sim] | None]]) -> None:
        """Record, together, what the provider said to several calls."""
        at = utc_text(self.clock.now())
        self._log_all([self._answer(at, *answer) for answer in answers])

    def saw(
        self, kind: Kind, batch: Batch, attempt: int, stands: Mapping[Stand, Sequence[str]], *, accepted: bool = False
    ) -> None:
        """Record how SIMs were seen (SEEN) or settled (SETTLED) to stand, one record per stand, together.

        `accepted` says that the provider had accepted the change for later.
        """
        at = utc_text(self.clock.now())
        body: dict[str, Json] = {"accepted": True} if accepted else {}
        self._log_all(
            [
                self._event(kind, at, batch, attempt, tuple(keys), {"stand": str(stand), **body})
                for stand, keys in stands.items()
                if keys
            ]
        )

    def saw_all(self, kind: Kind, seen: Iterable[tuple[Batch, int, Stand, Iterable[str]]]) -> None:
        """Record, together, how SIMs of several batches and attempts were seen or settled to stand."""
        at = utc_text(self.clock.now())
        self._log_all(
            [
                self._event(kind, at, batch, attempt, tuple(keys), {"stand": str(stand)})
                for batch, attempt, stand, keys in seen
            ]
        )

    def note(self, kind: Kind, body: dict[str, Json]) -> None:
        """Record something about the run as a whole."""
        self._log_all([Event(kind, utc_text(self.clock.now()), body=body)])

    def stop(self, cause: Cause, words: str) -> NoReturn:
        """Record why the run stops, and raise it: `CredentialsRefused`, or `RefusedToRun` with the cause's word."""
        self.note(Kind.STOPPED, {"cause": str(cause), "words": words})
        advice = f"Find out why, then go on with:  simferry execute {self.run} --resume-after {cause}"
        if cause == Cause.CREDENTIALS:
            raise CredentialsRefused(f"The run has stopped: {words}. {advice}")
        raise RefusedToRun(f"The run has stopped: {words}. {advice}", str(cause))

    def wait_until(self, moment: datetime) -> None:
        """Let time pass until that instant."""
        left_s = (moment - self.clock.now()).total_seconds()
        if left_s > 0:
            self.clock.sleep(left_s)

    def _write(self, kind: Kind, batch: Batch, attempt: int, keys: tuple[str, ...], body: dict[str, Json]) -> None:
        self._log_all([self._event(kind, utc_text(self.clock.now()), batch, attempt, keys, body)])

    def _answer(self, at: str, batch: Batch, attempt: int, reply: Reply, about: Sequence[Sim] | None) -> Event:
        keys = () if about is None else tuple(sim.key for sim in about)
        body: dict[str, Json] = {
            "said": str(reply.said),
            "http": reply.http_status,
            "words": reply.words,
            "refusals": [[refusal.key, refusal.code, refusal.words] for refusal in reply.refusals],
            "problems": list(reply.problems),
        }
        if reply.secret is not None:
            body[TOKEN] = True  # so that it is known of where nobody has the key
        return self._event(Kind.ANSWERED, at, batch, attempt, keys, body, reply.secret)

    def _event(
        self,
        kind: Kind,
        at: str,
        batch: Batch,
        attempt: int,
        keys: tuple[str, ...],
        body: dict[str, Json],
        secret: bytes | None = None,
    ) -> Event:
        return Event(kind, at, batch.number, attempt, str(batch.part), keys, body, secret)

    def _log_all(self, events: list[Event]) -> None:
        if not events:
            return
        self._log.write(*events)
        if self._watched is not None:
            self._watched += events


def by_stand(stands: Iterable[tuple[str, Stand]]) -> dict[Stand, list[str]]:
    """Keys grouped by how they stand."""
    grouped: dict[Stand, list[str]] = {}
    for key, stand in stands:
        grouped.setdefault(stand, []).append(key)
    return grouped
