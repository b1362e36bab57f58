"""The accounts of the simulated Super SIM, their credentials at both vendors, and their part of the accounts file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

TOKEN_PATH = "/api-services/v1/auth/token"


@dataclass(frozen=True, slots=True)
class Account:
    """One account; `parent` is the name of the account that it is a child of."""

    id: int
    name: str
    parent: str | None = None
    inactive_moves: bool = False  # whether the provider has unlocked moving its inactive SIMs

    @property
    def sid(self) -> str:
        """`AC` and 32 hexadecimal digits."""
        return "AC" + self._digest("account")

    @property
    def auth_token(self) -> str:
        """Twilio's secret for the account sid; it signs callbacks as well."""
        return self._digest("token")

    @property
    def key_sid(self) -> str:
        """`SK…`: a Twilio API key, which may stand in the account sid's place."""
        return "SK" + self._digest("key")

    @property
    def key_secret(self) -> str:
        """The API key's secret."""
        return self._digest("key secret")

    @property
    def client_id(self) -> str:
        """KORE's API client."""
        return f"sandbox-client-{self.name}"

    @property
    def client_secret(self) -> str:
        """The client's secret; it signs callbacks as well (A)."""
        return self._digest("client secret")

    def _digest(self, what: str) -> str:
        return hashlib.md5(f"simferry sandbox {self.name} {what}".encode(), usedforsecurity=False).hexdigest()


DEPOT = Account(1, "depot", inactive_moves=True)
NORTH = Account(2, "north", "depot", inactive_moves=True)
SOUTH = Account(3, "south", "depot", inactive_moves=True)
ANNEX = Account(4, "annex", "depot")  # where moving inactive SIMs is not unlocked
STRANGER = Account(5, "stranger")  # of another family
ALL = (DEPOT, NORTH, SOUTH, ANNEX, STRANGER)
WRITTEN = (DEPOT, NORTH, SOUTH)  # in the accounts file

TWILIO = """
[accounts.{name}]
provider = "supersim"
account = "{sid}"
{parent}{unlocked}auth_token = "file:{name}.auth_token"
base_url = "{base_url}"
"""
KORE = """
[accounts.kore-{name}]
provider = "supersim"
account = "{sid}"
{parent}{unlocked}client_id = "{client_id}"
client_secret = "file:kore-{name}.client_secret"
token_url = "{base_url}{token_path}"
base_url = "{base_url}"
"""


def accounts_text(base_url: str) -> str:
    """The accounts' tables for `accounts.toml`: the family by Twilio's credentials, and again by KORE's."""
    return "".join(_table(account, TWILIO, "", base_url) for account in WRITTEN) + "".join(
        _table(account, KORE, "kore-", base_url) for account in WRITTEN
    )


def secrets() -> Mapping[str, str]:
    """File → secret, as the accounts file refers to them."""
    twilio = {f"{account.name}.auth_token": account.auth_token for account in WRITTEN}
    kore = {f"kore-{account.name}.client_secret": account.client_secret for account in WRITTEN}
    return twilio | kore


def _table(account: Account, form: str, prefix: str, base_url: str) -> str:
    return form.format(
        name=account.name,
        sid=account.sid,
        parent=f'parent = "{prefix}{account.parent}"\n' if account.parent else "",
        unlocked="inactive_moves = true\n" if account.inactive_moves else "",
        client_id=account.client_id,
        base_url=base_url,
        token_path=TOKEN_PATH,
    )
