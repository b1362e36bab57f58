"""The keys that accounts of each provider have in the accounts file, and what may stand there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

TWILIO_URL = "https://supersim.twilio.com"
KORE_URL = "https://supersim.api.korewireless.com"
COVERAGE = "coverage"


@dataclass(frozen=True, slots=True)
class Way:
    """One way in, by the secret that it takes: where it leads by default, and what has to stand or may stand beside it.

    `base_url` is "" where the account's coverage decides that. `vendor` is who it leads to, where one provider's
    interface is several vendors'.
    """

    base_url: str = ""
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys of one provider's accounts; of `ways_in`, by their secret, exactly one is wanted.

    Or none at all, for an account that SIMs only go to, where `blind_needs` says what stands in its place.
    """

    account_key: str
    ways_in: Mapping[str, Way]
    account_form: str = ""  # a pattern for a text; without one it is a number
    account_example: str = ""
    texts: frozenset[str] = frozenset()  # no secrets: plain, or a reference
    urls: frozenset[str] = frozenset()  # https, or http to this machine
    emails: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()  # references alone
    numbers: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    link: str = ""  # the key that names another account of the file, which this one belongs to
    coverages: Mapping[str, str] = field(default_factory=dict)  # each with where it is by default; one has to be named
    blind_needs: tuple[str, ...] = ()  # none: every account has to have a way in

    @property
    def keys(self) -> frozenset[str]:
        """Every key that may stand in the table."""
        coverage = COVERAGE if self.coverages else ""
        own = frozenset({"provider", "base_url", self.account_key, self.link, coverage}) - {""}
        return own | self.texts | self.urls | self.emails | self.secrets | self.numbers | self.flags

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
    "soracom": Shape(
        account_key="operator",
        ways_in={
            "password": Way(needs=("email",)),
            "auth_key": Way(needs=("auth_key_id",), may_have=("email",)),
            "user_password": Way(needs=("user",), may_have=("email",)),
        },
        account_form="OP[0-9]{10}",
        account_example="OP and 10 digits",
        texts=frozenset({"auth_key_id", "user"}),
        emails=frozenset({"email"}),
        secrets=frozenset({"password", "auth_key", "user_password"}),
        numbers=frozenset({"calls_in_flight", "token_life_s"}),
        coverages={"global": "https://g.api.soracom.io", "japan": "https://api.soracom.io"},
        blind_needs=("email",),
    ),
}
