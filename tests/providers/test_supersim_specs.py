"""Every request that we make is one of the vendors' OpenAPI files, with parameters that are in them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.orders import Part
from providers.supersim_fleets import by_name, fleets
from providers.supersim_history import history
from providers.supersim_inventory import by_iccid, by_sid
from providers.supersim_preflight import who
from providers.supersim_roll import Roll
from providers.supersim_update import STATUS_OF, Pair, update_call
from providers.supersim_words import ROWS_PER_PAGE_MAX, SIMS_PER_PAGE_MAX
from providers.wire import FORM, Answer, Request
from tests.providers.supersim_doubles import (
    FLEET,
    NORTH,
    SOUTH,
    Answers,
    a_post,
    a_sim,
    an_order,
    body_of,
    page,
    shown,
    sid,
)

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason=f"the vendors' OpenAPI files are not at hand ({SPECS.parent.name}/{SPECS.name})"
)


def answered(request: Request) -> Answer:
    """Something to read for everything that is asked."""
    keys = {"Fleets": "fleets", "BillingPeriods": "billing_periods", "UsageRecords": "usage_records", "Sims": "sims"}
    key = keys[urlsplit(request.path).path.rpartition("/")[2]]
    period: dict[str, object] = {
        "sid": "HB1",
        "start_time": "2023-11-02T00:00:00Z",
        "end_time": None,
        "period_type": "active",
    }
    return page({"sims": [shown(1)], "billing_periods": [period]}.get(key, []), None, key)


def requests() -> list[Request]:
    """One of each kind that the client makes."""
    sender = Answers(answered)
    post = a_post(sender)
    who(post)
    fleets(post)
    history(post, [a_sim(1)], 1)
    Roll(post, 1).survey(None, lambda *_: None)
    pair = Pair(NORTH, SOUTH)
    orders = [
        an_order(a_sim(1, group_to=FLEET)),
        an_order(a_sim(1), part=Part.DEACTIVATE),
        an_order(a_sim(1), part=Part.ACTIVATE),
        an_order(a_sim(1), part=Part.REGISTER, codes={body_of(1): "H3LL0W0RLD"}),
    ]
    lookups = [by_sid(post, sid(1)), by_iccid(post, a_sim(1).iccid), by_name(post, "van 1")]
    updates = [update_call(order, pair, "https://hooks.example/s") for order in orders]
    return [*sender.sent, *(call.request for call in lookups), *(call.request for call in updates)]


@pytest.fixture(params=["twilio_supersim_v1.json", "kore-supersim-v1.json"])
def spec(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SPECS / request.param).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    "sent", requests() if SPECS.is_dir() else [], ids=lambda sent: f"{sent.method} {sent.path[:40]}"
)
def test_a_request_is_a_documented_one(spec: dict[str, Any], sent: Request) -> None:
    url = urlsplit(sent.path)
    (path,) = [
        path
        for path in spec["paths"]
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), url.path) and sent.method.lower() in spec["paths"][path]
    ]
    call = spec["paths"][path][sent.method.lower()]
    query = {*parse_qs(url.query), *(name for name, _ in sent.query)}
    assert query <= {one["name"] for one in call.get("parameters", []) if one["in"] == "query"}
    if sent.body is None:
        return
    form = call["requestBody"]["content"][FORM]["schema"]
    fields = parse_qs(sent.body.decode(), keep_blank_values=True)
    assert set(form.get("required", [])) <= set(fields) <= set(form["properties"])


def test_statuses_that_we_ask_for_may_be_asked_for(spec: dict[str, Any]) -> None:
    assert set(STATUS_OF.values()) <= set(spec["components"]["schemas"]["sim_enum_status_update"]["enum"])


def test_no_page_is_asked_for_that_is_larger_than_may_be(spec: dict[str, Any]) -> None:
    def most(path: str) -> int:
        (size,) = [one for one in spec["paths"][path]["get"]["parameters"] if one["name"] == "PageSize"]
        return int(re.search(r"maximum is ([0-9,]+)", size["description"])[1].rstrip(",").replace(",", ""))  # type: ignore[index] # it says so

    assert most("/v1/Sims") == most("/v1/Fleets") == SIMS_PER_PAGE_MAX
    assert most("/v1/UsageRecords") >= ROWS_PER_PAGE_MAX
    assert most("/v1/Sims/{SimSid}/BillingPeriods") >= ROWS_PER_PAGE_MAX
