"""Super SIM's eyes between two accounts in memory: SIMs on their way, and SIMs that are not what they were."""

from __future__ import annotations

from domain.inventory import Side
from domain.orders import Said, Sight
from providers.supersim import SuperSimReader
from providers.wire import Answer, Lost, Request
from tests.providers.supersim_doubles import SOUTH, Answers, Books, a_post, a_sim, an_order, body_of, shown, sid


def eyes(source: Books | Answers, target: Books | Answers) -> SuperSimReader:
    north, south = a_post(source), a_post(target, SOUTH, name="south")
    return SuperSimReader(north, south, south, calls_in_flight=2)


def test_a_sim_that_goes_between_two_reads_is_not_nowhere() -> None:
    source, target = Books([shown(1)]), Books([])

    def leaving(request: Request) -> Answer | Lost:
        target.sims, source.sims = [shown(1, SOUTH)], []
        return source.send(request)

    (sight,) = eyes(Answers(leaving), target).find([a_sim(1)])
    assert sight == Sight(body_of(1), Side.TARGET, sid(1), "new")


def test_a_parent_that_sees_its_childrens_sims_does_not_take_them_for_its_own() -> None:
    parent, child = Books([shown(1, SOUTH)]), Books([shown(1, SOUTH)])
    (sight,) = eyes(parent, child).find([a_sim(1)], Side.SOURCE)
    assert sight.side is Side.TARGET


def test_another_sim_under_the_same_number_is_found_out_in_a_list() -> None:
    source = Books([shown(number, sid=sid(900 + number)) for number in range(8)])
    reply = eyes(source, Books([])).dry_run(an_order(*(a_sim(number) for number in range(8)), attempt=0))
    assert (reply.said, {refusal.code for refusal in reply.refusals}) == (Said.NO, {"other_sim"})


def test_what_a_sim_becomes_by_itself_is_no_change() -> None:
    source = Books([shown(1, status="active"), shown(2, status="ready"), shown(3, status="inactive")])
    turned, back, off = a_sim(1, status="ready"), a_sim(2, status="active"), a_sim(3, status="new")
    reply = eyes(source, Books([])).dry_run(an_order(turned, back, off, attempt=0))
    assert {refusal.key: refusal.code for refusal in reply.refusals} == {
        back.key: "status_changed",
        off.key: "status_changed",
    }


def test_one_account_that_is_both_sides_is_read_once() -> None:
    account = Books([])
    post = a_post(account)
    (sight,) = SuperSimReader(post, post, post, 2).find([a_sim(1)])
    assert (sight.side, len(account.sent)) == (Side.NOWHERE, 1)
