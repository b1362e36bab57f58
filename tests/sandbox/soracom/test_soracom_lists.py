"""Lists by pages, single SIMs and subscribers, what hangs on them, and what others' credentials see of that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import polars as pl
import pytest

from sandbox.soracom.accounts import EAST, WEST
from sandbox.soracom.truth import Truth
from tests.sandbox.soracom.conftest import Direct, Take, issued, refused

KEY = "x-soracom-next-key"


def pages(client: httpx.Client, path: str, **query: str) -> Iterator[list[dict[str, object]]]:
    """Every page, led on by whichever header there is."""
    key = ""
    for _ in range(2_000):
        answer = client.get(path, params=query | ({"last_evaluated_key": key} if key else {}))
        assert answer.status_code == 200, answer.text
        yield answer.json()
        link = re.fullmatch(r"<([^>]+)>; rel=next", answer.headers.get("link", ""))
        by_link = parse_qs(urlsplit(link[1]).query)["last_evaluated_key"][0] if link else ""
        key = answer.headers.get(KEY, by_link)
        assert by_link in {"", key}
        if not key:
            return
    raise AssertionError("the list has no end")


def rows(client: httpx.Client, path: str, **query: str) -> list[dict[str, object]]:
    return [row for page in pages(client, path, **query) for row in page]


@pytest.mark.parametrize("next_page", ["both", "header", "link"])
@pytest.mark.parametrize("page_fill", ["whole", "short"])
@pytest.mark.parametrize("list_end", ["told", "empty_page"])
def test_every_sim_is_listed_once_however_pages_lead_on(
    direct: Direct, edo: httpx.Client, truth: Truth, next_page: str, page_fill: str, list_end: str
) -> None:
    direct.provider.switch({"next_page": next_page, "page_fill": page_fill, "list_end": list_end})
    listed = list(pages(edo, "/v1/sims", limit="50"))
    held = truth.where().filter(operator_name="edo")["iccid"].to_list()
    assert [row["simId"] for page in listed for row in page] == held
    assert max(map(len, listed)) == (50 if page_fill == "whole" else 33)
    headers = edo.get("/v1/sims?limit=2").headers
    assert ((KEY in headers), ("link" in headers)) == (next_page != "link", next_page != "header")
    assert len(held) % 50 == 0
    if page_fill == "whole":
        assert (len(listed[-1]) == 0) == (list_end == "empty_page")


def test_a_list_without_a_limit_is_paged_as_well(east: httpx.Client, truth: Truth) -> None:
    assert len(rows(east, "/v1/sims")) == truth.where().filter(operator_name="east").height


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "colour=red", "last_evaluated_key=nonsense"])
@pytest.mark.parametrize("path", ["/v1/sims", "/v1/subscribers"])
def test_unknown_parameters_limits_and_keys_are_refused(east: httpx.Client, path: str, query: str) -> None:
    assert refused(east.get(f"{path}?{query}")) == "SBX1006"


def test_a_sim_shows_what_the_books_have(east: httpx.Client, truth: Truth) -> None:
    where = truth.where().filter(operator_name="east").filter(pl.col("group").is_not_null())
    settings = truth.settings()
    for place in range(0, 200, 10):
        held = where.row(place, named=True)
        sim = east.get(f"/v1/sims/{held['iccid']}").json()
        assert (sim["simId"], sim["operatorId"], sim["type"]) == (held["iccid"], EAST.operator, held["type"])
        assert sim["status"] == held["status"]
        own = dict(settings.filter(key=held["iccid"]).select("setting", "value").iter_rows())
        assert sim["groupId"] == held["group"] == own["group"]
        assert sim["speedClass"] == own["speed_class"]
        assert sim["terminationEnabled"] is (own["termination_protection"] == "off")
        assert sim.get("imeiLock", {}).get("imei") == own.get("imei_lock")
        assert sim["tags"].get("name") == own.get("tag:name") == held["name"]
        assert ("expiryTime" in sim) == ("expiry" in own)
        assert sim["profiles"][sim["activeProfileId"]]["primaryImsi"] == held["imsi"]


def test_what_a_sim_has_not_is_left_out_or_null(direct: Direct, east: httpx.Client, truth: Truth) -> None:
    bare = truth.where().filter(operator_name="east").filter(pl.col("group").is_null())["iccid"][0]
    assert "groupId" not in east.get(f"/v1/sims/{bare}").json()
    direct.provider.switch({"absent_values": "null"})
    assert east.get(f"/v1/sims/{bare}").json()["groupId"] is None


def test_a_sim_with_several_numbers_shows_all_of_them(east: httpx.Client, truth: Truth) -> None:
    where = truth.where().filter(operator_name="east")
    further = truth.aliases().filter(pl.col("key").is_in(where["iccid"].implode()))
    assert (further["iccid"] != further["key"]).any()
    assert (further["iccid"] == further["key"]).any()
    for key in further["key"].unique():
        sim = east.get(f"/v1/sims/{key}").json()
        shown = {(iccid, imsi) for iccid, profile in sim["profiles"].items() for imsi in profile["subscribers"]}
        own = set(further.filter(key=key).select("iccid", "imsi").rows())
        assert own <= shown
        assert len(shown) == 2
        assert key in sim["profiles"]


def test_subscribers_are_one_row_for_each_imsi(east: httpx.Client, truth: Truth) -> None:
    listed = rows(east, "/v1/subscribers", limit="37")
    where = truth.where().filter(operator_name="east")
    imsis = [str(row["imsi"]) for row in listed]
    assert len(imsis) == len(set(imsis))
    known = set(where["imsi"]) | set(truth.aliases().filter(pl.col("key").is_in(where["iccid"].implode()))["imsi"])
    assert set(imsis) == known
    assert len(known) > where.height


@pytest.mark.parametrize("status", ["ready", "suspended", "active|standby"])
def test_subscribers_are_filtered_by_status(east: httpx.Client, truth: Truth, status: str) -> None:
    listed = {row["imsi"] for row in rows(east, "/v1/subscribers", status_filter=status, limit="100")}
    held = truth.where().filter(operator_name="east").filter(pl.col("status").is_in(status.split("|")))["imsi"]
    assert set(held) <= listed
    assert listed - set(held) <= set(truth.aliases()["imsi"])


def test_subscribers_are_filtered_by_tags_and_speed_class(east: httpx.Client, truth: Truth) -> None:
    settings = truth.settings()
    por = settings.filter(setting="tag:site", value="Brno")["key"]
    held = truth.where().filter(operator_name="east").filter(pl.col("iccid").is_in(por.implode()))
    listed = {row["simId"] for row in rows(east, "/v1/subscribers", tag_name="site", tag_value="Brno")}
    assert listed == set(held["iccid"])
    begins = rows(east, "/v1/subscribers", tag_name="site", tag_value="Br", tag_value_match_mode="prefix")
    assert {row["simId"] for row in begins} == listed
    fast = {row["simId"] for row in rows(east, "/v1/subscribers", speed_class_filter="s1.fast")}
    assert fast == set(settings.filter(setting="speed_class", value="s1.fast")["key"]) & set(
        truth.where().filter(operator_name="east")["iccid"]
    )


def test_a_transferring_sim_goes_by_the_word_that_the_switch_says(
    direct: Direct, east: httpx.Client, take: Take, truth: Truth
) -> None:
    (sim,) = take(1)
    issued(east, [sim])
    for word in ("transferring", "Transferring", "inTransfer"):
        direct.provider.switch({"transferring_word": word})
        assert east.get(f"/v1/sims/{sim.sim_id}").json()["status"] == word
        assert east.get(f"/v1/subscribers/{sim.imsi}").json()["status"] == word
        assert sim.imsi in {row["imsi"] for row in rows(east, "/v1/subscribers", status_filter=word)}
    assert truth.where([sim.sim_id])["status"].item() == "transferring"


def test_nobody_else_sees_a_sim(west: httpx.Client, take: Take, truth: Truth) -> None:
    (sim,) = take(1)
    for path in (f"sims/{sim.sim_id}", f"sims/{sim.sim_id}/statuses/history", f"port_mappings/sims/{sim.sim_id}"):
        answer = west.get(f"/v1/{path}")
        assert (answer.status_code, refused(answer)) == (404, "SBX2001")
    assert refused(west.get(f"/v1/subscribers/{sim.imsi}")) == "SBX2002"
    assert refused(west.get(f"/v1/event_handlers/subscribers/{sim.imsi}")) == "SBX2006"
    assert refused(west.get("/v1/sims/8942310710000000000")) == "SBX2001"
    for call in ("set_group", "unset_group", "set_imei_lock", "activate", "disable_termination"):
        assert refused(west.post(f"/v1/sims/{sim.sim_id}/{call}")) == "SBX2001"
    assert truth.ledger().filter(iccid=sim.sim_id).height == 0


def test_groups_are_the_callers_own(east: httpx.Client, west: httpx.Client, truth: Truth) -> None:
    for client, operator in ((east, EAST), (west, WEST)):
        listed = rows(client, "/v1/groups", limit="2")
        assert {(row["groupId"], row["tags"]["name"]) for row in listed} == set(  # type: ignore[index] # JSON
            truth.groups().filter(operator=operator.operator).select("group", "name").rows()
        )
    named = rows(east, "/v1/groups", tag_name="name", tag_value="Me", tag_value_match_mode="prefix")
    assert [row["tags"] for row in named] == [{"name": "Meters"}]


def test_event_handlers_are_listed_by_target_and_by_subscriber(east: httpx.Client, truth: Truth) -> None:
    listed = rows(east, "/v1/event_handlers")
    assert {key for row in listed for key in row if key.startswith("target")} == {
        "targetOperatorId",
        "targetGroupId",
        "targetSimId",
        "targetImsi",
    }
    ours = [row for row in listed if "targetImsi" in row]
    assert rows(east, "/v1/event_handlers", target="imsi") == ours
    imsi, group = str(ours[0]["targetImsi"]), truth.where().filter(imsi=str(ours[0]["targetImsi"]))["group"].item()
    named = {row["name"] for row in rows(east, f"/v1/event_handlers/subscribers/{imsi}")}
    assert ours[0]["name"] in named
    assert len(named) == (1 if group is None else 2)


def test_port_mappings_are_listed_whole_and_by_sim_until_they_are_over(direct: Direct, east: httpx.Client) -> None:
    listed = rows(east, "/v1/port_mappings", limit="4")
    assert len(listed) >= 20
    sim_id = str(listed[0]["simId"])
    assert rows(east, f"/v1/port_mappings/sims/{sim_id}") == [listed[0]]
    assert refused(east.get(f"/v1/port_mappings/sims/{_without(east, listed)}")) == "SBX2007"
    direct.clock.offset_s += 86_000
    assert len(rows(east, "/v1/port_mappings")) == len(listed)
    direct.clock.offset_s -= 86_000


def _without(client: httpx.Client, mapped: list[dict[str, object]]) -> str:
    taken = {row["simId"] for row in mapped}
    return next(str(row["simId"]) for row in rows(client, "/v1/sims") if row["simId"] not in taken)


def test_history_tells_statuses_in_seconds_the_latest_first(east: httpx.Client, take: Take) -> None:
    (sim,) = take(1)
    path = f"/v1/sims/{sim.sim_id}/statuses/history"
    assert east.post(f"/v1/sims/{sim.sim_id}/activate").status_code == 200
    assert [row["status"] for row in east.get(path).json()] == ["active", "ready"]
    latest, first = east.get(path).json()
    assert first["applyDateTimeEpochSec"] < latest["applyDateTimeEpochSec"] < 10**10
    assert [row["status"] for row in rows(east, path, sort="asc", limit="1")] == ["ready", "active"]
    assert east.get(path, params={"to": first["applyDateTimeEpochSec"]}).json() == [first]


def test_reads_lag_as_long_as_they_are_held(direct: Direct, east: httpx.Client, take: Take) -> None:
    (sim,) = take(1)
    direct.provider.hold_reads(60)
    east.post(f"/v1/sims/{sim.sim_id}/activate")
    assert east.get(f"/v1/sims/{sim.sim_id}").json()["status"] == "ready"
    direct.clock.offset_s += 61
    assert east.get(f"/v1/sims/{sim.sim_id}").json()["status"] == "active"
    direct.clock.offset_s -= 61
