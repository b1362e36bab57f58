"""Registers of an audit read, judged row by row and kept: rows that name a SIM as BOOKED, the others as breaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from domain.audit.frames import BOOKED, BREAKS, HELD, STATED, Register, break_lines
from domain.audit.kinds import Kind
from domain.errors import ListError, UsageError
from domain.findings import Severity
from domain.lists import ListLimits, Sheet
from inputs.audit_settings import AuditSettings, RegisterSettings, remember
from inputs.choose import Asked
from inputs.registers import ACCOUNT, PRICE, SETTING, STATUS, RegisterSheet, read_register
from journal.audits import JSON, Parts
from tasks.audit_asked import Desk
from tasks.audit_buckets import keep
from tasks.kinds import reading
from tasks.voice import voice
from validation.register_rows import RegisterVerdict, judge_rows

ROWS_AT_ONCE = 2_500_000  # that are judged together


@dataclass(frozen=True, slots=True)
class Registers:
    """Every register of the month, those that were handed in now and those it has already."""

    registers: tuple[Register, ...]
    notices: tuple[str, ...]


@reading(name="read the registers of an audit")
def read_all(desk: Desk) -> Registers:
    """Read what was handed in, one register after the other; raises `ListError` where one cannot be read as a list."""
    notices: list[str] = []
    for name, path in desk.files().items():
        notices += _read(desk, name, path)
    found = tuple(
        Register(parts.name, int(parts.facts["listed"] or 0), bool(parts.facts["whole"]))
        for parts in desk.folder.registers()
    )
    if not found:
        raise UsageError(
            f"{desk.folder.month} has no register yet. Name at least one list of what you think you have, as "
            "NAME=FILE:  simferry audit assets=fleet.xlsx --account …"
        )
    return Registers(found, tuple(notices))


def _read(desk: Desk, name: str, path: Path) -> list[str]:
    voice().say(f"Reading {name} ({path.name}) …")
    if path.is_dir():
        _keep_snapshot(desk, name, Parts(path))
        return []
    settings = desk.settings.registers.get(name, RegisterSettings())
    asked = Asked(sheet=settings.sheet, column=settings.iccid, imsi_column=settings.imsi)
    register = read_register(path, asked, settings.columns)
    booked, stated, damaged, unread_prices = _judged(name, register, desk.settings)
    keep(desk.folder.stated(name), stated, {})
    desk.folder.damage(name).replace([damaged], {})
    facts: JSON = {
        "file": path.name,
        "sha256": register.sheet.sha256,
        "sheet": register.sheet.sheet,
        "listed": booked.height + damaged.height,  # a range with every SIM that it stands for
        "damaged": damaged.height,
        "whole": settings.whole,
    }
    keep(desk.folder.register(name), booked, facts)
    return [*_remembered(desk, name, register, settings), *_on_prices(name, unread_prices)]


def _keep_snapshot(desk: Desk, name: str, snapshot: Parts) -> None:
    """An earlier month's snapshot as a register: what an account held then; raises `ListError` where it is none."""
    if not snapshot.is_there:
        raise ListError(
            f"{snapshot.path} is a folder, and no snapshot of an account.\nName a list, or a folder like "
            "audits/2026-10/snapshots/account=east."
        )
    held = snapshot.scan(HELD).with_row_index("row", offset=1).collect()
    booked = held.with_columns(pl.lit(name).alias("register"), pl.lit(None, pl.Float64).alias("price"))
    keep(desk.folder.stated(name), pl.DataFrame(schema=STATED), {})
    desk.folder.damage(name).replace([pl.DataFrame(schema=BREAKS)], {})
    whole = desk.settings.registers.get(name, RegisterSettings(whole=False)).whole
    facts: JSON = {"file": snapshot.path.name, "listed": held.height, "damaged": 0, "whole": whole}
    keep(desk.folder.register(name), booked.match_to_schema(BOOKED, extra_columns="ignore"), facts)


def _judged(
    name: str, register: RegisterSheet, settings: AuditSettings
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, int]:
    """BOOKED, STATED, BREAKS of damaged rows, and how many prices cannot be read."""
    sheet, limits = register.sheet, ListLimits()
    booked, stated, damaged, prices = [], [], [], 0
    for at in range(0, sheet.rows.height, ROWS_AT_ONCE):
        rows, told = sheet.rows.slice(at, ROWS_AT_ONCE), register.told.slice(at, ROWS_AT_ONCE)
        verdict = judge_rows(replace(sheet, rows=rows), limits)
        named = _booked(name, verdict, _told(told, settings))
        booked.append(named.match_to_schema(BOOKED, extra_columns="ignore"))
        stated.append(_stated(named))
        damaged.append(_damaged(name, sheet, verdict))
        prices += int(named.select((pl.col("price").is_null() & pl.col("_price").is_not_null()).sum()).item())
    return (
        pl.concat([pl.DataFrame(schema=BOOKED), *booked]),
        pl.concat([pl.DataFrame(schema=STATED), *stated]),
        pl.concat([pl.DataFrame(schema=BREAKS), *damaged]),
        prices,
    )


def _told(told: pl.DataFrame, settings: AuditSettings) -> pl.DataFrame:
    """What the register says by row (`RegisterSheet.told`); accounts by the names that we know them by."""
    missing = [pl.lit(None, pl.String).alias(name) for name in (ACCOUNT, STATUS, PRICE) if name not in told]
    told = told.with_columns(missing).with_columns(pl.col(PRICE).alias("_price"))
    prices = told.select("_price").unique().with_columns(_amount(pl.col("_price")).alias(PRICE))
    if settings.accounts:
        told = told.with_columns(pl.col(ACCOUNT).replace(dict(settings.accounts)))
    return told.drop(PRICE).join(prices, on="_price", how="left", nulls_equal=True, maintain_order="left")


def _amount(price: pl.Expr) -> pl.Expr:
    """A price as people write it: 1.20, 1,20, 1.234,50 or 1,234.50; the last of the two marks divides off the cents."""
    text = price.str.replace_all(r"[^0-9.,-]", "")
    commas = text.str.contains(r"\.[0-9]*,[0-9]*$|^[^.,]*,[0-9]{1,2}$")
    plain = (
        pl.when(commas)
        .then(text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .otherwise(text.str.replace_all(",", "", literal=True))
    )
    return plain.cast(pl.Float64, strict=False)


def _booked(name: str, verdict: RegisterVerdict, told: pl.DataFrame) -> pl.DataFrame:
    lines = verdict.named.filter(pl.col("iccid").is_not_null() | pl.col("imsi").is_not_null())
    named = lines.select(pl.lit(name).alias("register"), "row", "sim", "iccid", "imsi")
    if named.height == told.height and (named["row"] == told["row"]).all():  # a line for each row, as nearly always
        return named.hstack(told.drop("row"))
    return named.join(told, on="row", how="left", maintain_order="left")


def _stated(named: pl.DataFrame) -> pl.DataFrame:
    settings = [column for column in named.columns if column.startswith(SETTING)]
    if not settings:
        return pl.DataFrame(schema=STATED)
    return (
        named.select("register", "row", "sim", *settings)
        .unpivot(settings, index=["register", "row", "sim"], variable_name="setting", value_name="value")
        .filter(pl.col("sim").is_not_null())
        .with_columns(pl.col("setting").str.strip_prefix(SETTING), pl.col("value").fill_null(""))
        .match_to_schema(STATED)
    )


def _damaged(name: str, sheet: Sheet, verdict: RegisterVerdict) -> pl.DataFrame:
    """A break for each row that was rejected, with what was found first; and for rows that name no number of a SIM."""
    first = verdict.findings.filter(pl.col("severity") == Severity.ERROR).unique("row", keep="first")
    rejected = verdict.rejected.join(first.select("row", "sentence", "cell"), on="row", how="left")
    by_id = verdict.named.filter(pl.col("iccid").is_null() & pl.col("imsi").is_null()).select(
        "row",
        pl.col("sim_id").alias("raw"),
        pl.lit("The row names a SIM by the provider's own id alone; books go by ICCID or IMSI.").alias("sentence"),
        pl.lit(None, pl.String).alias("cell"),
    )
    rows = pl.concat([rejected.select("row", "raw", "sentence", "cell"), by_id], how="vertical_relaxed")
    where = pl.concat_str(pl.lit(sheet.name), pl.lit(", row "), pl.col("row").cast(pl.String))
    return break_lines(
        rows.with_columns(pl.lit(None, pl.UInt64).alias("sim"), pl.lit(None, pl.String).alias("imsi")),
        Kind.DAMAGED,
        who=pl.lit(""),
        subject=pl.concat_str(pl.lit(f"{name}/"), pl.col("row").cast(pl.String)),
        register=pl.lit(name),
        said=pl.concat_str(where, pl.lit(": "), pl.col("raw").fill_null("")),
        seen=pl.col("sentence"),
    )


def _remembered(desk: Desk, name: str, register: RegisterSheet, settings: RegisterSettings) -> list[str]:
    """Write down which columns were found, so that next month's file is read alike."""
    roles = {role.value: column.heading or column.letter for role, column in register.sheet.roles.items()}
    found = replace(
        settings,
        iccid=roles.get("sim"),
        imsi=roles.get("imsi"),
        sheet=register.sheet.sheet or None,
        columns=register.columns,
    )
    if not remember(desk.settings_path, name, found):
        return []
    told = [f"{what} “{heading}”" for what, heading in (("SIM", found.iccid), ("IMSI", found.imsi)) if heading]
    columns = register.columns
    further = (("account", columns.account), ("status", columns.status), ("price", columns.price))
    told += [f"{what} “{heading}”" for what, heading in further if heading]
    return [f"{name} is read by the columns {', '.join(told)}; {desk.settings_path} remembers it, correct it there."]


def _on_prices(name: str, unread: int) -> list[str]:
    if not unread:
        return []
    rows = "1 row has a price" if unread == 1 else f"{unread:,} rows have a price"
    return [f"{name}: {rows} that is no amount; the SIMs count as having none."]
