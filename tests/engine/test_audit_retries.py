"""An account whose provider is not available is read again, as often and as late as was asked for, and then told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from domain.errors import CredentialsRefused, FerryError, ProviderUnavailable
from domain.inventory import Side
from providers.accounts import Account
from tasks import audit_surveys
from tasks.audit_surveys import survey_all
from tasks.clock import WallClock
from tasks.voice import speaking
from tests.domain.audit_samples import iccid
from tests.engine.audit_desk import Books, Silent
from tests.fakes import FakeClock, FakeProvider

MONTH = "2026-09"
ACCOUNTS = """
[accounts.north]
provider = "emnify"
workspace = 4001
username = "auditor@example.com"
password = "env:EMNIFY_PASSWORD"
"""


@dataclass
class Weather:
    """What opening an account's eyes meets, one thing after the other, and nothing in the end."""

    troubles: list[FerryError]
    waited: list[float] = field(default_factory=list)
    opened: int = 0

    @contextmanager
    def open_eyes(self, account: Account, **_: object) -> Iterator[FakeProvider]:
        assert account.name == "north"
        self.opened += 1
        if self.troubles:
            raise self.troubles.pop(0)
        yield FakeProvider(FakeClock(), {iccid(1): Side.SOURCE})


def surveyed(books: Books, monkeypatch: pytest.MonkeyPatch, weather: Weather, retries: int) -> audit_surveys.Surveyed:
    (books.folder / "accounts.toml").write_text(ACCOUNTS, encoding="utf-8")
    monkeypatch.setenv("EMNIFY_PASSWORD", "not a secret")
    monkeypatch.setattr(audit_surveys, "open_eyes", weather.open_eyes)
    monkeypatch.setattr(WallClock, "sleep", lambda _, seconds: weather.waited.append(seconds))
    desk = books.desk(MONTH)
    asked = replace(desk.asked, accounts=("north",), from_snapshots=False, retries=retries, retry_s=600.0)
    with speaking(Silent()):
        return survey_all.fn(replace(desk, asked=asked))


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path)


def test_it_is_read_again_and_the_month_has_it(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    weather = Weather([ProviderUnavailable("no answer"), ProviderUnavailable("no answer")])
    found = surveyed(books, monkeypatch, weather, retries=2)
    assert (weather.opened, weather.waited, found.failed) == (3, [600.0, 600.0], {})
    assert [account.was_read for account in found.accounts] == [True]


def test_what_stays_unavailable_is_told_and_is_known_not_to_be_read(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    weather = Weather([ProviderUnavailable(f"no answer {at}") for at in range(3)])
    found = surveyed(books, monkeypatch, weather, retries=2)
    assert (weather.opened, found.failed) == (3, {"north": "no answer 2"})
    assert [(account.was_read, account.problem) for account in found.accounts] == [(False, "no answer 2")]


def test_a_refused_login_is_not_tried_again(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    weather = Weather([CredentialsRefused("north does not let us in")])
    found = surveyed(books, monkeypatch, weather, retries=2)
    assert (weather.opened, weather.waited, list(found.failed)) == (1, [], ["north"])
