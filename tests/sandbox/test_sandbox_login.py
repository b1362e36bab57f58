"""The simulated logins, tokens and roles, held against emnify's documents."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import httpx
import pytest

from sandbox import accounts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.world import seed

LOGIN = "/api/v1/authenticate"
MOVER = accounts.MOVER
TRIAL = accounts.TRIAL


def by_password(person: accounts.Person, **more: str) -> dict[str, str]:
    return {"username": person.username, "password": person.password_sha1, **more}


def claims(token: str) -> dict[str, int]:
    part = token.split(".")[1]
    decoded: dict[str, int] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_password_without_second_factor_gives_both_tokens(anonymous: httpx.Client) -> None:
    answer = anonymous.post(LOGIN, json=by_password(TRIAL))
    assert answer.status_code == 200
    assert set(answer.json()) == {"auth_token", "refresh_token"}
    told = claims(answer.json()["auth_token"])
    assert (told["esc.user"], told["esc.org"]) == (TRIAL.user_id, accounts.SOURCE)
    assert told["exp"] - told["iat"] == 240 * 60


def test_a_second_factor_is_asked_for_and_a_trusted_device_skips_it_from_then_on(anonymous: httpx.Client) -> None:
    asked = anonymous.post(LOGIN, json=by_password(MOVER)).json()
    assert set(asked) == {"mfa_token"}
    device = {"fingerprint": "new", "operating_system": "any", "browser": "none", "name": "test"}
    body = {"mfa_token": asked["mfa_token"], "code": MOVER.mfa_code, "trusted_device": device}
    assert set(anonymous.post(LOGIN, json=body).json()) == {"auth_token", "refresh_token"}
    assert anonymous.post(LOGIN, json=body).status_code == 401, "an mfa_token serves once"
    assert "auth_token" in anonymous.post(LOGIN, json=by_password(MOVER, fingerprint="new")).json()
    assert "mfa_token" in anonymous.post(LOGIN, json=by_password(MOVER, fingerprint="other")).json()


def test_a_trust_ends_after_ninety_days(anonymous: httpx.Client, sandbox: Sandbox) -> None:
    asked = anonymous.post(LOGIN, json=by_password(MOVER)).json()
    body = {"mfa_token": asked["mfa_token"], "code": MOVER.mfa_code, "trusted_device": {"fingerprint": "brief"}}
    anonymous.post(LOGIN, json=body)
    sandbox.advance_clock(91 * 24 * 3600)
    assert "mfa_token" in anonymous.post(LOGIN, json=by_password(MOVER, fingerprint="brief")).json()
    sandbox.advance_clock(-91 * 24 * 3600)


def test_a_refresh_token_gives_an_auth_token_alone(anonymous: httpx.Client) -> None:
    answer = anonymous.post(LOGIN, json={"refresh_token": MOVER.refresh_token})
    assert set(answer.json()) == {"auth_token"}
    assert claims(answer.json()["auth_token"])["esc.user"] == MOVER.user_id


def test_an_application_token_reads_and_cannot_migrate(anonymous: httpx.Client) -> None:
    answer = anonymous.post(LOGIN, json={"application_token": f"sandbox-application-{accounts.SOURCE}"})
    headers = bearer(answer.json()["auth_token"])
    assert anonymous.get("/api/v1/sim?per_page=1", headers=headers).status_code == 200
    body = {"target_workspace": {"id": accounts.TARGET}, "sims": [{"id": 1_000_000}]}
    refused = anonymous.post("/api/v1/sim/migration/workspace", json=body, headers=headers)
    assert (refused.status_code, refused.json()["error_code"]) == (403, 1104)


@pytest.mark.parametrize(
    "body",
    [
        {"username": TRIAL.username, "password": TRIAL.password},  # not hashed
        {"username": TRIAL.username, "password": TRIAL.password_sha1.upper()},
        {"username": "nobody", "password": TRIAL.password_sha1},
        {"refresh_token": "wrong"},
        {"application_token": "wrong"},
        {"mfa_token": "wrong", "code": "1"},
    ],
)
def test_wrong_credentials_are_401_with_an_empty_body(anonymous: httpx.Client, body: dict[str, str]) -> None:
    anonymous.post(LOGIN, json=by_password(TRIAL))  # sets the count of failures back
    answer = anonymous.post(LOGIN, json=body)
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize(
    "body", [{}, {"username": "a"}, {"username": "a", "password": 1}, {"refresh_token": "a", "code": "1"}, {"x": 1}]
)
def test_bodies_that_are_none_of_the_four_are_400(anonymous: httpx.Client, body: dict[str, object]) -> None:
    assert anonymous.post(LOGIN, json=body).status_code == 400


def test_three_failures_lock_the_account_for_five_minutes_even_across_a_restart(tmp_path: Path) -> None:
    seed(tmp_path, 10)
    wrong = {"username": TRIAL.username, "password": "0" * 40}
    with running(tmp_path) as sandbox, httpx.Client(base_url=sandbox.base_url, trust_env=False) as client:
        assert [client.post(LOGIN, json=wrong).content for _ in range(3)] == [b"", b"", b""]
        locked = client.post(LOGIN, json=by_password(TRIAL))
        assert (locked.status_code, locked.json()["error_token"]) == (401, "TooManyRequests")
    with running(tmp_path) as sandbox, httpx.Client(base_url=sandbox.base_url, trust_env=False) as client:
        assert client.post(LOGIN, json=by_password(TRIAL)).status_code == 401
        sandbox.advance_clock(301)
        assert client.post(LOGIN, json=by_password(TRIAL)).status_code == 200


def test_a_token_expires_and_a_missing_foreign_or_tampered_one_is_401(
    anonymous: httpx.Client, sandbox: Sandbox
) -> None:
    token = anonymous.post(LOGIN, json=by_password(TRIAL)).json()["auth_token"]
    for wrong in ("None", token[:-2] + "xx", "ü"):
        headers = {b"Authorization": f"Bearer {wrong}".encode()}
        answer = anonymous.get("/api/v1/sim", headers=headers)
        assert (answer.status_code, answer.content) == (401, b"")
    assert anonymous.get("/api/v1/sim").status_code == 401
    sandbox.advance_clock(240 * 60 + 1)
    assert anonymous.get("/api/v1/sim", headers=bearer(token)).status_code == 401
    sandbox.set_switches(unauthorised_body="coded")
    assert anonymous.get("/api/v1/sim", headers=bearer(token)).json()["error_code"] == 1103


def test_a_user_switches_between_workspaces_and_not_into_a_strangers(api: httpx.Client) -> None:
    switch = "/api/v1/authenticate/workspace"
    answer = api.post(switch, json={"target_organisation": {"id": accounts.TARGET}})
    token = answer.json()["auth_token"]
    assert claims(token)["esc.org"] == accounts.TARGET
    page = api.get("/api/v1/sim?per_page=1", headers=bearer(token)).json()
    assert page[0]["customer_org"] == {"id": accounts.TARGET, "name": "Acme Fleet"}
    stranger = api.post(switch, json={"target_organisation": {"id": accounts.OUT_OF_SIGHT}})
    assert (stranger.status_code, stranger.json()["error_code"]) == (403, 1104)


def test_the_list_of_workspaces_names_only_those_the_caller_administers(api: httpx.Client) -> None:
    found = api.get(f"/api/v2/user/{TRIAL.user_id}/workspace").json()
    assert [one["id"] for one in found] == list(accounts.EVERYWHERE)
    assert set(found[0]) == {"id", "name", "status", "roles", "owner", "default_workspace"}
    assert api.get(f"/api/v2/user/{MOVER.user_id}/workspace").status_code == 403


def test_the_list_of_workspaces_is_forbidden_without_the_role(anonymous: httpx.Client) -> None:
    token = anonymous.post(LOGIN, json=by_password(accounts.VIEWER)).json()["auth_token"]
    answer = anonymous.get(f"/api/v2/user/{accounts.VIEWER.user_id}/workspace", headers=bearer(token))
    assert (answer.status_code, answer.json()["error_code"]) == (403, 1104)
