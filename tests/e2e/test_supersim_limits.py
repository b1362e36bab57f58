"""Tokens, credentials, limits and lists of Super SIM, which go wrong under a run: it waits, or stops and says so."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.errors import CredentialsRefused, ProviderUnavailable, RefusedToRun
from domain.inventory import Side
from domain.orders import Options
from providers.registry import open_reader
from sandbox.remote import Sandbox
from sandbox.supersim.accounts import DEPOT, NORTH, SOUTH, Account
from sandbox.supersim.truth import Truth
from tests.e2e.crossings import Rule
from tests.e2e.hurry import Hurry
from tests.e2e.supersim_agreement import Books
from tests.e2e.supersim_crossings import LIMITS, Crossing, Taker, accounts_of, ended_otherwise, outlast, planned

POST: Rule = {"method": "POST", "path": "/v1/Sims/*"}
LOOKUP: Rule = {"method": "GET", "path": "/v1/Sims/*"}
LIST: Rule = {"method": "GET", "path": "/v1/Sims"}
KORE = ("kore-north", "kore-south")
TWILIO = ("north", "south")
WIDE = replace(LIMITS, batch_sims=20, calls_in_flight=16)
REFUSED = 429
UNDER_WAY_S = 0.15  # until what was accepted is done


@pytest.fixture
def books(supersim: Sandbox) -> Books:
    return Books.opened(Truth(supersim.home))


def crowd(supersim: Sandbox, take: Taker, folder: Path, accounts: tuple[str, str] = TWILIO) -> Crossing:
    """Ten SIMs, of which four go a whole way: 18 changes."""
    source, target = accounts
    return planned(supersim, folder, take(new=6, active=4), source=source, target=target)


@pytest.mark.parametrize("options", [Options(deactivate_first=True, inactive_moves=True), Options(inactive_moves=True)])
def test_each_way_is_gone_as_planned(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books, options: Options
) -> None:
    live = take(active=3, ready=2) if options.deactivate_first else []
    bodies = [*take(new=5, inactive=4), *live]
    run = planned(supersim, tmp_path, bodies, options=options)
    outcomes = outlast(run)
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []
    now = Truth(supersim.home).where(bodies)
    assert set(now.select("account_name", "status").iter_rows()) == {("south", "new"), ("south", "inactive")}


@pytest.mark.parametrize(
    ("source", "target", "pairs", "reads"),
    [(DEPOT, SOUTH, "Stock,Rollout", "family"), (NORTH, DEPOT, "Pilot,Stock\nTrackers,\nMeters,Stock", "own")],
    ids=["to a child", "from a child"],
)
def test_the_parent_itself_may_be_one_of_the_two_accounts(
    supersim: Sandbox, take: Taker, tmp_path: Path, source: Account, target: Account, pairs: str, reads: str
) -> None:
    supersim.set_switches(parent_reads=reads)
    bodies = take(source.name, new=3, active=2, inactive=1)
    options = Options(deactivate_first=True, inactive_moves=True)
    accounts = {"source": source.name, "target": target.name}
    run = planned(supersim, tmp_path, bodies, f"from,to\n{pairs}\n", options=options, **accounts)
    books = Books.opened(Truth(supersim.home), source, target)
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


@pytest.mark.parametrize("act", ["drop_before", "error_before"])
def test_an_outage_ends_the_run_which_is_taken_up_when_it_is_over(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books, act: str
) -> None:
    run = crowd(supersim, take, tmp_path)
    supersim.set_faults([{"path": "/v1/*", "act": act, "from": 40}])
    run.execute()
    assert [type(error) for error in run.errors] == [ProviderUnavailable]
    supersim.set_faults([])
    time.sleep(UNDER_WAY_S)
    assert books.disagreements(run.steps, run.reconcile()) == []
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


def test_a_token_that_is_refused_is_renewed_and_no_sim_fails(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books
) -> None:
    run = replace(crowd(supersim, take, tmp_path, KORE), limits=replace(LIMITS, calls_in_flight=1))
    supersim.set_faults([{**POST, "act": "expire", "every": 5}, {**LOOKUP, "act": "expire", "nth": 3}])
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


def test_tokens_that_live_for_a_second_are_renewed_in_time(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books
) -> None:
    supersim.set_switches(token_life_s="1")
    run = crowd(supersim, take, tmp_path, KORE)
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


@pytest.mark.parametrize(
    ("accounts", "act"),
    [
        (TWILIO, {"act": "refuse", "code": 20003}),
        (KORE, {"act": "refuse", "code": 20006}),
        (KORE, {"act": "expire"}),
    ],
    ids=str,
)
def test_credentials_that_are_refused_under_way_stop_the_run_and_another_execution_takes_it_up(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books, accounts: tuple[str, str], act: Rule
) -> None:
    run = crowd(supersim, take, tmp_path, accounts)
    supersim.set_faults([{**POST, **act, "from": 12}])
    run.execute()
    assert [type(error) for error in run.errors] == [CredentialsRefused]
    time.sleep(UNDER_WAY_S)
    assert books.disagreements(run.steps, run.reconcile()) == []
    supersim.set_faults([])
    outcomes = outlast(run)
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


def test_a_limit_on_requests_at_once_that_falls_under_way_is_found_out_again(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books
) -> None:
    run = planned(supersim, tmp_path, take(new=60, active=8), limits=WIDE)
    supersim.set_latency(10)
    supersim.forget_requests()
    run.meddle = (30, lambda: supersim.set_switches(calls_at_once_max="3"))
    outcomes = outlast(run)
    supersim.set_latency(0)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []
    sent = supersim.requests()
    assert 0 < sum(one.status == REFUSED for one in sent) < len(sent) / 4


def test_being_throttled_without_end_stops_the_run_and_leaves_nothing_in_doubt(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books
) -> None:
    run = crowd(supersim, take, tmp_path)
    supersim.set_faults([{**POST, "act": "throttle", "from": 10}])
    run.execute()
    assert [type(error) for error in run.errors] == [ProviderUnavailable]
    time.sleep(UNDER_WAY_S)
    halfway = run.reconcile()
    assert books.disagreements(run.steps, halfway) == []
    assert "in_doubt" not in halfway["outcome"].cast(pl.String)
    supersim.set_faults([])
    outcomes = outlast(run)
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


@pytest.mark.parametrize("nth", [1, 4], ids=["a move alone", "a move between two parts"])
def test_a_yes_without_effect_to_the_canary_stops_the_run(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books, nth: int
) -> None:
    run = planned(supersim, tmp_path, take(new=6, active=2), limits=replace(LIMITS, calls_in_flight=1))
    supersim.set_faults([{**POST, "act": "lie", "nth": nth}])
    outcomes = outlast(run)
    assert [error.cause for error in run.errors if isinstance(error, RefusedToRun)] == ["no-effect"]
    assert books.disagreements(run.steps, outcomes) == []
    assert set(outcomes.filter(batch=2)["outcome"].cast(pl.String)) == {"not_started"}


def test_a_yes_without_effect_that_no_spot_check_met_is_asked_for_again_after_two_reads(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books
) -> None:
    run = planned(supersim, tmp_path, take(new=7), limits=replace(LIMITS, calls_in_flight=1))
    _, unlooked, *_ = run.steps.filter(batch=2).sort("key")["sim_id"]
    supersim.set_faults([{**POST, "act": "lie", "sim": unlooked, "nth": 1}])
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


def test_look_ups_every_second_of_which_is_broken_in_some_way_are_made_again(
    supersim: Sandbox, take: Taker, tmp_path: Path, books: Books
) -> None:
    run = crowd(supersim, take, tmp_path)
    acts = ("error_before", "truncate", "keyless", "foreign", "throttle", "drop_before", "not_json")
    supersim.set_faults([{**LOOKUP, "act": act, "from": 2 * place + 1, "every": 14} for place, act in enumerate(acts)])
    outcomes = outlast(run)
    assert run.errors == []
    assert books.disagreements(run.steps, outcomes) == []
    assert ended_otherwise(outcomes, {}) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"act": "wrong_pages", "from": 1},
        {"act": "wrong_pages", "repeat": True},
        {"act": "keyless"},
        {"act": "not_json"},
        {"act": "truncate"},
        {"act": "throttle"},
        {"act": "error_before"},
        {"act": "drop_before"},
    ],
    ids=str,
)
def test_a_list_whose_pages_are_wrong_is_never_taken_for_the_account(supersim: Sandbox, rule: Rule) -> None:
    supersim.set_faults([{**LIST, "from": 2, **rule}])
    with (
        open_reader(*accounts_of(supersim, *TWILIO), clock=Hurry().of_a_provider()) as reader,
        pytest.raises(ProviderUnavailable, match="again"),
    ):
        reader.survey(Side.SOURCE, lambda *_: None)


@pytest.mark.parametrize(("sims", "way"), [(12, "look-ups"), (60, "in 2 pages")])
def test_a_survey_costs_what_is_least_and_says_how_it_was_made(
    supersim: Sandbox, take: Taker, sims: int, way: str
) -> None:
    bodies = take(new=sims)
    lines = pl.DataFrame({"iccid": bodies}).with_columns(imsi=pl.lit(None), sim_id=pl.lit(None, pl.String))
    with open_reader(*accounts_of(supersim, *TWILIO)) as reader:
        seen = reader.survey(Side.SOURCE, lambda *_: None, lines)
    assert way in seen.how
    assert set(bodies) <= set(seen.sims["key"])
