"""Soracom's authentication: a login by each of three ways in, a fresh token for an old one, and what the answers hold.

POST /v1/auth, POST /v1/operators/{id}/token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from domain.errors import CredentialsRefused
from providers.bodies import Json, object_of, parsed, text_of
from providers.calls import Call, Unreadable
from providers.secrets import Secret
from providers.soracom_words import LANGUAGE, LOGIN_LIFE_S, complaint_of
from providers.wire import Answer, Request

LOGIN_PATH = "/v1/auth"

# Assumed: how a refusal speaks of a second factor, since no code for it is documented.
_SECOND_FACTOR = re.compile(
    r"\b(mfa|otp|totp)|multi.?factor|two.?factor|one.?time|2fa|verification code", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """One way in, as the fields of its login: plain ones, and the secret under its own name."""

    who: str  # for messages
    plain: tuple[tuple[str, str], ...]
    secret_name: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Granted:
    """What a login gave: the pair that lets requests in, and whose it is."""

    api_key: Secret
    token: Secret
    operator: str


def by_password(email: str, password: Secret) -> Credentials:
    """The root user of an operator."""
    return Credentials(email, (("email", email),), "password", password)


def by_key(key_id: str, key: Secret) -> Credentials:
    """An authentication key."""
    return Credentials(f"key {key_id}", (("authKeyId", key_id),), "authKey", key)


def by_user(operator: str, user: str, password: Secret) -> Credentials:
    """A SAM user of an operator."""
    plain = (("operatorId", operator), ("userName", user))
    return Credentials(f"user {user} of {operator}", plain, "password", password)


def login_call(credentials: Credentials, code: str = "") -> Call[Granted | None]:
    """A login; with a code it is sent once only. None where it wants a code."""
    body: dict[str, Json] = dict(credentials.plain)
    body |= {credentials.secret_name: credentials.secret.reveal(), "tokenTimeoutSeconds": LOGIN_LIFE_S}
    body |= {"mfaOTPCode": code} if code else {}
    return Call(
        "Soracom login with a code" if code else "Soracom login",
        Request("POST", LOGIN_PATH, body=orjson.dumps(body), headers=LANGUAGE),
        lambda answer: read_login(answer, credentials.who),
        repeatable=not code,
    )


def renewal_call(operator: str) -> Call[Secret | None]:
    """A fresh token for the one that the call bears; None where there is none to be had but by a login."""
    body = orjson.dumps({"tokenTimeoutSeconds": LOGIN_LIFE_S})
    request = Request("POST", f"/v1/operators/{operator}/token", body=body)
    return Call("Soracom token renewal", request, read_renewal, repeatable=True)  # it only issues a token


def read_login(answer: Answer, who: str) -> Granted | None:
    """What was granted; raises `CredentialsRefused` for a no, in words that never repeat the provider's body."""
    if answer.status == HTTPStatus.OK:
        body = object_of(parsed(answer))
        api_key, token, operator = (text_of(body.get(name)) for name in ("apiKey", "token", "operatorId"))
        if api_key is None or token is None:
            raise Unreadable("no token in it")
        if operator is None:
            raise Unreadable("it does not say whose login it is")
        return Granted(Secret(api_key), Secret(token), operator)
    complaint = complaint_of(answer)
    if not complaint.is_theirs or answer.status < HTTPStatus.BAD_REQUEST:
        raise Unreadable(complaint.words)
    if _SECOND_FACTOR.search(f"{complaint.code} {complaint.words}"):
        return None
    code = f", code {complaint.code}" if complaint.code else ""
    raise CredentialsRefused(
        f"Soracom does not let {who} in (HTTP {answer.status}{code}). "
        "Check the account and what its secret points to, then:  simferry accounts --check"
    )


def read_renewal(answer: Answer) -> Secret | None:
    """The fresh token; None for any no."""
    if answer.status != HTTPStatus.OK:
        return None
    token = text_of(object_of(parsed(answer)).get("token"))
    return None if token is None else Secret(token)
