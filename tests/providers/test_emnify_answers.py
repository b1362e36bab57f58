"""Answers of the migration call, read: each documented status and body, and those that are not documented."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import Side
from domain.orders import Order, Reply, Said
from providers.calls import Unreadable
from providers.emnify_answers import read_answer
from providers.emnify_told import Pair
from providers.wire import Answer
from tests.providers.doubles import SOURCE, TARGET, answer, order, shown, summary

PAIR = Pair(SOURCE, TARGET)


def tried(asked: Order, got: Answer) -> Reply:
    return read_answer(got, asked, PAIR, dry_run=True)


def acted(asked: Order, got: Answer) -> Reply:
    return read_answer(got, asked, PAIR, dry_run=False)


# 200


def test_a_dry_run_that_fits_gives_a_sight_of_every_sim() -> None:
    asked = order(3)
    got = summary(asked, dry_run=True)
    listed = got["sims"]
    assert isinstance(listed, list)
    listed[1]["endpoint"] = {"id": 88, "name": "meter"}
    reply = tried(asked, answer(200, got))
    assert (reply.said, reply.problems, reply.refusals) == (Said.YES, (), ())
    assert [(s.key, s.side, s.sim_id, s.status, s.device_id) for s in reply.sights] == [
        (asked.sims[0].key, Side.SOURCE, "7000", "Issued", None),
        (asked.sims[1].key, Side.SOURCE, "7001", "Issued", "88"),
        (asked.sims[2].key, Side.SOURCE, "7002", "Issued", None),
    ]


def test_what_a_move_is_told_is_no_sight() -> None:
    asked = order(3)
    reply = acted(asked, answer(200, summary(asked, dry_run=False)))
    assert (reply.said, reply.sights, type(reply.http_status)) == (Said.YES, (), int)


ASKED = order(3)
FIRST, SECOND, THIRD = (shown(sim) for sim in ASKED.sims)
STRANGER = shown(replace(ASKED.sims[0], key="8988999999999999999", sim_id="999999"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sim_count": 2}, "Asked for 3 SIMs, the answer counts 2."),
        ({"sim_count": None}, "the answer counts nothing"),
        ({"sims": [FIRST, SECOND]}, "Asked for 3 SIMs, the answer lists 2."),
        ({"sims": [FIRST, SECOND, STRANGER]}, "names 1 SIMs that were not asked for, or twice"),
        ({"sims": [FIRST, SECOND, SECOND]}, "names 1 SIMs that were not asked for, or twice"),
        ({"sims": [FIRST, SECOND, SECOND | {"id": 7_002}]}, "names 1 SIMs that were not asked for, or twice"),
        ({"target_workspace": {"id": 4003}}, "Asked for target 4002, the answer says 4003."),
        ({"target_workspace": None}, "the answer says nothing"),
        ({"auto_detach_devices": True}, "whether devices are detached"),
        ({"allowed_sim_statuses": [{"id": 1}]}, "which statuses are allowed"),
    ],
)
def test_an_answer_that_differs_from_what_was_asked_is_never_a_yes(changes: dict[str, object], words: str) -> None:
    dry = tried(ASKED, answer(200, summary(ASKED, dry_run=True) | changes))
    assert dry.said is Said.NO
    assert words in " ".join(dry.problems)
    real = acted(ASKED, answer(200, summary(ASKED, dry_run=False) | changes))
    assert real.said is Said.UNHEARD  # it may have moved something: reads will tell
    assert words in " ".join(real.problems)


def test_the_wrong_kind_of_run_is_never_a_yes() -> None:
    assert tried(ASKED, answer(200, summary(ASKED, dry_run=False))).said is Said.NO
    assert acted(ASKED, answer(200, summary(ASKED, dry_run=True))).said is Said.UNHEARD
    silent = summary(ASKED, dry_run=False)
    del silent["dry_run"]
    assert acted(ASKED, answer(200, silent)).said is Said.UNHEARD


def test_a_dry_run_that_shows_sims_elsewhere_is_a_no_with_sights() -> None:
    listed = [shown(ASKED.sims[0]), shown(ASKED.sims[1], TARGET), shown(ASKED.sims[2], 4003)]
    reply = tried(ASKED, answer(200, summary(ASKED, dry_run=True, sims=listed)))
    assert reply.said is Said.NO
    assert "2 SIMs in another workspace" in reply.problems[0]
    assert [(s.key, s.side) for s in reply.sights] == [
        (ASKED.sims[0].key, Side.SOURCE),
        (ASKED.sims[1].key, Side.TARGET),
    ]


def test_only_the_status_is_promised_so_sims_without_names_count_and_give_no_sight() -> None:
    bare = [{"status": {"id": 0, "description": "Issued"}}] * 3
    reply = tried(ASKED, answer(200, summary(ASKED, dry_run=True, sims=bare)))
    assert (reply.said, reply.sights) == (Said.YES, ())
    assert acted(ASKED, answer(200, summary(ASKED, dry_run=False, sims=bare))).said is Said.YES


def test_the_quick_and_the_careful_reading_see_the_same() -> None:
    whole = tried(ASKED, answer(200, summary(ASKED, dry_run=True)))
    odd = [shown(sim) | {"id": sim.sim_id} for sim in ASKED.sims]  # ids as text: only the careful one takes them
    assert tried(ASKED, answer(200, summary(ASKED, dry_run=True, sims=odd))).sights == whole.sights


@pytest.mark.parametrize(
    "got",
    [
        Answer(200, {}, b"<html>fine</html>"),
        Answer(200, {}, b'{"sim_count": 3, "sims": [{"id"'),
        Answer(200, {}, b""),
        answer(200, []),
        answer(200, {"message": "ok"}),
        answer(202, {}),
        answer(204),
    ],
)
def test_a_success_that_cannot_be_read_is_unreadable(got: Answer) -> None:
    with pytest.raises(Unreadable):
        acted(ASKED, got)


# 409 and the other refusals


def conflict(*groups: dict[str, object]) -> Answer:
    return answer(409, {"status_code": 409, "message": "Some SIMs cannot be migrated", "errors": list(groups)})


def test_a_409_names_each_sim_once_with_the_gravest_code_and_all_the_words() -> None:
    reply = tried(
        ASKED,
        conflict(
            {"error_code": 1502, "message": "attached", "sims": [FIRST, SECOND]},
            {"error_code": 1505, "message": "Brazil", "sims": [SECOND]},
        ),
    )
    assert reply.said is Said.NO
    assert [(r.key, r.code, r.words) for r in reply.refusals] == [
        (ASKED.sims[0].key, "1502", "attached"),
        (ASKED.sims[1].key, "1505", "attached; Brazil"),
    ]
    assert {sight.key for sight in reply.sights} == {ASKED.sims[0].key, ASKED.sims[1].key}


@pytest.mark.parametrize(
    "named",
    [
        {"id": int(ASKED.sims[0].sim_id)},
        {"iccid": ASKED.sims[0].key},
        {"iccid_with_luhn": ASKED.sims[0].iccid},
        {"iccid_with_luhn": ASKED.sims[0].key + "7", "status": None},
    ],
)
def test_a_409_may_name_a_sim_by_any_one_field(named: dict[str, object]) -> None:
    reply = acted(ASKED, conflict({"error_code": 1503, "message": "status", "sims": [named]}))
    assert [(r.key, r.code) for r in reply.refusals] == [(ASKED.sims[0].key, "1503")]
    assert reply.problems == ()


def test_a_409_that_names_nobody_refuses_the_order() -> None:
    for got in (
        conflict({"error_code": 1505, "message": "Brazil"}),
        conflict({"error_code": 1505, "message": "Brazil", "sims": []}),
    ):
        assert [(r.key, r.code, r.words) for r in tried(ASKED, got).refusals] == [(None, "1505", "Brazil")]
    assert [(r.key, r.code) for r in tried(ASKED, conflict()).refusals] == [(None, "409")]
    assert [(r.key, r.code) for r in tried(ASKED, Answer(409, {}, b"")).refusals] == [(None, "409")]


def test_a_409_about_strangers_is_a_problem_and_refuses_the_order() -> None:
    reply = tried(ASKED, conflict({"error_code": 1502, "message": "attached", "sims": [STRANGER, {}]}))
    assert [r.key for r in reply.refusals] == [None]
    assert "refuses 2 SIMs that it does not tell apart" in reply.problems[0]


@pytest.mark.parametrize(
    ("status", "said", "credentials"),
    [
        (400, Said.NO, False),
        (404, Said.NO, False),
        (405, Said.NO, False),
        (422, Said.NO, False),
        (401, Said.UNSENT, True),
        (403, Said.UNSENT, True),
    ],
)
def test_other_refusals_name_nobody(status: int, said: Said, credentials: bool) -> None:  # noqa: FBT001 - a column of the table above
    reply = acted(ASKED, answer(status, {"error_code": 1201, "message": "not found"}))
    assert (reply.said, reply.credentials_refused, reply.http_status) == (said, credentials, status)
    assert [(r.key, r.code, r.words) for r in reply.refusals] == [(None, "1201", "not found")]


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["sims", "id", "iccid", "status", "errors", "error_code", "message", "sim_count", "dry_run"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSONS, st.sampled_from([200, 400, 401, 403, 404, 409, 422]))
def test_no_body_whatever_makes_the_reading_fall_over_or_say_yes(body: object, status: int) -> None:
    try:
        reply = acted(ASKED, answer(status, body))
    except Unreadable:
        return
    assert reply.said is not Said.YES
