"""A whole plan carried out: what is in doubt is settled first, then wave after wave, then everything is read back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from datetime import datetime
from itertools import islice

import polars as pl

from domain.breakers import Cause, Tally, tripped
from domain.events import Kind
from domain.inventory import SIGHTS, Side, sights_of
from domain.orders import Part
from domain.outcomes import Deed
from domain.parts import STAND_TYPE, Stand
from domain.queue import GIVEN_UP, OPEN_DEEDS, has_gone_its_way, left_to_send, sims_of, with_deeds
from tasks.ahead import THREADS, Ahead
from tasks.awaiting import await_accepted
from tasks.carry import BatchEnd, carry_batch
from tasks.stages import CANARY, Stages, canary_failed, no_canary, settle_all
from tasks.voyage import Batch, Voyage

WAVE_BATCHES = 50
WAY_BATCHES = 10  # of a wave with ways of several parts: no SIM is offline longer than such a wave takes
ROUNDS_MAX = 100  # after the first; each sends something, and what was sent too often is not sent again
FOUND_BY_NAME_MAX = 5_000  # SIMs
RECORDS_AT_ONCE = 100  # in one transaction


def settle_doubts(voyage: Voyage, steps: pl.DataFrame, deeds: pl.DataFrame, wait_s: float = 0.0) -> None:
    """Settle what an earlier execution left without an answer or did not read back, before anything else is sent.

    What a provider accepted for later is looked at too, for up to `wait_s`, and once what it came to so late that it
    had been given up: such a SIM may be offline, and goes on.

    A request may have left until the moment the process died, which nobody wrote down; so the settle time counts from
    now.
    """
    moves = with_deeds(steps, deeds)
    settle_all(voyage, moves.filter(pl.col("deed") == Deed.UNHEARD), voyage.clock.now())
    look_back(voyage, steps, deeds)
    _look_at_given_up(voyage, moves)
    await_accepted(voyage, moves.filter(pl.col("deed") == Deed.PENDING), wait_s)


def waves(
    voyage: Voyage, steps: pl.DataFrame, deeds: pl.DataFrame, resumed: Collection[str] = ()
) -> Iterator[pl.DataFrame]:
    """SIMs that may be sent (of `with_deeds`), some batches at a time, in order; the canary is a wave of its own.

    `proven` is whether a SIM of the canary has gone their way to its end already, so that no other one has to.
    Raises `RefusedToRun` where no SIM of the canary has gone one of its ways in an earlier execution, and none is left
    to try it in this one, unless the operator has named that cause (`resumed`).
    """
    moves = with_deeds(steps, deeds)
    rows = left_to_send(moves, voyage.limits)
    tried = rows.filter(pl.col("batch") == CANARY)["parts"].unique()  # by this execution, and judged when they end
    failed = canary_failed(moves.filter(~pl.col("parts").is_in(tried.implode())))
    if failed and rows.height and Cause.CANARY not in resumed:
        voyage.stop(*no_canary(failed))
    place = pl.col("batch").rank("dense") - 1
    batches = WAY_BATCHES if rows["parts"].str.contains(" ", literal=True).any() else WAVE_BATCHES
    wave = pl.when(pl.col("batch") == CANARY).then(0).otherwise(place // batches + 1)
    gone = moves.filter((pl.col("batch") == CANARY) & has_gone_its_way())["parts"].unique()
    proven = pl.col("parts").is_in(gone.implode()).alias("proven")
    marked = rows.with_columns(wave.alias("wave"), proven)
    yield from marked.partition_by("wave", maintain_order=True, include_key=False)


def rounds(
    voyage: Voyage, steps: pl.DataFrame, deeds: Callable[[], pl.DataFrame], resumed: Collection[str] = ()
) -> Iterator[pl.DataFrame]:
    """All waves of an execution; `deeds` tells how the journal stands.

    Where each SIM is a call of its own, doubt is settled after the last wave, and what was accepted is waited for; what
    has proven to be untouched, or has a further part to go, makes another round.
    """
    yield from waves(voyage, steps, deeds(), resumed)
    if voyage.reader.traits.sims_per_call > 1:
        return
    for _ in range(ROUNDS_MAX):
        settle_doubts(voyage, steps, deeds(), voyage.limits.await_s)
        again = list(waves(voyage, steps, deeds(), resumed))
        if not again:
            return
        yield from again


def carry_wave(voyage: Voyage, wave: pl.DataFrame, tally: Tally) -> Tally:
    """Carry the batches of a wave across; raises `RefusedToRun` or `CredentialsRefused` where a breaker opens."""
    if voyage.reader.traits.sims_per_call == 1:
        return Stages(voyage, wave, tally).carry()
    batches = [
        Batch(int(part["batch"][0]), sims_of(part), _most(part["attempts"]))
        for part in wave.partition_by("batch", maintain_order=True)
    ]
    proven = wave["proven"].all()
    for batch, end in _ends(voyage, batches):
        voyage.moved(len(batch.sims))
        tally = tally.after(end.attempted, end.declined, end.held_back, end.code)
        cause = end.stop or tripped(tally, voyage.limits) or (None if proven else _canary_failed(batch, end))
        if cause is not None:
            voyage.stop(*cause)
    return tally


def look_back(voyage: Voyage, steps: pl.DataFrame, deeds: pl.DataFrame) -> None:
    """Read back every SIM that the provider says has moved and that no read has shown yet; settle what is not there."""
    told = with_deeds(steps, deeds).filter(pl.col("deed") == Deed.TOLD)
    if told.is_empty():
        return
    voyage.say(f"Reading back {told.height:,} of the SIMs …")
    seen = standing_now(voyage, told)
    record_seen(voyage, seen)
    since = datetime.fromisoformat(str(told["last_at"].max()))
    settle_all(voyage, seen.filter(pl.col("stand") != pl.lit(Stand.DONE, STAND_TYPE)), since)


def is_finished(steps: pl.DataFrame, deeds: pl.DataFrame, voyage: Voyage) -> bool:
    """Whether nothing is left to send and nothing left to find out."""
    moves = with_deeds(steps, deeds)
    unknown = moves["deed"].is_in([str(deed) for deed in OPEN_DEEDS]).any()
    return left_to_send(moves, voyage.limits).is_empty() and not unknown


def _look_at_given_up(voyage: Voyage, moves: pl.DataFrame) -> None:
    """See what of it is done, or being done, by now; nothing is ever under way where a provider answers at once.

    What another offer than ours has put under way is none of ours.
    """
    given_up = moves.filter(pl.col("deed").is_in([str(deed) for deed in GIVEN_UP]))
    if voyage.course.waits and not given_up.is_empty():
        seen = standing_now(voyage, given_up)
        done = pl.col("stand") == Stand.DONE
        ours = (pl.col("stand") == Stand.UNDER_WAY) & (pl.col("part") != Part.OFFER)
        record_seen(voyage, seen.filter((done & (pl.col("part") != Part.ISSUE)) | ours))


def standing_now(voyage: Voyage, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (of `with_deeds`) with `stand`, by a read made now."""
    joined = rows.join(_sights(voyage, rows), on="key", how="left", maintain_order="left")
    return joined.with_columns(voyage.course.standings().alias("stand"))


def record_seen(voyage: Voyage, seen: pl.DataFrame) -> None:
    """Record how these SIMs are seen to stand."""
    parts = seen.partition_by("batch", "part", "attempts", "stand", maintain_order=True)
    for start in range(0, len(parts), RECORDS_AT_ONCE):
        some = parts[start : start + RECORDS_AT_ONCE]
        voyage.saw_all(
            Kind.SEEN, ((_of(part), _most(part["attempts"]), part["stand"][0], part["key"]) for part in some)
        )


def _sights(voyage: Voyage, told: pl.DataFrame) -> pl.DataFrame:
    """How these SIMs are seen now: a few by name, many by whole surveys, so that no object is made per SIM."""
    if told.height <= FOUND_BY_NAME_MAX:
        found = [(s.key, s.side, s.sim_id, s.status, s.device_id, s.group) for s in voyage.reader.find(sims_of(told))]
        sights = pl.DataFrame(found, schema=SIGHTS, orient="row")
    else:
        source, target = (voyage.reader.survey(side, lambda *_: None, told).sims for side in (Side.SOURCE, Side.TARGET))
        sights = sights_of(told["key"], source, target)
    return sights.select(
        "key",
        pl.col("side").alias("side_now"),
        pl.col("status").alias("status_now"),
        pl.col("group").alias("group_now"),
    )


def _ends(voyage: Voyage, wave: list[Batch]) -> Iterator[tuple[Batch, BatchEnd]]:
    """Batches with what they came to, as they end; several under way at once only if the settings say so."""
    whole_calls = voyage.reader.traits.sims_per_call >= voyage.limits.batch_sims
    lanes = voyage.limits.calls_in_flight if whole_calls else 1
    with ThreadPoolExecutor(max_workers=THREADS if lanes == 1 else lanes) as pool:
        yield from _one_by_one(voyage, wave, pool) if lanes == 1 else _side_by_side(voyage, wave, pool, lanes)


def _one_by_one(voyage: Voyage, wave: list[Batch], pool: Executor) -> Iterator[tuple[Batch, BatchEnd]]:
    """Each batch after the one before it, whose answer sends the look at it."""
    looks = [Ahead(voyage, pool, batch) for batch in wave]
    for batch, look, following in zip(wave, looks, [*looks[1:], None], strict=True):
        yield batch, carry_batch(voyage, batch, _read_back(voyage, batch), look, following)


def _side_by_side(voyage: Voyage, wave: list[Batch], pool: Executor, lanes: int) -> Iterator[tuple[Batch, BatchEnd]]:
    """As many batches at once as there are lanes; the next one begins when one that has ended opened no breaker."""
    waiting = iter(wave)
    running: dict[Future[BatchEnd], Batch] = {}

    def begin(batches: int) -> None:
        for batch in islice(waiting, batches):
            look = Ahead(voyage, pool, batch)
            running[pool.submit(carry_batch, voyage, batch, _read_back(voyage, batch), look, None)] = batch

    begin(lanes)
    while running:
        ended, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in ended:
            yield running.pop(future), future.result()
        begin(len(ended))


def _read_back(voyage: Voyage, batch: Batch) -> int:
    """SIMs of a batch that are read back at once: of the canary all."""
    return len(batch.sims) if batch.number == CANARY else voyage.limits.spot_sims


def _canary_failed(batch: Batch, end: BatchEnd) -> tuple[Cause, str] | None:
    """The canary's own breaker: none of it arrived."""
    if batch.number != CANARY or end.arrived > 0:
        return None
    return no_canary(len(batch.sims))


def _of(part: pl.DataFrame) -> Batch:
    """The batch that rows of one batch and part belong to, for records about it."""
    return Batch(int(part["batch"][0]), (), part=Part(part["part"][0]))


def _most(attempts: pl.Series) -> int:
    """The largest of some counts of attempts."""
    return max(attempts.to_list(), default=0)
