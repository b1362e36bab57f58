"""Super SIM's hands against the sandbox, by both vendors' credentials: what was said, and what really happened."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.errors import UsageError
from domain.inventory import Side
from domain.orders import Part, Said, Sim
from providers.protocol import Crew
from providers.registry import open_mover, open_registrar
from sandbox.remote import Sandbox
from sandbox.supersim.accounts import NORTH, SOUTH
from sandbox.supersim.truth import Truth
from tests.providers.doubles import Timepiece
from tests.providers.supersim.conftest import Family, Take
from tests.providers.supersim_doubles import an_order

WAY = (Part.DEACTIVATE, Part.MOVE, Part.ACTIVATE)


def held(truth: Truth, sims: Sequence[Sim]) -> list[tuple[str, str, str | None]]:
    """Account's name, status and fleet of each, as the books have it."""
    rows = truth.where([sim.key for sim in sims]).select("iccid", "account_name", "status", "fleet").rows()
    known = {row[0]: (row[1], row[2], row[3]) for row in rows}
    return [known[sim.key] for sim in sims]


def posts(sandbox: Sandbox) -> int:
    """Requests that were to change something."""
    return sum(sent.method == "POST" and sent.path.startswith("/v1/Sims") for sent in sandbox.requests())


def fleet_of(crew: Crew, side: Side, place: int = 0) -> str:
    return str(crew.reader.groups(side)["group"][place])


def settled(crew: Crew, sim: Sim, side: Side) -> str | None:
    """The SIM's status when it is no longer scheduled."""
    for _ in range(200):
        (sight,) = crew.reader.find([sim], side)
        assert sight.side is side
        if sight.status != "scheduled":
            return sight.status
        time.sleep(0.01)
    raise AssertionError("still scheduled")


@pytest.mark.parametrize("status", ["new", "inactive"])
def test_a_move_sets_account_and_fleet_in_one_request(
    crew: Crew, take: Take, truth: Truth, sandbox: Sandbox, status: str
) -> None:
    bare, into, out = (*take(1, status), *take(2, status, fleet=True))
    into = replace(into, group_to=fleet_of(crew, Side.TARGET))
    out = replace(out, group_to="")
    sandbox.forget_requests()
    assert [crew.mover.move(an_order(sim)).said for sim in (bare, into, out)] == [Said.YES] * 3
    assert posts(sandbox) == 3
    assert held(truth, (bare, into, out)) == [
        ("south", status, None),
        ("south", status, into.group_to),
        ("south", status, None),
    ]
    assert [sight.side for sight in crew.reader.find((bare, into, out))] == [Side.TARGET] * 3


def test_a_sim_in_service_goes_in_three_parts(crew: Crew, take: Take, truth: Truth) -> None:
    (sim,) = take(1, "active", fleet=True, group_to=fleet_of(crew, Side.TARGET), parts=WAY)
    refused = crew.mover.move(an_order(sim))
    assert (refused.said, refused.refusals[0].key, refused.refusals[0].code) == (Said.NO, sim.key, "83600")
    assert crew.mover.move(an_order(sim, part=Part.DEACTIVATE)).said is Said.LATER
    assert settled(crew, sim, Side.SOURCE) == "inactive"
    assert crew.mover.move(an_order(sim, part=Part.MOVE)).said is Said.YES
    assert crew.mover.move(an_order(sim, part=Part.ACTIVATE)).said is Said.LATER
    assert settled(crew, sim, Side.TARGET) == "active"
    assert held(truth, (sim,)) == [("south", "active", sim.group_to)]


def test_what_falls_back_is_seen_to_be_as_before(crew: Crew, take: Take, sandbox: Sandbox) -> None:
    (sim,) = take(1, "active", fleet=True)
    sandbox.set_faults([{"act": "fall_back", "method": "POST"}])
    assert crew.mover.move(an_order(sim, part=Part.DEACTIVATE)).said is Said.LATER
    assert settled(crew, sim, Side.SOURCE) == "active"


def test_the_provider_says_why_it_wont(crew: Crew, take: Take, truth: Truth) -> None:
    fleeted, foreign = take(2, fleet=True)
    foreign = replace(foreign, group_to=fleet_of(crew, Side.SOURCE))
    (bare,) = take(1)
    (busy,) = take(1, "scheduled", fleet=True)
    (inactive,) = take(1, "inactive")
    named = truth.where().filter(
        pl.col("account_name") == "north", pl.col("status") == "new", pl.col("fleet").is_null()
    )
    names = truth.where().filter(pl.col("account_name") == "south")["name"].drop_nulls()
    clash = named.filter(pl.col("name").is_in(names.implode())).row(0, named=True)
    clashing = Sim(clash["iccid"], clash["sim_id"], clash["iccid"] + clash["check_digit"], status="new")
    replies = {
        "83006": crew.mover.move(an_order(foreign)),
        "83007": crew.mover.move(an_order(inactive, part=Part.ACTIVATE)),
        "83009": crew.mover.move(an_order(busy, part=Part.DEACTIVATE)),
        "83011": crew.mover.move(an_order(clashing)),
    }
    # the target's credentials don't see the source's SIM
    assert replies.pop("83007").refusals[0].code in {"83005", "83007", "20404"}
    for code, reply in replies.items():
        assert (reply.said, [refusal.code for refusal in reply.refusals]) == (Said.NO, [code])
        assert crew.reader.advice(code)
    assert crew.mover.move(an_order(fleeted)).said is Said.NO
    assert {account for account, *_ in held(truth, (fleeted, foreign, busy, inactive, clashing, bare))} == {"north"}


@pytest.mark.parametrize(
    ("fault", "moved"),
    [
        ("error_before", False),
        ("error_after", True),
        ("drop_before", False),
        ("drop_after", True),
        ("truncate", True),
        ("not_json", True),
        ("keyless", True),
        ("omit", True),
        ("foreign", True),
        ("late", False),
    ],
)
def test_a_move_that_may_have_happened_is_in_doubt_and_not_repeated(
    crew: Crew,
    sandbox: Sandbox,
    truth: Truth,
    take: Take,
    fault: str,
    moved: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    (sim,) = take(1)
    sandbox.set_faults([{"act": fault, "method": "POST", "path": "/v1/Sims/*", "seconds": 60}])
    sandbox.forget_requests()
    reply = crew.mover.move(an_order(sim))
    assert (reply.said, posts(sandbox)) == (Said.UNHEARD, 1)
    assert held(truth, (sim,))[0][0] == ("south" if moved else "north")
    assert truth.moved_twice() == []


@pytest.mark.parametrize("code", [83004, 20500, 20503])
def test_an_error_inside_the_provider_is_doubt(crew: Crew, sandbox: Sandbox, take: Take, code: int) -> None:
    (sim,) = take(1)
    sandbox.set_faults([{"act": "refuse", "code": code, "method": "POST", "path": "/v1/Sims/*"}])
    sandbox.forget_requests()
    assert crew.mover.move(an_order(sim)).said is Said.UNHEARD
    assert posts(sandbox) == 1


def test_a_lie_is_told_and_then_seen_through(crew: Crew, sandbox: Sandbox, take: Take) -> None:
    (sim,) = take(1)
    sandbox.set_faults([{"act": "lie", "method": "POST"}])
    assert crew.mover.move(an_order(sim)).said is Said.YES
    assert crew.reader.find([sim])[0].side is Side.SOURCE


def test_a_throttled_move_is_asked_for_again_and_happens_once(
    crew: Crew, sandbox: Sandbox, truth: Truth, take: Take
) -> None:
    (sim,) = take(1)
    sandbox.set_faults([{"act": "throttle", "method": "POST", "path": "/v1/Sims/*", "to": 2, "retry_after_s": 3}])
    sandbox.forget_requests()
    assert crew.mover.move(an_order(sim)).said is Said.YES
    assert (posts(sandbox), held(truth, (sim,))[0][0], truth.moved_twice()) == (3, "south", [])


def test_tokens_that_die_in_the_middle_cost_no_sim(family: Family, sandbox: Sandbox, truth: Truth, take: Take) -> None:
    sims = take(30)
    with open_mover(*family, clock=Timepiece().clock()) as crew:
        crew.mover.move(an_order(sims[0]))
        sandbox.forget_requests()
        sandbox.set_faults([{"act": "expire", "method": "POST", "path": "/v1/Sims/*", "nth": nth} for nth in (3, 14)])
        with ThreadPoolExecutor(8) as pool:
            said = list(pool.map(lambda sim: crew.mover.move(an_order(sim)).said, sims[1:]))
    assert said == [Said.YES] * 29
    assert {account for account, *_ in held(truth, sims)} == {"south"}
    assert truth.moved_twice() == []
    logins = sum(sent.path.endswith("/auth/token") for sent in sandbox.requests())
    assert logins == (2 if family[2].way_in == "client_secret" else 0)


@pytest.mark.parametrize("retry_after", ["absent", "present"])
def test_a_crowd_keeps_to_the_limit_and_moves_everything_once(
    family: Family, sandbox: Sandbox, truth: Truth, take: Take, retry_after: str
) -> None:
    sims = take(60)
    sandbox.set_switches(calls_at_once_max="5", retry_after=retry_after)
    sandbox.set_latency(10)
    try:
        with open_mover(*family, clock=Timepiece().clock()) as crew, ThreadPoolExecutor(24) as pool:
            said = list(pool.map(lambda sim: crew.mover.move(an_order(sim)).said, sims))
    finally:
        sandbox.set_latency(0)
    assert said == [Said.YES] * 60
    assert {account for account, *_ in held(truth, sims)} == {"south"}
    assert truth.moved_twice() == []
    assert sum(sent.status == 429 for sent in sandbox.requests()) < 30


def test_credentials_that_do_not_work_leave_a_move_unsent(
    family: Family, truth: Truth, take: Take, tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("hunter22")
    (tmp_path / "wrong").chmod(0o600)
    wrong = replace(family[2], secrets={family[2].way_in: "file:wrong"}, folder=tmp_path)
    (sim,) = take(1)
    with open_mover(*family[:2], wrong, clock=Timepiece().clock()) as crew:
        reply = crew.mover.move(an_order(sim))
    assert (reply.said, reply.credentials_refused) == (Said.UNSENT, True)
    assert "hunter22" not in repr(reply)
    assert held(truth, (sim,))[0][0] == "north"


def test_a_move_with_credentials_that_are_no_parents_is_refused(family: Family, truth: Truth, take: Take) -> None:
    north, south, _ = family
    (sim,) = take(1)
    with open_mover(north, south, south, clock=Timepiece().clock()) as crew:
        assert crew.mover.move(an_order(sim)).said is not Said.YES
    assert held(truth, (sim,))[0][0] == "north"
    with pytest.raises(UsageError, match="Neither of"), open_mover(north, south):
        pass


def test_the_parent_may_be_a_side_itself(family: Family, truth: Truth, take: Take) -> None:
    north, _, depot = family
    (sim,) = take(1)
    with open_mover(north, depot, clock=Timepiece().clock()) as crew:
        assert crew.mover.move(an_order(sim)).said is Said.YES
        assert crew.reader.find([sim])[0].side is Side.TARGET
    with open_mover(depot, north, clock=Timepiece().clock()) as crew:
        assert len(crew.reader.preflight()) == 3
        assert crew.mover.move(an_order(sim)).said is Said.YES
    assert held(truth, (sim,))[0][0] == "north"


def test_a_callback_goes_to_the_url_of_the_accounts(family: Family, truth: Truth, take: Take) -> None:
    url = "http://127.0.0.1:9/hook"
    parent = replace(family[2], texts={**family[2].texts, "callback_url": url})
    (sim,) = take(1, "active", fleet=True)
    with open_mover(*family[:2], parent, clock=Timepiece().clock()) as crew:
        assert crew.mover.move(an_order(sim, part=Part.DEACTIVATE)).said is Said.LATER
        settled(crew, sim, Side.SOURCE)
    assert url in truth.callbacks().filter(pl.col("sim_id") == sim.sim_id)["url"].to_list()


# Registration


def test_a_sim_is_claimed_with_its_code_once(
    family: Family, sandbox: Sandbox, truth: Truth, caplog: pytest.LogCaptureFixture
) -> None:
    row = truth.unregistered().row(0, named=True)
    key, code = row["iccid"], row["code"]
    sim = Sim(key, "", key + row["check_digit"], parts=(Part.REGISTER,))
    sandbox.set_faults([{"act": "throttle", "method": "POST", "path": "/v1/Sims", "nth": 2}])
    with caplog.at_level(logging.DEBUG), open_registrar(family[1], clock=Timepiece().clock()) as crew:
        look = crew.reader.look(an_order(sim, part=Part.REGISTER))
        assert (look.said, look.sights[0].side) == (Said.YES, Side.NOWHERE)
        wrong = crew.mover.move(an_order(sim, part=Part.REGISTER, codes={key: "0123456789"}))
        assert (wrong.said, wrong.refusals[0].code) == (Said.NO, "83002")
        order = an_order(sim, part=Part.REGISTER, codes={key: code})
        assert crew.mover.move(order).said is Said.YES
        assert crew.reader.find([sim])[0].sim_id == row["sim_id"]
        again = crew.mover.move(order)
        assert (again.said, again.refusals[0].code) == (Said.NO, "83003")
        assert crew.reader.look(an_order(sim, part=Part.REGISTER)).said is Said.NO
    assert code not in caplog.text + repr(order) + repr(again)
    assert held(truth, (sim,)) == [("south", "new", None)]


@pytest.mark.parametrize(("fault", "there"), [("drop_before", False), ("drop_after", True), ("error_after", True)])
def test_a_claim_without_an_answer_is_found_by_reading(
    family: Family,
    sandbox: Sandbox,
    truth: Truth,
    fault: str,
    there: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    row = truth.unregistered().row(0, named=True)
    sim = Sim(row["iccid"], "", row["iccid"] + row["check_digit"], parts=(Part.REGISTER,))
    sandbox.set_faults([{"act": fault, "method": "POST", "path": "/v1/Sims"}])
    with open_registrar(family[1], clock=Timepiece().clock()) as crew:
        order = an_order(sim, part=Part.REGISTER, codes={sim.key: row["code"]})
        assert crew.mover.move(order).said is Said.UNHEARD
        assert (crew.reader.find([sim])[0].side is Side.TARGET) is there


def test_logs_hold_neither_identifiers_nor_secrets(
    family: Family, sandbox: Sandbox, take: Take, caplog: pytest.LogCaptureFixture
) -> None:
    (sim,) = take(1)
    sandbox.set_faults([{"act": "throttle", "nth": 1, "path": "/v1/Sims/*"}])
    with caplog.at_level(logging.DEBUG), open_mover(*family, clock=Timepiece().clock()) as crew:
        crew.reader.look(an_order(sim))
        crew.mover.move(an_order(sim))
        crew.reader.find([sim])
    assert "HTTP 429" in caplog.text
    secrets = [account.auth_token for account in (NORTH, SOUTH)] + [account.client_secret for account in (NORTH, SOUTH)]
    for hidden in (sim.key, sim.sim_id, *secrets, NORTH.sid, "eyJ"):
        assert hidden not in caplog.text
