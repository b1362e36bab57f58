"""emnify's eyes against the sandbox: surveys, look-ups, dry runs and looks, none of which changes a thing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.errors import CredentialsRefused, ProviderUnavailable
from domain.inventory import INVENTORY, Side
from domain.orders import Options, Said, Sim
from providers.accounts import Account
from providers.protocol import Crew
from providers.registry import open_reader
from sandbox import accounts
from sandbox.remote import Sandbox
from sandbox.truth import Truth
from tests.providers.asking import MIGRATION, STATUSES, acts, an_order, places, quiet, take
from tests.providers.doubles import Timepiece

# Reading


@pytest.mark.parametrize(("side", "workspace"), [(Side.SOURCE, accounts.SOURCE), (Side.TARGET, accounts.TARGET)])
def test_a_survey_is_the_whole_account(crew: Crew, truth: Truth, side: Side, workspace: int) -> None:
    told: list[tuple[int, int]] = []
    survey = crew.reader.survey(side, lambda done, of: told.append((done, of)))
    seen = survey.sims
    assert survey.whole
    held = truth.where().filter(pl.col("workspace_id") == workspace)
    assert seen.schema == INVENTORY
    wanted = held.select(
        pl.col("iccid").alias("key"),
        pl.col("sim_id").cast(pl.String),
        (pl.col("iccid") + pl.col("check_digit")).alias("iccid"),
        "imsi",
        pl.col("status").replace_strict(STATUSES).alias("status"),
        pl.col("endpoint_id").cast(pl.String).alias("device_id"),
    )
    assert seen.select(wanted.columns).sort("key").equals(wanted.sort("key"))
    assert told[-1] == (held.height, held.height)


def test_a_list_whose_totals_are_wrong_is_no_survey(crew: Crew, sandbox: Sandbox) -> None:
    sandbox.set_faults([{"act": "wrong_pages", "path": "/api/v1/sim", "count": 1}])
    with pytest.raises(ProviderUnavailable, match="were announced and"):
        crew.reader.survey(Side.SOURCE, quiet)


def test_a_survey_lives_through_429_500_and_cut_connections(crew: Crew, sandbox: Sandbox, truth: Truth) -> None:
    sandbox.set_faults(
        [
            {"act": act, "path": "/api/v1/sim", "nth": nth}
            for nth, act in enumerate(["throttle", "error_before", "drop_before", "truncate", "not_json"], start=1)
            if nth < 5
        ]
    )
    held = truth.where().filter(pl.col("workspace_id") == accounts.SOURCE).height
    assert crew.reader.survey(Side.SOURCE, quiet).sims.height == held


def test_the_preflight_says_who_we_are_and_what_we_administer(crew: Crew) -> None:
    said = crew.reader.preflight()
    assert said == (
        "Account pilot: user 77 in workspace 4001, as its token says.",
        "Account fleet: user 77 in workspace 4002, as its token says.",
        "User 77 is Administrator of Acme Pilot (4001) and Acme Fleet (4002).",
    )


def test_the_preflight_stops_where_the_user_does_not_administer_the_target(
    pair: tuple[Account, Account], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(accounts.PILOT_ONLY.refresh_token)
    (tmp_path / "token").chmod(0o600)
    source = replace(pair[0], secrets={"refresh_token": "file:token"}, folder=tmp_path, numbers={})
    with (
        open_reader(source, pair[1]) as reader,
        pytest.raises(CredentialsRefused, match="no Administrator of workspace 4002"),
    ):
        reader.preflight()


def test_find_tells_target_source_and_nowhere(crew: Crew, sandbox: Sandbox, books: dict[str, list[Sim]]) -> None:
    here, there, gone = take(books, 1), take(books, 1, "4002 Suspended"), take(books, 1, "4003 Suspended")
    sights = crew.reader.find((*here, *there, *gone))
    assert [sight.side for sight in sights] == [Side.SOURCE, Side.TARGET, Side.NOWHERE]
    assert [sight.key for sight in sights] == [here[0].key, there[0].key, gone[0].key]
    assert {sent.method for sent in sandbox.requests() if "authenticate" not in sent.path} == {"GET"}


def test_many_are_found_in_the_lists_and_few_one_by_one_with_the_same_answer(
    crew: Crew, sandbox: Sandbox, books: dict[str, list[Sim]]
) -> None:
    wanted = (*take(books, 20, "4001 Activated attached"), *take(books, 3, "4003 Suspended"))
    many = crew.reader.find(wanted)
    assert not [sent for sent in sandbox.requests() if sent.path.startswith("/api/v1/sim/")]
    assert tuple(sight for sim in wanted for sight in crew.reader.find([sim])) == many
    assert [sent for sent in sandbox.requests() if sent.path.startswith("/api/v1/sim/")]


# Dry runs and looks


def test_a_dry_run_says_yes_and_moves_nothing(
    crew: Crew, sandbox: Sandbox, truth: Truth, books: dict[str, list[Sim]]
) -> None:
    sims = take(books, 30)
    reply = crew.reader.dry_run(an_order(sims))
    assert (reply.said, len(reply.sights), reply.problems) == (Said.YES, 30, ())
    assert (acts(sandbox), places(truth, sims)) == (0, {accounts.SOURCE})


def test_a_dry_run_names_whoever_is_refused_by_code(crew: Crew, books: dict[str, list[Sim]]) -> None:
    attached, active, fine = take(books, 2, "4001 Suspended attached"), take(books, 2, "4001 Activated"), take(books, 3)
    reply = crew.reader.dry_run(an_order((*attached, *active, *fine), Options(("Suspended",))))
    assert reply.said is Said.NO
    assert {refusal.key: refusal.code for refusal in reply.refusals} == {
        **{sim.key: "1502" for sim in attached},
        **{sim.key: "1503" for sim in active},
    }
    assert all(crew.reader.advice(refusal.code) for refusal in reply.refusals)


def test_a_sim_out_of_sight_refuses_the_order_without_a_name(crew: Crew, books: dict[str, list[Sim]]) -> None:
    reply = crew.reader.dry_run(an_order((*take(books, 3), *take(books, 1, "4002 Suspended"))))
    assert (reply.said, [(refusal.key, refusal.code) for refusal in reply.refusals]) == (Said.NO, [(None, "1201")])
    assert crew.reader.advice("1201")


def test_a_look_sees_every_sim_whatever_the_dry_run_says(crew: Crew, books: dict[str, list[Sim]]) -> None:
    fine, attached = take(books, 3), take(books, 2, "4001 Suspended attached")
    there, gone = take(books, 1, "4002 Suspended"), take(books, 1, "4003 Suspended")
    looked = crew.reader.look(an_order((*fine, *attached)))
    assert [(s.key, s.side, s.device_id) for s in looked.sights] == [
        (sim.key, Side.SOURCE, sim.device_id) for sim in (*fine, *attached)
    ]
    assert {refusal.key for refusal in looked.refusals} == {sim.key for sim in attached}
    looked = crew.reader.look(an_order((*fine, *there, *gone)))
    assert [s.side for s in looked.sights] == [Side.SOURCE] * 3 + [Side.TARGET, Side.NOWHERE]


@pytest.mark.parametrize(
    "position", [{"answered_status": "after"}, {"answered_status": "before"}, {"answered_sims": "status_only"}]
)
def test_a_look_shows_the_status_from_before_whichever_the_provider_answers(
    crew: Crew, sandbox: Sandbox, books: dict[str, list[Sim]], position: dict[str, str]
) -> None:
    sandbox.set_switches(**position)
    sims = (*take(books, 5, "4001 Activated"), *take(books, 5))
    looked = crew.reader.look(an_order(sims))
    assert [(s.key, s.side, s.status) for s in looked.sights] == [(s.key, Side.SOURCE, s.status) for s in sims]


def test_a_sim_suspended_since_the_plan_is_seen_as_suspended(crew: Crew, books: dict[str, list[Sim]]) -> None:
    sims = tuple(replace(sim, status="Activated") for sim in take(books, 2))
    assert {sight.status for sight in crew.reader.look(an_order(sims)).sights} == {"Suspended"}


@pytest.mark.parametrize("position", ["conflict", "ignored", "not_found"])
def test_sims_that_are_there_already_are_seen_there_however_the_provider_puts_it(
    crew: Crew, sandbox: Sandbox, books: dict[str, list[Sim]], position: str
) -> None:
    sandbox.set_switches(already_there=position)
    sims = (*take(books, 2), *take(books, 2, "4002 Suspended"))
    looked = crew.reader.look(an_order(sims))
    assert looked.said is not Said.YES
    assert [sight.side for sight in looked.sights] == [Side.SOURCE, Side.SOURCE, Side.TARGET, Side.TARGET]


def test_nothing_that_a_reader_does_sends_anything_that_changes(
    pair: tuple[Account, Account], sandbox: Sandbox, truth: Truth, books: dict[str, list[Sim]]
) -> None:
    before = truth.ledger().height
    sims = (*take(books, 3), *take(books, 2, "4001 Activated attached"), *take(books, 1, "4003 Suspended"))
    with open_reader(*pair, clock=Timepiece().clock()) as reader:
        reader.preflight()
        reader.survey(Side.SOURCE, quiet)
        for options in (Options(), Options(detach_devices=True), Options(("Suspended",))):
            reader.dry_run(an_order(sims, options))
            reader.look(an_order(sims, options))
        reader.find(sims)
        assert not hasattr(reader, "move")
    for sent in sandbox.requests():
        login = sent.method == "POST" and sent.path.startswith("/api/v1/authenticate")
        assert sent.method == "GET" or login or (sent.path == MIGRATION and sent.dry_run is True), sent
    assert truth.ledger().height == before
