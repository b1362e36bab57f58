"""What SIMs were set to, put back at the target: only what differs is set, and read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from domain.breakers import Cause
from domain.events import Event, Kind
from domain.inventory import Side
from domain.orders import Part, Reply, Sim
from domain.parts import Stand
from domain.queue import sims_of
from domain.settings import Change, changes_of, new_groups, wanted_of
from tasks.carry import NO_ENTRY
from tasks.handing import Handing
from tasks.voyage import Batch

AT_ONCE_SIMS = 500
_Work = tuple[Sim, tuple[Change, ...], dict[str, str]]


def restore(handing: Handing, number: int, sims: Sequence[Sim], now: pl.DataFrame) -> tuple[Cause, str] | None:
    """Put back what these SIMs of one batch were set to; a breaker's cause where the credentials are refused.

    `now` (SETTINGS) is what they are set to at the target, just read. Nothing is sent for a SIM that has all of it.
    Its calls set what is wanted, whatever was before, so that an answer which is lost costs nothing but a repetition.
    """
    voyage = handing.voyage
    if not sims:
        return None
    batch = Batch(number, tuple(sims), part=Part.RESTORE)
    keys = pl.Series("key", [sim.key for sim in sims], pl.String)
    wanted = _wanted(handing, number, keys)
    work = list(_differing(sims, wanted, now))
    differing = {sim.key for sim, _, _ in work}
    same = [key for key in keys if key not in differing]
    if work:
        voyage.intend(batch, 1, [sim for sim, _, _ in work])
        with ThreadPoolExecutor(max_workers=voyage.limits.calls_in_flight, thread_name_prefix="restore") as pool:
            replies = list(pool.map(lambda one: handing.transferor.restore(*one), work))
        _record(handing, batch, work, replies)
        if any(reply.credentials_refused for reply in replies):
            return Cause.CREDENTIALS, NO_ENTRY
        again = handing.examiner.examine(Side.TARGET, [sim for sim, _, _ in work])
        left = {sim.key for sim, _, _ in _differing([sim for sim, _, _ in work], wanted, again.settings)}
        same += [sim.key for sim, _, _ in work if sim.key not in left]
        voyage.saw(Kind.SEEN, batch, 1, {Stand.DONE: same, Stand.BEFORE: sorted(left)})
    else:
        voyage.saw(Kind.SEEN, batch, 1, {Stand.DONE: same})
    return None


def restore_rest(handing: Handing, moves: pl.DataFrame, done: frozenset[str]) -> tuple[Cause, str] | None:
    """Restore those of `moves` (STEPS) that a read shows in the target now and that are not among `done`, batch by
    batch; a breaker's cause likewise.
    """  # noqa: D205 - one sentence on two lines
    left = moves.filter(~pl.col("key").is_in(sorted(done))).with_columns(pl.col("batch").fill_null(0))
    for rows in left.partition_by("batch", maintain_order=True):
        for some in some_at_a_time(sims_of(rows)):
            examined = handing.examiner.examine(Side.TARGET, some)
            seen = {sight.key for sight in examined.sights if sight.side == Side.TARGET}
            there = [sim for sim in some if sim.key in seen]
            stop = restore(handing, int(rows["batch"][0]), there, examined.settings)
            if stop is not None:
                return stop
    return None


def some_at_a_time(sims: Iterable[Sim]) -> Iterable[tuple[Sim, ...]]:
    """The SIMs, so many at a time as one examination takes."""
    rest = tuple(sims)
    return (rest[start : start + AT_ONCE_SIMS] for start in range(0, len(rest), AT_ONCE_SIMS))


def restored(events: Iterable[Event]) -> frozenset[str]:
    """SIMs that were read, at the end of a restoration, as they are wanted."""
    done: set[str] = set()
    for event in events:
        if event.kind == Kind.SEEN and event.part == Part.RESTORE:
            (done.update if event.body.get("stand") == Stand.DONE else done.difference_update)(event.sims)
    return frozenset(done)


def _wanted(handing: Handing, number: int, keys: pl.Series) -> dict[str, dict[str, str]]:
    """What each SIM is to be set to, as far as we can see to it: setting → value, by key."""
    groups_to = handing.shelf.groups_to.filter(pl.col("key").is_in(keys.implode()))
    before = handing.shelf.before(number, keys)
    lines = pl.concat([wanted_of(before, groups_to), new_groups(before, groups_to)]).drop_nulls("wanted")
    return _by_key(lines.select("key", "setting", "wanted"))


def _differing(sims: Iterable[Sim], wanted: dict[str, dict[str, str]], now: pl.DataFrame) -> Iterable[_Work]:
    """The SIMs that are not as wanted, with what is to be set and what they are set to."""
    current = _by_key(now.select("key", "setting", "value"))
    for sim in sims:
        has = current.get(sim.key, {})
        changes = changes_of(wanted.get(sim.key, {}), has)
        if changes:
            yield sim, changes, has


def _by_key(lines: pl.DataFrame) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for key, setting, value in lines.iter_rows():
        found.setdefault(key, {})[setting] = value
    return found


def _record(handing: Handing, batch: Batch, work: Sequence[_Work], replies: Sequence[Reply]) -> None:
    """Write down what was answered, together; SIMs that were answered alike share a record."""
    alike: dict[tuple[str, int | None, str], tuple[Reply, list[Sim]]] = {}
    for (sim, _, _), reply in zip(work, replies, strict=True):
        known = alike.setdefault((str(reply.said), reply.http_status, reply.words), (reply, []))
        known[1].append(sim)
    handing.voyage.answered_all((batch, 1, reply, sims) for reply, sims in alike.values())
