"""The accounts file: which accounts there are, at which provider, and where each one's secrets are kept."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import UsageError
from providers.secrets import is_reference

ACCOUNTS_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys that one provider's accounts have; `ways_in` are the sets of secrets of which exactly one is wanted."""

    account_key: str
    base_url: str  # where the file gives none
    texts: frozenset[str]  # no secrets: plain, or a reference
    secrets: frozenset[str]  # references alone
    numbers: frozenset[str]
    ways_in: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        """Every key that may stand in the table."""
        return frozenset({"provider", "base_url", self.account_key}) | self.texts | self.secrets | self.numbers


SHAPES = {
    "emnify": Shape(
        account_key="workspace",
        base_url="https://cdn.emnify.net",
        texts=frozenset({"username"}),
        secrets=frozenset({"password", "refresh_token", "application_token", "fingerprint"}),
        numbers=frozenset({"user_id", "requests_per_5_min", "calls_in_flight"}),
        ways_in=("password", "refresh_token", "application_token"),
    ),
}


@dataclass(frozen=True, slots=True)
class Account:
    """One account as configured; `texts` and `secrets` hold references, resolved only when somebody logs in."""

    name: str
    provider: str
    account_id: str
    base_url: str
    texts: Mapping[str, str]
    secrets: Mapping[str, str]
    numbers: Mapping[str, int]
    folder: Path  # of the accounts file: what `file:` is relative to


def read_accounts(path: Path) -> dict[str, Account]:
    """Accounts by name; raises `UsageError` that names file, table and key, and what to write instead."""
    try:
        with path.open("rb") as file:
            raw = file.read(ACCOUNTS_BYTES_MAX + 1)
    except OSError as error:
        raise UsageError(
            f"The accounts file {path} cannot be read: {error.strerror}. Name one with --accounts FILE or "
            "SIMFERRY_ACCOUNTS; the README shows what it looks like."
        ) from error
    if len(raw) > ACCOUNTS_BYTES_MAX:
        raise UsageError(f"{path} is larger than {ACCOUNTS_BYTES_MAX} bytes, which no accounts file is. Name another.")
    try:
        document = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}. Mend that line.") from error
    tables = document.get("accounts")
    if not isinstance(tables, dict) or not tables:
        raise UsageError(f"{path} has no [accounts.NAME] table. Add one per account; the README shows an example.")
    if stray := sorted(set(document) - {"accounts"}):
        raise UsageError(f"{path} has tables that nobody reads: {', '.join(stray)}. Accounts are [accounts.NAME].")
    return {name: _account(path, name, table) for name, table in tables.items()}


def pick(accounts: Mapping[str, Account], name: str) -> Account:
    """The account of that name; raises `UsageError` that names the nearest."""
    if name in accounts:
        return accounts[name]
    near = difflib.get_close_matches(name, accounts, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"There is no account {name}.{hint} Configured: {', '.join(sorted(accounts))}.")


def _account(path: Path, name: str, table: object) -> Account:
    where = f"{path}, [accounts.{name}]"
    if not isinstance(table, dict):
        raise UsageError(f"{where} is no table. Write the account's keys under it.")
    shape = SHAPES.get(str(table.get("provider", "")))
    if shape is None:
        raise UsageError(f"{where}: provider is one of {', '.join(sorted(SHAPES))}. Set it.")
    if unknown := sorted(set(table) - shape.keys):
        raise UsageError(f"{where}: unknown keys {', '.join(unknown)}. There are: {', '.join(sorted(shape.keys))}.")
    return Account(
        name=name,
        provider=table["provider"],
        account_id=str(_number(where, shape.account_key, table.get(shape.account_key))),
        base_url=_text(where, "base_url", table.get("base_url", shape.base_url)).rstrip("/"),
        texts={key: _text(where, key, table[key]) for key in sorted(shape.texts & set(table))},
        secrets=_secrets(where, shape, table),
        numbers={key: _number(where, key, table[key]) for key in sorted(shape.numbers & set(table))},
        folder=path.parent,
    )


def _secrets(where: str, shape: Shape, table: Mapping[str, object]) -> dict[str, str]:
    """References; a message never repeats what stands there, since that may be the secret itself."""
    given = {key: _text(where, key, table[key]) for key in sorted(shape.secrets & set(table))}
    for key, text in given.items():
        if not is_reference(text):
            raise UsageError(
                f"{where}: {key} holds the secret itself. Keep it elsewhere and write where: "
                f'{key} = "env:NAME", "file:PATH" or "prefect:BLOCK".'
            )
    ways = [key for key in shape.ways_in if key in given]
    if len(ways) != 1:
        found = f"has {' and '.join(ways)}" if ways else "has no credentials"
        raise UsageError(f"{where} {found}. Give exactly one of {', '.join(shape.ways_in)}.")
    if ways == ["password"] and "username" not in table:
        raise UsageError(f"{where}: a password needs its username. Add username.")
    return given


def _text(where: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f'{where}: {key} is text. Write {key} = "…".')
    return value.strip()


def _number(where: str, key: str, value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UsageError(f"{where}: {key} is a whole number from 1 on. Write {key} = 123.")
    return value
