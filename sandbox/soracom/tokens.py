"""API keys and tokens, which any restart still accepts: a token tells its login and its end to who has the secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: whose it is, until when, and of which generation."""

    operator_id: int
    user: str
    until_s: float
    generation: int


def issue(secret: bytes, claims: Claims, number: int) -> str:
    """A token, another one for each request number."""
    said = base64.urlsafe_b64encode(
        orjson.dumps([claims.operator_id, claims.user, claims.until_s, claims.generation, number])
    ).rstrip(b"=")
    return f"{said.decode()}.{_signature(secret, said)}"


def read(secret: bytes, token: str) -> Claims | None:
    """What a token says; None for one that was not issued here."""
    said, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, said.encode()).encode()):
        return None
    operator_id, user, until_s, generation, _ = orjson.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
    return Claims(operator_id, user, until_s, generation)


def api_key(secret: bytes, operator_id: int, user: str) -> str:
    """The API key that goes with a login's tokens."""
    return f"api-{_signature(secret, f'key {operator_id} {user}'.encode())[:32]}"


def _signature(secret: bytes, said: bytes) -> str:
    return hmac.new(secret, said, hashlib.sha256).hexdigest()
