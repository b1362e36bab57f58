"""Super SIM's eyes against the sandbox, by both vendors' credentials."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.errors import CredentialsRefused, ProviderUnavailable
from domain.inventory import GROUPS, INVENTORY, Side
from domain.orders import Part, Said, Sight
from domain.parts import Stand
from providers.protocol import Crew
from providers.registry import open_mover, open_reader, whoami
from providers.supersim_words import LOOK_FRESH_S
from sandbox.remote import Sandbox
from sandbox.supersim.truth import Truth
from tests.providers.doubles import Timepiece
from tests.providers.supersim.conftest import Family, Take
from tests.providers.supersim_doubles import a_sim, an_order


def quiet(*_: int) -> None:
    """Progress for nobody."""


def lines(rows: pl.DataFrame) -> pl.DataFrame:
    """A list's lines about SIMs of the truth, by ICCID."""
    return rows.select(
        (pl.col("iccid") + pl.col("check_digit")).alias("iccid"),
        pl.lit(None, pl.String).alias("imsi"),
        pl.lit(None, pl.String).alias("sim_id"),
    )


@pytest.mark.parametrize(("side", "name"), [(Side.SOURCE, "north"), (Side.TARGET, "south")])
def test_a_survey_is_the_whole_account(crew: Crew, truth: Truth, side: Side, name: str) -> None:
    survey = crew.reader.survey(side, quiet)
    held = truth.where().filter(pl.col("account_name") == name)
    assert (survey.whole, survey.sims.schema) == (True, INVENTORY)
    assert survey.how.endswith(
        f"{name}: {held.height:,} SIMs in {-(-held.height // 1000)} page{'s' * (name == 'north')}."
    )
    wanted = held.select(
        pl.col("iccid").alias("key"),
        "sim_id",
        (pl.col("iccid") + pl.col("check_digit")).alias("iccid"),
        "status",
        pl.col("fleet").alias("group"),
        "name",
    )
    assert survey.sims.select(wanted.columns).sort("key").equals(wanted.sort("key"))


def test_few_sims_are_looked_up_by_iccid_on_both_sides(crew: Crew, truth: Truth, sandbox: Sandbox) -> None:
    some = truth.where().filter(pl.col("account_name").is_in(["north", "south"])).sample(7, seed=1)
    sandbox.forget_requests()
    for side, name in ((Side.SOURCE, "north"), (Side.TARGET, "south")):
        survey = crew.reader.survey(side, quiet, lines(some))
        assert (survey.whole, survey.how.endswith(f"{name}: 7 look-ups by ICCID or sid.")) == (False, True)
        assert set(survey.sims["key"]) == set(some.filter(pl.col("account_name") == name)["iccid"])
    assert sum(sent.path == "/v1/Sims" for sent in sandbox.requests()) == 14


def test_a_survey_lives_through_429_500_and_cut_connections(crew: Crew, sandbox: Sandbox, truth: Truth) -> None:
    acts = {1: "throttle", 2: "error_before", 3: "drop_before", 4: "truncate", 6: "keyless", 8: "wrong_pages"}
    sandbox.set_faults([{"act": act, "path": "/v1/Sims", "nth": nth} for nth, act in acts.items()])
    held = truth.where().filter(pl.col("account_name") == "north").height
    assert crew.reader.survey(Side.SOURCE, quiet).sims.height == held


def test_a_list_that_leads_back_to_itself_is_no_survey(crew: Crew, sandbox: Sandbox) -> None:
    sandbox.set_faults([{"act": "wrong_pages", "path": "/v1/Sims", "repeat": True}])
    with pytest.raises(ProviderUnavailable, match="leads back to a page that was read already"):
        crew.reader.survey(Side.SOURCE, quiet)


@pytest.mark.parametrize("retry_after", ["absent", "present"])
def test_look_ups_find_the_limit_and_keep_to_it(crew: Crew, sandbox: Sandbox, truth: Truth, retry_after: str) -> None:
    sandbox.set_switches(calls_at_once_max="3", retry_after=retry_after)
    sandbox.set_latency(5)
    some = truth.where().filter(pl.col("account_name") == "south").head(7)
    try:
        for _ in range(6):
            assert crew.reader.survey(Side.TARGET, quiet, lines(some)).sims.height == 7
    finally:
        sandbox.set_latency(0)
    statuses = [sent.status for sent in sandbox.requests()]
    assert statuses.count(200) >= 42
    assert statuses.count(429) < 15


def test_groups_are_the_fleets_of_each_account(crew: Crew, truth: Truth) -> None:
    accounts = {name: sid for sid, name, _ in truth.accounts()}
    for side, name in ((Side.SOURCE, "north"), (Side.TARGET, "south")):
        own = truth.fleets().filter(pl.col("account") == accounts[name])
        groups = crew.reader.groups(side)
        assert groups.schema == GROUPS
        assert groups.sort("group").rows() == own.select("fleet", "name", "limit_mb").sort("fleet").rows()


def test_names_are_taken_or_free_whether_they_fit_into_a_path_or_not(crew: Crew, truth: Truth) -> None:
    named = truth.where().filter(pl.col("account_name") == "south", pl.col("name").is_not_null())["name"].to_list()
    assert crew.reader.names_taken([named[0], "free"]) == {named[0]}
    assert crew.reader.names_taken([named[0], "a/b?c", "..", named[1]]) == set(named[:2])
    assert crew.reader.names_taken([]) == frozenset()


def test_the_preflight_says_who_we_are_and_what_nobody_can_know(crew: Crew, sandbox: Sandbox) -> None:
    sandbox.forget_requests()
    said = crew.reader.preflight()
    assert len(said) == 4
    assert all("lets us in" in sentence for sentence in said[:3])
    assert "Skipped: whether" in said[3]
    assert {sent.status for sent in sandbox.requests()} == {200}


def test_each_credential_is_somebody(family: Family) -> None:
    for account in family:
        assert whoami(account).startswith(f"Account {account.name}: {account.account_id} lets us in")


def test_a_secret_that_is_wrong_is_told_and_not_shown(family: Family, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("hunter22")
    (tmp_path / "wrong").chmod(0o600)
    wrong = replace(family[0], secrets={family[0].way_in: "file:wrong"}, folder=tmp_path)
    with open_reader(wrong, *family[1:]) as reader, pytest.raises(CredentialsRefused) as caught:
        reader.preflight()
    assert "hunter22" not in str(caught.value)


# Looks and dry runs


def test_a_dry_run_is_a_second_read_and_refuses_what_has_changed(crew: Crew, take: Take) -> None:
    reader, mover = crew.reader, crew.mover
    steady, moved = take(2)
    elsewhere = replace(take(1)[0], group="HF" + "0" * 32)
    changed = replace(take(1)[0], status="inactive")
    other = replace(take(1)[0], sim_id=steady.sim_id)
    busy = replace(take(1, "scheduled", fleet=True)[0], status="active")
    assert mover.move(an_order(moved)).said is Said.YES
    absent = a_sim(9_999_999)
    reply = reader.dry_run(an_order(steady, moved, elsewhere, changed, other, busy, absent, attempt=0))
    assert reply.said is Said.NO
    assert {refusal.key: refusal.code for refusal in reply.refusals} == {
        moved.key: "moved",
        elsewhere.key: "group_changed",
        changed.key: "status_changed",
        other.key: "moved",
        busy.key: "under_way",
        absent.key: "moved",
    }
    assert all(reader.advice(refusal.code) for refusal in reply.refusals)
    assert reader.dry_run(an_order(steady, attempt=0)).said is Said.YES


def test_a_look_shows_every_sim_in_the_orders_order(crew: Crew, take: Take) -> None:
    sims = (*take(3, fleet=True), *take(2, "inactive", fleet=True))
    reply = crew.reader.look(an_order(*sims))
    assert reply.said is Said.YES
    assert reply.sights == tuple(Sight(sim.key, Side.SOURCE, sim.sim_id, sim.status, group=sim.group) for sim in sims)


def test_many_looks_cost_one_list_until_it_is_too_old(family: Family, sandbox: Sandbox, take: Take) -> None:
    time = Timepiece()
    with open_mover(*family, clock=time.clock()) as crew:
        crew.reader.survey(Side.SOURCE, quiet)
        sims = take(40)
        sandbox.forget_requests()
        for _ in range(4):
            assert crew.reader.look(an_order(*sims)).said is Said.YES
        assert len(sandbox.requests()) == 4  # pages
        time.now_s += LOOK_FRESH_S + 1
        assert crew.reader.look(an_order(*sims)).said is Said.YES
        assert len(sandbox.requests()) == 8


def test_what_something_was_sent_to_is_not_looked_up_in_an_older_list(crew: Crew, take: Take) -> None:
    crew.reader.survey(Side.SOURCE, quiet)
    sims = take(40)
    assert crew.reader.look(an_order(*sims)).said is Said.YES
    assert crew.mover.move(an_order(sims[0])).said is Said.YES
    again = crew.reader.look(an_order(sims[0], attempt=2))
    assert (again.said, again.sights[0].side) == (Said.NO, Side.TARGET)
    way = replace(sims[0], parts=(Part.MOVE, Part.ACTIVATE))
    assert crew.reader.look(an_order(way, part=Part.ACTIVATE)).said is Said.YES


@pytest.mark.parametrize("first", [Side.SOURCE, Side.TARGET])
def test_a_sim_is_found_wherever_it_is(crew: Crew, take: Take, first: Side) -> None:
    stays, goes = take(2)
    crew.mover.move(an_order(goes))
    sides = [sight.side for sight in crew.reader.find([stays, goes, a_sim(9_999_999)], first)]
    assert sides == [Side.SOURCE, Side.TARGET, Side.NOWHERE]


def test_reads_that_lag_show_the_past_and_then_the_present(crew: Crew, sandbox: Sandbox, take: Take) -> None:
    (sim,) = take(1)
    sandbox.set_faults([{"act": "lag", "method": "POST", "seconds": 60}])
    assert crew.mover.move(an_order(sim)).said is Said.YES
    assert crew.reader.find([sim])[0].side is Side.SOURCE
    sandbox.advance_clock(61)
    assert crew.reader.find([sim])[0].side is Side.TARGET


def test_history_is_what_the_account_knows_of_periods_and_usage(crew: Crew, sandbox: Sandbox, take: Take) -> None:
    (sim,) = take(1, "active", fleet=True)
    before = crew.reader.history([sim])
    sandbox.use_data(sim.iccid, 1_234_567)
    after = crew.reader.history([sim])
    assert before["period"].to_list() == after["period"].to_list() != [None]
    assert after["bytes_used"][0] - before["bytes_used"][0] == 1_234_567
    assert after["key"].unique().to_list() == [sim.key]
    assert "active" in crew.reader.traits.history_of


def test_the_course_tells_how_a_sim_stands_to_each_part(crew: Crew, take: Take) -> None:
    course = crew.reader.traits.course
    (sim,) = take(1, "active", fleet=True, parts=(Part.DEACTIVATE, Part.MOVE, Part.ACTIVATE))
    at = Sight(sim.key, Side.SOURCE, sim.sim_id, "active", group=sim.group)
    assert course.standing(Part.DEACTIVATE, sim, at) is Stand.BEFORE
    assert course.standing(Part.DEACTIVATE, sim, replace(at, status="scheduled")) is Stand.UNDER_WAY
    assert course.standing(Part.DEACTIVATE, sim, replace(at, status="inactive")) is Stand.DONE
    assert course.standing(Part.MOVE, sim, replace(at, status="inactive")) is Stand.BEFORE
    assert course.standing(Part.ACTIVATE, sim, replace(at, side=Side.TARGET, status="inactive")) is Stand.BEFORE
    assert course.standing(Part.ACTIVATE, sim, replace(at, side=Side.TARGET)) is Stand.DONE
    assert "active" in course.expected(Part.MOVE, replace(sim, status="ready", parts=(Part.MOVE,)))
