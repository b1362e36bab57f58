"""Who can log in to a sandbox, and the accounts file and secret files that simferry reads."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from sandbox.homes import Name, books_in
from sandbox.soracom import accounts as soracom_accounts
from sandbox.supersim import accounts as supersim_accounts

SECRET_MODE = 0o600
ACCOUNTS_FILE = "accounts.toml"

SOURCE, TARGET, OBSERVED, BRAZIL, SMALL_OFFICE, OUT_OF_SIGHT = 4001, 4002, 4003, 4004, 4005, 4006


@dataclass(frozen=True, slots=True)
class Person:
    """A user: where they are Administrator and where they may only look; `mfa_code` None means no second factor."""

    user_id: int
    username: str
    password: str
    administers: tuple[int, ...]
    observes: tuple[int, ...] = ()
    mfa_code: str | None = None
    fingerprint: str | None = None
    home: int = SOURCE

    @property
    def password_sha1(self) -> str:
        """What the API wants instead of the password."""
        return hashlib.sha1(self.password.encode(), usedforsecurity=False).hexdigest()

    @property
    def refresh_token(self) -> str:
        """The refresh token every seeded world knows this user by."""
        return f"sandbox-refresh-{self.user_id}"


EVERYWHERE = (SOURCE, TARGET, BRAZIL, SMALL_OFFICE)
MOVER = Person(77, "mover@acme.example", "Ferry-77-sandbox", EVERYWHERE, (OBSERVED,), "246810", "sandbox-device-77")
TRIAL = Person(78, "trial@acme.example", "Ferry-78-sandbox", EVERYWHERE, (OBSERVED,))  # no second factor
PILOT_ONLY = Person(79, "pilot@acme.example", "Ferry-79-sandbox", (SOURCE,))
VIEWER = Person(80, "viewer@acme.example", "Ferry-80-sandbox", (), (SOURCE, TARGET))
PEOPLE = (MOVER, TRIAL, PILOT_ONLY, VIEWER)
APPLICATION_TOKENS = {f"sandbox-application-{workspace}": workspace for workspace in EVERYWHERE}

HEAD = "# Written by simferry sandbox; these credentials open nothing but the sandbox.\n"
ACCOUNTS = """
[accounts.pilot]
provider = "emnify"
workspace = {source}
base_url = "{base_url}"
username = "{username}"
password = "file:pilot.password"
fingerprint = "file:pilot.fingerprint"
user_id = {user_id}

[accounts.fleet]
provider = "emnify"
workspace = {target}
base_url = "{base_url}"
username = "{username}"
refresh_token = "file:fleet.refresh_token"
"""


def write_accounts(home: Path, base_url: str) -> Path:
    """The path of `accounts.toml`, written with its secret files (mode 0600) beside it.

    It holds the accounts of those providers whose books are in `home`, and of all where there are none yet.
    """
    there = books_in(home) or list(Name)
    text, secrets = HEAD, dict[str, str]()
    if Name.EMNIFY in there:
        text += ACCOUNTS.format(
            source=SOURCE, target=TARGET, base_url=base_url, username=MOVER.username, user_id=MOVER.user_id
        )
        secrets |= {
            "pilot.password": MOVER.password,
            "pilot.fingerprint": str(MOVER.fingerprint),
            "fleet.refresh_token": MOVER.refresh_token,
        }
    if Name.SORACOM in there:
        text += soracom_accounts.accounts_text(base_url)
        secrets |= soracom_accounts.secrets()
    if Name.SUPERSIM in there:
        text += supersim_accounts.accounts_text(base_url)
        secrets |= supersim_accounts.secrets()
    for file, secret in secrets.items():
        _write_secret(home / file, secret)
    accounts = home / ACCOUNTS_FILE
    accounts.write_text(text, encoding="utf-8")
    return accounts


def _write_secret(file: Path, secret: str) -> None:
    """A file that is never, not even at first, readable by others."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(secret + "\n")
