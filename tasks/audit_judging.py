"""Books held against accounts, bucket by bucket, and all that an audit says put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from domain.audit.frames import BOOKED, BREAKS, HELD, SET, STATED, Account, break_lines
from domain.audit.judging import HOLDINGS, Side, judge
from domain.audit.kinds import Kind
from domain.audit.ledger import NOW
from domain.audit.movements import MOVEMENTS, moved_outside, movements
from domain.audit.numbers import found_by_imsi, who
from domain.audit.swaps import with_swaps
from domain.audit.terms import Terms
from journal.audits import MonthFolder, Parts
from tasks.audit_asked import Desk
from tasks.audit_buckets import most_buckets, together, within
from tasks.audit_runs import carried
from tasks.audit_surveys import NUMBERS
from tasks.kinds import reading
from tasks.voice import voice


@dataclass(frozen=True, slots=True)
class Findings:
    """All that this month shows: BREAKS, STANDS, MOVEMENTS, HOLDINGS, and where SIMs of earlier items are (NOW)."""

    breaks: pl.DataFrame
    stands: pl.DataFrame
    moves: pl.DataFrame
    holdings: pl.DataFrame
    now: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of the month, and of the accounts that the month before knows as well."""

    registers: list[Parts]
    stated: list[Parts]
    held: list[Parts]
    settings: list[Parts]
    numbers: list[Parts]
    before: list[Parts]
    compared: tuple[str, ...]  # accounts that both months have read


@reading(name="hold the books against the accounts")
def hold_against(desk: Desk, terms: Terms, earlier: pl.DataFrame) -> Findings:
    """Judge every SIM of the month; `earlier` (LEDGER) are items of the month before, whose SIMs are looked up."""
    tables = _tables(desk, terms)
    every = [*tables.registers, *tables.stated, *tables.held, *tables.settings, *tables.numbers, *tables.before]
    count = most_buckets(every)
    by_imsi, runs = _by_imsi(tables), carried(desk.around)
    heard, found = voice(), []
    for number in range(count):
        found.append(_bucket(tables, terms, by_imsi, within(runs, number, count), earlier, (number, count)))
        heard.progress("Holding the books against the accounts, parts", number + 1, count)
    breaks = with_swaps(pl.concat([one.breaks for one in found]))
    more = [_damaged(desk.folder, tables.registers), _unread(terms.accounts)]
    moves = pl.concat([one.moves for one in found])
    return Findings(
        pl.concat([*more, breaks, moved_outside(moves)]),
        _sum(pl.concat([one.stands for one in found]), ["register", "stand"]),
        moves,
        _sum(pl.concat([one.holdings for one in found]), ["account", "status", "in_books"]),
        pl.concat([one.now for one in found]),
    )


def _tables(desk: Desk, terms: Terms) -> _Tables:
    folder, read, previous = desk.folder, terms.accounts_read, desk.previous
    names = [register.name for register in terms.registers]
    known = {parts.name for parts in previous.snapshots() if not parts.facts.get("problem")} if previous else set()
    compared = tuple(name for name in read if name in known)
    return _Tables(
        registers=[folder.register(name) for name in names],
        stated=[folder.stated(name) for name in names],
        held=[folder.snapshot(name) for name in read],
        settings=[folder.settings(name) for name in read],
        numbers=[folder.numbers(name) for name in read],
        before=[previous.snapshot(name) for name in compared] if previous else [],
        compared=compared,
    )


def _bucket(
    tables: _Tables, terms: Terms, by_imsi: pl.DataFrame, runs: pl.DataFrame, earlier: pl.DataFrame, at: tuple[int, int]
) -> Findings:
    booked = _numbered(together(tables.registers, BOOKED, *at))  # `by_imsi` has the others with their SIMs
    side = Side(
        booked=pl.concat([booked, within(by_imsi, *at)]),
        held=_numbered(together(tables.held, HELD, *at)),
        stated=together(tables.stated, STATED, *at),
        settings=together(tables.settings, SET, *at),
        further=together(tables.numbers, NUMBERS, *at),
        carried=runs,
    )
    judged = judge(side, terms)
    return Findings(judged.breaks, judged.stands, _moves(tables, side, at), _holdings(side), _now(side, earlier))


def _moves(tables: _Tables, side: Side, at: tuple[int, int]) -> pl.DataFrame:
    if not tables.compared:
        return pl.DataFrame(schema=MOVEMENTS)
    now = side.held.filter(pl.col("account").is_in(list(tables.compared)))
    return movements(_numbered(together(tables.before, HELD, *at)), now, side.carried)


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("sim").is_not_null()) if rows["sim"].null_count() else rows


def _by_imsi(tables: _Tables) -> pl.DataFrame:
    """Rows of registers that state an IMSI alone (BOOKED), with the SIM that has it: all accounts are asked."""
    alone = [table.scan(BOOKED).filter(pl.col("sim").is_null()).collect() for table in tables.registers]
    rows = pl.concat([pl.DataFrame(schema=BOOKED), *alone])
    if rows.is_empty():
        return rows
    imsis = rows.select("imsi").drop_nulls().unique().lazy()
    scans = [table.scan(HELD).select("imsi", "sim") for table in tables.held]
    scans += [table.scan(NUMBERS).select("imsi", "sim") for table in tables.numbers]
    known = pl.concat(scans).join(imsis, on="imsi", how="semi").collect(engine="streaming") if scans else None
    return rows if known is None else found_by_imsi(rows, known)


def _holdings(side: Side) -> pl.DataFrame:
    in_books = pl.col("sim").is_in(side.booked["sim"].implode()).alias("in_books")
    return (
        side.held.select("account", "status", in_books)
        .group_by("account", "status", "in_books")
        .len("sims")
        .match_to_schema(HOLDINGS)
    )


def _now(side: Side, earlier: pl.DataFrame) -> pl.DataFrame:
    if earlier.is_empty():
        return pl.DataFrame(schema=NOW)
    asked = earlier.select("who").unique()
    named = side.held.with_columns(who(pl.col("sim"), pl.col("imsi")).alias("who")).join(asked, on="who", how="semi")
    by_run = pl.when(pl.col("target") == pl.col("account")).then("run").alias("run")
    return (
        named.join(side.carried, on="sim", how="left").select("who", "account", "status", by_run).match_to_schema(NOW)
    )


def _damaged(folder: MonthFolder, registers: Sequence[Parts]) -> pl.DataFrame:
    tables = [folder.damage(parts.name).scan(BREAKS).collect() for parts in registers]
    return pl.concat([pl.DataFrame(schema=BREAKS), *tables])


def _unread(accounts: Sequence[Account]) -> pl.DataFrame:
    rows = pl.DataFrame(
        [(account.name, account.problem) for account in accounts if not account.was_read],
        schema={"account": pl.String(), "problem": pl.String()},
        orient="row",
    ).with_columns(pl.lit(None, pl.UInt64).alias("sim"), pl.lit(None, pl.String).alias("imsi"))
    return break_lines(
        rows, Kind.UNREAD, who=pl.lit(""), subject=pl.col("account"), said=pl.lit("to be read"), seen=pl.col("problem")
    )


def _sum(counts: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    schema = counts.schema
    return counts.group_by(by).agg(pl.col("sims").sum()).sort(by).match_to_schema(schema)
