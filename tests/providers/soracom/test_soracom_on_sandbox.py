"""Soracom's client against the sandbox, by each of the three ways in: what was said, and what really happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeAlias

import polars as pl
import pytest

from domain.errors import CredentialsRefused, UsageError
from domain.inventory import Side
from domain.orders import Options, Order, Part, Said, Sim
from domain.settings import SettingState, changes_of, compared, wanted_of
from providers.accounts import Account, read_accounts
from providers.protocol import Crew, Examiner, Transferor
from providers.registry import open_mover, whoami
from sandbox.accounts import write_accounts
from sandbox.positions import as_texts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.soracom.accounts import MFA_CODE
from sandbox.soracom.switches import (
    AbsentValues,
    ImeiLocks,
    ListEnd,
    NextPage,
    PageFill,
    RefusalWords,
    SecondFactor,
    Switches,
    TransferringWord,
)
from sandbox.soracom.truth import Truth
from sandbox.world import Name, seed
from tests.providers.doubles import Timepiece

WAY = (Part.ISSUE, Part.ACCEPT)
TOKENS = "*/transfer_token/*"
CUT = ("truncate", "keyless")  # of a body, which the answer to a cancelling has not
BROKEN = [
    (call, act)
    for call in ("issue", "verify", "cancel")
    for act in ("error_before", "error_after", "drop_before", "drop_after", "not_json", *CUT)
    if call != "cancel" or act not in CUT
]
Take: TypeAlias = Callable[[int], tuple[Sim, ...]]


def quiet(*_: int) -> None:
    """Progress for nobody."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("soracom")
    seed(home, 3_000, provider=Name.SORACOM)
    with running(home, rate_scale=0) as sandbox:
        write_accounts(home, sandbox.base_url)
        yield sandbox


@pytest.fixture
def sandbox(world: Sandbox) -> Sandbox:
    world.set_faults([])
    world.set_switches(**as_texts(Switches()))
    world.forget_requests()
    return world


@pytest.fixture
def known(sandbox: Sandbox) -> dict[str, Account]:
    return read_accounts(sandbox.home / "accounts.toml")


@pytest.fixture
def crew(known: dict[str, Account]) -> Iterator[Crew]:
    with open_mover(known["east"], known["west"], clock=Timepiece().clock()) as opened:
        yield opened


@pytest.fixture
def hands(crew: Crew) -> Transferor:
    assert crew.transferor is not None
    return crew.transferor


@pytest.fixture
def eyes(crew: Crew) -> Examiner:
    assert crew.examiner is not None
    return crew.examiner


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return Truth(sandbox.home)


@pytest.fixture(scope="module")
def taken() -> set[str]:
    return set()


@pytest.fixture
def take(truth: Truth, taken: set[str]) -> Take:
    """Ready SIMs of the east that no other test has touched."""

    def some(count: int) -> tuple[Sim, ...]:
        rows = truth.where().filter(
            pl.col("operator_name") == "east",
            pl.col("status") == "ready",
            pl.col("type") != "virtual",
            ~pl.col("iccid").is_in(list(taken)),
        )
        taken.update(rows.head(count)["iccid"])
        known = rows.head(count).select("iccid", "imsi", "group").rows()
        assert len(known) == count
        return tuple(Sim(key, key, key, imsi, "ready", group=group, parts=WAY) for key, imsi, group in known)

    return some


def an_order(*sims: Sim, part: Part = Part.ISSUE, token: bytes | None = None) -> Order:
    return Order(1, 1, sims, Options(accepts=True), part, token=token)


def handed_over(hands: Transferor, *sims: Sim) -> Said:
    issued = hands.move(an_order(*sims))
    assert issued.secret is not None
    return hands.move(an_order(*sims, part=Part.ACCEPT, token=issued.secret)).said


def held(truth: Truth, *sims: Sim) -> set[tuple[str, str]]:
    rows = truth.where([sim.key for sim in sims]).select("operator_name", "status").rows()
    return {(str(operator), str(status)) for operator, status in rows}


# Ways in


@pytest.mark.parametrize("name", ["east", "west", "edo", "kansai"])
def test_each_way_in_opens_the_operator_that_it_should(known: dict[str, Account], name: str) -> None:
    assert whoami(known[name]).startswith(f"Account {name}: operator {known[name].account_id} lets us in")


def test_an_operator_without_credentials_is_only_a_target(known: dict[str, Account]) -> None:
    assert "without credentials" in whoami(known["far"])
    with pytest.raises(UsageError), open_mover(known["far"], known["west"]):
        pass


def test_another_operators_credentials_are_refused_by_name(known: dict[str, Account]) -> None:
    wrong = replace(known["east"], account_id="OP0000000099")
    with pytest.raises(CredentialsRefused, match=r"OP0000000001.*OP0000000099"):
        whoami(wrong)


def test_a_second_factor_is_asked_of_a_person(known: dict[str, Account], sandbox: Sandbox) -> None:
    sandbox.set_switches(second_factor=SecondFactor.ON)
    with pytest.raises(CredentialsRefused, match="second factor"):
        whoami(known["osaka"])
    assert "lets us in" in whoami(known["osaka"], ask_code=lambda _: MFA_CODE)
    with open_mover(known["west"], known["east"], clock=Timepiece().clock()) as crew:  # by a key, which has none
        assert not crew.reader.groups(Side.SOURCE).is_empty()


def test_the_preflight_sees_both_sides(crew: Crew, sandbox: Sandbox) -> None:
    assert len(crew.reader.preflight()) == 4
    for payment in ("none", "invalid"):
        sandbox.set_payment("west", payment)
        with pytest.raises(UsageError, match="payment method"):
            crew.reader.preflight()
    sandbox.set_payment("west", "registered")


# Reads


@pytest.mark.parametrize(
    "switches",
    [
        Switches(),
        Switches(next_page=NextPage.HEADER, page_fill=PageFill.SHORT, absent_values=AbsentValues.NULL),
        Switches(next_page=NextPage.LINK, list_end=ListEnd.EMPTY_PAGE),
    ],
    ids=["plain", "short pages by header", "by link"],
)
def test_a_survey_is_what_the_operator_holds_however_its_pages_come(
    crew: Crew, truth: Truth, sandbox: Sandbox, switches: Switches
) -> None:
    sandbox.set_switches(**as_texts(switches))
    for side, name in ((Side.SOURCE, "east"), (Side.TARGET, "west")):
        own = truth.where().filter(pl.col("operator_name") == name)
        survey = crew.reader.survey(side, quiet)
        columns = ("key", "imsi", "status", "type", "group", "name")
        shown = survey.sims.select(columns).sort("key")
        assert shown.rows() == own.select("iccid", *columns[1:]).sort("iccid").rows()
        settings = truth.settings(own["iccid"]).filter(pl.col("value") != "")
        assert survey.settings.sort("key", "setting").rows() == settings.sort("key", "setting").rows()


def test_a_sim_is_known_by_its_further_numbers(crew: Crew, truth: Truth) -> None:
    survey = crew.reader.survey(Side.SOURCE, quiet)
    assert set(survey.aliases["key"]) <= set(survey.sims["key"])
    further = survey.aliases.filter(pl.col("iccid") != pl.col("key")).row(0, named=True)
    line = {"iccid": [further["iccid"]], "imsi": [None], "sim_id": [None]}
    wanted = pl.DataFrame(line, schema=dict.fromkeys(line, pl.String))
    found = crew.reader.survey(Side.SOURCE, quiet, wanted)
    assert further["key"] in set(found.aliases["key"])
    assert found.settings["key"].unique().to_list() == [further["key"]]
    assert truth.where([further["key"]]).height == 1


def test_groups_have_their_names(crew: Crew, truth: Truth) -> None:
    for side, name in ((Side.SOURCE, "east"), (Side.TARGET, "west")):
        own = truth.groups().filter(pl.col("operator_name") == name)
        assert crew.reader.groups(side).select("group", "name").sort("group").rows() == (
            own.select("group", "name").sort("group").rows()
        )


def test_what_hangs_on_sims_is_listed(crew: Crew, eyes: Examiner) -> None:
    rows = crew.reader.survey(Side.SOURCE, quiet).sims.select("key", "imsi", "group").rows()
    sims = [Sim(key, key, key, imsi, group=group) for key, imsi, group in rows]
    kinds = set(eyes.listed_only(Side.SOURCE, sims)["setting"].str.split(":").list.first())
    assert kinds == {"event_handler", "port_mapping"}


# Transfers


def test_sims_are_handed_over_by_a_token(crew: Crew, hands: Transferor, take: Take, truth: Truth) -> None:
    sims = take(20)
    assert crew.reader.dry_run(an_order(*sims)).said is Said.YES
    assert crew.reader.look(an_order(*sims)).said is Said.YES
    assert handed_over(hands, *sims) is Said.YES
    assert held(truth, *sims) == {("west", "ready")}
    assert {sight.side for sight in crew.reader.find(sims)} == {Side.TARGET}
    assert crew.reader.dry_run(an_order(*sims)).said is Said.NO


@pytest.mark.parametrize("word", list(TransferringWord))
def test_a_sim_under_way_is_seen_so_in_any_spelling(
    crew: Crew, hands: Transferor, take: Take, sandbox: Sandbox, word: TransferringWord
) -> None:
    sandbox.set_switches(transferring_word=word)
    sims = take(2)
    issued = hands.move(an_order(*sims))
    assert {sight.status for sight in crew.reader.find(sims, Side.SOURCE)} == {"transferring"}
    assert crew.reader.look(an_order(*sims, part=Part.ACCEPT)).said is Said.YES
    assert issued.secret is not None
    assert hands.cancel(issued.secret).said is Said.YES
    assert {sight.status for sight in crew.reader.find(sims, Side.SOURCE)} == {"ready"}
    assert hands.cancel(issued.secret).refusals[0].code == "token_unknown"


def test_a_token_runs_out_and_is_none_any_more(hands: Transferor, take: Take, truth: Truth, sandbox: Sandbox) -> None:
    sims = take(3)
    issued = hands.move(an_order(*sims))
    assert issued.secret is not None
    sandbox.advance_clock(3_601)
    late = hands.move(an_order(*sims, part=Part.ACCEPT, token=issued.secret))
    assert (late.said, issued.secret.decode() in repr(late)) == (Said.NO, False)
    assert hands.cancel(issued.secret).said is Said.NO
    assert held(truth, *sims) == {("east", "ready")}


@pytest.mark.parametrize("words", list(RefusalWords))
def test_a_sim_that_is_not_ready_is_the_refusal_of_all(
    hands: Transferor, take: Take, truth: Truth, sandbox: Sandbox, words: RefusalWords
) -> None:
    sandbox.set_switches(refusal_words=words)
    sims = take(3)
    sandbox.connect_sims(sims[1].key)
    reply = hands.move(an_order(*sims))
    named = [sims[1].key] if words is RefusalWords.NAMING else [None]
    assert (reply.said, [refusal.key for refusal in reply.refusals]) == (Said.NO, named)
    assert held(truth, *sims) == {("east", "ready"), ("east", "active")}


def test_a_sim_that_connects_under_way_is_missed_among_those_that_came(
    crew: Crew, hands: Transferor, take: Take, sandbox: Sandbox
) -> None:
    sims = take(3)
    issued = hands.move(an_order(*sims))
    sandbox.connect_sims(sims[0].key)
    reply = hands.move(an_order(*sims, part=Part.ACCEPT, token=issued.secret))
    assert (reply.said, len(reply.problems)) == (Said.UNHEARD, 1)
    assert [sight.side for sight in crew.reader.find(sims)] == [Side.SOURCE, Side.TARGET, Side.TARGET]
    assert crew.reader.find(sims)[0].status == "active"


def test_others_accept_by_the_link_in_their_email(
    known: dict[str, Account], take: Take, truth: Truth, sandbox: Sandbox
) -> None:
    sims = take(4)
    with open_mover(known["east"], known["far"], clock=Timepiece().clock()) as blind:
        assert "Skipped: whether operator" in " ".join(blind.reader.preflight())
        offered = blind.mover.move(an_order(*sims, part=Part.OFFER))
        assert (offered.said, offered.secret is not None) == (Said.LATER, True)
        assert {sight.status for sight in blind.reader.find(sims)} == {"transferring"}
        assert sandbox.accept_offers("far", 1) == [4]
        assert {sight.side for sight in blind.reader.find(sims)} == {Side.NOWHERE}
    assert held(truth, *sims) == {("far", "ready")}


@pytest.mark.parametrize(("call", "act"), BROKEN)
def test_a_call_that_broke_is_in_doubt_and_was_sent_once(
    hands: Transferor, take: Take, truth: Truth, sandbox: Sandbox, act: str, call: str
) -> None:
    sims = take(1)
    token = None if call == "issue" else hands.move(an_order(*sims)).secret
    sandbox.forget_requests()
    sandbox.set_faults([{"act": act, "path": TOKENS}])
    match call, token:
        case "cancel", bytes():
            reply = hands.cancel(token)
        case "verify", bytes():
            reply = hands.move(an_order(*sims, part=Part.ACCEPT, token=token))
        case _:
            reply = hands.move(an_order(*sims))
    assert reply.said is Said.UNHEARD
    assert len([sent for sent in sandbox.requests() if "transfer_token" in sent.path]) == 1
    before, after = {
        "issue": (("east", "ready"), ("east", "transferring")),
        "verify": (("east", "transferring"), ("west", "ready")),
        "cancel": (("east", "transferring"), ("east", "ready")),
    }[call]
    assert held(truth, *sims) == {before if act.endswith("before") else after}


@pytest.mark.parametrize("act", ["omit", "foreign"])
def test_an_answer_that_names_other_sims_is_no_yes(hands: Transferor, take: Take, sandbox: Sandbox, act: str) -> None:
    sims = take(3)
    token = hands.move(an_order(*sims)).secret
    sandbox.set_faults([{"act": act, "path": TOKENS}])
    reply = hands.move(an_order(*sims, part=Part.ACCEPT, token=token))
    assert (reply.said, bool(reply.problems)) == (Said.UNHEARD, True)


def test_a_refusal_is_a_no_and_a_login_that_was_recalled_is_replaced(
    hands: Transferor, take: Take, truth: Truth, sandbox: Sandbox
) -> None:
    sims = take(2)
    sandbox.set_faults([{"act": "refuse", "path": TOKENS, "nth": 1}])
    assert hands.move(an_order(*sims)).said is Said.NO
    sandbox.set_faults([{"act": "throttle", "path": TOKENS, "nth": 1}])
    token = hands.move(an_order(*sims)).secret
    sandbox.set_faults([{"act": "expire", "path": TOKENS, "nth": 1}])
    assert hands.move(an_order(*sims, part=Part.ACCEPT, token=token)).said is Said.YES
    assert held(truth, *sims) == {("west", "ready")}
    assert truth.moved_twice() == []


def test_several_tokens_go_side_by_side(hands: Transferor, take: Take, truth: Truth) -> None:
    sims = take(24)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda sim: handed_over(hands, sim), sims)) == {Said.YES}
    assert held(truth, *sims) == {("west", "ready")}
    assert truth.moved_twice() == []


# What SIMs are set to


@pytest.mark.parametrize("locks", list(ImeiLocks))
def test_what_sims_were_set_to_is_put_back_and_compares_the_same(
    crew: Crew, hands: Transferor, eyes: Examiner, take: Take, sandbox: Sandbox, locks: ImeiLocks
) -> None:
    sandbox.set_switches(imei_locks=locks)
    sims = take(60)
    by_name = dict(crew.reader.groups(Side.TARGET).select("name", "group").iter_rows())
    names = dict(crew.reader.groups(Side.SOURCE).select("group", "name").iter_rows())
    groups_to = pl.DataFrame(
        {"key": [sim.key for sim in sims], "group_to": [by_name.get(names.get(sim.group or ""), "") for sim in sims]},
        schema={"key": pl.String, "group_to": pl.String},
    )
    before = eyes.examine(Side.SOURCE, sims).settings
    kinds = set(before["setting"].str.split(":").list.first())
    assert kinds == {"tag", "group", "imei_lock", "expiry", "speed_class", "termination_protection"}
    assert handed_over(hands, *sims) is Said.YES
    wanted = by_key(wanted_of(before, groups_to).select("key", "setting", "wanted"))
    now = by_key(eyes.examine(Side.TARGET, sims).settings)
    for sim in sims:
        reply = hands.restore(sim, changes_of(wanted[sim.key], now[sim.key]), now[sim.key])
        assert (reply.said, reply.words) == (Said.YES, "")
    after = eyes.examine(Side.TARGET, sims)
    found = compared(before, groups_to, after.settings, pl.Series([sim.key for sim in sims]))
    assert set(found["state"]) == {SettingState.SAME}


def by_key(lines: pl.DataFrame) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for key, setting, value in lines.iter_rows():
        found.setdefault(key, {})[setting] = value
    return found


def test_a_minute_that_is_spent_is_waited_out_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("paced")
    seed(home, 600, provider=Name.SORACOM)
    with running(home, rate_scale=0.03) as paced:
        write_accounts(home, paced.base_url)
        accounts, time = read_accounts(home / "accounts.toml"), Timepiece()

        def sleep(seconds: float) -> None:
            time.sleep(seconds)
            paced.advance_clock(seconds)

        with open_mover(accounts["east"], accounts["west"], clock=replace(time.clock(), sleep=sleep)) as crew:
            held_there = crew.reader.survey(Side.SOURCE, quiet).sims["key"].to_list()
            sims = [Sim(key, key, key) for key in held_there[:100]]
            assert crew.examiner is not None
            examined = crew.examiner.examine(Side.SOURCE, sims)
        refused = [sent for sent in paced.requests() if sent.status == 429]
    assert {sight.side for sight in examined.sights} == {Side.SOURCE}
    assert len(refused) <= 24 * 4  # those under way when a minute begins, of which nothing is known
