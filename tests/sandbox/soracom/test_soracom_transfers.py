"""Issue, verify, cancel, and the hour: who may be offered to whom, what is lost on the way, and how tokens end."""

from __future__ import annotations

import httpx
import polars as pl
import pytest

from sandbox.soracom.accounts import EAST, EDO, FAR, FRESH, KANSAI, OSAKA, WEST, Operator
from sandbox.soracom.truth import Truth
from sandbox.soracom.words import SIMS_PER_TOKEN_MAX
from tests.sandbox.soracom.conftest import (
    ISSUE,
    TRANSFER,
    VERIFY,
    Direct,
    Sim,
    Take,
    client_of,
    issued,
    offer,
    refused,
    statuses,
)


def verified(target: httpx.Client, token: str) -> list[str]:
    answer = target.post(VERIFY, json={"token": token})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["transferredImsi"])


def test_sims_are_offered_accepted_and_counted_once(
    east: httpx.Client, west: httpx.Client, take: Take, truth: Truth
) -> None:
    sims = take(3)
    token = issued(east, sims)
    assert statuses(truth, sims) == {("east", "transferring")}
    mail = truth.emails().tail(1).row(0, named=True)
    assert (mail["operator"], mail["address"], mail["token"]) == (WEST.operator, WEST.email, token)
    assert token in mail["body"]
    assert verified(west, token) == [sim.imsi for sim in sims]
    assert statuses(truth, sims) == {("west", "ready")}
    assert west.get(f"/v1/sims/{sims[0].sim_id}").json()["operatorId"] == WEST.operator
    assert east.get(f"/v1/sims/{sims[0].sim_id}").status_code == 404
    told = truth.tokens().filter(token=token).row(0, named=True)
    assert (told["source"], told["target"], told["sims"], told["state"]) == (
        EAST.operator,
        WEST.operator,
        3,
        "accepted",
    )
    assert told["ended_s"] >= told["issued_s"] == told["expires_s"] - 3600
    ids = [sim.sim_id for sim in sims]
    assert truth.where(ids)["moves"].to_list() == [1, 1, 1]
    assert truth.moves().filter(pl.col("iccid").is_in(ids)).select("was", "became").unique().rows() == [
        (EAST.operator, WEST.operator)
    ]


def test_a_token_is_accepted_once_and_by_its_destination_alone(
    direct: Direct, east: httpx.Client, west: httpx.Client, far: httpx.Client, take: Take, truth: Truth
) -> None:
    sims = take(2)
    token = issued(east, sims)
    for client in (east, far, client_of(direct, FRESH)):
        answer = client.post(VERIFY, json={"token": token})
        assert (answer.status_code, refused(answer)) == (404, "SBX3010")
    assert statuses(truth, sims) == {("east", "transferring")}
    verified(west, token)
    assert refused(west.post(VERIFY, json={"token": token})) == "SBX3010"
    assert refused(east.delete(f"{TRANSFER}/{token}")) == "SBX3010"
    assert truth.where([sims[0].sim_id])["moves"].item() == 1


def test_cancelling_gives_back_all_sims_of_the_token_and_of_no_other(
    east: httpx.Client, west: httpx.Client, take: Take, truth: Truth
) -> None:
    sims, others = take(3), take(2)
    token, other = issued(east, sims), issued(east, others)
    assert refused(west.delete(f"{TRANSFER}/{token}")) == "SBX3010"
    answer = east.delete(f"{TRANSFER}/{token}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert statuses(truth, sims) == {("east", "ready")}
    assert statuses(truth, others) == {("east", "transferring")}
    assert east.delete(f"{TRANSFER}/{token}").status_code == 404
    assert refused(west.post(VERIFY, json={"token": token})) == "SBX3010"
    assert truth.tokens().filter(token=token)["state"].item() == "cancelled"
    verified(west, other)


def test_after_its_hour_a_token_is_none_and_its_sims_are_ready_again(
    direct: Direct, east: httpx.Client, west: httpx.Client, take: Take, truth: Truth
) -> None:
    sims = take(2)
    token = issued(east, sims)
    direct.clock.offset_s += 3_590
    assert east.get(f"/v1/sims/{sims[0].sim_id}").json()["status"] == "transferring"
    direct.clock.offset_s += 11
    assert east.get(f"/v1/sims/{sims[0].sim_id}").json()["status"] == "ready"
    assert statuses(truth, sims) == {("east", "ready")}
    assert refused(west.post(VERIFY, json={"token": token})) == "SBX3010"
    assert truth.tokens().filter(token=token)["state"].item() == "expired"
    direct.clock.offset_s -= 3_601
    assert verified(west, issued(east, sims)) == [sim.imsi for sim in sims]


def test_the_hour_can_be_a_second(direct: Direct, east: httpx.Client, take: Take, truth: Truth) -> None:
    sims = take(1)
    direct.provider.switch({"transfer_life_s": "1"})
    issued(east, sims)
    direct.clock.offset_s += 1.1
    direct.provider.due()
    assert statuses(truth, sims) == {("east", "ready")}
    direct.clock.offset_s -= 1.1


def test_a_sim_that_goes_active_is_out_and_the_others_of_its_token_are_not(
    east: httpx.Client, west: httpx.Client, take: Take, truth: Truth
) -> None:
    first, second = take(2)
    token = issued(east, [first, second])
    assert east.post(f"/v1/sims/{first.sim_id}/activate").json()["status"] == "active"
    assert verified(west, token) == [second.imsi]
    assert statuses(truth, [first]) == {("east", "active")}
    assert statuses(truth, [second]) == {("west", "ready")}
    number = truth.tokens().filter(token=token)["number"].item()
    assert dict(truth.token_sims().filter(number=number).select("iccid", "state").iter_rows()) == {
        first.sim_id: "aborted",
        second.sim_id: "accepted",
    }


def test_a_token_whose_last_sim_is_out_is_none_any_more(
    east: httpx.Client, west: httpx.Client, take: Take, truth: Truth
) -> None:
    sims = take(2)
    token = issued(east, sims)
    for sim in sims:
        east.post(f"/v1/sims/{sim.sim_id}/activate")
    assert truth.tokens().filter(token=token)["state"].item() == "aborted"
    assert refused(west.post(VERIFY, json={"token": token})) == "SBX3010"
    assert refused(east.delete(f"{TRANSFER}/{token}")) == "SBX3010"
    assert refused(east.post(ISSUE, json=offer(sims))) == "SBX3009"


@pytest.mark.parametrize(
    ("email", "operator"),
    [
        (EAST.email, WEST.operator),
        ("nobody@ferry.example", WEST.operator),
        (WEST.email, "OP9999999999"),
        (WEST.email, "west"),
        (EAST.email, EAST.operator),
    ],
)
def test_a_destination_is_known_by_id_and_primary_email_together(
    east: httpx.Client, take: Take, truth: Truth, email: str, operator: str
) -> None:
    sims = take(1)
    body = offer(sims) | {"transferDestinationOperatorEmail": email, "transferDestinationOperatorId": operator}
    answer = east.post(ISSUE, json=body)
    assert (answer.status_code, refused(answer)) == (400, "SBX3001")
    assert statuses(truth, sims) == {("east", "ready")}


def test_an_email_is_the_same_in_any_case(east: httpx.Client, take: Take) -> None:
    body = offer(take(1)) | {"transferDestinationOperatorEmail": WEST.email.upper()}
    assert east.post(ISSUE, json=body).status_code == 200


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [(EAST, EDO, "SBX3002"), (EDO, WEST, "SBX3002"), (KANSAI, OSAKA, "SBX3003"), (EDO, KANSAI, "SBX3003")],
    ids=lambda one: getattr(one, "name", one),
)
def test_nothing_crosses_coverages_or_the_two_kinds_of_operators(
    direct: Direct, take: Take, source: Operator, target: Operator, code: str
) -> None:
    client = client_of(direct, source)
    assert refused(client.post(ISSUE, json=offer(take(1, operator=source), target))) == code


def test_japan_has_transfers_of_its_own(edo: httpx.Client, osaka: httpx.Client, take: Take, truth: Truth) -> None:
    sims = take(2, operator=EDO)
    verified(osaka, issued(edo, sims, OSAKA))
    assert statuses(truth, sims) == {("osaka", "ready")}


def test_one_bad_sim_keeps_all_from_being_issued_and_is_named(east: httpx.Client, take: Take, truth: Truth) -> None:
    good = take(2)
    where = truth.where().filter(operator_name="east")
    further = truth.aliases().filter(pl.col("iccid") == pl.col("key"), pl.col("key").is_in(where["iccid"].implode()))
    virtual = take(1, kind="virtual", status="active")
    under_way = take(1)
    issued(east, under_way)
    bad = {
        "SBX3006": [take(1, operator=FAR)[0], Sim("", "295050999999999")],
        "SBX3007": [Sim("", further["imsi"][0])],
        "SBX3008": virtual,
        "SBX3009": [take(1, status=one)[0] for one in ("active", "inactive", "standby", "suspended", "terminated")]
        + under_way,
    }
    for code, sims in bad.items():
        for sim in sims:
            answer = east.post(ISSUE, json=offer([good[0], sim, good[1]]))
            assert (answer.status_code, refused(answer)) == (400, code)
            assert sim.imsi in answer.json()["message"]
            assert good[0].imsi not in answer.json()["message"]
    assert refused(east.post(ISSUE, json=offer([good[0], good[0]]))) == "SBX3005"
    assert statuses(truth, good) == {("east", "ready")}


def test_a_mute_refusal_names_nobody(direct: Direct, east: httpx.Client, take: Take) -> None:
    direct.provider.switch({"refusal_words": "mute"})
    (sim,) = take(1, status="active")
    answer = east.post(ISSUE, json=offer([sim]))
    assert refused(answer) == "SBX3009"
    assert sim.imsi not in answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"transferImsi": []},
        {"transferImsi": "295050000000001"},
        {"transferImsi": [295050000000001]},
        {"transferDestinationOperatorId": 7},
        {"dryRun": True},
    ],
)
def test_a_body_that_is_not_quite_one_is_refused(east: httpx.Client, change: dict[str, object]) -> None:
    assert refused(east.post(ISSUE, json=offer([]) | {"transferImsi": ["1"]} | change)) == "SBX1005"
    for missing in offer([]):
        body = {name: value for name, value in offer([]).items() if name != missing}
        assert refused(east.post(ISSUE, json=body)) == "SBX1005"
    assert refused(east.post(VERIFY, json={"token": 7})) == "SBX1005"
    assert refused(east.post(VERIFY, json={"token": "x", "more": 1})) == "SBX1005"


def test_there_is_a_limit_to_a_token_far_above_ours(east: httpx.Client, take: Take, truth: Truth) -> None:
    many = [Sim("", f"{number:015d}") for number in range(SIMS_PER_TOKEN_MAX + 1)]
    assert refused(east.post(ISSUE, json=offer(many))) == "SBX3004"
    sims = take(600)
    token = issued(east, sims)
    assert east.delete(f"{TRANSFER}/{token}").status_code == 204
    assert statuses(truth, sims) == {("east", "ready")}


def test_a_destination_that_cannot_pay_accepts_nothing(
    direct: Direct, east: httpx.Client, take: Take, truth: Truth
) -> None:
    sims = take(1)
    token = issued(east, sims, FRESH)
    fresh = client_of(direct, FRESH)
    answer = fresh.post(VERIFY, json={"token": token})
    assert (answer.status_code, refused(answer)) == (400, "SBX3011")
    assert statuses(truth, sims) == {("east", "transferring")}
    direct.provider.control("payment", {"operator": "fresh", "payment": "registered"})
    verified(fresh, token)
    direct.provider.control("payment", {"operator": "fresh", "payment": "none"})
    assert statuses(truth, sims) == {("fresh", "ready")}


def furnished(client: httpx.Client, sim: Sim, group: str) -> None:
    """Set everything that can be set."""
    path = f"/v1/sims/{sim.sim_id}"
    calls = (
        ("PUT", "tags", [{"tagName": "name", "tagValue": "van 1"}, {"tagName": "a/b ü", "tagValue": "x"}]),
        ("POST", "set_group", {"groupId": group}),
        ("POST", "set_imei_lock", {"imei": "356938035643809|ANONYMOUS"}),
        ("POST", "enable_termination", None),
        ("POST", "set_expiry_time", {"expiryTime": 1_900_000_000_123, "expiryAction": "terminate"}),
        ("POST", "update_speed_class", {"speedClass": "s1.4xfast"}),
        ("POST", "disable_termination", None),
    )
    for method, call, body in calls:
        answer = (
            client.request(method, f"{path}/{call}", json=body) if body else client.request(method, f"{path}/{call}")
        )
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("kept", [False, True])
def test_acceptance_drops_what_a_sim_was_set_to_and_leaves_the_vendors_tags(
    direct: Direct, east: httpx.Client, west: httpx.Client, take: Take, truth: Truth, *, kept: bool
) -> None:
    if kept:
        direct.provider.switch({"imei_locks": "kept", "speed_classes": "carried"})
    place = pl.col("iccid").str.slice(9, 9).cast(pl.Int64)
    (sim,) = take(1, place % 41 == 0)
    group = truth.groups().filter(operator_name="east", name="Trackers")["group"].item()
    furnished(east, sim, group)
    before = dict(truth.settings([sim.sim_id]).select("setting", "value").iter_rows())
    assert before["expiry"] == "2030-03-17T17:46:40.123Z terminate"
    assert (before["tag:a/b ü"], before["termination_protection"]) == ("x", "on")
    verified(west, issued(east, [sim]))
    after = dict(truth.settings([sim.sim_id]).select("setting", "value").iter_rows())
    lock, speed = before["imei_lock"], before["speed_class"]
    assert after == {"termination_protection": "off", "speed_class": speed if kept else "s1.standard"} | (
        {"imei_lock": lock} if kept else {}
    )
    shown = west.get(f"/v1/sims/{sim.sim_id}").json()
    assert shown["tags"]["soracom.gadgets"] == "button"
    assert shown["terminationEnabled"] is True
    written = truth.ledger().filter(pl.col("iccid") == sim.sim_id, pl.col("became").is_null())
    assert {"tag:name", "tag:a/b ü", "group", "expiry"} <= set(written["change"])


def test_event_handlers_and_port_mappings_of_a_sim_are_gone_with_it(
    east: httpx.Client, west: httpx.Client, truth: Truth
) -> None:
    ready = truth.where().filter(operator_name="east", status="ready")
    for path, name in (("event_handlers", "targetSimId"), ("port_mappings", "simId")):
        hanging = {row[name] for row in east.get(f"/v1/{path}").json() if name in row}
        sim_id, imsi = ready.filter(pl.col("iccid").is_in(list(hanging))).select("iccid", "imsi").row(-1)
        verified(west, issued(east, [Sim(sim_id, imsi)]))
        assert sim_id not in {row.get(name) for row in east.get(f"/v1/{path}").json()}
        assert sim_id not in {row.get(name) for row in west.get(f"/v1/{path}").json()}


def test_support_moves_what_tokens_do_not_and_keeps_tags_expiry_and_lock(
    direct: Direct, east: httpx.Client, take: Take, truth: Truth
) -> None:
    (sim,) = take(1, status="suspended")
    group = truth.groups().filter(operator_name="east", name="Trackers")["group"].item()
    furnished(east, sim, group)
    before = dict(truth.settings([sim.sim_id]).select("setting", "value").iter_rows())
    direct.provider.control("support", {"operator": "west", "sims": [sim.sim_id]})
    assert statuses(truth, [sim]) == {("west", "suspended")}
    after = dict(truth.settings([sim.sim_id]).select("setting", "value").iter_rows())
    assert after == {name: value for name, value in before.items() if name != "group"} | {"speed_class": "s1.standard"}
