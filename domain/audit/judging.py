"""Books held against accounts, whole columns at a time: which SIMs break which expectation.

All that is judged here is judged SIM by SIM, so a part of all SIMs can be judged by itself, as long as everything that
names one of its SIMs is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from domain.audit.frames import BREAKS, break_lines
from domain.audit.kinds import Kind
from domain.audit.policy import broken_rules
from domain.audit.terms import Terms

# What became of the SIMs of a register: one line per register and state, counted.
STANDS = pl.Schema({"register": pl.String(), "stand": pl.String(), "sims": pl.UInt32()})
# SIMs of accounts by status, and by whether any register names them: one line each, counted.
HOLDINGS = pl.Schema({"account": pl.String(), "status": pl.String(), "in_books": pl.Boolean(), "sims": pl.UInt32()})
EXPIRY = "expiry"
FOUND, MISSING, UNJUDGED, TWICE = "found", "missing", "not judged", "listed again"
STAND_TYPE = pl.Enum([FOUND, MISSING, UNJUDGED])


@dataclass(frozen=True, slots=True)
class Side:
    """Everything that names one of some SIMs: rows of registers (BOOKED, STATED), SIMs of accounts (HELD, SET).

    `further` (sim, imsi) are more IMSIs of SIMs beside the one of HELD; `carried` (CARRIED) what runs have moved.
    """

    booked: pl.DataFrame
    held: pl.DataFrame
    stated: pl.DataFrame
    settings: pl.DataFrame
    further: pl.DataFrame
    carried: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Judged:
    """Breaks (BREAKS), and what became of the SIMs of each register (STANDS)."""

    breaks: pl.DataFrame
    stands: pl.DataFrame


def judge(side: Side, terms: Terms) -> Judged:
    """What is broken about these SIMs, with each SIM of a register counted once; swapped pairs are found elsewhere."""
    booked, again = _once(side.booked)
    several = side.held.filter(pl.col("sim").is_duplicated())
    held = side.held if several.is_empty() else side.held.unique("sim", keep="first", maintain_order=True)
    there = held.select("sim", "account", "status", "imsi")
    joined = booked.join(there, on="sim", how="left", suffix="_held", maintain_order="left").with_columns(
        _stand(terms).alias("stand")
    )
    frames = [
        again,
        _missing(joined),
        *_elsewhere(joined, several, side.carried),
        _other_status(joined, terms),
        _other_pair(joined, side.further),
        *_unbooked(booked, held, terms),
        _two_accounts(several),
        _other_setting(held, side),
        broken_rules(booked, held, terms),
    ]
    breaks = pl.concat([pl.DataFrame(schema=BREAKS), *frames])
    return Judged(_priced(breaks, booked), _counted(joined, side.booked))


def _priced(breaks: pl.DataFrame, booked: pl.DataFrame) -> pl.DataFrame:
    """Breaks with what their SIMs cost, where any register says it."""
    sims = breaks.with_columns(pl.col("who").cast(pl.UInt64, strict=False).alias("_sim"))
    asked = sims.select(pl.col("_sim").alias("sim")).drop_nulls().unique()
    known = booked.filter(pl.col("price").is_not_null()).join(asked, on="sim", how="semi")
    prices = known.unique("sim", keep="first", maintain_order=True).select("sim", pl.col("price").alias("_price"))
    return (
        sims.join(prices, left_on="_sim", right_on="sim", how="left", maintain_order="left")
        .with_columns(pl.coalesce("price", "_price").alias("price"))
        .select(BREAKS.names())
    )


def _once(booked: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every SIM of every register once, in its first row; and a break for each that has more rows."""
    if booked["sim"].null_count() == 0 and booked["sim"].n_unique() == booked.height:  # as nearly always
        return booked, pl.DataFrame(schema=BREAKS)
    named = booked.with_columns(pl.when(pl.col("sim").is_null()).then("imsi").alias("_imsi"))
    key = ["register", "sim", "_imsi"]
    once = named.unique(key, keep="first", maintain_order=True)
    if once.height == booked.height:
        return booked, pl.DataFrame(schema=BREAKS)
    several = (
        named.group_by(key, maintain_order=True)
        .agg(pl.col("row"), pl.col("iccid", "imsi", "account", "price").first(), pl.len().alias("_rows"))
        .filter(pl.col("_rows") > 1)
        .with_columns(pl.col("row").list.eval(pl.element().cast(pl.String)).list.join(", ").alias("rows"))
        .with_columns(pl.col("row").list.first())
    )
    lines = break_lines(
        several,
        Kind.LISTED_TWICE,
        subject=pl.col("register"),
        account=pl.lit(None, pl.String),
        said=pl.format("rows {}", "rows"),
    )
    return once.drop("_imsi"), lines


def _stand(terms: Terms) -> pl.Expr:
    """Whether a SIM of a register was found; one that was not is missing only where every account was read."""
    looked = list(terms.accounts_read)
    not_asked = pl.col("account").is_not_null() & ~pl.col("account").is_in(looked)
    return (
        pl.when(pl.col("account_held").is_not_null())
        .then(pl.lit(FOUND, STAND_TYPE))
        .when(not_asked | pl.lit(not terms.all_read))
        .then(pl.lit(UNJUDGED, STAND_TYPE))
        .otherwise(pl.lit(MISSING, STAND_TYPE))
    )


def _missing(joined: pl.DataFrame) -> pl.DataFrame:
    gone = joined.filter(pl.col("stand") == MISSING)
    said = (
        pl.when(pl.col("account").is_not_null()).then(pl.format("in {}", "account")).otherwise(pl.lit("in our books"))
    )
    return break_lines(
        gone,
        Kind.MISSING,
        subject=pl.col("register"),
        account=pl.lit(None, pl.String),
        said=said,
        seen=pl.lit("nowhere"),
    )


def _elsewhere(joined: pl.DataFrame, several: pl.DataFrame, carried: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """SIMs in another account than the register says, those that a run has carried there apart from the others.

    `several` (HELD) are SIMs that are in several accounts, which are another break.
    """
    other = (
        joined.filter(pl.col("account").is_not_null() & (pl.col("account") != pl.col("account_held")))
        .join(several, on="sim", how="anti")
        .join(carried, on="sim", how="left", maintain_order="left")
    )
    by_run = (pl.col("target") == pl.col("account_held")).fill_null(value=False)
    for kind, rows in (
        (Kind.MOVED_BY_RUN, other.filter(by_run)),
        (Kind.WRONG_ACCOUNT, other.filter(~by_run).with_columns(pl.lit(None, pl.String).alias("run"))),
    ):
        yield break_lines(
            rows,
            kind,
            subject=pl.col("register"),
            account=pl.col("account_held"),
            said=pl.format("in {}", "account"),
            seen=pl.format("in {}", "account_held"),
        )


def _other_status(joined: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    others = joined.filter(pl.col("status") != pl.col("status_held"))  # and so not null on either side
    unlike = others.filter(terms.one_word(pl.col("status")) != terms.one_word(pl.col("status_held")))
    return break_lines(
        unlike,
        Kind.STATUS_DIFFERS,
        subject=pl.col("register"),
        account=pl.col("account_held"),
        said=pl.col("status"),
        seen=pl.col("status_held"),
    )


def _other_pair(joined: pl.DataFrame, further: pl.DataFrame) -> pl.DataFrame:
    """Rows whose ICCID is known and whose IMSI is none of the SIM's."""
    unlike = joined.filter(
        pl.col("iccid").is_not_null() & pl.col("imsi").is_not_null() & (pl.col("imsi") != pl.col("imsi_held"))
    ).join(further, on=["sim", "imsi"], how="anti")
    return break_lines(
        unlike,
        Kind.PAIR_DIFFERS,
        subject=pl.col("register"),
        account=pl.col("account_held"),
        said=pl.col("imsi"),
        seen=pl.col("imsi_held"),
    )


def _unbooked(booked: pl.DataFrame, held: pl.DataFrame, terms: Terms) -> Iterator[pl.DataFrame]:
    """SIMs of accounts that a register which should have all of them does not name."""
    for register in terms.registers:
        if register.whole:
            listed = booked.filter(pl.col("register") == register.name).select("sim").drop_nulls()
            rows = held.join(listed, on="sim", how="anti", maintain_order="left")
            yield break_lines(
                rows,
                Kind.NOT_IN_BOOKS,
                subject=pl.lit(register.name),
                register=pl.lit(register.name),
                seen=pl.format("{} in {}", pl.col("status").fill_null("there"), "account"),
            )


def _two_accounts(several: pl.DataFrame) -> pl.DataFrame:
    sims = several.group_by("sim", maintain_order=True).agg(
        pl.col("iccid", "imsi").first(), pl.col("account").sort().str.join(" and ").alias("accounts")
    )
    return break_lines(sims, Kind.TWO_ACCOUNTS, seen=pl.format("in {}", "accounts"))


def _other_setting(held: pl.DataFrame, side: Side) -> pl.DataFrame:
    """What a register states and the provider holds otherwise, or not at all; "" states that there is none.

    `held` (HELD) has each SIM once.
    """
    if side.stated.is_empty():
        return pl.DataFrame(schema=BREAKS)
    there = held.select("sim", "account", pl.col("iccid").alias("_iccid"), "imsi")
    now = side.settings.select("sim", "setting", pl.col("value").alias("seen")).unique(["sim", "setting"], keep="first")
    rows = (
        side.stated.unique(["register", "sim", "setting"], keep="first", maintain_order=True)
        .join(there, on="sim", how="inner", maintain_order="left")
        .join(now, on=["sim", "setting"], how="left", maintain_order="left")
        .filter(~_is_so(pl.col("setting"), pl.col("value").fill_null(""), pl.col("seen").fill_null("")))
    )
    return break_lines(
        rows,
        Kind.SETTING_DIFFERS,
        subject=pl.concat_str("register", pl.lit("/"), "setting"),
        iccid=pl.col("_iccid"),
        said=pl.col("value").fill_null(""),
        seen=pl.col("seen").fill_null(""),
    )


def _is_so(setting: pl.Expr, said: pl.Expr, seen: pl.Expr) -> pl.Expr:
    """Whether a setting is as stated; of an expiry, its day will do, as books have no hours and no actions."""
    return (said == seen) | ((setting == EXPIRY) & (said != "") & seen.str.starts_with(said))


def _counted(joined: pl.DataFrame, booked: pl.DataFrame) -> pl.DataFrame:
    """SIMs of registers by what became of them (STANDS), and the rows that name one of them again."""
    stands = joined.group_by("register", "stand").len("sims").cast(STANDS)
    if joined.height == booked.height:
        return stands
    rows = booked.group_by("register").len("_rows")
    again = (
        rows.join(joined.group_by("register").len("_sims"), on="register")
        .select("register", pl.lit(TWICE).alias("stand"), (pl.col("_rows") - pl.col("_sims")).alias("sims"))
        .filter(pl.col("sims") > 0)
        .match_to_schema(STANDS)
    )
    return pl.concat([stands, again])
