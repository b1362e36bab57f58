"""Who is let in, with whose credentials, and how many requests at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.supersim.accounts import NORTH, SOUTH, STRANGER, TOKEN_PATH
from tests.sandbox.supersim.conftest import refused

GRANT = {"grant_type": "client_credentials", "client_id": SOUTH.client_id, "client_secret": SOUTH.client_secret}
DENIED = {
    "message": "User is not authorized to access this resource with an explicit deny",
    "error": "Invalid or expired token",
}


def bearer(client: httpx.Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.post(TOKEN_PATH, data=GRANT).json()['access_token']}"}


def test_an_account_sid_or_an_api_key_opens_the_account_and_nothing_else_does(anonymous: httpx.Client) -> None:
    for auth in ((NORTH.sid, NORTH.auth_token), (NORTH.key_sid, NORTH.key_secret)):
        sims = anonymous.get("/v1/Sims", auth=auth).json()["sims"]
        assert {sim["account_sid"] for sim in sims} == {NORTH.sid}
    for auth in (
        (NORTH.sid, SOUTH.auth_token),
        (NORTH.key_sid, NORTH.auth_token),
        (NORTH.client_id, NORTH.client_secret),
        ("AC" + "0" * 32, NORTH.auth_token),
    ):
        answer = anonymous.get("/v1/Sims", auth=auth)
        assert (answer.status_code, refused(answer)) == (401, 20003)
    for header in ("Basic %%%", "Digest x", ""):
        assert refused(anonymous.get("/v1/Sims", headers={"Authorization": header})) == 20003


def test_a_client_gets_a_bearer_that_opens_the_same_account(anonymous: httpx.Client) -> None:
    answer = anonymous.post(TOKEN_PATH, data=GRANT)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "expires_in", "token_type", "scope"}
    assert (answer.json()["expires_in"], answer.json()["token_type"]) == (3_600, "Bearer")
    by_token = anonymous.get("/v1/Sims?PageSize=5", headers=bearer(anonymous)).json()
    assert by_token == anonymous.get("/v1/Sims?PageSize=5", auth=(SOUTH.sid, SOUTH.auth_token)).json()


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "unauthorized_client"),
        ({"client_id": "nobody"}, 401, "unauthorized_client"),
        ({"client_id": SOUTH.sid, "client_secret": SOUTH.auth_token}, 401, "unauthorized_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_wrong_client_credentials_get_no_token(
    anonymous: httpx.Client, changes: dict[str, str], status: int, error: str
) -> None:
    answer = anonymous.post(TOKEN_PATH, data=GRANT | changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_token_is_asked_for_with_a_form(anonymous: httpx.Client) -> None:
    assert anonymous.post(TOKEN_PATH, json=GRANT).status_code == 400
    assert anonymous.get(TOKEN_PATH).status_code == 405


def test_an_expired_a_recalled_and_an_unknown_bearer_are_denied_without_a_code(
    sandbox: Sandbox, anonymous: httpx.Client
) -> None:
    sandbox.set_switches(token_life_s="100")
    short = bearer(anonymous)
    assert anonymous.get("/v1/Sims", headers=short).status_code == 200
    sandbox.advance_clock(101)
    recalled = bearer(anonymous)
    sandbox.set_faults([{"act": "expire", "path": "/v1/Fleets"}])
    anonymous.get("/v1/Fleets", headers=recalled)
    for headers in (short, recalled, {"Authorization": "Bearer x.y"}, {"Authorization": "bearer ."}):
        answer = anonymous.get("/v1/Sims", headers=headers)
        assert (answer.status_code, answer.json()) == (403, DENIED)
    assert anonymous.get("/v1/Sims", headers=bearer(anonymous)).status_code == 200


def test_tokens_outlive_a_restart(sandbox: Sandbox, anonymous: httpx.Client) -> None:
    headers = bearer(anonymous)
    with running(sandbox.home) as again, httpx.Client(base_url=again.base_url, trust_env=False) as client:
        assert client.get("/v1/Sims", headers=headers).status_code == 200


@pytest.mark.parametrize("retry_after", ["absent", "present"])
def test_more_requests_at_once_than_an_account_may_have_are_refused_unprocessed(
    sandbox: Sandbox, north: httpx.Client, retry_after: str
) -> None:
    sandbox.set_switches(calls_at_once_max="3", retry_after=retry_after)
    sandbox.set_latency(200)
    try:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: north.get("/v1/Sims?PageSize=1"), range(8)))
    finally:
        sandbox.set_latency(0)
    refusals = [answer for answer in answers if answer.status_code == 429]
    assert len(refusals) == 5
    for answer in refusals:
        assert refused(answer) == 20429
        assert answer.headers.get("Retry-After") == ("1" if retry_after == "present" else None)
    assert north.get("/v1/Sims").status_code == 200, "those under way were counted down"


def test_the_limit_is_one_for_each_account(sandbox: Sandbox, north: httpx.Client, anonymous: httpx.Client) -> None:
    sandbox.set_switches(calls_at_once_max="1")
    sandbox.set_latency(150)
    stranger = (STRANGER.sid, STRANGER.auth_token)
    try:
        with ThreadPoolExecutor(2) as threads:
            mine, theirs = (
                threads.submit(north.get, "/v1/Sims"),
                threads.submit(lambda: anonymous.get("/v1/Sims", auth=stranger)),
            )
            assert (mine.result().status_code, theirs.result().status_code) == (200, 200)
    finally:
        sandbox.set_latency(0)


def test_no_limit_is_kept_where_it_is_nought(sandbox: Sandbox, north: httpx.Client) -> None:
    sandbox.set_switches(calls_at_once_max="0")
    sandbox.set_latency(100)
    try:
        with ThreadPoolExecutor(50) as threads:
            answers = list(threads.map(lambda _: north.get("/v1/Sims?PageSize=1").status_code, range(50)))
    finally:
        sandbox.set_latency(0)
    assert answers == [200] * 50


def test_a_path_of_no_call_is_20404_and_a_wrong_method_20004(north: httpx.Client) -> None:
    assert refused(north.get("/v1/Simss")) == 20404
    assert refused(north.get("/v1/Sims/a/b")) == 20404
    answer = north.put("/v1/Sims")
    assert (refused(answer), answer.headers["Allow"]) == (20004, "GET, POST")
    assert north.get("/v2/anything").status_code == 404
