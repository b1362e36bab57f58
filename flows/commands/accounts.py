"""`simferry accounts`: which accounts are configured, and with `--check` who each credential is."""

from __future__ import annotations

import argparse

from domain.errors import Exit, FerryError
from flows.arguments import accounts_asked
from flows.said import say
from providers.accounts import Account, read_accounts
from providers.registry import whoami
from tasks.accounts import ask_code, block
from tasks.asked import here


def run(asked: argparse.Namespace) -> Exit:
    """List the accounts; with `--check`, log in to each that can be, exit code 6 where one does not let us in."""
    around = here(accounts_asked(asked))
    accounts = read_accounts(around.accounts)
    checked = {name: _check(account) for name, account in accounts.items()} if asked.check else {}
    lines = [f"{around.accounts}:"]
    for name, account in accounts.items():
        lines.append(f"  {name:<16} {_told(account)}")
        if name in checked:
            lines.append(f"  {'':<16} {checked[name][1]}")
    facts = [
        _facts(account) | ({"ok": checked[name][0], "says": checked[name][1]} if name in checked else {})
        for name, account in accounts.items()
    ]
    say(asked, "\n".join(lines), {"accounts": facts})
    return Exit.PROVIDER if any(good is False for good, _ in checked.values()) else Exit.OK


def _check(account: Account) -> tuple[bool | None, str]:
    """Whether the account lets us in, and what there is to say about it; None where there is nothing to log in with."""
    if account.is_blind:
        return None, "Not checked: it has no credentials here, so only its owner can look into it."
    try:
        return True, whoami(account, ask_code=ask_code(), blocks=block)
    except FerryError as error:
        return False, str(error)


def _told(account: Account) -> str:
    """Where the account is, which one, to which other it belongs, and whether SIMs can only be sent there."""
    vendor = f" ({account.vendor})" if account.vendor else ""
    coverage = f", {account.coverage} coverage" if account.coverage else ""
    parent = f", child of {account.parent}" if account.parent else ""
    blind = ", without credentials: only a target, which accepts SIMs itself" if account.is_blind else ""
    return f"{account.provider}{vendor} {account.account_id} at {account.base_url}{coverage}{parent}{blind}"


def _facts(account: Account) -> dict[str, object]:
    """The same for machines."""
    return {
        "name": account.name,
        "provider": account.provider,
        "vendor": account.vendor or None,
        "account_id": account.account_id,
        "parent": account.parent or None,
        "base_url": account.base_url,
        "coverage": account.coverage or None,
        "blind": account.is_blind,
    }
