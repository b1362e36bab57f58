"""The receiver as an application: what it answers, what it marks, what it counts, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from flows import callbacks_server
from flows.callbacks_server import BODY_BYTES_MAX, QUERY_BYTES_MAX, Receiver, Verdict
from providers.secrets import Secret
from providers.supersim_callbacks import Desk
from providers.supersim_signatures import Keys, public_url
from tests.callbacks.callers import OTHER_SID, SECRET, SID, TOKEN, URL, by_kore, by_twilio, form, said

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
KNOWN = Desk(
    (public_url(URL), public_url("https://other.example.com")), Keys((Secret(TOKEN),), (Secret(SECRET),)), (), ()
)


@dataclass
class Heard:
    """A receiver that notes the SIMs it marks and the hints it gives."""

    marks: list[str] = field(default_factory=list)
    hints: list[Verdict] = field(default_factory=list)
    receiver: Receiver = field(init=False)

    def __post_init__(self) -> None:
        self.receiver = Receiver(KNOWN, self.marks.append, self.hints.append)

    def send(self, method: str, url: str, body: bytes = b"", **headers: str) -> httpx.Response:
        """The answer to a request as a proxy hands it on: to loopback, over plain HTTP."""

        async def asking() -> httpx.Response:
            transport = httpx.ASGITransport(self.receiver)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8450") as client:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, url, content=body, headers=FORM | named)

        return asyncio.run(asking())

    def post(self, sid: str = SID, status: str = "active") -> httpx.Response:
        fields = said(sid, status)
        return self.send("POST", "/supersim", form(fields), x_twilio_signature=by_twilio(URL, fields))


def raw(receiver: Receiver, receive: Callable[[], Message], **scope: object) -> list[Message]:
    """What is sent to a request that is given message by message."""
    sent: list[Message] = []

    async def take() -> Message:
        return receive()

    async def give(message: Message) -> None:
        sent.append(message)

    usual = {"type": "http", "method": "POST", "path": "/supersim", "query_string": b"", "headers": []}
    asyncio.run(receiver(usual | scope, take, give))
    return sent


def test_a_callback_wakes_whoever_signed_it_and_however_it_comes() -> None:
    heard, fields = Heard(), said()
    query = form(fields).decode()
    answers = [
        heard.send("POST", "/supersim", form(fields), x_twilio_signature=by_twilio(URL, fields)),
        heard.send("POST", "/supersim", form(fields), kore_signature=by_kore("POST", URL, form(fields))),
        heard.send("GET", f"/supersim?{query}", x_twilio_signature=by_twilio(f"{URL}?{query}")),
        heard.send("GET", f"/supersim?{query}", kore_signature=by_kore("GET", URL)),
        heard.send(
            "POST", "/", form(fields), kore_signature=by_kore("POST", "https://other.example.com", form(fields))
        ),
    ]
    assert [answer.status_code for answer in answers] == [204] * 5
    assert heard.marks == [SID] * 5
    assert heard.receiver.counts == {Verdict.WOKEN: 5}


def test_duplicates_and_disorder_do_no_more_than_wake() -> None:
    heard = Heard()
    for sid, status in ((SID, "active"), (OTHER_SID, "scheduled"), (SID, "scheduled"), (SID, "active")):
        assert heard.post(sid, status).status_code == 204
    assert heard.marks == [SID, OTHER_SID, SID, SID]


def test_a_missing_or_wrong_signature_is_403_and_counted_and_said_once() -> None:
    heard, body = Heard(), form(said())
    answers = [
        heard.send("POST", "/supersim", body),
        heard.send("POST", "/supersim", body, kore_signature=""),
        heard.send("POST", "/supersim", body, x_twilio_signature=by_twilio(URL, said(OTHER_SID))),
        heard.send("POST", "/supersim", body, kore_signature=by_kore("POST", "http://127.0.0.1:8450/supersim", body)),
        heard.send("POST", "/", body, kore_signature=by_kore("POST", URL, body)),
        heard.send("GET", f"/supersim?{body.decode()}", x_twilio_signature=by_twilio(URL)),
    ]
    assert [answer.status_code for answer in answers] == [403] * 6
    assert heard.receiver.counts == {Verdict.SIGNATURE: 6}
    assert (heard.marks, heard.hints) == ([], [Verdict.SIGNATURE])


@pytest.mark.parametrize("path", ["/supersim/", "/supersim2", "/Supersim", "/favicon.ico", "/supersim/x"])
def test_other_paths_are_404(path: str) -> None:
    heard = Heard()
    assert heard.send("POST", path, form(said()), kore_signature=by_kore("POST", URL, form(said()))).status_code == 404
    assert heard.receiver.counts == {Verdict.PATH: 1}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"])
def test_other_methods_are_405(method: str) -> None:
    heard = Heard()
    answer = heard.send(method, "/supersim", b"", kore_signature=by_kore(method, URL))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, GET")
    assert heard.receiver.counts == {Verdict.METHOD: 1}


def test_too_much_of_anything_is_413() -> None:
    heard, body = Heard(), form(said(Long="x" * BODY_BYTES_MAX))
    query = form(said(Long="x" * QUERY_BYTES_MAX)).decode()
    assert heard.send("POST", "/supersim", body, kore_signature=by_kore("POST", URL, body)).status_code == 413
    assert heard.send("GET", f"/supersim?{query}", kore_signature=by_kore("GET", URL)).status_code == 413
    assert heard.receiver.counts == {Verdict.SIZE: 2}


def test_a_body_without_an_end_is_not_read_to_it() -> None:
    heard, given = Heard(), list[int]()

    def receive() -> Message:
        given.append(1)
        return {"type": "http.request", "body": b"x" * 1_000, "more_body": True}

    sent = raw(heard.receiver, receive)
    assert sent[0]["status"] == 413
    assert len(given) <= BODY_BYTES_MAX // 1_000 + 1


def test_a_caller_who_is_slow_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks_server, "READ_S_MAX", 0.02)
    heard, sent = Heard(), list[Message]()

    async def never() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def give(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/supersim", "query_string": b"", "headers": []}
    asyncio.run(heard.receiver(scope, never, give))
    assert sent[0]["status"] == 408
    assert heard.receiver.counts == {Verdict.SLOW: 1}


def test_a_caller_who_goes_away_is_counted_and_not_answered() -> None:
    heard = Heard()
    assert raw(heard.receiver, lambda: {"type": "http.disconnect"}) == []
    assert heard.receiver.counts == {Verdict.GONE: 1}


def test_a_signed_callback_that_names_no_sim_is_400() -> None:
    heard, fields = Heard(), {"IpCommandSid": "HG" + "0" * 32}
    answer = heard.send("POST", "/supersim", form(fields), x_twilio_signature=by_twilio(URL, fields))
    assert (answer.status_code, heard.marks) == (400, [])
    assert heard.receiver.counts == {Verdict.SHAPE: 1}


def test_a_mark_that_cannot_be_left_asks_for_the_callback_again() -> None:
    heard = Heard()

    def full(_: str) -> None:
        raise OSError(28, "No space left on device")

    heard.receiver = Receiver(KNOWN, full, heard.hints.append)
    assert heard.post().status_code == 503
    assert heard.receiver.counts == {Verdict.UNMARKED: 1}
    assert heard.hints == [Verdict.UNMARKED]


def test_the_host_that_a_caller_claims_changes_nothing() -> None:
    heard, body = Heard(), form(said())
    host, signature = (b"host", b"x/supersim?"), (b"kore-signature", by_kore("POST", URL, body).encode())
    whole: Message = {"type": "http.request", "body": body, "more_body": False}
    for path, status in (("/supersim", 204), ("/else", 404)):
        sent = raw(heard.receiver, lambda: whole, path=path, headers=[host, signature], server=("h", 80), scheme="http")
        assert sent[0]["status"] == status


@given(
    method=st.sampled_from(["POST", "GET", "PUT"]),
    path=st.sampled_from(["/", "/supersim", "/x"]),
    query=st.binary(max_size=80),
    body=st.binary(max_size=80),
    headers=st.lists(
        st.tuples(st.sampled_from([b"host", b"kore-signature", b"x-twilio-signature"]), st.binary(max_size=40)),
        max_size=4,
    ),
)
def test_whatever_comes_is_answered_counted_and_marks_nothing(
    method: str, path: str, query: bytes, body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    heard = Heard()
    whole: Message = {"type": "http.request", "body": body, "more_body": False}
    sent = raw(heard.receiver, lambda: whole, method=method, path=path, query_string=query, headers=headers)
    assert sent[0]["status"] in {403, 404, 405}
    assert (heard.receiver.counts.total(), heard.marks) == (1, [])
