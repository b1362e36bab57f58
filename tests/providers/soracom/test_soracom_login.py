"""One login per operator, proven to be its own, renewed ahead of its expiry, and never shown."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from domain.errors import CredentialsRefused, ProviderUnavailable
from domain.inventory import Side
from providers.accounts import Account
from providers.emnify_session import AskCode
from providers.protocol import Reader
from providers.registry import open_reader
from providers.soracom_words import LOGIN_LIFE_S
from tests.providers.doubles import Timepiece
from tests.providers.soracom_doubles import EAST, WEST, Soracom, a_sim, an_account, shown


@contextmanager
def eyes(
    soracom: Soracom, time: Timepiece, east: Account, folder: Path, ask_code: AskCode | None = None
) -> Iterator[Reader]:
    target = an_account(folder, WEST)
    with open_reader(east, target, clock=time.clock(), ask_code=ask_code, transport=soracom.transport()) as reader:
        yield reader


@pytest.mark.parametrize(
    ("secret", "texts", "body"),
    [
        ("password", {}, {"email": "east@acme.example", "password": "s3cret"}),
        ("auth_key", {"auth_key_id": "keyId-1"}, {"authKeyId": "keyId-1", "authKey": "s3cret"}),
        ("user_password", {"user": "ferry"}, {"operatorId": EAST, "userName": "ferry", "password": "s3cret"}),
    ],
)
def test_each_way_in_is_one_login_with_its_own_fields(
    soracom: Soracom, time: Timepiece, tmp_path: Path, secret: str, texts: dict[str, str], body: dict[str, str]
) -> None:
    with eyes(soracom, time, an_account(tmp_path, EAST, **{secret: "s3cret"}, **texts), tmp_path) as reader:
        reader.preflight()
        reader.groups(Side.SOURCE)
    (login,) = soracom.asked("POST", "auth")
    assert orjson.loads(login.content) == body | {"tokenTimeoutSeconds": LOGIN_LIFE_S}
    assert soracom.seen[0] is login


def test_threads_share_one_login(soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path) -> None:
    with eyes(soracom, time, east, tmp_path) as reader, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: reader.groups(Side.SOURCE), range(16)))
    assert len(soracom.asked("POST", "auth")) == 1


def test_whoever_opens_the_operator_again_uses_the_same_login(
    soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path
) -> None:
    clock = time.clock()
    for _ in range(3):
        with open_reader(east, an_account(tmp_path, WEST), clock=clock, transport=soracom.transport()) as reader:
            reader.groups(Side.SOURCE)
    assert len(soracom.asked("POST", "auth")) == 1


def test_a_login_of_another_operator_is_refused_with_both_ids_before_anything_is_sent(
    soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path
) -> None:
    soracom.login_as = {"east@acme.example": WEST}
    with eyes(soracom, time, east, tmp_path) as reader, pytest.raises(CredentialsRefused) as caught:
        reader.groups(Side.SOURCE)
    assert EAST in str(caught.value)
    assert WEST in str(caught.value)
    assert [request.url.path for request in soracom.seen] == ["/v1/auth"]


def test_a_token_is_renewed_with_itself_ahead_of_its_expiry(
    soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path
) -> None:
    with eyes(soracom, time, east, tmp_path) as reader:
        reader.groups(Side.SOURCE)
        time.now_s += LOGIN_LIFE_S - 200
        reader.groups(Side.SOURCE)
        reader.groups(Side.SOURCE)
    assert len(soracom.asked("POST", "auth")) == 1
    (renewal,) = soracom.asked("POST", f"{EAST}/token")
    assert orjson.loads(renewal.content) == {"tokenTimeoutSeconds": LOGIN_LIFE_S}
    assert soracom.seen[-1].headers["x-soracom-token"] != renewal.headers["x-soracom-token"]


def test_where_it_cannot_be_renewed_there_is_another_login(
    soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path
) -> None:
    soracom.faults = [lambda request: httpx.Response(400) if request.url.path.endswith("/token") else None]
    with eyes(soracom, time, east, tmp_path) as reader:
        reader.groups(Side.SOURCE)
        time.now_s += LOGIN_LIFE_S - 200
        reader.groups(Side.SOURCE)
    assert len(soracom.asked("POST", "auth")) == 2


def test_a_token_that_is_refused_is_replaced_once_for_all_threads(
    soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path
) -> None:
    soracom.hold(*(shown(place) for place in range(20)))
    with eyes(soracom, time, east, tmp_path) as reader:
        reader.groups(Side.SOURCE)
        soracom.logged_in.clear()
        sights = reader.find([a_sim(place) for place in range(20)])
    assert {sight.side for sight in sights} == {Side.SOURCE}
    assert len(soracom.asked("POST", "auth")) == 2


def test_fresh_tokens_that_are_refused_end_it(soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path) -> None:
    soracom.faults = [lambda request: httpx.Response(401) if request.method == "GET" else None]
    with eyes(soracom, time, east, tmp_path) as reader, pytest.raises(CredentialsRefused, match="only just issued"):
        reader.groups(Side.SOURCE)
    assert len(soracom.asked("GET")) == 3


def test_a_second_factor_is_asked_of_a_person(soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path) -> None:
    soracom.mfa = "123456"
    asked: list[str] = []

    def type_it(words: str) -> str:
        asked.append(words)
        return " 123456 "

    with eyes(soracom, time, east, tmp_path, type_it) as reader:
        reader.groups(Side.SOURCE)
    assert asked == ["Soracom code for east@acme.example"]


def test_a_second_factor_with_nobody_there_says_what_to_do(
    soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path
) -> None:
    soracom.mfa = "123456"
    with eyes(soracom, time, east, tmp_path) as reader, pytest.raises(CredentialsRefused, match="auth_key"):
        reader.groups(Side.SOURCE)
    wrong, refused = "000000", pytest.raises(CredentialsRefused, match="does not accept that code")
    with eyes(soracom, time, east, tmp_path, lambda _: wrong) as reader, refused:
        reader.groups(Side.SOURCE)
    assert len(soracom.asked("POST", "auth")) == 3


def test_a_wrong_password_is_asked_about_once_and_not_shown(soracom: Soracom, time: Timepiece, tmp_path: Path) -> None:
    account = an_account(tmp_path, EAST, password="wrong")
    with eyes(soracom, time, account, tmp_path) as reader, pytest.raises(CredentialsRefused) as caught:
        reader.groups(Side.SOURCE)
    assert "AUM0001" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert len(soracom.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>maintenance</html>"),
        httpx.Response(200, json={"apiKey": "a", "token": "t"}),
        httpx.Response(403, text="<html>blocked</html>"),
        httpx.Response(503, text="later"),
    ],
)
def test_an_answer_of_something_in_between_is_no_login_and_no_crash(
    soracom: Soracom, time: Timepiece, east: Account, tmp_path: Path, answer: httpx.Response
) -> None:
    soracom.faults = [lambda _: httpx.Response(answer.status_code, content=answer.content)]
    with eyes(soracom, time, east, tmp_path) as reader, pytest.raises(ProviderUnavailable):
        reader.groups(Side.SOURCE)
    assert len(soracom.seen) == 5
