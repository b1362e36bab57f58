"""emnify's hands against the sandbox: what a move makes of the answers, and what really happened."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.errors import CredentialsRefused
from domain.inventory import Side
from domain.orders import Options, Said, Sim
from providers.accounts import Account
from providers.protocol import Crew
from providers.registry import open_mover, whoami
from sandbox import accounts
from sandbox.remote import Sandbox
from sandbox.truth import Truth
from tests.providers.asking import MIGRATION, STATUSES, acts, an_order, places, take
from tests.providers.doubles import Timepiece


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
