"""The operators of the simulated Soracom, their three ways in, and their part of the accounts file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sandbox.soracom.words import Coverage, Payment

MFA_CODE = "135790"  # of every root and SAM user, where the switch `second_factor` is on
USER = "simferry"  # every operator's SAM user


class Way(StrEnum):
    """The way in that the accounts file names; every operator has all three."""

    PASSWORD = "password"
    AUTH_KEY = "auth_key"
    USER = "user_password"
    NONE = ""  # only e-mail and id are known: a destination that accepts by the link in its e-mail


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator."""

    id: int
    operator: str
    name: str
    coverage: Coverage
    way: Way
    payment: Payment = Payment.REGISTERED

    @property
    def email(self) -> str:
        """Its primary e-mail."""
        return f"{self.name}@ferry.example"

    @property
    def password(self) -> str:
        """The root user's."""
        return f"Ferry-{self._digest('password')[:12]}"

    @property
    def auth_key_id(self) -> str:
        """`keyId-…`."""
        return f"keyId-{self._digest('key id')}"

    @property
    def auth_key(self) -> str:
        """`secret-…`: the key's secret."""
        return f"secret-{self._digest('key')}{self._digest('key, more')}"

    @property
    def user_password(self) -> str:
        """The SAM user's."""
        return f"Sam-{self._digest('user')[:12]}"

    @property
    def secret(self) -> str:
        """What the accounts file's way in takes."""
        return {Way.PASSWORD: self.password, Way.AUTH_KEY: self.auth_key, Way.USER: self.user_password}[self.way]

    def _digest(self, what: str) -> str:
        return hashlib.md5(f"simferry sandbox {self.operator} {what}".encode(), usedforsecurity=False).hexdigest()


EAST = Operator(1, "OP0000000001", "east", Coverage.GLOBAL, Way.PASSWORD)
WEST = Operator(2, "OP0000000002", "west", Coverage.GLOBAL, Way.AUTH_KEY)
FAR = Operator(3, "OP0000000003", "far", Coverage.GLOBAL, Way.NONE)
EDO = Operator(4, "OP0000000004", "edo", Coverage.JAPAN, Way.USER)
OSAKA = Operator(5, "OP0000000005", "osaka", Coverage.JAPAN, Way.PASSWORD)
KANSAI = Operator(6, "OP2000000006", "kansai", Coverage.JAPAN, Way.AUTH_KEY)
FRESH = Operator(7, "OP0000000007", "fresh", Coverage.GLOBAL, Way.PASSWORD, Payment.NONE)  # in no accounts file
ALL = (EAST, WEST, FAR, EDO, OSAKA, KANSAI, FRESH)
WRITTEN = (EAST, WEST, FAR, EDO, OSAKA, KANSAI)

TABLE = """
[accounts.{name}]
provider = "soracom"
operator = "{operator}"
coverage = "{coverage}"
email = "{email}"
{way_in}base_url = "{base_url}"
"""


def accounts_text(base_url: str) -> str:
    """The operators' tables for `accounts.toml`, each with another way in, one with none."""
    return "".join(
        TABLE.format(
            name=one.name,
            operator=one.operator,
            coverage=one.coverage,
            email=one.email,
            way_in=_way_in(one),
            base_url=base_url,
        )
        for one in WRITTEN
    )


def secrets() -> Mapping[str, str]:
    """File → secret, as the accounts file refers to them."""
    return {f"{one.name}.{one.way}": one.secret for one in WRITTEN if one.way is not Way.NONE}


def _way_in(one: Operator) -> str:
    beside = {Way.AUTH_KEY: f'auth_key_id = "{one.auth_key_id}"\n', Way.USER: f'user = "{USER}"\n'}.get(one.way, "")
    return beside + (f'{one.way} = "file:{one.name}.{one.way}"\n' if one.way is not Way.NONE else "")
