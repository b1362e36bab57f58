"""auth_tokens as JWTs that any restart still accepts, and who a request's bearer is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

import orjson

from sandbox.emnify.words import forbidden
from sandbox.exchange import JSON, Answer, Asked, RefusedError
from sandbox.switches import UnauthorisedBody

LIFE_S = 240 * 60.0  # 240 minutes, as documented


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a user, or an application (no user) bound to its workspace."""

    user_id: int | None
    workspace_id: int

    def user(self) -> int:
        """The user's id; an application token is refused (403)."""
        if self.user_id is None:
            raise forbidden("User credentials are required")
        return self.user_id


def issue(secret: bytes, caller: Caller, now_s: float, life_s: float, generation: int) -> str:
    """A signed token (HS256) whose claims tell user, workspace and `exp` in whole seconds."""
    claims: dict[str, JSON] = {"iss": "sandbox", "iat": int(now_s), "exp": int(now_s + life_s), "gen": generation}
    claims["esc.org"] = caller.workspace_id
    if caller.user_id is not None:
        claims["esc.user"] = caller.user_id
    signed = b".".join((_text(orjson.dumps({"alg": "HS256", "typ": "JWT"})), _text(orjson.dumps(claims))))
    return (signed + b"." + _text(_signature(secret, signed))).decode()


def bearer(asked: Asked, secret: bytes, now_s: float, generation: int, body: UnauthorisedBody) -> Caller:
    """Whoever the request's token was issued to; raises a 401 for a missing, foreign, expired or recalled one."""
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    signed, _, signature = token.strip().rpartition(".")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        signature.encode(), _text(_signature(secret, signed.encode()))
    ):
        raise unauthorised(body, 1102, "InvalidToken")
    claims: dict[str, int] = orjson.loads(_bytes(signed.partition(".")[2]))
    if claims["exp"] <= now_s or claims["gen"] < generation:
        raise unauthorised(body, 1103, "TokenExpired")
    return Caller(claims.get("esc.user"), claims["esc.org"])


def unauthorised(body: UnauthorisedBody, code: int, token: str) -> RefusedError:
    """A 401, its body empty unless switched."""
    if body is UnauthorisedBody.EMPTY:
        return RefusedError(Answer(401))
    return RefusedError(Answer.of(401, {"error_code": code, "error_token": token, "message": "Unauthorized"}))


def _signature(secret: bytes, signed: bytes) -> bytes:
    return hmac.new(secret, signed, hashlib.sha256).digest()


def _text(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
