"""emnify's client against the sandbox: what it sends, what it makes of the answers, and what really happened."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.errors import CredentialsRefused, ProviderUnavailable
from domain.inventory import INVENTORY, Side
from domain.orders import Options, Order, Said, Sim
from providers.accounts import Account, read_accounts
from providers.protocol import Crew
from providers.registry import open_mover, open_reader, whoami
from sandbox import accounts
from sandbox.accounts import write_accounts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.switches import Switches
from sandbox.truth import Truth
from sandbox.world import seed
from tests.providers.doubles import Timepiece

STATUSES = {0: "Issued", 1: "Activated", 2: "Suspended", 3: "Deleted", 4: "Factory Test"}
MIGRATION = "/api/v1/sim/migration/workspace"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("emnify")
    seed(home, 4_000)
    with running(home, rate_scale=0) as sandbox:
        write_accounts(home, sandbox.base_url)
        yield sandbox


@pytest.fixture
def sandbox(world: Sandbox) -> Sandbox:
    world.set_faults([])
    world.set_switches(**Switches().as_dict())
    world.forget_requests()
    return world


@pytest.fixture
def pair(sandbox: Sandbox) -> tuple[Account, Account]:
    known = read_accounts(sandbox.home / "accounts.toml")
    fast = {name: replace(one, numbers={**one.numbers, "requests_per_5_min": 10**8}) for name, one in known.items()}
    return fast["pilot"], fast["fleet"]


@pytest.fixture
def crew(pair: tuple[Account, Account]) -> Iterator[Crew]:
    with open_mover(*pair, clock=Timepiece().clock()) as opened:
        yield opened


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return Truth(sandbox.home)


@pytest.fixture(scope="module")
def books(world: Sandbox) -> dict[str, list[Sim]]:
    """SIMs of the source by what they are, consumed by `take` so that no two tests touch the same ones."""
    known: dict[str, list[Sim]] = {}
    for row in Truth(world.home).where().sort("iccid").iter_rows(named=True):
        status, device = STATUSES[row["status"]], row["endpoint_id"]
        kind = f"{row['workspace_id']} {status}{' attached' if device else ''}"
        sim = Sim(row["iccid"], str(row["sim_id"]), "", None, status, None if device is None else str(device))
        known.setdefault(kind, []).append(sim)
    return known


def take(books: dict[str, list[Sim]], count: int, kind: str = "4001 Suspended") -> tuple[Sim, ...]:
    taken, books[kind] = books[kind][:count], books[kind][count:]
    assert len(taken) == count, kind
    return tuple(taken)


def an_order(sims: tuple[Sim, ...], options: Options | None = None) -> Order:
    return Order(1, 1, sims, options or Options(tuple(STATUSES.values())))


def acts(sandbox: Sandbox) -> int:
    """Requests that were to change something."""
    return sum(sent.path == MIGRATION and sent.dry_run is False for sent in sandbox.requests())


def places(truth: Truth, sims: tuple[Sim, ...]) -> set[int]:
    return set(truth.where([sim.key for sim in sims])["workspace_id"])


def quiet(*_: int) -> None:
    """Progress for nobody."""


# Reading


@pytest.mark.parametrize(("side", "workspace"), [(Side.SOURCE, accounts.SOURCE), (Side.TARGET, accounts.TARGET)])
def test_a_survey_is_the_whole_account(crew: Crew, truth: Truth, side: Side, workspace: int) -> None:
    told: list[tuple[int, int]] = []
    seen = crew.reader.survey(side, lambda done, of: told.append((done, of)))
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
    assert crew.reader.survey(Side.SOURCE, quiet).height == held


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


# Moving


def test_a_move_moves_once_and_a_second_one_is_declined(
    crew: Crew, sandbox: Sandbox, truth: Truth, books: dict[str, list[Sim]]
) -> None:
    sims = (*take(books, 20, "4001 Activated attached"), *take(books, 20))
    order = an_order(sims, Options(tuple(STATUSES.values()), detach_devices=True))
    assert crew.mover.move(order).said is Said.YES
    assert {(sight.side, sight.status) for sight in crew.reader.find(sims)} == {(Side.TARGET, "Suspended")}
    again = crew.mover.move(order)
    assert (again.said, again.http_status, acts(sandbox)) == (Said.NO, 404, 2)
    assert truth.moved_twice() == []


def test_a_run_of_bodies_goes_as_a_range_and_moves_just_those(crew: Crew, truth: Truth, sandbox: Sandbox) -> None:
    sandbox.set_switches(already_there="ignored")
    free = truth.where().filter(
        (pl.col("workspace_id") == accounts.SOURCE) & (pl.col("status") == 0) & pl.col("endpoint_id").is_null()
    )
    rows = free.sort("iccid").rows(named=True)
    start = next(place for place in range(len(rows)) if int(rows[place + 2]["iccid"]) - int(rows[place]["iccid"]) == 2)
    sims = tuple(Sim(row["iccid"], str(row["sim_id"]), "", None, "Issued") for row in rows[start : start + 3])
    before = truth.moves().height
    assert crew.mover.move(an_order(sims)).said is Said.YES
    assert (places(truth, sims), truth.moves().height) == ({accounts.TARGET}, before + 3)


@pytest.mark.parametrize(
    ("fault", "moved"),
    [
        ("error_before", False),
        ("error_after", True),
        ("drop_before", False),
        ("drop_after", True),
        ("truncate", True),
        ("not_json", True),
        ("omit", True),
        ("foreign", True),
        ("partial", None),
    ],
)
def test_a_move_that_may_have_happened_is_in_doubt_and_not_repeated(
    crew: Crew,
    sandbox: Sandbox,
    truth: Truth,
    books: dict[str, list[Sim]],
    fault: str,
    moved: bool | None,  # noqa: FBT001 - a column of the table above
) -> None:
    sims = take(books, 4)
    sandbox.set_faults([{"act": fault, "path": MIGRATION, "dry_run": False}])
    reply = crew.mover.move(an_order(sims))
    assert (reply.said, acts(sandbox)) == (Said.UNHEARD, 1)
    if moved is not None:
        assert places(truth, sims) == {accounts.TARGET if moved else accounts.SOURCE}
    assert truth.moved_twice() == []


def test_a_lie_is_told_and_then_seen_through(crew: Crew, sandbox: Sandbox, books: dict[str, list[Sim]]) -> None:
    sims = take(books, 3)
    sandbox.set_faults([{"act": "lie", "path": MIGRATION}])
    assert crew.mover.move(an_order(sims)).said is Said.YES
    assert {sight.side for sight in crew.reader.find(sims)} == {Side.SOURCE}


def test_a_throttled_move_is_asked_for_again_and_happens_once(
    crew: Crew, sandbox: Sandbox, truth: Truth, books: dict[str, list[Sim]]
) -> None:
    sims = take(books, 3)
    sandbox.set_faults([{"act": "throttle", "path": MIGRATION, "to": 2, "retry_after_s": 3}])
    assert crew.mover.move(an_order(sims)).said is Said.YES
    assert (acts(sandbox), places(truth, sims), truth.moved_twice()) == (3, {accounts.TARGET}, [])


def test_a_token_that_dies_in_the_middle_is_renewed_once_and_the_move_happens_once(
    crew: Crew, sandbox: Sandbox, truth: Truth, books: dict[str, list[Sim]]
) -> None:
    sims = take(books, 6)
    assert crew.mover.move(an_order(sims[:3])).said is Said.YES
    sandbox.forget_requests()
    sandbox.set_faults([{"act": "expire", "path": MIGRATION, "nth": 1}])
    assert crew.mover.move(an_order(sims[3:])).said is Said.YES
    assert sum(sent.path == "/api/v1/authenticate" for sent in sandbox.requests()) <= 1
    assert crew.reader.find(sims[:1])[0].side is Side.TARGET
    assert truth.moved_twice() == []


def test_credentials_that_stop_working_leave_a_move_unsent(
    pair: tuple[Account, Account], sandbox: Sandbox, truth: Truth, books: dict[str, list[Sim]], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("no such token")
    (tmp_path / "token").chmod(0o600)
    wrong = replace(pair[0], secrets={"refresh_token": "file:token"}, folder=tmp_path)
    sims = take(books, 2)
    with open_mover(wrong, pair[1]) as crew:
        reply = crew.mover.move(an_order(sims))
    assert (reply.said, reply.credentials_refused, acts(sandbox)) == (Said.UNSENT, True, 0)
    assert places(truth, sims) == {accounts.SOURCE}


# Who we are


def test_a_second_factor_is_asked_of_a_person_where_there_is_no_trusted_device(
    pair: tuple[Account, Account],
) -> None:
    secrets = {name: reference for name, reference in pair[0].secrets.items() if name != "fingerprint"}
    untrusted = replace(pair[0], secrets=secrets)
    assert accounts.MOVER.mfa_code is not None
    code = accounts.MOVER.mfa_code
    assert "user 77" in whoami(untrusted, ask_code=lambda _: code)
    assert "user 77" in whoami(pair[0])
    with pytest.raises(CredentialsRefused, match="nobody is here to type it"):
        whoami(untrusted)


def test_logs_hold_neither_identifiers_nor_secrets(
    pair: tuple[Account, Account], sandbox: Sandbox, books: dict[str, list[Sim]], caplog: pytest.LogCaptureFixture
) -> None:
    sims = take(books, 2)
    sandbox.set_faults([{"act": "throttle", "nth": 1, "path": MIGRATION}])
    with caplog.at_level(logging.DEBUG), open_mover(*pair, clock=Timepiece().clock()) as crew:
        crew.reader.look(an_order(sims))
        crew.reader.find(sims)
        crew.mover.move(an_order(sims))
    assert "HTTP 429" in caplog.text
    for hidden in (*(sim.key for sim in sims), *(sim.sim_id for sim in sims), accounts.MOVER.password, "eyJ", "e30"):
        assert hidden not in caplog.text
