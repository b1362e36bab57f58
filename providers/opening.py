"""What opening accounts takes beside the accounts themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from providers.accounts import Account
from providers.clock import Clock
from providers.emnify_session import AskCode
from providers.secrets import Blocks, Places, Secret, is_reference, resolve


@dataclass(frozen=True, slots=True)
class Means:
    """Who asks a person for a second factor, where Prefect's blocks are, time, and the network where it is not real."""

    ask_code: AskCode | None = None
    blocks: Blocks | None = None
    clock: Clock = field(default_factory=Clock)
    transport: httpx.BaseTransport | None = None

    def secret(self, account: Account, name: str) -> Secret | None:
        """A secret of the account; None where it has none; raises `UsageError` where it is not to be had."""
        return resolve(account.secrets[name], self._places(account)) if name in account.secrets else None

    def text(self, account: Account, name: str, otherwise: str = "") -> str:
        """A text of the account, looked up where it is a reference; raises `UsageError` likewise."""
        text = account.texts.get(name, otherwise)
        return resolve(text, self._places(account)).reveal() if is_reference(text) else text

    def _places(self, account: Account) -> Places:
        return Places(account.folder, blocks=self.blocks)
