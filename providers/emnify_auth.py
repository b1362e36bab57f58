"""emnify's authentication: the four bodies, what their answers hold, and what a token says about itself."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from domain.errors import CredentialsRefused
from providers.bodies import Json, parsed
from providers.calls import Call, Unreadable
from providers.emnify_words import ErrorCode, complaint_of
from providers.secrets import Secret
from providers.wire import Answer, Request

LOGIN_PATH = "/api/v1/authenticate"
WORKSPACE_PATH = "/api/v1/authenticate/workspace"
LIFE_S = 240 * 60.0  # documented; only where a token does not say
DEVICE = {"operating_system": "any", "browser": "none", "name": "simferry"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a login gave: a token for the API, one to renew it with, or one that wants a code."""

    auth: Secret | None = None
    refresh: Secret | None = None
    mfa: Secret | None = None


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: life in seconds (None where it does not), workspace, user."""

    life_s: float | None
    workspace: int | None
    user: int | None


def by_password(username: str, password: Secret, fingerprint: Secret | None) -> Call[Tokens]:
    """The login with a user's password, which travels as its SHA-1 (lower-case hex)."""
    digest = hashlib.sha1(password.reveal().encode(), usedforsecurity=False).hexdigest()
    body: dict[str, Json] = {"username": username, "password": digest}
    if fingerprint is not None:
        body["fingerprint"] = fingerprint.reveal()
    return _login("emnify login", body)


def by_code(mfa: Secret, code: str, fingerprint: Secret | None) -> Call[Tokens]:
    """The second step, once only; with a fingerprint it makes this device a trusted one for 90 days."""
    body: dict[str, Json] = {"mfa_token": mfa.reveal(), "code": code}
    if fingerprint is not None:
        body["trusted_device"] = {"fingerprint": fingerprint.reveal(), **DEVICE}
    return _login("emnify login with a code", body, repeatable=False)


def by_refresh(refresh: Secret) -> Call[Tokens]:
    """A fresh token from a refresh token."""
    return _login("emnify token renewal", {"refresh_token": refresh.reveal()})


def by_application(token: Secret) -> Call[Tokens]:
    """A token for the one workspace of an application."""
    return _login("emnify application login", {"application_token": token.reveal()})


def to_workspace(workspace: int) -> Call[Tokens]:
    """A token of the same user for another workspace; needs a bearer."""
    body = orjson.dumps({"target_organisation": {"id": workspace}})
    return Call(
        name=f"emnify switch to workspace {workspace}",
        request=Request("POST", WORKSPACE_PATH, body=body),
        read=lambda answer: _read_switch(answer, workspace),
        repeatable=True,  # it only issues a token
    )


def claims_of(token: Secret, wall_s: float) -> Claims:
    """The token's own claims, unverified: they only decide when to renew and where to switch.

    A life is taken from `exp` and `iat` where both are there, so that a wrong clock on this machine does no harm.
    """
    try:
        part = token.reveal().split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):  # no parts, no base64, no JSON
        return Claims(None, None, None)
    if not isinstance(claims, dict):
        return Claims(None, None, None)
    expires, issued = claims.get("exp"), claims.get("iat")
    life_s = None
    if isinstance(expires, int | float):
        since = issued if isinstance(issued, int | float) else wall_s
        life_s = expires - since if expires > since else None
    return Claims(life_s, _whole(claims.get("esc.org")), _whole(claims.get("esc.user")))


def _login(name: str, body: dict[str, Json], *, repeatable: bool = True) -> Call[Tokens]:
    return Call(name, Request("POST", LOGIN_PATH, body=orjson.dumps(body)), _read_tokens, repeatable)


def _read_tokens(answer: Answer) -> Tokens:
    """Tokens; raises `CredentialsRefused` for any no, in words that say what to do, and never the provider's body."""
    if answer.status == HTTPStatus.OK:
        body = parsed(answer)
        if not isinstance(body, dict):
            raise Unreadable("the body is no object")
        tokens = Tokens(_secret(body, "auth_token"), _secret(body, "refresh_token"), _secret(body, "mfa_token"))
        if tokens.auth is None and tokens.mfa is None:
            raise Unreadable("no token in it")
        return tokens
    complaint = complaint_of(answer)
    if _is_locked(complaint.code, complaint.words):
        raise CredentialsRefused(
            "emnify has locked this user after failed logins. Wait five minutes, mend the secret, "
            "and see with:  simferry accounts --check"
        )
    raise CredentialsRefused(
        f"emnify does not let us in (HTTP {answer.status}{', code ' + complaint.code if complaint.code else ''}). "
        "It was asked once and is not asked again, since three failures lock the user. "
        "Check the user name and what the secret's reference points to, then:  simferry accounts --check"
    )


def _read_switch(answer: Answer, workspace: int) -> Tokens:
    if answer.status == HTTPStatus.OK:
        return _read_tokens(answer)
    raise CredentialsRefused(
        f"emnify does not let this user into workspace {workspace} (HTTP {answer.status}). "
        "Check the number in the accounts file and the user's role in that workspace."
    )


def _is_locked(code: str, words: str) -> bool:
    return code == str(int(ErrorCode.TOO_MANY_REQUESTS)) or "toomanyrequests" in words.lower().replace(" ", "")


def _secret(body: dict[str, Json], name: str) -> Secret | None:
    value = body.get(name)
    return Secret(value) if isinstance(value, str) and value else None


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
