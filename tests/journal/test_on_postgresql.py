"""The same promises on PostgreSQL; wants psycopg, which is optional, and a database to write to."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from domain.errors import RefusedToRun
from domain.events import Event, Kind
from journal.book import Journal
from journal.claims import Claims
from journal.erasing import erase_rows, runs_named
from journal.folder import new_run
from journal.run_folder import RunFolder
from tests.journal.conftest import GIVEN
from tests.journal.conftest import POSTGRES_URL as URL

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ONE = Event(Kind.INTENDED, "2026-11-20T00:00:00Z", 1, 1, sims=("1", "2"), body={"words": "100 % ü"})

pytestmark = GIVEN


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return new_run(tmp_path, Path(secrets.token_hex(4)), NOW)


def run_sql(statement: str) -> None:
    engine = create_engine(URL)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def test_records_come_back_in_order_while_more_are_written(folder: RunFolder) -> None:
    with Journal.open(URL, folder) as journal:
        journal.write(*[ONE] * 500)
        reading = journal.events()
        next(reading)
        journal.write(ONE)
        assert len(list(reading)) == 499
    with Journal.open(URL, folder) as journal:
        assert list(journal.events()) == [ONE] * 501


@pytest.mark.parametrize("change", ["UPDATE journal SET batch = 2", "DELETE FROM journal", "TRUNCATE journal"])
def test_the_database_itself_refuses_to_rewrite_a_record(folder: RunFolder, change: str) -> None:
    with Journal.open(URL, folder) as journal:
        journal.write(ONE)
    with pytest.raises(DBAPIError, match="append-only"):
        run_sql(change)


def test_a_connection_that_breaks_ends_the_writing_with_a_name(folder: RunFolder) -> None:
    with Journal.open(URL, folder) as journal:
        journal.write(ONE)
        run_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = user AND pid <> pg_backend_pid()"
        )
        with pytest.raises(RefusedToRun, match="cannot be used") as refused:
            journal.write(ONE)
    assert refused.value.cause == "journal"


def test_two_folders_of_one_name_do_not_mix(tmp_path: Path) -> None:
    one, other = (new_run(tmp_path / place, Path("fleet"), NOW) for place in ("one", "other"))
    for folder in (one, other):
        with Journal.open(URL, folder) as journal:
            journal.write(ONE)
            assert list(journal.events()) == [ONE]


def test_claims_are_all_or_none(tmp_path: Path) -> None:
    first, second, provider = secrets.token_hex(4), secrets.token_hex(4), secrets.token_hex(4)
    with Claims.open(URL, tmp_path) as claims:
        claims.claim(provider, first, ["1", "2"], "ann", NOW)
        with pytest.raises(RefusedToRun, match=f"1 SIMs .*{first}"):
            claims.claim(provider, second, ["2", "3"], "bob", NOW)
        assert sorted(claims.held(provider)["key"]) == ["1", "2"]
        claims.release(provider, first, ["1"])
        assert claims.held(provider)["key"].to_list() == ["2"]
        claims.release(provider, first)


def test_a_forgotten_run_loses_its_rows_and_the_guards_stay(tmp_path: Path) -> None:
    gone, kept = (new_run(tmp_path, Path(secrets.token_hex(4)), NOW) for _ in range(2))
    for folder in (gone, kept):
        with Journal.open(URL, folder) as journal:
            journal.write(ONE)
        with Claims.open(URL, tmp_path) as claims:
            claims.claim(secrets.token_hex(4), folder.name, ["1"], "ann", NOW)
    assert runs_named(URL, tmp_path, gone.name) == {gone.identity: gone.name}
    assert erase_rows(URL, tmp_path, gone.identity) >= 2
    assert erase_rows(URL, tmp_path, gone.identity) == 0
    assert runs_named(URL, tmp_path, gone.name) == {}
    with Journal.open(URL, kept) as journal:
        assert list(journal.events()) == [ONE]
    with pytest.raises(DBAPIError, match="append-only"):
        run_sql("DELETE FROM journal")
