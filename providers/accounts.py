"""The accounts file: which accounts there are, at which provider, and where each one's secrets are kept."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import UsageError
from providers.account_fields import choice_of, email_of, flag_of, number_of, text_of, url_of
from providers.account_shapes import COVERAGE, SHAPES, Shape
from providers.account_ways import way_of

ACCOUNTS_BYTES_MAX = 1024 * 1024


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
    flags: Mapping[str, bool] = field(default_factory=dict)
    parent: str = ""  # the account of this file that this one belongs to; "" where it belongs to none

    @property
    def way_in(self) -> str:
        """The name of the secret that opens it; "" where none does."""
        return next((name for name in SHAPES[self.provider].ways_in if name in self.secrets), "")

    @property
    def is_blind(self) -> bool:
        """Whether nobody here can log in to it: SIMs are sent there, and it is not looked into."""
        return not self.way_in

    @property
    def vendor(self) -> str:
        """Who the way in leads to; "" where the provider is the only one."""
        return "" if self.is_blind else SHAPES[self.provider].ways_in[self.way_in].vendor

    @property
    def coverage(self) -> str:
        """Which of the provider's networks it is an account of; "" where there is but one."""
        return self.texts.get(COVERAGE, "")


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
    accounts = {name: _account(path, name, table) for name, table in tables.items()}
    for name, account in accounts.items():
        _check_parent(f"{path}, [accounts.{name}]", account, accounts)
    return accounts


def pick(accounts: Mapping[str, Account], name: str) -> Account:
    """The account of that name; raises `UsageError` that names the nearest."""
    if name in accounts:
        return accounts[name]
    near = difflib.get_close_matches(name, accounts, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"There is no account {name}.{hint} Configured: {', '.join(sorted(accounts))}.")


def parent_of(accounts: Mapping[str, Account], source: Account, target: Account) -> Account | None:
    """The account whose credentials move SIMs from source to target, where it is neither of the two.

    None as well where the provider has no such thing. Raises `UsageError` where the two do not belong together.
    """
    if not SHAPES[source.provider].link or source.provider != target.provider:
        return None
    if source.name == target.parent or target.name == source.parent:
        return None
    if source.parent and source.parent == target.parent:
        return accounts[source.parent]
    raise UsageError(
        f"SIMs move between accounts of one parent, and {source.name} {_belonging(source)} while {target.name} "
        f'{_belonging(target)}. Correct parent = "…" in the accounts file, or name two others.'
    )


def _belonging(account: Account) -> str:
    return f"belongs to {account.parent}" if account.parent else "names none"


def _account(path: Path, name: str, table: object) -> Account:
    where = f"{path}, [accounts.{name}]"
    if not isinstance(table, dict):
        raise UsageError(f"{where} is no table. Write the account's keys under it.")
    shape = SHAPES.get(str(table.get("provider", "")))
    if shape is None:
        raise UsageError(f"{where}: provider is one of {', '.join(sorted(SHAPES))}. Set it.")
    if unknown := sorted(set(table) - shape.keys):
        raise UsageError(f"{where}: unknown keys {', '.join(unknown)}. There are: {', '.join(sorted(shape.keys))}.")
    account_id = _account_id(where, shape, table.get(shape.account_key))
    coverage = _coverage(where, shape, table)
    secrets, way = way_of(where, shape, table)
    usual_url = way.base_url if way is not None and way.base_url else shape.coverages.get(coverage, "")
    return Account(
        name=name,
        provider=table["provider"],
        account_id=account_id,
        base_url=text_of(where, "base_url", table.get("base_url", usual_url)).rstrip("/"),
        texts={
            **({COVERAGE: coverage} if coverage else {}),
            **{key: text_of(where, key, table[key]) for key in sorted(shape.texts & set(table))},
            **{key: url_of(where, key, table[key]) for key in sorted(shape.urls & set(table))},
            **{key: email_of(where, key, table[key]) for key in sorted(shape.emails & set(table))},
        },
        secrets=secrets,
        numbers={key: number_of(where, key, table[key]) for key in sorted(shape.numbers & set(table))},
        folder=path.parent,
        flags={key: flag_of(where, key, table[key]) for key in sorted(shape.flags & set(table))},
        parent=text_of(where, shape.link, table[shape.link]) if shape.link and shape.link in table else "",
    )


def _coverage(where: str, shape: Shape, table: Mapping[str, object]) -> str:
    """The word that stands there; "" where the provider has but one coverage."""
    return choice_of(where, COVERAGE, table.get(COVERAGE), shape.coverages) if shape.coverages else ""


def _account_id(where: str, shape: Shape, value: object) -> str:
    if not shape.account_form:
        return str(number_of(where, shape.account_key, value))
    text = value.strip() if isinstance(value, str) else ""
    if not shape.takes_account(text):
        raise UsageError(f'{where}: {shape.account_key} is {shape.account_example}. Write {shape.account_key} = "…".')
    return text


def _check_parent(where: str, account: Account, accounts: Mapping[str, Account]) -> None:
    """Raise `UsageError` unless the parent is an account here at the same provider, host and way in, on top of all."""
    if not account.parent:
        return
    parent = accounts.get(account.parent)
    if parent is None or parent is account:
        known = ", ".join(sorted(set(accounts) - {account.name})) or "none"
        raise UsageError(f"{where}: parent is the name of another account of this file. There are: {known}.")
    if (parent.provider, parent.base_url) != (account.provider, account.base_url):
        raise UsageError(
            f"{where}: its parent {parent.name} is at {parent.provider}, {parent.base_url}, and itself at "
            f"{account.provider}, {account.base_url}. Name a parent at the same place."
        )
    if parent.way_in != account.way_in:
        raise UsageError(
            f"{where}: it logs in with {account.way_in}, its parent {parent.name} with {parent.way_in}, so they are "
            "accounts of two vendors. Name a parent of the same."
        )
    if parent.parent or parent.account_id == account.account_id:
        what = f"belongs to {parent.parent} itself" if parent.parent else "is the same account"
        raise UsageError(f"{where}: its parent {parent.name} {what}. Name the account at the top.")
