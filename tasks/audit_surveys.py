"""Every account of an audit read whole, side by side, and kept; one that fails is told and stops no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from domain.audit.frames import HELD, SET, Account
from domain.audit.movements import since
from domain.audit.numbers import sim_number
from domain.errors import FerryError, ProviderUnavailable, UsageError
from domain.inventory import GROUPS, Side
from domain.plan import utc_text
from domain.settings import GROUP
from journal.audits import JSON
from providers import accounts as configured
from providers.protocol import Survey
from providers.registry import open_eyes
from tasks.accounts import ask_code, block
from tasks.audit_asked import Desk
from tasks.audit_buckets import keep
from tasks.clock import WallClock
from tasks.kinds import reading
from tasks.voice import voice

READ_AT_ONCE = 8  # accounts
NUMBERS = pl.Schema({"sim": pl.UInt64(), "imsi": pl.String()})


@dataclass(frozen=True, slots=True)
class _Read:
    survey: Survey
    groups: pl.DataFrame
    at: datetime


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Every account of the month, those that could not be read now, with why, and what else there is to know."""

    accounts: tuple[Account, ...]
    failed: Mapping[str, str]
    notices: tuple[str, ...]


@reading(name="survey the accounts of an audit")
def survey_all(desk: Desk) -> Surveyed:
    """Read the accounts that this audit asks for, and say of every one of the month whether it is known.

    Raises `UsageError` where there is nothing to go by: no account was named, or none has a snapshot.
    """
    names = _to_read(desk)
    known = configured.read_accounts(desk.around.accounts) if names else {}
    chosen = {name: configured.pick(known, name) for name in names}
    if blind := [name for name, account in chosen.items() if account.is_blind]:
        raise UsageError(
            f"{desk.around.accounts} has no credentials for {', '.join(blind)}, so nobody can look into it. Give it "
            "some (a user that may read SIMs is enough), or leave it out."
        )
    with ThreadPoolExecutor(max_workers=READ_AT_ONCE, thread_name_prefix="account") as pool:
        reads = {name: pool.submit(copy_context().run, _read, desk, account) for name, account in chosen.items()}
        problems = {name: read.result() for name, read in reads.items()}
    failed = {name: problem for name, problem in problems.items() if problem}
    accounts = _known(desk)
    return Surveyed(accounts, failed, tuple(_notices(desk, accounts)))


def _notices(desk: Desk, accounts: tuple[Account, ...]) -> Iterator[str]:
    """What whoever reads the audit should know of how it was read."""
    late = []
    for account in accounts:
        snapshot = desk.folder.snapshot(account.name)
        facts = snapshot.facts if snapshot.is_there else {}
        if account.was_read and str(facts.get("read_at"))[:7] > desk.folder.month:
            late.append(account.name)
        if facts.get("unnumbered"):
            yield f"{account.name} has {facts['unnumbered']:,} SIMs without an ICCID, which no register can name."
    if late:
        yield f"Read when {desk.folder.month} was over: {', '.join(late)}."


def _to_read(desk: Desk) -> tuple[str, ...]:
    asked = desk.asked
    if asked.from_snapshots:
        if asked.only:
            raise UsageError("--only reads accounts, and --from-snapshots reads none. Leave one of them out.")
        if unknown := [name for name in asked.accounts if not desk.folder.snapshot(name).is_there]:
            raise UsageError(
                f"{desk.folder.month} has no snapshot of {', '.join(unknown)}. Read it with --only {unknown[0]}, or "
                "leave its name away."
            )
        return ()
    if asked.only:
        return asked.only
    if not asked.accounts:
        raise UsageError("An audit needs accounts. Name each with --account, or go by what was read: --from-snapshots.")
    return asked.accounts


def _known(desk: Desk) -> tuple[Account, ...]:
    """Every account of this month: those that were named now, and those that it has a snapshot of already.

    All of them, since a SIM is missing only where each has been looked into.
    """
    found = {}
    for parts in desk.folder.snapshots():
        facts = parts.facts
        found[parts.name] = Account(
            parts.name, str(facts["provider"]), int(facts["rows"] or 0), str(facts.get("problem") or "")
        )
    for name in desk.asked.accounts:
        found.setdefault(name, Account(name, "", 0, "It has not been read this month."))
    if not found:
        raise UsageError(f"{desk.folder.month} has no account that was read. Name accounts with --account.")
    return tuple(account for _, account in sorted(found.items()))


def _read(desk: Desk, account: configured.Account) -> str:
    """Why the account could not be read; "" where it was. What this month has of it already stays until it was."""
    heard, clock = voice(), WallClock()
    for left in reversed(range(1 + desk.asked.retries)):
        try:
            read = _survey(account, clock)
        except FerryError as error:
            if left and isinstance(error, ProviderUnavailable):
                heard.say(f"{account.name} could not be read and is tried again in {desk.asked.retry_s:g} s: {error}")
                clock.sleep(desk.asked.retry_s)
                continue
            heard.say(f"{account.name} could not be read: {error}")
            _keep_problem(desk, account, str(error), clock.now())
            return str(error)
        _keep(desk, account, read)
        heard.say(f"{account.name}: {read.survey.sims.height:,} SIMs.")
        break
    return ""


def _survey(account: configured.Account, clock: WallClock) -> _Read:
    heard, title = voice(), f"{account.name}, SIMs"
    with open_eyes(account, ask_code=ask_code(), blocks=block) as reader:
        survey = reader.survey(Side.SOURCE, lambda done, of: heard.progress(title, done, of))
        return _Read(survey, reader.groups(Side.SOURCE), clock.now())


def _keep_problem(desk: Desk, account: configured.Account, problem: str, at: datetime) -> None:
    snapshot = desk.folder.snapshot(account.name)
    if not snapshot.is_there or snapshot.facts.get("problem"):
        facts: JSON = {"provider": account.provider, "problem": problem, "read_at": utc_text(at)}
        keep(snapshot, pl.DataFrame(schema=HELD), facts)


def _keep(desk: Desk, account: configured.Account, read: _Read) -> None:
    numbered = read.survey.sims.with_columns(sim_number(pl.col("iccid")).alias("sim"))
    held = _with_days(desk, account.name, _held(account.name, numbered, read, desk.today))
    facts: JSON = {
        "provider": account.provider,
        "account_id": account.account_id,
        "how": read.survey.how,
        "read_at": utc_text(read.at),
        "problem": "",
        "unnumbered": held["sim"].null_count(),
    }
    by_key = numbered.select("key", "sim")
    keep(desk.folder.settings(account.name), _set(account.name, numbered, read), {})
    further = read.survey.aliases.join(by_key, on="key").select("sim", "imsi").drop_nulls().unique()
    keep(desk.folder.numbers(account.name), further.match_to_schema(NUMBERS), {})
    keep(desk.folder.snapshot(account.name), held, facts)  # last: a month has an account when all of it is there


def _held(name: str, numbered: pl.DataFrame, read: _Read, day: date) -> pl.DataFrame:
    return (
        numbered.join(_names(read.groups), on="group", how="left", maintain_order="left")
        .select(
            pl.lit(name).alias("account"),
            "sim",
            "iccid",
            "imsi",
            "status",
            pl.coalesce("group_name", "group").alias("group"),
            pl.lit(day).alias("status_since"),
        )
        .match_to_schema(HELD)
    )


def _set(name: str, numbered: pl.DataFrame, read: _Read) -> pl.DataFrame:
    """What SIMs are set to, groups by their names."""
    names = _names(read.groups)
    listed = (
        read.survey.settings.filter(pl.col("setting") != GROUP)
        .join(numbered.select("key", "sim"), on="key")
        .select("sim", "setting", "value")
    )
    grouped = (
        numbered.filter(pl.col("group").is_not_null())
        .join(names, on="group", how="left")
        .select("sim", pl.lit(GROUP).alias("setting"), pl.coalesce("group_name", "group").alias("value"))
    )
    named = numbered.filter(pl.col("name").is_not_null()).select(
        "sim", pl.lit("name").alias("setting"), pl.col("name").alias("value")
    )
    return (
        pl.concat([listed, grouped, named])
        .select(pl.lit(name).alias("account"), "sim", "setting", "value")
        .match_to_schema(SET)
    )


def _names(groups: pl.DataFrame) -> pl.DataFrame:
    return groups.match_to_schema(GROUPS).select("group", pl.col("name").alias("group_name")).unique("group")


def _with_days(desk: Desk, name: str, held: pl.DataFrame) -> pl.DataFrame:
    """Since when SIMs are in their status, as far as last month's snapshot of the account tells."""
    previous = desk.previous
    if previous is None or not previous.snapshot(name).is_there:
        return held
    return since(previous.snapshot(name).scan(HELD).collect(), held)
