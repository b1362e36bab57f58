"""The audit's settings file: what the columns of registers mean and what the policy allows."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.audit.terms import Rule
from domain.errors import UsageError
from inputs.registers import RegisterColumns

SETTINGS_BYTES_MAX = 1024 * 1024
RULES_MAX = 200
_TABLES = {"currency", "registers", "accounts", "statuses", "policy"}
_REGISTER_KEYS = {"iccid", "imsi", "account", "status", "price", "whole", "sheet", "settings"}
_RULE_KEYS = {"name", "words", "statuses", "accounts", "not_in", "within", "over_days"}


@dataclass(frozen=True, slots=True)
class RegisterSettings:
    """How one register is read; None is found out. `whole`: every SIM of the accounts belongs into it."""

    iccid: str | None = None
    imsi: str | None = None
    sheet: str | None = None
    whole: bool = True
    columns: RegisterColumns = field(default_factory=RegisterColumns)


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Everything that is the same every month."""

    registers: Mapping[str, RegisterSettings] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)  # a register's word -> name in the accounts file
    statuses: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    currency: str = ""


def read_settings(path: Path) -> AuditSettings:
    """The settings; the usual ones where there is no file. Raises `UsageError` that names table and key."""
    if not path.exists():
        return AuditSettings()
    try:
        raw = path.read_bytes()[: SETTINGS_BYTES_MAX + 1]
        document = tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Name another with --settings.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}. Mend that line.") from error
    _known(path, "", document, _TABLES)
    rules = document.get("policy", [])
    if not isinstance(rules, list) or len(rules) > RULES_MAX:
        raise UsageError(f"{path}: the policy is at most {RULES_MAX} tables [[policy]]. Mend it.")
    named = document.get("registers", {})
    if not isinstance(named, dict):
        raise UsageError(f"{path}: registers are tables [registers.NAME]. Mend it.")
    return AuditSettings(
        registers={name: _register(path, name, table) for name, table in named.items()},
        accounts=_texts(path, document, "accounts"),
        statuses=_texts(path, document, "statuses"),
        rules=tuple(_rule(path, place, table) for place, table in enumerate(rules, start=1)),
        currency=_text(path, "", document, "currency") or "",
    )


def remember(path: Path, name: str, found: RegisterSettings) -> bool:
    """Write down how a register was read, where the file does not say it yet; whether it was written.

    A table is added at the end, so that nothing that a person wrote is touched.
    """
    settings = read_settings(path)
    if name in settings.registers:
        return False
    columns = found.columns
    texts = {
        "iccid": found.iccid,
        "imsi": found.imsi,
        "sheet": found.sheet,
        "account": columns.account,
        "status": columns.status,
        "price": columns.price,
    }
    lines = [f"{key} = {_quoted(text)}" for key, text in texts.items() if text]
    table = f"[registers.{_quoted(name)}]\n" + "\n".join([*lines, f"whole = {str(found.whole).lower()}"]) + "\n"
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    path.write_text(before + gap + table, encoding="utf-8")
    return True


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a basic string of TOML is written as one of JSON


def _register(path: Path, name: str, table: object) -> RegisterSettings:
    where = f" [registers.{name}]"
    if not isinstance(table, dict):
        raise UsageError(f"{path}:{where} is no table. Write the register's columns under it.")
    _known(path, where, table, _REGISTER_KEYS)
    whole = table.get("whole", True)
    if not isinstance(whole, bool):
        raise UsageError(f"{path}:{where} whole is true or false. Correct it.")
    columns = {key: _text(path, where, table, key) for key in ("account", "status", "price")}
    return RegisterSettings(
        iccid=_text(path, where, table, "iccid"),
        imsi=_text(path, where, table, "imsi"),
        sheet=_text(path, where, table, "sheet"),
        whole=whole,
        columns=RegisterColumns(**columns, settings=_texts(path, table, "settings", where)),
    )


def _rule(path: Path, place: int, table: object) -> Rule:
    where = f" [[policy]] {place}"
    if not isinstance(table, dict):
        raise UsageError(f"{path}:{where} is no table. Write name, words and statuses under it.")
    _known(path, where, table, _RULE_KEYS)
    days = table.get("over_days")
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 0):
        raise UsageError(f"{path}:{where} over_days is a number of days. Correct it.")
    name = _text(path, where, table, "name")
    if not name:
        raise UsageError(f"{path}:{where} has no name. Give it one: breaks are told by it.")
    statuses = _list(path, where, table, "statuses")
    if not statuses:
        raise UsageError(f"{path}:{where} ({name}) has no statuses. Name those that it is about.")
    return Rule(
        name=name,
        words=_text(path, where, table, "words") or name,
        statuses=statuses,
        accounts=_list(path, where, table, "accounts"),
        not_in=_text(path, where, table, "not_in") or "",
        within=_text(path, where, table, "within") or "",
        over_days=days,
    )


def _known(path: Path, where: str, table: Mapping[str, object], keys: set[str]) -> None:
    if unknown := sorted(set(table) - keys):
        raise UsageError(
            f"{path}:{where} has keys that nobody reads: {', '.join(unknown)}. There are: {', '.join(sorted(keys))}."
        )


def _text(path: Path, where: str, table: Mapping[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"{path}:{where} {key} is a text in quotes. Correct it.")
    return value


def _texts(path: Path, table: Mapping[str, object], key: str, where: str = "") -> dict[str, str]:
    found = table.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise UsageError(f'{path}:{where} {key} is a table of texts, "this" = "that". Correct it.')
    return dict(found)


def _list(path: Path, where: str, table: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(value, str) for value in found):
        raise UsageError(f'{path}:{where} {key} is a list of texts, ["this", "that"]. Correct it.')
    return tuple(found)
