"""Numbered pages of a list: which to fetch, and whether what came is the whole list, once each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from domain.errors import ProviderUnavailable
from providers.calls import Unreadable
from providers.wire import Answer

PAGES_MAX = 4_000  # 10,000,000 SIMs at 2,500 a page
PAGES_AT_ONCE = 4
READINGS_MAX = 3

log = logging.getLogger(__name__)

T = TypeVar("T")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Marks:
    """What a page says about itself and the list: its number (from 1), pages and rows in all."""

    number: int
    pages: int
    rows: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its marks, its rows, and how many rows it held as it came (rows that are no use are left out)."""

    marks: Marks
    frame: pl.DataFrame
    rows_held: int


def marks_of(answer: Answer) -> Marks:
    """The marks in a page's headers; raises `Unreadable` where one is missing: without them no list is whole."""
    return Marks(
        number=_header(answer, "x-current-page"),
        pages=_header(answer, "x-total-pages"),
        rows=_header(answer, "x-total-count"),
    )


def read_all(fetch: Callable[[int], Page], id_column: str, progress: Callable[[int, int], None]) -> pl.DataFrame:
    """Every row of the list; a reading that does not add up is made again, and `ProviderUnavailable` after the last.

    `fetch` gives the page of a number from 1 on and may be called from several threads. `progress` is told rows so
    far and rows in all.
    """
    trouble = ""
    for _ in range(READINGS_MAX):
        pages = _reading(fetch, progress)
        trouble = trouble_in(pages, id_column)
        if not trouble:
            whole = pl.concat([page.frame for page in pages], rechunk=True)
            if left_out := sum(page.rows_held for page in pages) - whole.height:
                log.warning("%d entries of the list belong elsewhere or have no ICCID, and are left out", left_out)
            return whole
        log.info("the list does not add up (%s), reading it again", trouble)
    raise ProviderUnavailable(
        f"The provider's list did not add up in {READINGS_MAX} readings: {trouble}. "
        "Somebody may be adding or removing SIMs right now: run the command again when that is over."
    )


def trouble_in(pages: Sequence[Page], id_column: str) -> str:
    """What keeps these pages from being the whole list, once each; empty where nothing does."""
    first = pages[0].marks
    if any((page.marks.pages, page.marks.rows) != (first.pages, first.rows) for page in pages):
        return "its totals changed between pages"
    numbers = [page.marks.number for page in pages]
    if numbers != list(range(1, max(1, first.pages) + 1)):
        return "a page other than the one asked for came"
    held = sum(page.rows_held for page in pages)
    if held != first.rows:
        return f"{first.rows:,} SIMs were announced and {held:,} came"
    ids = pl.concat([page.frame.get_column(id_column) for page in pages])
    repeated = ids.len() - ids.n_unique()
    return f"{repeated:,} SIMs came twice" if repeated else ""


def at_once(work: Callable[[A], T], tasks: Sequence[A], width: int) -> Iterator[T]:
    """Results in the order of the tasks, at most `width` under way; the first failure stops those not begun."""
    if width == 1 or len(tasks) == 1:
        yield from map(work, tasks)
        return
    pool = ThreadPoolExecutor(max_workers=width, thread_name_prefix="provider")
    try:
        waiting: list[Future[T]] = [pool.submit(work, task) for task in tasks]
        for future in waiting:
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _reading(fetch: Callable[[int], Page], progress: Callable[[int, int], None]) -> list[Page]:
    first = fetch(1)
    if first.marks.pages > PAGES_MAX:
        raise ProviderUnavailable(
            f"The provider announces {first.marks.pages:,} pages; {PAGES_MAX:,} are the most that are read. "
            "Split the account, or raise PAGES_MAX in providers/paging.py."
        )
    pages, so_far = [first], first.rows_held
    progress(so_far, first.marks.rows)
    for page in at_once(fetch, range(2, first.marks.pages + 1), PAGES_AT_ONCE):
        pages.append(page)
        so_far += page.rows_held
        progress(so_far, first.marks.rows)
    return pages


def _header(answer: Answer, name: str) -> int:
    text = answer.headers.get(name, "")
    if not (text.isascii() and text.isdigit()):
        raise Unreadable(f"the header {name} is {'no number' if text else 'missing'}")
    return int(text)
