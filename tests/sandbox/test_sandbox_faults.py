"""Each scripted fault does what it says, and the books tell whether anything was changed."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import orjson
import polars as pl
import pytest

from sandbox import accounts
from sandbox.exchange import JSON
from sandbox.remote import Sandbox
from sandbox.truth import Truth

Take = Callable[[int], list[int]]
MIGRATE = "/api/v1/sim/migration/workspace"
LAG_S = 0.6


def migrate(api: httpx.Client, sims: list[int]) -> httpx.Response:
    body = {"target_workspace": {"id": accounts.TARGET}, "sims": [{"id": sim} for sim in sims], "dry_run": False}
    return api.post(MIGRATE, json=body)


def moved(truth: Truth, sims: list[int]) -> int:
    there = (pl.col("workspace_id") == accounts.TARGET) & pl.col("sim_id").is_in(sims)
    return truth.where().filter(there).height


def on_migration(act: str, **fields: JSON) -> list[dict[str, JSON]]:
    return [{"act": act, "method": "POST", "path": MIGRATE, "dry_run": False, **fields}]


def test_a_throttle_is_429_without_retry_after_unless_scripted(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth
) -> None:
    sims = take(1)
    sandbox.set_faults([*on_migration("throttle", nth=1), *on_migration("throttle", nth=2, retry_after_s=3)])
    first, second, third = (migrate(api, sims) for _ in range(3))
    assert (first.status_code, first.json()["error_code"], "Retry-After" in first.headers) == (429, 1105, False)
    assert (second.status_code, second.headers["Retry-After"]) == (429, "3")
    assert third.status_code == 200
    assert moved(truth, sims) == 1


@pytest.mark.parametrize(("act", "arrived"), [("error_before", 0), ("error_after", 2), ("partial", 1)])
def test_an_error_is_500_before_after_or_amid_the_change(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth, act: str, arrived: int
) -> None:
    sims = take(2)
    sandbox.set_faults(on_migration(act))
    assert migrate(api, sims).status_code == 500
    assert moved(truth, sims) == arrived


@pytest.mark.parametrize(("act", "arrived"), [("drop_before", 0), ("drop_after", 2)])
def test_a_drop_cuts_the_connection_before_or_after_the_change(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth, act: str, arrived: int
) -> None:
    sims = take(2)
    sandbox.set_faults(on_migration(act, nth=1))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        migrate(api, sims)
    assert moved(truth, sims) == arrived
    last = sandbox.requests()[-1]
    assert (last.status, last.acts, last.dry_run) == (None, (act,), False)
    assert api.get("/api/v1/sim?per_page=1").status_code == 200, "the next request is served"


def test_a_slow_answer_comes_late_for_a_change_that_was_made_at_once(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth
) -> None:
    sims = take(1)
    sandbox.set_faults(on_migration("slow", seconds=1.0))
    with pytest.raises(httpx.ReadTimeout):
        api.post(
            MIGRATE,
            json={"target_workspace": {"id": accounts.TARGET}, "sims": [{"id": sims[0]}], "dry_run": False},
            timeout=0.3,
        )
    assert moved(truth, sims) == 1


@pytest.mark.parametrize("drop", [False, True])
def test_a_late_change_is_made_after_the_answer(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth, *, drop: bool
) -> None:
    sims = take(2)
    sandbox.set_faults(on_migration("late", seconds=LAG_S, drop=drop))
    if drop:
        with pytest.raises(httpx.TransportError):
            migrate(api, sims)
    else:
        assert migrate(api, sims).status_code == 500
    assert moved(truth, sims) == 0
    time.sleep(LAG_S + 0.2)
    assert moved(truth, sims) == 2


def test_a_truncated_answer_is_no_json_and_a_web_page_neither(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth
) -> None:
    sims = take(2)
    sandbox.set_faults([*on_migration("truncate", nth=1), *on_migration("not_json", nth=2)])
    for sim in sims:
        answer = migrate(api, [sim])
        assert answer.status_code == 200
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(answer.content)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert moved(truth, sims) == 2


def test_a_lie_says_yes_and_does_nothing(api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth) -> None:
    sims = take(2)
    sandbox.set_faults(on_migration("lie"))
    answer = migrate(api, sims)
    assert (answer.status_code, answer.json()["sim_count"]) == (200, 2)
    assert moved(truth, sims) == 0
    listed = {sim["id"] for sim in api.get("/api/v1/sim").json()}
    assert set(sims) <= listed


def test_an_answer_may_leave_sims_out_or_name_others(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth
) -> None:
    sims = take(4)
    sandbox.set_faults([*on_migration("omit", nth=1), *on_migration("foreign", nth=2)])
    missing, foreign = migrate(api, sims[:2]).json(), migrate(api, sims[2:]).json()
    assert (missing["sim_count"], [sim["id"] for sim in missing["sims"]]) == (2, sims[:1])
    assert foreign["sims"][0]["id"] not in sims
    assert foreign["sims"][1]["id"] == sims[3]
    assert moved(truth, sims) == 4


def test_reads_lag_behind_a_change_and_then_show_it(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth
) -> None:
    sims = take(2)
    sandbox.set_faults(on_migration("lag", seconds=60))
    before = api.get("/api/v1/sim").headers["X-Total-Count"]
    assert migrate(api, sims).status_code == 200
    assert moved(truth, sims) == 2
    lagging = api.get("/api/v1/sim")
    assert lagging.headers["X-Total-Count"] == before
    assert set(sims) <= {sim["id"] for sim in lagging.json()}
    assert api.get(f"/api/v1/sim/{sims[0]}").status_code == 200
    sandbox.advance_clock(61)
    assert api.get("/api/v1/sim").headers["X-Total-Count"] == str(int(before) - 2)
    assert api.get(f"/api/v1/sim/{sims[0]}").status_code == 404


def test_a_lag_that_is_over_leaves_nothing_to_the_next_one(api: httpx.Client, sandbox: Sandbox, take: Take) -> None:
    first, second = take(2)
    sandbox.set_faults(on_migration("lag", seconds=60))
    migrate(api, [first])
    sandbox.advance_clock(61)
    migrate(api, [second])
    statuses = [api.get(f"/api/v1/sim/{sim}").status_code for sim in (first, second)]
    assert statuses == [404, 200]
    sandbox.advance_clock(61)


def test_every_token_can_be_expired_in_the_middle(api: httpx.Client, sandbox: Sandbox, take: Take) -> None:
    sandbox.set_faults(on_migration("expire", nth=1))
    assert migrate(api, take(1)).status_code == 401
    assert api.get("/api/v1/sim").status_code == 401
    login = {"username": accounts.TRIAL.username, "password": accounts.TRIAL.password_sha1}
    token = api.post("/api/v1/authenticate", json=login).json()["auth_token"]
    assert api.get("/api/v1/sim", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_pages_may_miscount_or_repeat(api: httpx.Client, sandbox: Sandbox) -> None:
    lists = {"method": "GET", "path": "/api/v1/sim"}
    total = int(api.get("/api/v1/sim?per_page=100").headers["X-Total-Count"])
    sandbox.set_faults(
        [{"act": "wrong_pages", "nth": 1, **lists}, {"act": "wrong_pages", "nth": 3, "repeat": True, **lists}]
    )
    assert api.get("/api/v1/sim?per_page=100&page=1").headers["X-Total-Count"] == str(total + 1)
    second, again = (api.get(f"/api/v1/sim?per_page=100&page={page}") for page in (2, 3))
    assert again.json() == second.json()
    assert again.headers["X-Current-Page"] == "3"


def test_an_error_may_follow_a_delay_and_rules_count_every_match(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.set_faults(
        [
            {"act": "slow", "seconds": 0.2, "path": "/api/v1/sim", "nth": 2},
            {"act": "error_before", "path": "/api/*", "from": 2, "to": 4, "every": 2},
        ]
    )
    assert [api.get("/api/v1/sim?per_page=1").status_code for _ in range(5)] == [200, 500, 200, 500, 200]
    assert [sent.acts for sent in sandbox.requests()[-4:]] == [("slow", "error_before"), (), ("error_before",), ()]
    assert (sandbox.requests()[-4].took_ms or 0) >= 200


def test_a_wrong_script_switch_or_control_is_400_and_says_why(api: httpx.Client) -> None:
    for path, body in (
        ("faults", {"rules": [{"act": "explode"}]}),
        ("faults", {"rules": [{"act": "slow", "colour": 1}]}),
        ("faults", {"rules": [{"act": "slow", "nth": "2"}]}),
        ("switches", {"gaps": "maybe"}),
        ("switches", {"colour": "red"}),
        ("clock", {"advance_s": "x"}),
    ):
        answer = api.put(f"/_sandbox/{path}", json=body)
        assert answer.status_code == 400
        assert answer.json()["message"]
    assert api.get("/_sandbox/nothing").status_code == 404


def test_a_refusal_carries_its_code_and_an_answer_may_lack_its_array(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth
) -> None:
    sims = take(1)
    sandbox.set_faults(on_migration("refuse", code=1203))
    answer = migrate(api, sims)
    assert (answer.status_code, answer.json()["error_code"], moved(truth, sims)) == (422, 1203, 0)
    sandbox.set_faults([{"act": "keyless", "path": "/api/v1/sim"}])
    assert api.get("/api/v1/sim").json() == {}


def test_what_a_later_change_comes_to_is_nothing_to_emnify_and_neither_is_a_sims_name(
    api: httpx.Client, sandbox: Sandbox, take: Take, truth: Truth
) -> None:
    sims = take(1)
    sandbox.set_faults([*on_migration("never_done"), *on_migration("error_before", sim="8988303*")])
    assert migrate(api, sims).status_code == 200
    assert moved(truth, sims) == 1
    assert sandbox.requests()[-1].acts == ("never_done",)
