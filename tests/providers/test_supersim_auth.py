"""Super SIM's two ways in: a password each time, and a token that all threads share."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest

from domain.errors import CredentialsRefused, ProviderUnavailable
from providers.calls import Call
from providers.clock import Clock
from providers.pace import Budget
from providers.secrets import Secret
from providers.supersim_auth import Client, Password
from providers.supersim_inventory import Listed, by_sid
from providers.supersim_post import RENEWALS_MAX, Post
from providers.wire import FORM, Answer, Lost, Request
from tests.providers.doubles import Timepiece, answer
from tests.providers.supersim_doubles import HOST, NORTH, Answers, a_post, refusal, shown, sid

DENIED = answer(403, {"message": "… with an explicit deny", "error": "Invalid or expired token"})


@dataclass
class Kore:
    """Issues tokens t1, t2, …, and takes those that are `good`; every token request is kept."""

    life_s: object = 3600
    issued: list[Request] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def token(self, request: Request) -> Answer | Lost:
        with self.lock:
            self.issued.append(request)
            token = f"t{len(self.issued)}"
            self.good = {token}
        return answer(200, {"access_token": token, "expires_in": self.life_s, "token_type": "Bearer", "scope": "x"})

    def sims(self, request: Request) -> Answer | Lost:
        with self.lock:
            if request.bearer is not None and request.bearer.reveal() in self.good:
                return answer(200, shown(1))
            self.refused += 1
        return DENIED


def kore_post(kore: Kore, clock: Clock, sims: Answers | None = None) -> Post:
    login = Client("me", Secret("s3cret"), "/token", Answers(kore.token), clock)
    return Post(HOST, NORTH, "north", login, sims or Answers(kore.sims), Budget({}, clock), clock)


def look_up(post: Post) -> Listed | None:
    return post.require(by_sid(post, sid(1)))


def test_a_password_goes_with_every_request() -> None:
    sender = Answers(lambda _: answer(200, shown(1)))
    look_up(a_post(sender))
    (request,) = sender.sent
    assert request.basic is not None
    assert base64.b64decode(request.basic.reveal()) == f"{NORTH}:t0ken".encode()
    assert request.bearer is None


def test_a_refused_password_is_asked_for_once_and_told() -> None:
    sender = Answers(lambda _: refusal(401, 20003, "Authenticate"))
    with pytest.raises(CredentialsRefused, match="Authenticate"):
        look_up(a_post(sender))
    assert len(sender.sent) == 1
    call: Call[str] = Call("x", Request("GET", "/"), lambda _: "", repeatable=True)
    with pytest.raises(CredentialsRefused, match="Check the account's secret"):
        Password("u", Secret("p")).renewed(call)


def test_one_token_is_fetched_by_a_form_and_used_until_it_is_about_to_expire() -> None:
    time, kore = Timepiece(), Kore(life_s=1000)
    post = kore_post(kore, time.clock())
    for _ in range(5):
        look_up(post)
    assert len(kore.issued) == 1
    assert (kore.issued[0].path, kore.issued[0].body_type) == ("/token", FORM)
    form = parse_qs((kore.issued[0].body or b"").decode())
    assert form == {"grant_type": ["client_credentials"], "client_id": ["me"], "client_secret": ["s3cret"]}
    time.now_s += 899
    look_up(post)
    assert len(kore.issued) == 1
    time.now_s += 2
    look_up(post)
    assert (len(kore.issued), kore.refused) == (2, 0)


@pytest.mark.parametrize(("life", "renewed_after_s"), [("600", 540), (86_400, 86_100), (None, 540), ("soon", 540)])
def test_a_life_may_be_text_or_missing(life: object, renewed_after_s: float) -> None:
    time, kore = Timepiece(), Kore(life_s=life)
    post = kore_post(kore, time.clock())
    look_up(post)
    time.now_s += renewed_after_s - 1
    look_up(post)
    assert len(kore.issued) == 1
    time.now_s += 2
    look_up(post)
    assert len(kore.issued) == 2


def test_the_403_that_means_expired_is_answered_by_one_token_and_one_repeat() -> None:
    kore = Kore()
    post = kore_post(kore, Timepiece().clock())
    look_up(post)
    kore.good.clear()
    assert look_up(post) is not None
    assert (len(kore.issued), kore.refused) == (2, 1)


def test_threads_that_are_refused_together_fetch_one_token() -> None:
    kore = Kore()
    post = kore_post(kore, Timepiece().clock())
    look_up(post)
    kore.good.clear()
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: look_up(post), range(64)))
    assert all(found)
    assert len(kore.issued) == 2


def test_fresh_tokens_that_are_refused_too_are_the_end() -> None:
    kore = Kore()
    post = kore_post(kore, Timepiece().clock(), Answers(lambda _: DENIED))
    with pytest.raises(CredentialsRefused, match=r"account north: a token that was only just issued is refused"):
        look_up(post)
    assert len(kore.issued) == 1 + RENEWALS_MAX


@pytest.mark.parametrize("got", [answer(400, {"error": "invalid_client s3cret"}), answer(401), refusal(403, 20006)])
def test_a_client_that_is_not_let_in_is_told_so_without_its_secret(got: Answer) -> None:
    sender = Answers(lambda _: got)
    client = Client("me", Secret("s3cret"), "/token", sender, Timepiece().clock())
    call: Call[str] = Call("x", Request("GET", "/"), lambda _: "", repeatable=True)
    with pytest.raises(CredentialsRefused, match="Check client_id") as caught:
        client.signed(call)
    assert len(sender.sent) == 1
    assert "s3cret" not in str(caught.value) + repr(client) + repr(sender.sent)


def test_a_token_that_cannot_be_read_is_asked_for_again() -> None:
    answers = iter([answer(200, {}), answer(500), answer(200, {"access_token": "t", "expires_in": 60})])
    client = Client("me", Secret("s3cret"), "/token", Answers(lambda _: next(answers)), Timepiece().clock())
    call: Call[str] = Call("x", Request("GET", "/"), lambda _: "", repeatable=True)
    assert client.signed(call).request.bearer == Secret("t")
    client = Client("me", Secret("s3cret"), "/token", Answers(lambda _: answer(502)), Timepiece().clock())
    with pytest.raises(ProviderUnavailable, match="KORE login: no usable answer in 5 tries"):
        client.signed(call)
