"""Requests a minute: what the headers tell, what is left of them, and whom they are counted for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox.soracom.accounts import EAST, WEST
from tests.sandbox.soracom.conftest import Direct, client_of, opened, refused

LIMIT, REMAINING, REFRESH = (f"x-soracom-ratelimit-{name}" for name in ("limit", "remaining", "seconds-before-refresh"))


@pytest.fixture
def paced(home: Path) -> Iterator[Direct]:
    """Five requests a minute, ten logins."""
    direct = opened(home, rate_scale=0.5)
    direct.provider.switch({"requests_per_minute": "10", "logins_per_minute": "20"})
    yield direct
    direct.provider.close()


def told(answer: httpx.Response) -> tuple[str, str, str]:
    return answer.headers[LIMIT], answer.headers[REMAINING], answer.headers[REFRESH]


def test_each_answer_tells_what_is_left_of_the_minute(paced: Direct) -> None:
    east = client_of(paced, EAST)
    assert told(east.get("/v1/sims?limit=1")) == ("5", "4", "60")
    paced.clock.offset_s += 20.5
    assert told(east.get("/v1/sims/nothing")) == ("5", "3", "40")
    assert told(east.post("/v1/sims/nothing/activate"))[1] == "2"
    assert told(east.get("/v1/groups")) == ("5", "4", "60"), "a group of calls of its own"
    assert told(client_of(paced, WEST).get("/v1/sims?limit=1"))[1] == "4", "an operator of its own"


def test_what_is_beyond_the_minute_is_a_429_and_does_nothing_until_the_next(paced: Direct) -> None:
    east = client_of(paced, EAST)
    for _ in range(5):
        assert east.get("/v1/sims?limit=1").status_code == 200
    for _ in range(2):
        answer = east.get("/v1/sims?limit=1")
        assert (answer.status_code, refused(answer), told(answer)[1]) == (429, "SBX1009", "0")
    paced.clock.offset_s += 61
    assert told(east.get("/v1/sims?limit=1")) == ("5", "4", "60")


def test_logins_are_counted_by_address(paced: Direct) -> None:
    client = client_of(paced)
    wrong = {"email": EAST.email, "password": "x"}
    assert {client.post("/v1/auth", json=wrong).status_code for _ in range(10)} == {401}
    assert refused(client.post("/v1/auth", json=wrong)) == "SBX1009"
    paced.client = "127.0.0.2"
    assert client_of(paced, EAST).get("/v1/groups").status_code == 200


def test_without_a_scale_nothing_is_counted_and_no_header_tells_of_it(home: Path) -> None:
    direct = opened(home, rate_scale=0)
    direct.provider.switch({"requests_per_minute": "1"})
    east = client_of(direct, EAST)
    answers = [east.get("/v1/groups") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert LIMIT not in answers[-1].headers
    direct.provider.close()


def test_by_default_it_is_the_number_of_the_documents_example(home: Path) -> None:
    direct = opened(home, rate_scale=1)
    assert told(client_of(direct, EAST).get("/v1/sims?limit=1")) == ("1000", "999", "60")
    direct.provider.close()
