"""Claiming SIMs that nobody has registered."""

from __future__ import annotations

import httpx
import pytest

from sandbox.supersim.accounts import NORTH
from sandbox.supersim.truth import Truth
from tests.sandbox.supersim.conftest import refused, where


def free(truth: Truth) -> tuple[dict[str, str], str]:
    row = truth.unregistered().row(0, named=True)
    return {"Iccid": row["iccid"] + row["check_digit"], "RegistrationCode": row["code"]}, row["sim_id"]


def test_iccid_and_code_make_a_new_sim_of_the_callers(north: httpx.Client, truth: Truth) -> None:
    form, sid = free(truth)
    answer = north.post("/v1/Sims", data=form)
    shown = answer.json()
    assert (answer.status_code, shown["sid"], shown["status"], shown["fleet_sid"]) == (201, sid, "new", None)
    assert (shown["account_sid"], shown["unique_name"], shown["iccid"]) == (NORTH.sid, "", form["Iccid"])
    assert north.get(f"/v1/Sims/{sid}").json()["unique_name"] is None
    assert where(truth, sid)["moves"] == 0
    assert truth.moves().height == 0
    assert sid not in truth.unregistered()["sim_id"]


@pytest.mark.parametrize("form", [{}, {"Iccid": "89883070000100000007"}, {"RegistrationCode": "H3LL0W0RLD"}])
def test_a_missing_parameter_is_83001(north: httpx.Client, form: dict[str, str]) -> None:
    assert refused(north.post("/v1/Sims", data=form)) == 83001


def test_a_wrong_code_an_unknown_iccid_and_somebody_elses_sim_are_83002(
    north: httpx.Client, south: httpx.Client, truth: Truth
) -> None:
    form, sid = free(truth)
    assert refused(north.post("/v1/Sims", data=form | {"RegistrationCode": "0000000000"})) == 83002
    assert refused(north.post("/v1/Sims", data=form | {"Iccid": "89883079999999999999"})) == 83002
    theirs = south.get("/v1/Sims?PageSize=1").json()["sims"][0]["iccid"]
    assert refused(north.post("/v1/Sims", data=form | {"Iccid": theirs})) == 83002
    assert sid in truth.unregistered()["sim_id"]


def test_ones_own_sim_is_83003_and_the_message_names_it(north: httpx.Client, truth: Truth) -> None:
    form, sid = free(truth)
    assert north.post("/v1/Sims", data=form).status_code == 201
    answer = north.post("/v1/Sims", data=form)
    assert refused(answer) == 83003
    assert sid in answer.json()["message"]


def test_registration_wants_a_form(north: httpx.Client, truth: Truth) -> None:
    form, _ = free(truth)
    assert refused(north.post("/v1/Sims", json=form)) == 20415
    assert refused(north.post("/v1/Sims", data=form | {"Fleet": "Pilot"})) == 20001
