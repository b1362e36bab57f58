"""A report held against the provider's own books: SIMs lost, SIMs moved or sent twice, and lines that are not true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import polars as pl

from domain.events import Event, Kind
from domain.inventory import SIDE_TYPE, Side
from domain.orders import Part
from domain.outcomes import Outcome, totals
from domain.plan import Step, utc_of

BODY_DIGITS = 19  # of an ICCID by which books and lists are matched; a SIM id of Soracom has as many
CLOCK = timedelta(milliseconds=5)  # the sandbox stamps whole milliseconds
SENDS_IT_AWAY = (Part.DEACTIVATE, Part.MOVE, Part.OFFER, Part.ISSUE, Part.ACCEPT)  # of no use once it has moved

# One line per SIM that a provider has: where it is by the provider's own books, in the words of a report.
#   account   its id, "" for none;  side  of the run, NOWHERE for every other account
#   turns     how often its status was changed by a request, as far as a way limits that
#   moved_at  when it changed its account first (ISO 8601); null where it did not
NOW = pl.Schema(
    {
        "key": pl.String(),
        "account": pl.String(),
        "side": SIDE_TYPE,
        "status": pl.String(),
        "device": pl.String(),
        "group": pl.String(),
        "moves": pl.Int64(),
        "turns": pl.Int64(),
        "moved_at": pl.String(),
    }
)
UNTOUCHED = ["account", "status", "device", "group"]  # of a SIM that no step wanted to change

Line: TypeAlias = "dict[str, str | None]"  # of OUTCOMES, with `parts` and `step`, and the columns of NOW
MayBe: TypeAlias = Callable[[Outcome, Line], bool]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, each in words; nothing where all is well."""

    lost: tuple[str, ...] = ()
    moved_twice: tuple[str, ...] = ()
    lies: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.lost or self.moved_twice or self.lies)

    def __add__(self, other: Verdict) -> Verdict:
        """What either found, each once."""
        both = zip(self._all, other._all, strict=True)
        return Verdict(*(tuple(dict.fromkeys((*mine, *theirs))) for mine, theirs in both))

    @property
    def words(self) -> tuple[str, ...]:
        """All of it."""
        kinds = zip(("lost", "twice", "lie"), self._all, strict=True)
        return tuple(f"{kind}: {one}" for kind, some in kinds for one in some)

    @property
    def _all(self) -> tuple[tuple[str, ...], ...]:
        return (self.lost, self.moved_twice, self.lies)


@dataclass(frozen=True, slots=True)
class Books:
    """A provider's books: as they were before the run (NOW), how to read them now, and what outcomes they allow."""

    before: pl.DataFrame
    read: Callable[[], pl.DataFrame]
    may_be: MayBe

    def verdict(
        self,
        steps: pl.DataFrame,
        outcomes: pl.DataFrame,
        events: Iterable[Event] = (),
        nows: Sequence[pl.DataFrame] = (),
    ) -> Verdict:
        """The run's STEPS and OUTCOMES and its records held against the books.

        `nows` are the books just before and just after the report was made, where a SIM may have changed by itself
        meanwhile: a line is a lie if neither bears it out. Without them they are read now.
        """
        reads = list(nows) or [self.read()]
        lies = set.intersection(*(set(lies_of(steps, outcomes, now, self)) for now in reads))
        return Verdict(
            lost=tuple(lost_of(steps, self.before, reads[-1])),
            moved_twice=(*moved_twice_of(steps, self.before, reads[-1]), *sent_again(events, reads[-1])),
            lies=(*_balance(steps, outcomes), *sorted(lies)),
        )


def lies_of(steps: pl.DataFrame, outcomes: pl.DataFrame, now: pl.DataFrame, books: Books) -> list[str]:
    """Lines whose outcome is not what the books say, or whose last sight is not."""
    before = books.before.select("key", *(pl.col(name).alias(f"{name}_was") for name in UNTOUCHED))
    lines = (
        outcomes.filter(pl.col("outcome") != pl.lit(str(Outcome.REJECTED)))
        .join(steps.select("line", "parts", "step", "key"), on="line", how="left")
        .with_columns(pl.coalesce("key", pl.col("iccid").str.slice(0, BODY_DIGITS)))
        .join(now.drop("group"), on="key", how="left")
        .join(now.select("key", pl.col("group").alias("group_is")), on="key", how="left")
        .join(before, on="key", how="left")
        .with_columns(pl.col("side").fill_null(pl.lit(Side.NOWHERE, SIDE_TYPE)))
    )
    false = []
    for line in lines.iter_rows(named=True):
        seen = (line["side_now"], line["status_now"], line["device_now"], line["group_now"])
        there = (line["side"], line["status"], line["device"], line["group_is"])
        there = there if line["side"] != Side.NOWHERE else (str(Side.NOWHERE), None, None, None)
        if seen != there:
            false.append(f"{line['key']} was last seen {seen} and is {there}")
        if not books.may_be(Outcome(line["outcome"]), line):
            said = (line["outcome"], line["part"], line["reason"])
            false.append(f"{line['key']}, to {line['parts'] or 'stay'}, is said to be {said} and is {there}")
    return false


def lost_of(steps: pl.DataFrame, before: pl.DataFrame, now: pl.DataFrame) -> list[str]:
    """SIMs that are gone, or where neither they were nor the plan wanted them, or changed without a plan."""
    mine = steps.filter(pl.col("step") == pl.lit(str(Step.MOVE)))["key"].to_list()
    was = before.select("key", *(pl.col(name).alias(f"{name}_was") for name in UNTOUCHED))
    both = was.join(now, on="key", how="left")
    gone = both.filter(pl.col("account").is_null())["key"].to_list()
    stayed, arrived = pl.col("account") == pl.col("account_was"), pl.col("side") == pl.lit(Side.TARGET, SIDE_TYPE)
    elsewhere = both.filter(pl.col("key").is_in(mine) & ~stayed & ~arrived)
    same = pl.all_horizontal(*(pl.col(name).eq_missing(pl.col(f"{name}_was")) for name in UNTOUCHED))
    unasked = both.filter(~pl.col("key").is_in(mine) & pl.col("account").is_not_null() & ~same)
    return [
        *(f"{key} is gone" for key in gone),
        *(f"{key} is in {account}" for key, account in elsewhere.select("key", "account").iter_rows()),
        *(f"{key} has changed, and no step wanted that" for key in unasked["key"]),
    ]


def moved_twice_of(steps: pl.DataFrame, before: pl.DataFrame, now: pl.DataFrame) -> list[str]:
    """SIMs that have changed their account more than once, or their status more often than their way has it."""
    was = before.select("key", pl.col("moves").alias("moves_was"), pl.col("turns").alias("turns_was"))
    ways = steps.filter(pl.col("step") == pl.lit(str(Step.MOVE))).select("key", "parts")
    done = (
        was.join(now, on="key")
        .join(ways, on="key", how="left")
        .with_columns(moved=pl.col("moves") - pl.col("moves_was"), turned=pl.col("turns") - pl.col("turns_was"))
    )
    may_turn = pl.col("parts").str.count_matches("activate").fill_null(0)  # deactivate has it in it
    wrong = done.filter((pl.col("moved") > 1) | (pl.col("turned") > may_turn))
    return [
        f"{key}, to {parts}: {moved} moves, {turned} turns"
        for key, parts, moved, turned in wrong.select("key", "parts", "moved", "turned").iter_rows()
    ]


def sent_again(events: Iterable[Event], now: pl.DataFrame) -> list[str]:
    """SIMs that had moved, by the books, when the journal says that they were about to be sent."""
    moved = dict(now.filter(pl.col("moved_at").is_not_null()).select("key", "moved_at").iter_rows())
    at = {key: datetime.fromisoformat(text) for key, text in moved.items()}
    return [
        f"{key} moved at {moved[key]}, and was sent to {event.part} at {event.at}"
        for event in events
        if event.kind == Kind.INTENDED and event.part in SENDS_IT_AWAY
        for key in event.sims
        if key in at and utc_of(event.at) > at[key] + CLOCK
    ]


def _balance(steps: pl.DataFrame, outcomes: pl.DataFrame) -> list[str]:
    """What does not add up: every step has one outcome, and every other line is a rejected row."""
    rejected = totals(outcomes)[Outcome.REJECTED]
    told = outcomes.filter(pl.col("line").is_not_null())
    wrong = told.height != told["line"].n_unique() or set(told["line"]) != set(steps["line"])
    if wrong or outcomes.height - rejected != steps.height:
        return [f"{steps.height} steps, {outcomes.height} lines of a report, {rejected} of them rejected"]
    return []
