"""Three ways in, tokens and their ends, a second factor, and what an operator is told of itself."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from sandbox.soracom.accounts import ALL, EAST, FRESH, MFA_CODE, USER, WEST
from tests.sandbox.soracom.conftest import Direct, client_of, opened, refused

BY_PASSWORD = {"email": EAST.email, "password": EAST.password}
BY_KEY = {"authKeyId": EAST.auth_key_id, "authKey": EAST.auth_key}
BY_USER = {"operatorId": EAST.operator, "userName": USER, "password": EAST.user_password}


def headers_of(granted: httpx.Response) -> dict[str, str]:
    body = granted.json()
    return {"X-Soracom-API-Key": body["apiKey"], "X-Soracom-Token": body["token"]}


@pytest.mark.parametrize("way", [BY_PASSWORD, BY_KEY, BY_USER])
def test_each_way_in_says_whose_it_is_and_opens_the_same_sims(anonymous: httpx.Client, way: dict[str, str]) -> None:
    granted = anonymous.post("/v1/auth", json=way)
    body = granted.json()
    assert body["operatorId"] == EAST.operator
    assert body.get("userName") == (USER if way is BY_USER else None)
    assert anonymous.get("/v1/sims", headers=headers_of(granted)).json()[0]["operatorId"] == EAST.operator


@pytest.mark.parametrize("operator", ALL, ids=lambda operator: operator.name)
def test_every_operator_of_either_coverage_logs_in_at_one_place(direct: Direct, operator: object) -> None:
    assert operator in ALL
    client = client_of(direct, next(one for one in ALL if one == operator))
    assert client.get("/v1/sims?limit=1").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        BY_PASSWORD | {"password": "x"},
        BY_KEY | {"authKey": "x"},
        BY_KEY | {"authKeyId": "keyId-x"},
        BY_USER | {"operatorId": WEST.operator},
        BY_PASSWORD | {"password": EAST.user_password},
    ],
)
def test_wrong_credentials_are_a_401(anonymous: httpx.Client, wrong: dict[str, str]) -> None:
    answer = anonymous.post("/v1/auth", json=wrong)
    assert (answer.status_code, refused(answer)) == (401, "SBX1001")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"email": EAST.email},
        BY_PASSWORD | {"authKey": "x"},
        BY_PASSWORD | {"colour": "red"},
        BY_PASSWORD | {"password": 7},
        BY_PASSWORD | {"tokenTimeoutSeconds": 179},
        BY_PASSWORD | {"tokenTimeoutSeconds": 172_801},
        BY_PASSWORD | {"tokenTimeoutSeconds": "3600"},
        [BY_PASSWORD],
    ],
)
def test_what_is_no_login_is_a_400(anonymous: httpx.Client, wrong: object) -> None:
    answer = anonymous.post("/v1/auth", json=wrong)
    assert (answer.status_code, refused(answer)) == (400, "SBX1005")


def test_a_body_that_does_not_say_it_is_json_is_a_415(anonymous: httpx.Client) -> None:
    answer = anonymous.post(
        "/v1/auth", content=b'{"email": "a", "password": "b"}', headers={"Content-Type": "text/json"}
    )
    assert (answer.status_code, refused(answer)) == (415, "SBX1004")
    assert refused(anonymous.post("/v1/auth", content=b"{", headers={"Content-Type": "application/json"})) == "SBX1005"


def test_both_headers_are_wanted_and_have_to_belong_together(anonymous: httpx.Client) -> None:
    own = headers_of(anonymous.post("/v1/auth", json=BY_PASSWORD))
    user = headers_of(anonymous.post("/v1/auth", json=BY_USER))
    other = "1" if own["X-Soracom-Token"].endswith("0") else "0"
    for headers in (
        {},
        {"X-Soracom-Token": own["X-Soracom-Token"]},
        {"X-Soracom-API-Key": own["X-Soracom-API-Key"]},
        own | {"X-Soracom-API-Key": user["X-Soracom-API-Key"]},
        own | {"X-Soracom-Token": own["X-Soracom-Token"][:-1] + other},
        own | {"X-Soracom-Token": "nonsense"},
    ):
        answer = anonymous.get("/v1/sims", headers=headers)
        assert (answer.status_code, refused(answer)) == (401, "SBX1003")


def test_a_token_ends_and_a_fresh_one_is_had_before_that(home: Path) -> None:
    direct = opened(home)
    client = client_of(direct)
    own = headers_of(client.post("/v1/auth", json=BY_PASSWORD | {"tokenTimeoutSeconds": 180}))
    path = f"/v1/operators/{EAST.operator}/token"
    direct.clock.offset_s += 170
    fresh = client.post(path, json={"tokenTimeoutSeconds": 600}, headers=own)
    assert set(fresh.json()) == {"token"}
    direct.clock.offset_s += 20
    assert client.get("/v1/sims", headers=own).status_code == 401
    assert client.get("/v1/sims", headers=own | {"X-Soracom-Token": fresh.json()["token"]}).status_code == 200
    too_late = client.post(path, json={}, headers=own)
    assert (too_late.status_code, refused(too_late)) == (400, "SBX1012")
    direct.provider.close()


def test_a_fresh_token_is_for_the_own_operator_alone(east: httpx.Client, anonymous: httpx.Client) -> None:
    assert refused(east.post(f"/v1/operators/{WEST.operator}/token", json={})) == "SBX1011"
    assert refused(anonymous.post(f"/v1/operators/{EAST.operator}/token", json={})) == "SBX1003"


def test_tokens_outlive_a_restart_until_all_of_them_are_recalled(
    home: Path, direct: Direct, east: httpx.Client
) -> None:
    again = opened(home)
    later = client_of(again)
    later.headers.update({name: value for name, value in east.headers.items() if name.startswith("x-soracom")})
    assert later.get("/v1/sims?limit=1").status_code == 200
    again.provider.close()
    direct.provider.expire_tokens()
    assert refused(east.get("/v1/sims?limit=1")) == "SBX1003"


def test_a_second_factor_is_asked_of_users_where_that_is_switched_on(direct: Direct, anonymous: httpx.Client) -> None:
    direct.provider.switch({"second_factor": "on"})
    for way in (BY_PASSWORD, BY_USER):
        missing, wrong = (anonymous.post("/v1/auth", json=way | more) for more in ({}, {"mfaOTPCode": "000000"}))
        assert (missing.status_code, refused(missing), refused(wrong)) == (401, "SBX1002", "SBX1002")
        assert "mfaOTPCode" in missing.json()["message"]
        assert anonymous.post("/v1/auth", json=way | {"mfaOTPCode": MFA_CODE}).status_code == 200
    assert anonymous.post("/v1/auth", json=BY_KEY).status_code == 200


def test_an_operator_reads_itself_and_nobody_else(east: httpx.Client) -> None:
    body = east.get(f"/v1/operators/{EAST.operator}").json()
    assert (body["operatorId"], body["email"]) == (EAST.operator, EAST.email)
    answer = east.get(f"/v1/operators/{WEST.operator}")
    assert (answer.status_code, refused(answer)) == (400, "SBX1011")


def test_a_payment_method_is_there_or_a_404(direct: Direct, east: httpx.Client) -> None:
    assert east.get("/v1/payment_methods/current").json()["providerType"] == "WebPay"
    without = client_of(direct, FRESH).get("/v1/payment_methods/current")
    assert (without.status_code, refused(without)) == (404, "SBX1013")
    direct.provider.control("payment", {"operator": "east", "payment": "invalid"})
    assert east.get("/v1/payment_methods/current").json()["errorCode"] == "card_declined"
    direct.provider.control("payment", {"operator": "east", "payment": "registered"})


def test_unknown_paths_and_methods_are_told_apart(east: httpx.Client) -> None:
    assert refused(east.get("/v1/sims/1/2/3/4")) == "SBX1007"
    answer = east.put("/v1/sims")
    assert (answer.status_code, refused(answer), answer.headers["allow"]) == (405, "SBX1008", "GET")
