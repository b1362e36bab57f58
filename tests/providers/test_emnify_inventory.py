"""emnify's list of SIMs by column, and finding SIMs while they are on their way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ProviderUnavailable
from domain.identifiers import printed
from domain.inventory import INVENTORY, Side
from domain.orders import Options
from domain.plan import STEPS, Step
from providers.calls import Unreadable
from providers.emnify_consequences import consequences_of
from providers.emnify_inventory import inventory_of
from providers.registry import open_reader
from tests.providers.doubles import SOURCE, TARGET, Host, Timepiece, account, replies, sims
from tests.providers.test_emnify_session import LOGIN, SWITCH, jwt, tokens

BODY = "8988303000008013931"


def listed(**changes: object) -> dict[str, object]:
    return {
        "id": 5,
        "iccid": BODY,
        "iccid_with_luhn": BODY + "1",
        "imsi": "901430000000001",
        "status": {"id": 1, "description": "Activated"},
        "customer_org": {"id": SOURCE, "name": "Acme"},
        "endpoint": {"id": 9, "name": "meter", "imei": "1"},
        "something_new": [1, {"a": None}],
    } | changes


def page(*rows: object) -> bytes:
    return orjson.dumps(list(rows))


def test_a_sim_of_the_list_becomes_a_row_of_the_inventory() -> None:
    frame, held = inventory_of(page(listed()), SOURCE)
    assert (frame.schema, held) == (INVENTORY, 1)
    assert frame.row(0) == (BODY, "5", BODY + "1", "901430000000001", "Activated", "9", "meter", None, None, None)


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"iccid_with_luhn": None}, "iccid", "89883030000080139311"),
        ({"iccid": None}, "key", BODY),
        ({"status": {"id": 4, "description": "FACTORY"}}, "status", "Factory Test"),
        ({"status": {"id": 9, "description": "Stolen"}}, "status", "Stolen"),
        ({"status": {"id": 9}}, "status", "status 9"),
        ({"endpoint": None}, "device_id", None),
        ({"customer_org": None}, "key", BODY),
        ({"iccid": int(BODY)}, "key", BODY),
        ({"iccid": "12345", "iccid_with_luhn": None}, "iccid", "12345"),
    ],
)
def test_what_may_be_missing_or_new_is_lived_with(changes: dict[str, object], column: str, value: str | None) -> None:
    frame, _ = inventory_of(page(listed(**changes)), SOURCE)
    assert frame[column].to_list() == [value]


def test_rows_of_another_workspace_or_without_an_iccid_are_held_and_not_returned() -> None:
    stranger = listed(customer_org={"id": TARGET})
    frame, held = inventory_of(page(listed(), stranger, listed(iccid=None, iccid_with_luhn=None)), SOURCE)
    assert (frame.height, held) == (1, 3)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"message":"no"}',
        b"<html>",
        b"[1,2]",
        b"[null]",
        b'[{"id":"x"}]',
        page(listed(id=None)),
        page({"message": "no"}),
        page(listed(status=None)),
        page(listed(status=3)),
        page(listed())[:-20],
    ],
)
def test_a_body_that_is_no_list_of_sims_is_unreadable_and_never_empty(body: bytes) -> None:
    with pytest.raises(Unreadable):
        inventory_of(body, SOURCE)


def test_an_empty_list_is_empty() -> None:
    frame, held = inventory_of(b"[]", SOURCE)
    assert (frame.height, held, frame.schema) == (0, 0, INVENTORY)


@given(st.lists(st.integers(0, 10**19 - 1), min_size=1, max_size=20, unique=True))
def test_every_iccid_is_printed_with_its_own_check_digit(bodies: list[int]) -> None:
    texts = [f"{body:019d}" for body in bodies]
    frame, _ = inventory_of(page(*(listed(id=1, iccid=text, iccid_with_luhn=None) for text in texts)), SOURCE)
    assert frame["iccid"].to_list() == [printed(text) for text in texts]


# Finding


def workspace_of(request: httpx.Request) -> int:
    return SOURCE if request.headers["authorization"].endswith(jwt(SOURCE)) else TARGET


def found(tmp_path: Path, answers: dict[str, Callable[[httpx.Request], httpx.Response]], count: int) -> list[Side]:
    host = Host(
        {LOGIN: replies(tokens(auth_token=jwt(SOURCE))), SWITCH: replies(tokens(auth_token=jwt(TARGET)))} | answers
    )
    accounts = account(tmp_path, SOURCE, password="p"), account(tmp_path, TARGET, password="p")
    with open_reader(*accounts, transport=host.transport(), clock=Timepiece().clock()) as reader:
        return [sight.side for sight in reader.find(sims(count))]


def pages(rows: list[object], total: int | None = None) -> httpx.Response:
    count = len(rows) if total is None else total
    marks = {"X-Total-Count": str(count), "X-Total-Pages": str(max(1, -(-count // 2500))), "X-Current-Page": "1"}
    return httpx.Response(200, content=page(*rows), headers=marks)


def test_a_sim_on_its_way_between_two_look_ups_is_not_nowhere(tmp_path: Path) -> None:
    sim = sims(1)[0]
    there = listed(id=int(sim.sim_id), iccid=sim.key, customer_org={"id": TARGET})
    asked: list[int] = []

    def lookup(request: httpx.Request) -> httpx.Response:
        asked.append(workspace_of(request))
        return httpx.Response(200, json=there) if len(asked) == 3 else httpx.Response(404)

    routes = {"GET /api/v1/sim": lambda _: pages([listed()], 2_500), f"GET /api/v1/sim/{sim.sim_id}": lookup}
    assert found(tmp_path, routes, 1) == [Side.TARGET]
    assert asked == [TARGET, SOURCE, TARGET]


def test_a_sim_on_its_way_between_two_lists_is_seen_at_the_source(tmp_path: Path) -> None:
    moving = sims(8)
    asked: list[int] = []

    def list_of(request: httpx.Request) -> httpx.Response:
        workspace = workspace_of(request)
        if request.url.params["per_page"] == "1":
            return pages([listed(customer_org=None)], 8)
        asked.append(workspace)
        return pages([listed(id=int(s.sim_id), iccid=s.key, customer_org={"id": workspace}) for s in moving])

    assert found(tmp_path, {"GET /api/v1/sim": list_of}, 8) == [Side.SOURCE] * 8
    assert asked == [SOURCE, TARGET]


def test_an_answer_about_another_sim_is_not_believed(tmp_path: Path) -> None:
    other = httpx.Response(200, json=listed(id=7_000, iccid="8988303000000099999"))
    routes = {"GET /api/v1/sim": lambda _: pages([listed()], 2_500), "GET /api/v1/sim/7000": replies(other)}
    with pytest.raises(ProviderUnavailable, match="it is about another SIM"):
        found(tmp_path, routes, 1)


# Consequences


def steps(*rows: tuple[Step, str, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(
        [{"step": str(step), "status": status, "device_id": device} for step, status, device in rows],
        schema={name: STEPS[name] for name in ("step", "status", "device_id")},
    )
    return frame.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in STEPS.items() if name not in frame.columns
    )


def test_consequences_count_what_moves_and_nothing_else() -> None:
    made = steps(
        (Step.MOVE, "Activated", "1"),
        (Step.MOVE, "Activated", None),
        (Step.MOVE, "Suspended", None),
        (Step.LEAVE, "Activated", "2"),
        (Step.REFUSE, "Activated", "3"),
    )
    assert consequences_of(made, Options(detach_devices=True)) == (
        "2 activated SIMs arrive suspended: they are offline until re-activated (restore.csv).",
        "1 SIM is detached from its device; which it was is kept (restore.csv).",
    )
    assert consequences_of(made.filter(pl.col("status") == "Suspended"), Options()) == ()
