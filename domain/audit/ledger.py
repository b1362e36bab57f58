"""Breaks as open items across months: first seen, last seen, whose they are, and what has resolved them.

The ledger of a month follows from that of the month before and from this month's breaks alone, so a month that is
audited again, with an account that had failed, comes to the same as if it had been whole at once.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from domain.audit.frames import BREAKS, IDENTITY
from domain.audit.kinds import MEANINGS, Kind
from domain.audit.terms import Terms


class State(StrEnum):
    """How an item stands this month."""

    NEW = "new"
    OPEN = "still open"
    NOT_LOOKED_AT = "not looked at"  # its register was not handed in, or its account could not be read
    RESOLVED = "resolved"


STATE_TYPE = pl.Enum(State)

# One line per item: the break as it was last seen, and its story. Months are like 2026-11; `age_months` counts from the
# month it was first seen in, 0 there. Items that an earlier month has resolved are in that month's ledger.
LEDGER = pl.Schema(
    {
        **BREAKS,
        "state": STATE_TYPE,
        "first_seen": pl.String(),
        "last_seen": pl.String(),
        "age_months": pl.UInt16(),
        "owner": pl.String(),
        "note": pl.String(),
        "resolved_by": pl.String(),
    }
)

# What people have written beside items: one line per item.
NOTES = pl.Schema(
    {
        **{name: LEDGER[name] for name in IDENTITY},
        "owner": pl.String(),
        "note": pl.String(),
    }
)

NOTES_SHEET = "Open items"  # of the workbook that they are written into


class Heading(StrEnum):
    """Columns of that sheet by which it is read again."""

    KIND = "What is broken"
    SIM = "SIM"
    SUBJECT = "About"
    OWNER = "Owner"
    NOTE = "Note"


# Where SIMs of open items are now: one line per SIM that was found.
NOW = pl.Schema({"who": pl.String(), "account": pl.String(), "status": pl.String(), "run": pl.String()})

_HEADS = ("state", "first_seen", "last_seen", "owner", "note", "resolved_by")


def ledger_of(
    month: str, previous: pl.DataFrame, breaks: pl.DataFrame, now: pl.DataFrame, notes: pl.DataFrame, terms: Terms
) -> pl.DataFrame:
    """The month's ledger (LEDGER): this month's breaks, and what was open before, each once.

    `previous` is the ledger of the last month that was audited, `now` (NOW) says where SIMs of its items are, `notes`
    (NOTES) what people have written, which goes before what stood there.
    """
    key = list(IDENTITY)
    before = previous.filter(pl.col("state") != State.RESOLVED)
    known = before.select(*key, pl.col("first_seen").alias("_first"), "owner", "note")
    seen = breaks.unique(key, keep="first", maintain_order=True).join(known, on=key, how="left", maintain_order="left")
    here = seen.with_columns(
        pl.when(pl.col("_first").is_null()).then(pl.lit(State.NEW)).otherwise(pl.lit(State.OPEN)).alias("state"),
        pl.col("_first").fill_null(month).alias("first_seen"),
        pl.lit(month).alias("last_seen"),
        pl.lit(None, pl.String).alias("resolved_by"),
    )
    gone = before.join(seen, on=key, how="anti", maintain_order="left")
    looked = _looked_at(terms)
    rest = gone.join(_words(now), on="who", how="left", maintain_order="left").with_columns(
        pl.when(looked).then(pl.lit(State.RESOLVED)).otherwise(pl.lit(State.NOT_LOOKED_AT)).alias("state"),
        pl.when(looked).then(pl.col("_words").fill_null("It is no longer so.")).alias("resolved_by"),
    )
    columns = [*BREAKS.names(), *_HEADS]
    both = pl.concat([here.select(columns), rest.with_columns(pl.col("state").cast(pl.String)).select(columns)])
    return (
        _noted(both, notes)
        .with_columns(
            pl.col("state").cast(STATE_TYPE),
            _months(pl.lit(month), pl.col("first_seen")).alias("age_months"),
        )
        .select(LEDGER.names())
    )


def is_open() -> pl.Expr:
    """Whether somebody has to do something about an item (LEDGER)."""
    return (pl.col("state") != State.RESOLVED) & is_work()


def is_work() -> pl.Expr:
    """Whether an item (LEDGER), for as long as it is not resolved, is something to do, and not merely explained."""
    return ~pl.col("kind").is_in([kind for kind, meaning in MEANINGS.items() if not meaning.is_open])


def _looked_at(terms: Terms) -> pl.Expr:
    """Whether this month could have shown the item again: what it is about was handed in, and read.

    An item that names no account is about all of them.
    """
    handed_in = [register.name for register in terms.registers]
    register = pl.col("register").is_null() | pl.col("register").is_in(handed_in)
    account = pl.col("account").is_in(list(terms.accounts_read)) | pl.lit(terms.all_read)
    of_no_sim = pl.col("kind") == Kind.DAMAGED  # what is wrong with a file is seen in the file
    return register & (account.fill_null(terms.all_read) | of_no_sim)


def _words(now: pl.DataFrame) -> pl.DataFrame:
    """What to say of a SIM that is no longer broken."""
    status = pl.when(pl.col("status").is_not_null()).then(pl.format(", {}", "status")).otherwise(pl.lit(""))
    by = pl.when(pl.col("run").is_not_null()).then(pl.format("; moved by {}", "run")).otherwise(pl.lit(""))
    return now.unique("who", keep="first").select(
        "who", pl.format("Seen in {}{}{}.", "account", status, by).alias("_words")
    )


def _noted(items: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    """Items with the owner and the note that people gave them; "" takes one away."""
    latest = notes.unique(list(IDENTITY), keep="last").rename({"owner": "_owner", "note": "_note"})
    joined = items.join(latest, on=list(IDENTITY), how="left", maintain_order="left")
    return joined.with_columns(
        pl.coalesce(f"_{name}", name).replace("", None).alias(name) for name in ("owner", "note")
    )


def _months(last: pl.Expr, first: pl.Expr) -> pl.Expr:
    years = last.str.head(4).cast(pl.Int32) - first.str.head(4).cast(pl.Int32)
    months = last.str.tail(2).cast(pl.Int32) - first.str.tail(2).cast(pl.Int32)
    return (years * 12 + months).cast(pl.UInt16)
