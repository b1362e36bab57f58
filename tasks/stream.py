"""One call per SIM, many at once: the calls of a stage stream through without a pause between batches.

for each batch   look ─► intend (durable) ─► its calls into the queue ─► lanes ─► answers, recorded together
                   ▲                                  │
                   └─ the next batch, before the queue runs dry

How many calls really leave at once is the provider's to say: its mover waits for a free lane.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Thread

from domain.breakers import Cause
from domain.errors import ProviderUnavailable, RefusedToRun
from domain.orders import Order, Reply, Said, Sight, Sim
from tasks.carry import NO_ENTRY, BatchEnd
from tasks.looked import as_planned, came_late
from tasks.voyage import Batch, Voyage

RECORD_S = 0.25  # the longest that an answer waits for its record; an answer that is lost with us is doubt, no more
RECORD_SIMS = 200
QUEUED_PER_LANE = 4  # calls that are intended and wait, so that a look or a read-back of ours empties no lane
STOP_S_MAX = 70.0  # longer than the mover waits for any answer
LOOK_S_MAX = 120.0  # a look that waited longer for its batch's turn is taken again

NEVER_SENT = Reply(Said.UNSENT, None, words="not sent: the run stopped before its turn")


@dataclass(slots=True)
class Leg:
    """One part of the way of SIMs of one batch, while it is carried out; `batch.sims` are those that may be sent."""

    batch: Batch
    going: tuple[Sim, ...] = ()
    held_back: int = 0
    answered: int = 0
    replies: list[Reply] = field(default_factory=list)  # all but a plain yes
    told: list[Sim] = field(default_factory=list)

    @property
    def attempt(self) -> int:
        """The number of this attempt."""
        return self.batch.attempts + 1

    @property
    def is_over(self) -> bool:
        """Whether every call has ended."""
        return self.answered == len(self.going)

    def end(self) -> BatchEnd:
        """What it came to; only what stops a run at once is a `stop` here."""
        declined = [reply for reply in self.replies if reply.said == Said.NO]
        whole = len(declined) == len(self.going) > 0
        code = next((refusal.code for reply in declined for refusal in reply.refusals), "") if whole else ""
        refused = any(reply.credentials_refused for reply in self.replies)
        stop = (Cause.CREDENTIALS, NO_ENTRY) if refused else None
        return BatchEnd(len(self.going), len(declined), self.held_back, code=code, stop=stop)


_Work = tuple[Leg, Sim]
_Done = tuple[Leg, Sim, Reply | BaseException]


class Stream:
    """Carries legs out, in their order; `ended` is told of each that is over, and stops the rest by raising."""

    def __init__(
        self,
        voyage: Voyage,
        legs: Sequence[Leg],
        seen: Callable[[Leg], dict[str, Sight]],
        ended: Callable[[Leg], None],
    ) -> None:
        self._voyage = voyage
        self._coming = deque(legs)
        self._seen = seen
        self._ended = ended
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._done: SimpleQueue[_Done] = SimpleQueue()
        self._under_way = 0
        self._is_halted = False  # a call has shown that the next ones are in vain
        self._is_over = False  # what still comes is recorded, and decides nothing any more
        self._unrecorded: list[tuple[Leg, Sim, Reply]] = []
        self._recorded_s = time.monotonic()
        sims = sum(len(leg.batch.sims) for leg in legs)
        self._width = max(1, min(voyage.limits.calls_in_flight, sims))

    def run(self) -> None:
        """Send everything; raises what `ended` raises, and `ProviderUnavailable` where calls do not leave any more.

        However it ends, every call that was intended has its answer in the journal, or is on record as never sent, as
        far as the journal can be written to; what has neither is in doubt.
        """
        workers = [Thread(target=self._serve, daemon=True, name="call") for _ in range(self._width)]
        for worker in workers:
            worker.start()
        ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix="look")
        try:
            self._feed_and_collect(ahead)
        except BaseException:
            with suppress(RefusedToRun):  # of a journal that was broken off: what ended the stream is the news
                self._wind_up(workers)
            raise
        else:
            self._wind_up(workers)
        finally:
            ahead.shutdown(cancel_futures=True)  # last, since nothing is sent any more while a look is waited for

    def _wind_up(self, workers: Sequence[Thread]) -> None:
        """Send nothing more, let the calls that are under way end, and record what was and what was not sent."""
        self._is_halted = self._is_over = True
        self._take_back()
        for _ in workers:
            self._work.put(None)
        until_s = time.monotonic() + STOP_S_MAX
        for worker in workers:
            worker.join(max(0.0, until_s - time.monotonic()))
        self._collect(block_s=0.0)
        self._record()

    def _feed_and_collect(self, ahead: ThreadPoolExecutor) -> None:
        looks: deque[Future[tuple[Reply, datetime]]] = deque()
        while self._coming or self._under_way:
            if self._coming and not looks:
                looks.append(ahead.submit(self._look, self._coming[0]))
            if self._coming and self._under_way < QUEUED_PER_LANE * self._width:
                leg = self._coming.popleft()
                look = looks.popleft().result()
                if self._coming:
                    looks.append(ahead.submit(self._look, self._coming[0]))
                self._begin(leg, *look)
            else:
                self._collect(block_s=0.05)
            if len(self._unrecorded) >= RECORD_SIMS or time.monotonic() - self._recorded_s > RECORD_S:
                self._record()
        self._record()

    def _look(self, leg: Leg) -> tuple[Reply, datetime]:
        """How the leg's SIMs are and when that was; what they would leave behind is put away before."""
        voyage, batch = self._voyage, leg.batch
        first = tuple(sim for sim in batch.sims if sim.parts[:1] == (batch.part,))
        if first:
            voyage.aids.keep(batch.number, first)
        at = voyage.clock.now()
        fresh = self._seen(leg)
        unseen = tuple(sim for sim in batch.sims if sim.key not in fresh)
        order = Order(batch.number, leg.attempt, unseen, voyage.options, batch.part)
        look = voyage.reader.look(order) if unseen else Reply(Said.YES, None)
        return replace(look, sights=(*look.sights, *fresh.values())), at

    def _begin(self, leg: Leg, seen: Reply, at: datetime) -> None:
        """Hold back what is not as planned, write the intent down, and queue the calls."""
        if self._voyage.clock.now() - at > timedelta(seconds=LOOK_S_MAX):
            seen, _ = self._look(leg)
        if seen.credentials_refused:
            leg.replies.append(seen)
            self._ended(leg)
            return
        late = came_late(self._voyage, leg.batch, seen)
        sims = tuple(sim for sim in leg.batch.sims if sim.key not in late)
        leg.going = as_planned(self._voyage, leg.batch, leg.attempt, sims, seen)
        leg.held_back = len(sims) - len(leg.going)
        if not leg.going:
            self._ended(leg)
            return
        self._voyage.intend(leg.batch, leg.attempt, leg.going)
        self._under_way += len(leg.going)
        for sim in leg.going:
            self._work.put((leg, sim))

    def _serve(self) -> None:
        """Make calls until there is no more work."""
        voyage = self._voyage
        while (work := self._work.get()) is not None:
            leg, sim = work
            if self._is_halted:
                self._done.put((leg, sim, NEVER_SENT))
                continue
            codes = {sim.key: voyage.aids.codes[sim.key]} if sim.key in voyage.aids.codes else {}
            order = Order(leg.batch.number, leg.attempt, (sim,), voyage.options, leg.batch.part, codes)
            try:
                reply = voyage.mover.move(order)
                if reply.credentials_refused or reply.said == Said.UNSENT:
                    self._is_halted = True
                self._done.put((leg, sim, reply))
            except BaseException as error:  # noqa: BLE001 - it is raised again where the answers are collected
                self._done.put((leg, sim, error))

    def _collect(self, block_s: float) -> None:
        """Take in answers that have come, waiting a moment for the first."""
        try:
            done = self._done.get(timeout=block_s) if block_s else self._done.get_nowait()
            while True:
                self._take(*done)
                done = self._done.get_nowait()
        except Empty:
            return

    def _take(self, leg: Leg, sim: Sim, reply: Reply | BaseException) -> None:
        if isinstance(reply, BaseException):
            if self._is_over:  # what ended the stream is already on its way up
                return
            raise reply
        self._under_way -= 1
        leg.answered += 1
        self._unrecorded.append((leg, sim, reply))
        if reply.said == Said.YES:
            leg.told.append(sim)
        else:
            leg.replies.append(reply)
        if self._is_over:
            return
        if reply.said == Said.UNSENT and reply is not NEVER_SENT and not reply.credentials_refused:
            raise ProviderUnavailable(
                f"Batch {leg.batch.number} could not be sent whole: {reply.words or 'the provider was not reached'}. "
                "What was not sent is on record. Run `simferry execute` again when the provider answers."
            )
        if leg.is_over or reply.credentials_refused:
            self._record()
            self._ended(leg)

    def _take_back(self) -> None:
        """Everything that is queued and not yet begun, out of the queue and onto the record."""
        try:
            while (work := self._work.get_nowait()) is not None:
                leg, sim = work
                leg.answered += 1
                self._unrecorded.append((leg, sim, NEVER_SENT))
        except Empty:
            return

    def _record(self) -> None:
        """Write down what was answered, in one go; calls of one leg that were answered alike share a record."""
        self._recorded_s = time.monotonic()
        alike: dict[tuple[int, str, int | None, str, tuple[str, ...]], tuple[Leg, Reply, list[Sim]]] = {}
        for leg, sim, reply in self._unrecorded:
            said = (id(leg), str(reply.said), reply.http_status, reply.words, reply.problems)
            known = alike.setdefault(said, (leg, replace(reply, refusals=(), sights=()), []))
            known[2].append(sim)
            if reply.refusals:
                named = tuple(replace(refusal, key=sim.key) for refusal in reply.refusals)
                alike[said] = (leg, replace(known[1], refusals=known[1].refusals + named), known[2])
        self._unrecorded = []
        self._voyage.answered_all((leg.batch, leg.attempt, reply, sims) for leg, reply, sims in alike.values())
