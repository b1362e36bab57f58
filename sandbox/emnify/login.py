"""`POST /authenticate` with its four bodies, the lock-out, the workspace switch and the list of workspaces."""

from __future__ import annotations

import secrets

from sandbox.emnify.service import Service
from sandbox.emnify.tokens import Caller, unauthorised
from sandbox.emnify.words import forbidden, too_many
from sandbox.exchange import JSON, Answer, Asked
from sandbox.shapes import a_text, an_id, an_object, body_object, refuse

FAILURES_MAX = 3
LOCKED_S = 5 * 60.0
MFA_TOKEN_LIFE_S = 5 * 60.0
TRUST_S = 90 * 24 * 3600.0
DEVICE_FIELDS = ("fingerprint", "operating_system", "browser", "name")


def authenticate(service: Service, asked: Asked) -> Answer:
    """One of the four bodies, told apart by their names."""
    body = body_object(
        asked,
        {"username", "password", "fingerprint", "mfa_token", "code", "trusted_device", "refresh_token"}
        | {"application_token"},
    )
    match sorted(body):
        case ["password", "username"] | ["fingerprint", "password", "username"]:
            return _password(service, body)
        case ["code", "mfa_token"] | ["code", "mfa_token", "trusted_device"]:
            return _second_factor(service, body)
        case ["refresh_token"]:
            user_id = _ticket(service, "refresh", a_text(body["refresh_token"], "refresh_token"))[0]
            return Answer.of(200, {"auth_token": service.token(service.home(user_id))})
        case ["application_token"]:
            token = a_text(body["application_token"], "application_token")
            return Answer.of(
                200, {"auth_token": service.token(Caller(None, _ticket(service, "application", token)[1]))}
            )
        case _:
            return refuse(400, "The body is none of the four that authenticate")


def switch_workspace(service: Service, asked: Asked) -> Answer:
    """A token for another workspace of the same user."""
    user_id = service.caller(asked).user()
    body = body_object(asked, {"target_organisation"}, {"target_organisation"})
    workspace_id = an_id(body["target_organisation"], "target_organisation")
    if workspace_id not in service.roles(user_id):
        raise forbidden()
    return Answer.of(200, {"auth_token": service.token(Caller(user_id, workspace_id))})


def list_workspaces(service: Service, asked: Asked) -> Answer:
    """The workspaces that the caller administers; 403 without that role where the token is for."""
    caller = service.caller(asked)
    administered = service.administers(caller.user())
    if asked.ids["user"] != caller.user() or caller.workspace_id not in administered:
        raise forbidden()
    home_id = service.home(caller.user()).workspace_id
    found: list[JSON] = [
        {
            "id": place.id,
            "name": place.name,
            "status": {"id": 0, "description": "Enabled"},
            "roles": [{"id": 1, "name": "Administrator"}],
            "owner": place.id == home_id,
            "default_workspace": place.id == home_id,
        }
        for place in service.workspaces.values()
        if place.id in administered
    ]
    return Answer.of(200, found)


def _password(service: Service, body: dict[str, JSON]) -> Answer:
    username, password = a_text(body["username"], "username"), a_text(body["password"], "password")
    fingerprint = a_text(body["fingerprint"], "fingerprint") if "fingerprint" in body else None
    books, now_s = service.books.live, service.clock.now_s()
    row = books.execute(
        "SELECT id, password_sha1, mfa_code, locked_until_s FROM account WHERE username = ?", (username,)
    ).fetchone()
    if row is None:
        raise unauthorised(service.switches.unauthorised_body, 1101, "InvalidCredentials")
    user_id, password_sha1, mfa_code, locked_until_s = row
    if locked_until_s > now_s:
        return too_many(401)
    if not secrets.compare_digest(password.encode(), password_sha1.encode()):
        return _failed(service, user_id)
    books.execute("UPDATE account SET failures = 0 WHERE id = ?", (user_id,))
    if mfa_code is None or _is_trusted(service, user_id, fingerprint):
        return Answer.of(200, _both_tokens(service, user_id))
    mfa_token = secrets.token_urlsafe(24)
    books.execute("INSERT INTO ticket VALUES (?, 'mfa', ?, NULL, ?)", (mfa_token, user_id, now_s + MFA_TOKEN_LIFE_S))
    return Answer.of(200, {"mfa_token": mfa_token})


def _second_factor(service: Service, body: dict[str, JSON]) -> Answer:
    mfa_token, code = a_text(body["mfa_token"], "mfa_token"), a_text(body["code"], "code")
    user_id = _ticket(service, "mfa", mfa_token)[0]
    device = an_object(body.get("trusted_device", {}), "trusted_device", DEVICE_FIELDS)
    fingerprint = a_text(device["fingerprint"], "trusted_device.fingerprint") if device else None
    books, now_s = service.books.live, service.clock.now_s()
    mfa_code, locked_until_s = books.execute(
        "SELECT mfa_code, locked_until_s FROM account WHERE id = ?", (user_id,)
    ).fetchone()
    if locked_until_s > now_s:
        return too_many(401)
    if code != mfa_code:
        return _failed(service, user_id)
    books.execute("DELETE FROM ticket WHERE token = ?", (mfa_token,))
    books.execute("UPDATE account SET failures = 0 WHERE id = ?", (user_id,))
    if fingerprint is not None:
        books.execute("INSERT OR REPLACE INTO trusted VALUES (?, ?, ?)", (user_id, fingerprint, now_s + TRUST_S))
    return Answer.of(200, _both_tokens(service, user_id))


def _failed(service: Service, user_id: int) -> Answer:
    """Count a failed login and lock the account at the third; answered rather than raised, so that it is kept."""
    books = service.books.live
    (failures,) = books.execute(
        "UPDATE account SET failures = failures + 1 WHERE id = ? RETURNING failures", (user_id,)
    ).fetchone()
    if failures >= FAILURES_MAX:
        locked_until_s = service.clock.now_s() + LOCKED_S
        books.execute("UPDATE account SET failures = 0, locked_until_s = ? WHERE id = ?", (locked_until_s, user_id))
    return unauthorised(service.switches.unauthorised_body, 1101, "InvalidCredentials").answer


def _is_trusted(service: Service, user_id: int, fingerprint: str | None) -> bool:
    query = "SELECT until_s FROM trusted WHERE account_id = ? AND fingerprint = ?"
    row = service.books.live.execute(query, (user_id, fingerprint)).fetchone()
    return row is not None and row[0] > service.clock.now_s()


def _ticket(service: Service, kind: str, token: str) -> tuple[int, int]:
    """User and workspace that a token of this kind stands for (0 where it has none); raises a 401."""
    query = (
        "SELECT coalesce(account_id, 0), coalesce(workspace_id, 0), until_s FROM ticket WHERE token = ? AND kind = ?"
    )
    row = service.books.live.execute(query, (token, kind)).fetchone()
    if row is None or (row[2] is not None and row[2] <= service.clock.now_s()):
        raise unauthorised(service.switches.unauthorised_body, 1102, "InvalidToken")
    return row[0], row[1]


def _both_tokens(service: Service, user_id: int) -> dict[str, JSON]:
    refresh_token = secrets.token_urlsafe(32)
    service.books.live.execute("INSERT INTO ticket VALUES (?, 'refresh', ?, NULL, NULL)", (refresh_token, user_id))
    return {"auth_token": service.token(service.home(user_id)), "refresh_token": refresh_token}
