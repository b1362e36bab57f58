"""A whole plan carried out: what is in doubt is settled first, then wave after wave, then everything is read back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from datetime import datetime
from itertools import islice

import polars as pl

from domain.breakers import Cause, Tally, tripped
from domain.errors import CredentialsRefused, RefusedToRun
from domain.events import Kind
from domain.inventory import SIDE_TYPE, Side, sights_of
from domain.outcomes import Deed
from domain.queue import OPEN_DEEDS, left_to_send, sims_of, with_deeds
from tasks.ahead import THREADS, Ahead
from tasks.carry import BatchEnd, carry_batch
from tasks.settle import settle
from tasks.voyage import Batch, Voyage

CANARY = 1
WAVE_BATCHES = 50
FOUND_BY_NAME_MAX = 5_000  # SIMs
RECORDS_AT_ONCE = 100  # in one transaction


def settle_doubts(voyage: Voyage, steps: pl.DataFrame, deeds: pl.DataFrame) -> None:
    """Settle what an earlier execution left without an answer or did not read back, before anything else is sent.

    A request may have left until the moment the process died, which nobody wrote down; so the settle time counts from
    now.
    """
    _settle_all(voyage, with_deeds(steps, deeds).filter(pl.col("deed") == Deed.UNHEARD), voyage.clock.now())
    look_back(voyage, steps, deeds)


def waves(
    voyage: Voyage, steps: pl.DataFrame, deeds: pl.DataFrame, resumed: Collection[str] = ()
) -> Iterator[pl.DataFrame]:
    """SIMs that may be sent (of `with_deeds`), some batches at a time, in order; the canary is a wave of its own.

    Raises `RefusedToRun` where an earlier execution died between the failure of its canary and saying so, unless the
    operator has named that cause (`resumed`).
    """
    moves = with_deeds(steps, deeds)
    rows = left_to_send(moves, voyage.limits)
    canary = moves.filter(pl.col("batch") == CANARY)
    failed = canary.height > 0 and CANARY not in rows["batch"] and Deed.ARRIVED not in canary["deed"]
    if failed and rows.height and Cause.CANARY not in resumed:
        _stop(voyage, *_no_canary(canary.height))
    place = pl.col("batch").rank("dense") - 1
    wave = pl.when(pl.col("batch") == CANARY).then(0).otherwise(place // WAVE_BATCHES + 1)
    yield from rows.with_columns(wave.alias("wave")).partition_by("wave", maintain_order=True, include_key=False)


def carry_wave(voyage: Voyage, wave: pl.DataFrame, tally: Tally) -> Tally:
    """Carry the batches of a wave across; raises `RefusedToRun` or `CredentialsRefused` where a breaker opens."""
    batches = [
        Batch(int(part["batch"][0]), sims_of(part), _most(part["attempts"]))
        for part in wave.partition_by("batch", maintain_order=True)
    ]
    for batch, end in _ends(voyage, batches):
        voyage.moved(len(batch.sims))
        tally = tally.after(end.attempted, end.declined, end.held_back, end.code)
        cause = end.stop or tripped(tally, voyage.limits) or _canary_failed(batch, end)
        if cause is not None:
            _stop(voyage, *cause)
    return tally


def look_back(voyage: Voyage, steps: pl.DataFrame, deeds: pl.DataFrame) -> None:
    """Read back every SIM that the provider says has moved and that no read has shown yet; settle what is not there."""
    told = with_deeds(steps, deeds).filter(pl.col("deed") == Deed.TOLD)
    if told.is_empty():
        return
    voyage.say(f"Reading {told.height:,} SIMs back …")
    seen = told.join(_sights(voyage, told), on="key", how="left", maintain_order="left", suffix="_now")
    parts = seen.partition_by("batch", "attempts", "side", maintain_order=True)
    for start in range(0, len(parts), RECORDS_AT_ONCE):
        some = parts[start : start + RECORDS_AT_ONCE]
        voyage.saw_all(Kind.SEEN, ((_of(part), _most(part["attempts"]), part["side"][0], part["key"]) for part in some))
    since = datetime.fromisoformat(str(told["last_at"].max()))
    _settle_all(voyage, seen.filter(pl.col("side") != Side.TARGET), since)


def is_finished(steps: pl.DataFrame, deeds: pl.DataFrame, voyage: Voyage) -> bool:
    """Whether nothing is left to send and nothing left to find out."""
    moves = with_deeds(steps, deeds)
    unknown = moves["deed"].is_in([str(deed) for deed in OPEN_DEEDS]).any()
    return left_to_send(moves, voyage.limits).is_empty() and not unknown


def _sights(voyage: Voyage, told: pl.DataFrame) -> pl.DataFrame:
    """Where these SIMs are (SIGHTS): a few by name, many by whole surveys, so that no object is made per SIM."""
    if told.height <= FOUND_BY_NAME_MAX:
        found = [(sight.key, sight.side) for sight in voyage.reader.find(sims_of(told))]
        return pl.DataFrame(found, schema={"key": pl.String(), "side": SIDE_TYPE}, orient="row")
    source, target = (voyage.reader.survey(side, lambda *_: None) for side in (Side.SOURCE, Side.TARGET))
    return sights_of(told["key"], source, target).select("key", "side")


def _settle_all(voyage: Voyage, doubted: pl.DataFrame, since: datetime) -> None:
    """Settle SIMs (of `with_deeds`) batch by batch, all from the same instant."""
    for part in doubted.partition_by("batch", "attempts", maintain_order=True):
        settle(voyage, _of(part), _most(part["attempts"]), sims_of(part), since)


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
    return _no_canary(len(batch.sims))


def _no_canary(sims: int) -> tuple[Cause, str]:
    return Cause.CANARY, f"none of the {sims} SIMs of the canary batch arrived"


def _stop(voyage: Voyage, cause: Cause, words: str) -> None:
    """Record why the run stops, and raise it."""
    voyage.note(Kind.STOPPED, {"cause": str(cause), "words": words})
    advice = f"Find out why, then go on with:  simferry execute {voyage.run} --resume-after {cause}"
    if cause == Cause.CREDENTIALS:
        raise CredentialsRefused(f"The run has stopped: {words}. {advice}")
    raise RefusedToRun(f"The run has stopped: {words}. {advice}", str(cause))


def _of(part: pl.DataFrame) -> Batch:
    """The batch that rows of one batch belong to, for records about it."""
    return Batch(int(part["batch"][0]), ())


def _most(attempts: pl.Series) -> int:
    """The largest of some counts of attempts."""
    return max(attempts.to_list(), default=0)
