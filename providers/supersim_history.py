"""What a SIM leaves behind in its account when it moves: billing periods, and usage since the current one began."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

import polars as pl

from domain.inventory import HISTORY
from domain.orders import Sim
from domain.plan import utc_text
from providers.bodies import Json, number_of, object_of
from providers.calls import Unreadable
from providers.paging import at_once
from providers.supersim_inventory import sim_path
from providers.supersim_pages import whole, whole_if_there
from providers.supersim_post import Post
from providers.supersim_words import ROWS_PER_PAGE_MAX

USAGE_PATH = "/v1/UsageRecords"


class Period(NamedTuple):
    """One billing period; times as the provider gives them."""

    sid: str
    period_type: str | None
    starts_at: str
    ends_at: str | None


class Usage(NamedTuple):
    """Bytes of data: in all, up, down."""

    used: int
    up: int
    down: int


def history(post: Post, sims: Sequence[Sim], width: int) -> pl.DataFrame:
    """What these SIMs would leave behind (HISTORY), at most `width` of them asked about at once.

    The usage of a period that is over is left open: nothing is counted against its limit any more. A SIM without
    periods, or that is not in the account any more, has one line that says so by having none.

    Raises `ProviderUnavailable`.
    """
    lines = [line for of_sim in at_once(lambda sim: _of_sim(post, sim), sims, width) for line in of_sim]
    return pl.DataFrame(lines, schema=HISTORY, orient="row")


def _of_sim(post: Post, sim: Sim) -> list[tuple[str | int | None, ...]]:
    path = f"{sim_path(sim.sim_id)}/BillingPeriods?PageSize={ROWS_PER_PAGE_MAX}"
    periods = whole_if_there(post, path, "billing_periods", _period)
    periods.sort(key=lambda period: moment_of(period.starts_at), reverse=True)
    now = datetime.fromtimestamp(post.clock.wall_s(), UTC)
    usage = _usage(post, sim.sim_id, periods[0].starts_at) if periods and _is_current(periods[0], now) else None
    read_at = utc_text(now)
    nothing = (None, None, None)
    return [
        (sim.key, sim.sim_id, *period, *((usage or nothing) if place == 0 else nothing), read_at)
        for place, period in enumerate(periods)
    ] or [(sim.key, sim.sim_id, None, None, None, None, *nothing, read_at)]


def _usage(post: Post, sid: str, since: str) -> Usage:
    """Usage of the SIM from `since` until now."""
    query = urlencode({"Sim": sid, "Granularity": "all", "StartTime": since, "PageSize": ROWS_PER_PAGE_MAX})
    records = whole(post, f"{USAGE_PATH}?{query}", "usage_records", _record)
    return Usage(*(sum(column) for column in zip(*records, strict=True))) if records else Usage(0, 0, 0)


def _period(entry: Json) -> Period:
    body = object_of(entry)
    sid, starts_at = body.get("sid"), body.get("start_time")
    period_type, ends_at = body.get("period_type"), body.get("end_time")
    if not isinstance(sid, str) or not isinstance(starts_at, str):
        raise Unreadable("a billing period has no sid or no start")
    for moment in (starts_at, *([ends_at] if isinstance(ends_at, str) else [])):
        moment_of(moment)
    return Period(
        sid,
        period_type if isinstance(period_type, str) else None,
        starts_at,
        ends_at if isinstance(ends_at, str) else None,
    )


def _record(entry: Json) -> Usage:
    body = object_of(entry)
    numbers = [number_of(body.get(name)) for name in ("data_total", "data_upload", "data_download")]
    if None in numbers:
        raise Unreadable("a usage record has no numbers")
    return Usage(*(number or 0 for number in numbers))


def _is_current(period: Period, now: datetime) -> bool:
    return period.ends_at is None or moment_of(period.ends_at) > now


def moment_of(text: str) -> datetime:
    """An instant; raises `Unreadable` for what is none, or has no time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unreadable("a time that is none") from error
    if moment.tzinfo is None:
        raise Unreadable("a time without a time zone")
    return moment
