"""KORE's access tokens, which any restart still accepts, and the call that gives them out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import orjson

from sandbox.exchange import JSON, Answer, Asked

if TYPE_CHECKING:
    from sandbox.supersim.service import Service

FORM = "application/x-www-form-urlencoded"
GRANT = "client_credentials"


def give_token(service: Service, asked: Asked, name: str) -> Answer:  # noqa: ARG001 - the path has no name
    """`POST /api-services/v1/auth/token`: 400 for what is no such request, 401 for wrong credentials."""
    if asked.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return _error(400, "invalid_request", "The body must be a form")
    form = dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))
    if form.get("grant_type") != GRANT:
        return _error(400, "unsupported_grant_type", "grant_type must be client_credentials")
    if not service.client(form.get("client_id", ""), form.get("client_secret", "")):
        return _error(401, "unauthorized_client", "Invalid client or Invalid client credentials")
    life_s = service.switches.token_life_s
    token = issue(service.secret, form["client_id"], service.clock.now_s() + life_s, service.generation, asked.number)
    return Answer.of(
        200, {"access_token": token, "expires_in": int(life_s), "token_type": "Bearer", "scope": form.get("scope", "")}
    )


def issue(secret: bytes, client_id: str, until_s: float, generation: int, number: int) -> str:
    """A token that tells its client and its end to whoever holds the secret."""
    claims: dict[str, JSON] = {"client": client_id, "until_s": until_s, "generation": generation, "number": number}
    said = base64.urlsafe_b64encode(orjson.dumps(claims)).rstrip(b"=")
    return f"{said.decode()}.{_signature(secret, said)}"


def client_of(token: str, secret: bytes, now_s: float, generation: int) -> str | None:
    """The client that a token was given to; None for one that is unknown, recalled or too old."""
    said, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, said.encode()).encode()):
        return None
    claims = orjson.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
    if claims["until_s"] <= now_s or claims["generation"] < generation:
        return None
    return str(claims["client"])


def _signature(secret: bytes, said: bytes) -> str:
    return hmac.new(secret, said, hashlib.sha256).hexdigest()


def _error(status: int, error: str, description: str) -> Answer:
    return Answer.of(status, {"error": error, "error_description": description})
