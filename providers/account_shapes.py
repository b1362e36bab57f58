"""The keys that accounts of each provider have in the accounts file, and what may stand there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

TWILIO_URL = "https://supersim.twilio.com"
KORE_URL = "https://supersim.api.korewireless.com"


@dataclass(frozen=True, slots=True)
class Way:
    """One way in, by the secret that it takes: where it leads by default, and what has to stand or may stand beside it.

    `vendor` is who it leads to, where one provider's interface is several vendors'.
    """

    base_url: str
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys of one provider's accounts; of `ways_in`, by their secret, exactly one is wanted."""

    account_key: str
    ways_in: Mapping[str, Way]
    account_form: str = ""  # a pattern for a text; without one it is a number
    account_example: str = ""
    texts: frozenset[str] = frozenset()  # no secrets: plain, or a reference
    urls: frozenset[str] = frozenset()  # https, or http to this machine
    secrets: frozenset[str] = frozenset()  # references alone
    numbers: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    link: str = ""  # the key that names another account of the file, which this one belongs to

    @property
    def keys(self) -> frozenset[str]:
        """Every key that may stand in the table."""
        own = frozenset({"provider", "base_url", self.account_key, self.link} - {""})
        return own | self.texts | self.urls | self.secrets | self.numbers | self.flags

    def takes_account(self, text: str) -> bool:
        """Whether the text is an account's id in the form that `account_form` says."""
        return re.fullmatch(self.account_form, text) is not None


SHAPES = {
    "emnify": Shape(
        account_key="workspace",
        ways_in={
            "password": Way("https://cdn.emnify.net", needs=("username",)),
            "refresh_token": Way("https://cdn.emnify.net", may_have=("username",)),
            "application_token": Way("https://cdn.emnify.net", may_have=("username",)),
        },
        texts=frozenset({"username"}),
        secrets=frozenset({"password", "refresh_token", "application_token", "fingerprint"}),
        numbers=frozenset({"user_id", "requests_per_5_min", "calls_in_flight"}),
    ),
    "supersim": Shape(
        account_key="account",
        ways_in={
            "auth_token": Way(TWILIO_URL, may_have=("username",), vendor="Twilio"),
            "client_secret": Way(KORE_URL, needs=("client_id",), may_have=("token_url",), vendor="KORE"),
        },
        account_form="AC[0-9a-fA-F]{32}",
        account_example="AC and 32 hex digits",
        texts=frozenset({"username", "client_id"}),
        urls=frozenset({"token_url", "callback_url"}),
        secrets=frozenset({"auth_token", "client_secret", "callback_secret"}),
        numbers=frozenset({"calls_in_flight"}),
        flags=frozenset({"inactive_moves"}),
        link="parent",
    ),
}
