"""Soracom's eyes on two operators in memory: preflight, survey, looks, settings, and what hangs on SIMs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import polars as pl
import pytest

from domain.errors import CredentialsRefused, ProviderUnavailable, UsageError
from domain.inventory import ALIASES, GROUPS, INVENTORY, Side
from domain.orders import Options, Part, Said, Sight
from domain.parts import Stand
from domain.plan import STEPS, Step
from domain.settings import SETTINGS
from providers.accounts import Account
from providers.protocol import Crew
from providers.registry import open_mover, open_reader
from providers.soracom_columns import SIMS_AT_ONCE, Columns
from providers.soracom_sims import shown_of
from providers.soracom_words import CALLS_IN_FLIGHT, LOOK_FRESH_S, TOKEN_LIFE_S
from tests.providers.doubles import Timepiece
from tests.providers.soracom_doubles import (
    EAST,
    WEST,
    Soracom,
    a_sim,
    an_account,
    an_order,
    imsi_of,
    number,
    shown,
)


def quiet(*_: int) -> None:
    """Progress for nobody."""


def lines(*rows: tuple[str | None, str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"iccid": pl.String, "imsi": pl.String, "sim_id": pl.String}, orient="row")


def paths(soracom: Soracom) -> list[str]:
    """What was read since the login, sorted."""
    return sorted(one.url.path.removeprefix("/v1/") for one in soracom.asked("GET"))


# Preflight


def test_the_preflight_sees_both_operators_and_that_the_target_can_accept(crew: Crew) -> None:
    assert crew.reader.preflight() == (
        f"Account east: operator {EAST} lets us in (east@acme.example).",
        f"Account west: operator {WEST} lets us in; its primary e-mail is west@acme.example.",
        "Account west has a payment method.",
        "Both are accounts of global coverage, as the accounts file says.",
    )


def test_of_a_target_without_credentials_the_preflight_says_what_nobody_checked(blind: Crew, soracom: Soracom) -> None:
    said = " ".join(blind.reader.preflight())
    assert "Skipped: whether operator OP0000000002 and that e-mail belong together" in said
    assert "payment method" in said
    assert {request.headers.get("x-soracom-api-key") for request in soracom.asked("GET")} == {f"api-{EAST}"}


def test_another_primary_email_than_configured_is_refused(crew: Crew, soracom: Soracom) -> None:
    soracom.login_as = {"west@acme.example": WEST}
    soracom.emails[WEST] = "boss@acme.example"
    with pytest.raises(UsageError, match=r"boss@acme\.example"):
        crew.reader.preflight()


@pytest.mark.parametrize("payment", [httpx.Response(404), httpx.Response(200, json={"errorCode": "card_declined"})])
def test_a_target_that_cannot_pay_cannot_accept(crew: Crew, soracom: Soracom, payment: httpx.Response) -> None:
    soracom.payment = payment
    with pytest.raises(UsageError, match="payment method"):
        crew.reader.preflight()


def test_what_a_login_may_not_see_is_skipped_and_said(crew: Crew, soracom: Soracom) -> None:
    body = {"code": "SEM0049", "message": "no permission"}
    soracom.faults = [lambda request: httpx.Response(403, json=body) if request.method == "GET" else None]
    said = crew.reader.preflight()
    assert sum("Skipped: whether" in sentence for sentence in said) == 2
    assert said[-1].startswith("Skipped: event handlers and port mappings of the source")
    assert crew.examiner is not None
    assert crew.examiner.listed_only(Side.SOURCE, [a_sim(1)]).is_empty()
    with pytest.raises(CredentialsRefused, match="GET /v1/groups"):
        crew.reader.groups(Side.SOURCE)


def test_the_targets_email_is_asked_of_it_where_it_is_not_configured(
    soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path
) -> None:
    target = an_account(tmp_path, WEST, user_password="right", user="ferry", email="")
    soracom.hold(shown(1))
    with open_mover(east, target, clock=time.clock(), transport=soracom.transport()) as crew:
        assert crew.mover.move(an_order(a_sim(1))).said is Said.YES
        soracom.faults = [lambda request: httpx.Response(403, json={}) if "/operators/" in request.url.path else None]
    with open_mover(east, target, clock=time.clock(), transport=soracom.transport()) as crew:
        reply = crew.mover.move(an_order(a_sim(1)))
        assert (reply.said, reply.credentials_refused) == (Said.UNSENT, True)
        assert 'email = "…"' in reply.words
        with pytest.raises(UsageError, match="e-mail"):
            crew.reader.preflight()


# Surveys


def test_a_survey_is_the_whole_list_page_by_page(crew: Crew, soracom: Soracom) -> None:
    soracom.page_size = 7
    soracom.hold(*(shown(place, groupId="g-1") for place in range(30)), shown(99, WEST))
    told: list[tuple[int, int]] = []
    survey = crew.reader.survey(Side.SOURCE, lambda *one: told.append(one))
    assert survey.whole
    assert survey.sims.schema == INVENTORY
    assert survey.sims["key"].to_list() == [number(place) for place in range(30)]
    assert survey.sims["imsi"].to_list() == [imsi_of(place) for place in range(30)]
    assert told == [(7, 0), (14, 0), (21, 0), (28, 0), (30, 0)]
    assert {request.url.params["limit"] for request in soracom.asked("GET", "sims")} == {"100"}
    assert survey.settings.schema == SETTINGS
    assert survey.settings.filter(pl.col("setting") == "group").height == 30
    assert crew.reader.survey(Side.TARGET, quiet).sims["key"].to_list() == [number(99)]


def test_a_few_sims_of_a_long_list_are_asked_for(crew: Crew, soracom: Soracom) -> None:
    soracom.page_size = 2
    soracom.hold(*(shown(place) for place in range(60)))
    survey = crew.reader.survey(Side.SOURCE, quiet, lines((number(1), None, None), (None, None, number(50))))
    assert (survey.whole, "look-up" in survey.how) == (False, True)
    assert survey.sims["key"].to_list() == [number(1), number(50)]
    assert survey.settings["key"].unique().sort().to_list() == [number(1), number(50)]
    assert len(soracom.asked("GET", "sims")) == 2


def test_a_sim_that_is_not_there_under_its_own_number_is_looked_for_in_the_whole_list(
    crew: Crew, soracom: Soracom
) -> None:
    soracom.page_size = 2
    other = {number(1_000): {"primaryImsi": "44100", "subscribers": {}}}
    profiles = {number(59): {"primaryImsi": imsi_of(59), "subscribers": {}}, **other}
    soracom.hold(*(shown(place) for place in range(59)), shown(59, profiles=profiles))
    wanted = lines((number(1_000), None, None), (number(3), None, None))
    survey = crew.reader.survey(Side.SOURCE, quiet, wanted)
    assert (survey.whole, survey.sims.height) == (True, 60)
    assert survey.aliases.schema == ALIASES
    assert survey.aliases.rows() == [(number(59), number(1_000), "44100")]
    assert survey.settings["key"].unique().sort().to_list() == [number(3), number(59)]
    # where most of what is looked for is not there yet, that would be the whole list every time
    assert not crew.reader.survey(Side.TARGET, quiet, wanted).sims.height


def test_a_line_with_an_imsi_alone_takes_the_whole_list(crew: Crew, soracom: Soracom) -> None:
    soracom.page_size = 2
    soracom.hold(*(shown(place) for place in range(60)))
    survey = crew.reader.survey(Side.SOURCE, quiet, lines((None, imsi_of(58), None)))
    assert survey.whole
    assert survey.settings["key"].unique().to_list() == [number(58)]


def test_a_list_that_leads_back_is_refused(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(*(shown(place) for place in range(3)))
    soracom.headers = {"x-soracom-next-key": "1"}
    with pytest.raises(ProviderUnavailable, match="no end"):
        crew.reader.survey(Side.SOURCE, quiet)


def test_a_list_that_moved_while_it_was_read_is_read_again(crew: Crew, soracom: Soracom) -> None:
    soracom.page_size = 2
    soracom.hold(*(shown(place) for place in range(5)))
    moves = iter([True])

    def move(request: httpx.Request) -> None:
        if request.url.params.get("last_evaluated_key") == "2" and next(moves, False):
            soracom.sims = {number(90): shown(90)} | soracom.sims

    soracom.faults = [move]
    survey = crew.reader.survey(Side.SOURCE, quiet)
    assert survey.sims.height == 6
    assert len(soracom.asked("GET", "sims")) == 6


def test_an_operator_without_sims_has_an_empty_list(crew: Crew, soracom: Soracom) -> None:
    assert crew.reader.survey(Side.SOURCE, quiet).sims.is_empty()
    soracom.faults = [lambda r: httpx.Response(404, json={"code": "SEM0004"}) if r.url.path == "/v1/sims" else None]
    assert crew.reader.survey(Side.SOURCE, quiet).sims.is_empty()


def test_sims_of_another_operator_are_left_out(crew: Crew, soracom: Soracom) -> None:
    rows = [shown(1), shown(2, "OP0000000777"), shown(3, operatorId=None)]
    soracom.faults = [lambda r: httpx.Response(200, json=rows) if r.url.path == "/v1/sims" else None]
    assert crew.reader.survey(Side.SOURCE, quiet).sims["key"].to_list() == [number(1), number(3)]


def test_a_target_without_credentials_is_not_read_and_nothing_fails(blind: Crew, soracom: Soracom) -> None:
    soracom.hold(shown(1))
    survey = blind.reader.survey(Side.TARGET, quiet)
    assert (survey.whole, survey.sims.height) == (False, 0)
    assert "no credentials" in survey.how
    assert blind.reader.groups(Side.TARGET).schema == GROUPS
    assert [sight.side for sight in blind.reader.find([a_sim(1), a_sim(2)])] == [Side.SOURCE, Side.NOWHERE]
    assert blind.examiner is not None
    examined = blind.examiner.examine(Side.TARGET, [a_sim(1)])
    assert ([sight.side for sight in examined.sights], examined.settings.height) == ([Side.NOWHERE], 0)
    assert blind.examiner.listed_only(Side.TARGET, [a_sim(1)]).schema == SETTINGS
    assert len(soracom.asked("POST", "auth")) == 1


def test_memory_stays_bounded_while_a_list_is_gathered() -> None:
    columns = Columns(EAST)
    for start in range(0, 3 * SIMS_AT_ONCE, 100):
        columns.add([shown_of(shown(start + place)) for place in range(100)])
        assert len(columns._waiting) < SIMS_AT_ONCE
    assert columns.sims().height == 3 * SIMS_AT_ONCE
    assert columns.sims().height == 3 * SIMS_AT_ONCE


def test_groups_have_their_names(crew: Crew, soracom: Soracom) -> None:
    soracom.groups[EAST] = [
        {"groupId": "g-1", "operatorId": EAST, "tags": {"name": "vans"}},
        {"groupId": "g-2", "operatorId": EAST, "tags": {}},
        {"groupId": "g-3", "operatorId": WEST, "tags": {"name": "other"}},
    ]
    assert crew.reader.groups(Side.SOURCE).rows() == [("g-1", "vans", None), ("g-2", None, None)]
    assert crew.reader.names_taken(["van"]) == frozenset()
    assert crew.reader.history([a_sim(1)]).is_empty()


# Looks


def test_a_look_reads_each_sim_afresh_and_is_a_yes_for_ready_ones_alone(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(shown(1, groupId="g-1"), shown(2))
    sims = (a_sim(2), a_sim(1, group="g-1"))
    reply = crew.reader.look(an_order(*sims))
    assert (reply.said, reply.sights) == (
        Said.YES,
        tuple(Sight(sim.key, Side.SOURCE, sim.sim_id, "ready", group=sim.group) for sim in sims),
    )
    soracom.sims[number(1)]["status"] = "active"
    assert crew.reader.look(an_order(*sims)).said is Said.NO
    soracom.sims[number(1)]["status"] = "Transferring"
    assert crew.reader.look(an_order(*sims[1:], part=Part.ACCEPT)).said is Said.YES
    assert crew.reader.look(an_order(*sims, part=Part.ACCEPT)).said is Said.NO


def test_a_dry_run_is_a_second_read_and_refuses_what_has_changed(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(*(shown(place) for place in range(1, 6)), shown(6, WEST))
    soracom.sims[number(2)]["status"] = "active"
    soracom.sims[number(3)]["status"] = "TRANSFERRING"
    soracom.sims[number(4)]["groupId"] = "g-2"
    sims = [a_sim(place) for place in range(1, 8)]
    sims[4] = replace(sims[4], imsi="1")
    reply = crew.reader.dry_run(an_order(*sims))
    assert reply.said is Said.NO
    assert {refusal.key: refusal.code for refusal in reply.refusals} == {
        number(2): "status_changed",
        number(3): "under_way",
        number(4): "group_changed",
        number(5): "imsi_changed",
        number(6): "moved",
        number(7): "moved",
    }
    assert all(crew.reader.advice(refusal.code) for refusal in reply.refusals)
    assert crew.reader.dry_run(an_order(sims[0])).said is Said.YES


def test_many_dry_runs_cost_one_list_until_it_is_too_old(crew: Crew, soracom: Soracom, time: Timepiece) -> None:
    soracom.hold(*(shown(place) for place in range(300)))
    crew.reader.survey(Side.SOURCE, quiet)
    soracom.seen.clear()
    for place in range(300):
        assert crew.reader.dry_run(an_order(a_sim(place))).said is Said.YES
    assert len(soracom.asked("GET")) == 11 + 3  # look-ups, until a list of three pages is cheaper
    time.now_s += LOOK_FRESH_S + 1
    crew.reader.dry_run(an_order(a_sim(1)))
    assert soracom.seen[-1].url.path.endswith(number(1))


@pytest.mark.parametrize("first", [Side.SOURCE, Side.TARGET])
def test_a_sim_is_found_wherever_it_is(crew: Crew, soracom: Soracom, first: Side) -> None:
    soracom.hold(shown(1), shown(2, WEST), shown(4, WEST, status="Active"))
    sights = crew.reader.find([a_sim(place) for place in (4, 3, 2, 1)], first)
    assert [sight.side for sight in sights] == [Side.TARGET, Side.NOWHERE, Side.TARGET, Side.SOURCE]
    assert sights[0].status == "active"


def test_a_sim_on_its_way_between_two_reads_is_not_nowhere(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(shown(1))

    def accept(request: httpx.Request) -> None:
        if request.headers.get("x-soracom-api-key") == f"api-{EAST}":
            soracom.sims[number(1)]["operatorId"] = WEST

    soracom.faults = [accept]
    assert crew.reader.find([a_sim(1)])[0].side is Side.TARGET


def test_an_answer_about_another_operators_sim_is_none_and_about_another_sim_is_asked_again(
    crew: Crew, soracom: Soracom
) -> None:
    soracom.hold(shown(1))
    soracom.faults = [lambda r: httpx.Response(200, json=shown(1, "OP0000000777")) if "/sims/" in r.url.path else None]
    assert crew.reader.find([a_sim(1)], Side.SOURCE)[0].side is Side.NOWHERE
    odd = [httpx.Response(200, json=shown(2)), httpx.Response(404, text="<html>"), httpx.Response(200, text="oops")]
    soracom.faults = [lambda request: odd.pop() if odd and "/sims/" in request.url.path else None]
    assert crew.reader.find([a_sim(1)], Side.SOURCE)[0].side is Side.SOURCE


# What SIMs are set to


def test_an_examination_is_one_read_of_each_sim_on_one_side(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(shown(1, tags={"name": "van"}), shown(2, WEST))
    assert crew.examiner is not None
    examined = crew.examiner.examine(Side.SOURCE, [a_sim(2), a_sim(1)])
    assert [sight.side for sight in examined.sights] == [Side.NOWHERE, Side.SOURCE]
    assert examined.settings.filter(pl.col("setting") == "tag:name").rows() == [(number(1), "tag:name", "van")]
    assert paths(soracom) == [f"sims/{number(1)}", f"sims/{number(2)}"]


def test_what_hangs_on_sims_is_listed_once_for_all_of_them(crew: Crew, soracom: Soracom) -> None:
    soracom.handlers = [
        {"name": "cut", "status": "active", "targetSimId": number(1)},
        {"name": "warn", "status": "inactive", "targetImsi": imsi_of(2)},
        {"name": "all vans", "status": "active", "targetGroupId": "g-1"},
        {"name": "whole", "status": "active", "targetOperatorId": EAST},
    ]
    soracom.mappings = [
        {"endpoint": "203.0.113.9:41022", "destination": {"simId": number(2), "port": 22}},
        {"ipAddress": "203.0.113.9", "port": 41080, "imsi": imsi_of(3), "destination": {"port": 80}},
        {"endpoint": "203.0.113.9:1", "simId": number(1), "expired": True, "destination": {"port": 1}},
    ]
    assert crew.examiner is not None
    sims = [a_sim(1, group="g-1"), a_sim(2, group="g-1"), a_sim(3)]
    found = crew.examiner.listed_only(Side.SOURCE, sims)
    assert found.schema == SETTINGS
    assert set(found.rows()) == {
        (number(1), "event_handler:cut", "active"),
        (number(1), "event_handler:all vans", "active"),
        (number(2), "event_handler:warn", "inactive"),
        (number(2), "event_handler:all vans", "active"),
        (number(2), "port_mapping:203.0.113.9:41022", "port 22"),
        (number(3), "port_mapping:203.0.113.9:41080", "port 80"),
    }
    assert crew.examiner.listed_only(Side.SOURCE, [a_sim(9)]).is_empty()
    soracom.faults = [lambda r: httpx.Response(404, json={}) if r.url.path == "/v1/event_handlers" else None]
    assert crew.examiner.listed_only(Side.TARGET, sims).is_empty() is False
    soracom.seen = [one for one in soracom.seen if one.headers.get("x-soracom-api-key") == f"api-{EAST}"]
    assert paths(soracom) == ["event_handlers", "port_mappings"]
    assert "limit" not in soracom.asked("GET", "event_handlers")[0].url.params


# What is said of it


def test_the_traits_are_those_of_a_transfer_by_tokens(
    crew: Crew, soracom: Soracom, east: Account, west: Account
) -> None:
    traits = crew.reader.traits
    assert (traits.name, traits.sims_per_call, traits.calls_in_flight, traits.settle_s) == ("soracom", 500, 4, 60)
    assert (traits.token_life_s, traits.await_s, traits.groups_by_name) == (TOKEN_LIFE_S, 0, True)
    short = replace(east, numbers={"token_life_s": 3})
    with open_reader(short, replace(west, numbers={}), transport=soracom.transport()) as reader:
        assert (reader.traits.token_life_s, reader.traits.calls_in_flight) == (3, CALLS_IN_FLIGHT)


def test_the_course_tells_how_a_sim_stands_to_each_part(crew: Crew) -> None:
    course, sim = crew.reader.traits.course, a_sim(1)
    ready = Sight(sim.key, Side.SOURCE, sim.sim_id, "ready")
    offered, active = replace(ready, status="transferring"), replace(ready, status="active")
    there, gone = Sight(sim.key, Side.TARGET, sim.sim_id, "ready"), Sight(sim.key, Side.NOWHERE)
    stands = {
        part: [course.standing(part, sim, sight) for sight in (ready, offered, active, there, gone)]
        for part in (Part.OFFER, Part.ISSUE, Part.ACCEPT)
    }
    assert stands == {
        Part.OFFER: [Stand.BEFORE, Stand.UNDER_WAY, Stand.ASTRAY, Stand.DONE, Stand.GONE],
        Part.ISSUE: [Stand.BEFORE, Stand.DONE, Stand.ASTRAY, Stand.ASTRAY, Stand.ASTRAY],
        Part.ACCEPT: [Stand.BACK, Stand.BEFORE, Stand.ASTRAY, Stand.DONE, Stand.ASTRAY],
    }
    assert course.waits


def steps(count: int, parts: str, batches: int = 1) -> pl.DataFrame:
    rows = [
        {"key": number(place), "step": Step.MOVE, "parts": parts, "batch": place % batches + 1}
        for place in range(count)
    ]
    refused = {"key": number(999), "step": Step.REFUSE, "parts": parts, "batch": None}
    return pl.DataFrame([*rows, refused], schema_overrides=STEPS).with_columns(pl.col("step").cast(STEPS["step"]))


def test_the_consequences_say_what_is_lost_and_what_a_token_is(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(
        *(shown(place, tags={"name": f"van {place}"}, groupId="g-1") for place in range(3)),
        shown(3, terminationEnabled=False, tags={"name": "", "site": "x", "depot": "y"}),
        shown(9, imeiLock={"imei": "1"}),
    )
    crew.reader.survey(Side.SOURCE, quiet)
    ours = crew.reader.consequences(steps(4, "issue accept"), Options(accepts=True))
    assert ours[0].startswith("Fees of 4 SIMs pass to the target operator with their acceptance")
    assert ours[1].startswith("1 token of up to 4 SIMs. Taking one back takes back every SIM of it")
    assert ours[2] == "A token lives for 60 minutes. We accept each as soon as it is issued."
    assert "off the network" in ours[3]
    assert ours[4] == (
        "A transfer drops what SIMs are set to: names (3 SIMs), other tags (1 SIM), groups (3 SIMs), speed classes "
        "(4 SIMs), termination protection (1 SIM). It is saved before, put back after the acceptance, read back and "
        "compared."
    )
    assert "Event handlers" in ours[5]
    theirs = crew.reader.consequences(steps(4, "offer"), Options())
    assert "The other side has to accept by then" in theirs[2]
    assert "not put back by us" in theirs[4]
    bare = crew.reader.consequences(steps(4, "issue accept"), Options(accepts=True, restores=False))
    assert "not put back by us" in bare[4]


def test_the_plan_explains_what_tokens_of_one_sim_cost(crew: Crew) -> None:
    single = crew.reader.consequences(steps(4, "offer", 2), Options(sims_per_token=1))
    assert single[1] == "4 tokens, one for each SIM: any SIM can be taken back by itself until it is accepted."
    several = crew.reader.consequences(steps(7, "offer", 2), Options(sims_per_token=3))
    assert several[1].startswith("3 tokens of up to 3 SIMs.")
    assert crew.reader.consequences(steps(0, "offer"), Options()) == ()
