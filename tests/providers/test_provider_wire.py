"""The network's edge: what became of a request, and what is never sent at all."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from domain.errors import UsageError
from domain.orders import Fate
from providers.clock import Clock
from providers.hosts import check_base_url, cut, path_at
from providers.secrets import Secret
from providers.wire import BODY_BYTES_MAX, FORM, Answer, Lost, Request, Wire
from tests.providers.doubles import Timepiece

REQUEST = Request("POST", "/api", body=b"{}", bearer=Secret("t0ken"))


def outcome(error: Exception) -> Answer | Lost:
    def handle(_request: httpx.Request) -> httpx.Response:
        raise error

    return Wire("https://emnify.test", Clock(), httpx.MockTransport(handle)).send(REQUEST)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
def test_without_a_connection_nothing_was_sent(error: type[httpx.TransportError]) -> None:
    assert outcome(error("no")) == Lost(Fate.NOT_SENT, error.__name__)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
        httpx.DecodingError,
        httpx.TooManyRedirects,
    ],
)
def test_with_a_connection_anything_may_have_arrived(error: type[httpx.RequestError]) -> None:
    assert outcome(error("no")) == Lost(Fate.SILENT, error.__name__)


def test_nothing_leaves_once_it_is_closed() -> None:
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    wire = Wire("https://emnify.test", Clock(), httpx.MockTransport(handle))
    wire.send(REQUEST)
    wire.close()
    assert wire.send(REQUEST) == Lost(Fate.NOT_SENT, "Closed")
    assert len(sent) == 1


def test_a_redirect_is_not_followed() -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://elsewhere.test/"})

    got = Wire("https://emnify.test", Clock(), httpx.MockTransport(handle)).send(REQUEST)
    assert isinstance(got, Answer)
    assert (got.status, seen) == (302, ["https://emnify.test/api"])


def test_an_answer_that_is_too_large_is_cut_off() -> None:
    def pieces() -> Iterator[bytes]:
        while True:
            yield b"x" * 1_048_576

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=pieces()))
    assert Wire("https://emnify.test", Clock(), transport).send(REQUEST) == Lost(Fate.SILENT, "AnswerTooLarge")
    assert BODY_BYTES_MAX == 33_554_432


def test_an_answer_that_drips_is_cut_off() -> None:
    time = Timepiece()

    def pieces() -> Iterator[bytes]:
        while True:
            time.now_s += 20
            yield b"x"

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=pieces()))
    assert Wire("https://emnify.test", time.clock(), transport).send(REQUEST) == Lost(Fate.SILENT, "AnswerTooSlow")


def test_a_body_that_cannot_be_unpacked_is_silence() -> None:
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=iter([b"no gzip"]))
    )
    assert Wire("https://emnify.test", Clock(), transport).send(REQUEST) == Lost(Fate.SILENT, "DecodingError")


@contextmanager
def raw_server(said: bytes) -> Iterator[str]:
    """A port that takes one request, says `said`, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(said)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        thread.join(10)
        listening.close()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"garbage\r\n\r\n"])
def test_a_server_that_hangs_up_leaves_doubt(said: bytes) -> None:
    with raw_server(said) as base_url:
        wire = Wire(base_url, Clock())
        got = wire.send(REQUEST)
        wire.close()
    assert isinstance(got, Lost)
    assert got.fate is Fate.SILENT


@contextmanager
def answering_twice(first: bytes, second: bytes) -> Iterator[str]:
    """A port whose first connection gets an answer twice in one piece, and whose second gets another answer."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        said = iter((first * 2, second))
        with ExitStack() as open_lines:
            for piece in said:
                connection, _ = listening.accept()
                open_lines.enter_context(connection)
                connection.recv(65_536)
                connection.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        thread.join(10)
        listening.close()


def test_an_answer_that_comes_twice_is_not_taken_for_the_next_ones() -> None:
    one, other = (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + body for body in (b"first", b"other"))
    with answering_twice(one, other) as base_url:
        wire = Wire(base_url, Clock())
        got = [wire.send(REQUEST) for _ in range(2)]
        wire.close()
    assert [answer.body for answer in got if isinstance(answer, Answer)] == [b"first", b"other"]


def test_a_port_where_nobody_listens_is_proof_that_nothing_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    wire = Wire(f"http://127.0.0.1:{port}", Clock())
    assert wire.send(REQUEST) == Lost(Fate.NOT_SENT, "ConnectError")
    wire.close()


@pytest.mark.parametrize(
    "base_url",
    [
        "https://cdn.emnify.net",
        "https://white.example:8443",
        "http://127.0.0.1:80",
        "http://localhost:1",
        "http://[::1]:9",
    ],
)
def test_https_and_this_machine_are_taken(base_url: str) -> None:
    assert check_base_url(base_url) is base_url.startswith("http:")


@pytest.mark.parametrize(
    "base_url",
    [
        "http://cdn.emnify.net",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "ftp://127.0.0.1",
        "cdn.emnify.net",
        "https://",
        "https://user:pw@cdn.emnify.net",
        "https://cdn.emnify.net/api/v1",
        "https://cdn.emnify.net?x=1",
        "https://[",
    ],
)
def test_any_other_base_url_is_refused_before_a_secret_leaves(base_url: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_base_url(base_url)
    assert "user:pw" not in str(caught.value)


def test_httpx_logs_no_url_and_no_header(caplog: pytest.LogCaptureFixture) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    with caplog.at_level(logging.INFO):
        Wire("https://emnify.test", Clock(), transport).send(
            Request("GET", "/api/v1/sim/1234567", bearer=Secret("t0ken"))
        )
    assert "1234567" not in caplog.text
    assert "t0ken" not in caplog.text
    assert not logging.getLogger("httpcore.http11").isEnabledFor(logging.DEBUG)  # which would be told of headers


def test_a_form_goes_as_a_form_and_a_users_password_as_basic() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    wire = Wire("https://supersim.test", Clock(), httpx.MockTransport(handle))
    wire.send(Request("POST", "/v1/Sims/HS1", body=b"Fleet=", basic=Secret("dTpw"), body_type=FORM))
    wire.send(Request("GET", "/v1/Sims?PageToken=%2Bx%3D", bearer=Secret("t0ken")))
    wire.send(Request("GET", "/v1/Sims", (("Iccid", "8 9"), ("PageSize", "1"))))
    assert seen[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert [request.headers.get("Authorization") for request in seen] == ["Basic dTpw", "Bearer t0ken", None]
    assert [str(request.url) for request in seen] == [
        "https://supersim.test/v1/Sims/HS1",
        "https://supersim.test/v1/Sims?PageToken=%2Bx%3D",
        "https://supersim.test/v1/Sims?Iccid=8+9&PageSize=1",
    ]


def test_a_connection_is_kept_for_the_next_request() -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    with raw_server(said) as base_url:
        wire = Wire(base_url, Clock())
        assert isinstance(wire.send(REQUEST), Answer)
        assert (len(wire._made), len(wire._idle)) == (1, 1)
        wire.close()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://supersim.test/v1/Sims?PageToken=a%2Bb&Page=1", "/v1/Sims?PageToken=a%2Bb&Page=1"),
        ("https://supersim.test:443/v1/Sims", "/v1/Sims"),
        ("https://supersim.test:8443/v1/Sims", None),
        ("http://supersim.test/v1/Sims", None),
        ("https://supersim.test.example/v1/Sims", None),
        ("https://user:pw@supersim.test/v1/Sims", None),
        ("//supersim.test/v1/Sims", None),
        ("/v1/Sims", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_a_url_that_an_answer_gives_is_taken_only_at_the_same_host(url: str, path: str | None) -> None:
    assert path_at("https://supersim.test", url) == path


def test_a_url_is_cut_into_its_host_and_its_path() -> None:
    assert cut("https://api.kore.test/api/token") == ("https://api.kore.test", "/api/token")
    assert cut("http://127.0.0.1:8080/token?x=1") == ("http://127.0.0.1:8080", "/token?x=1")
    with pytest.raises(UsageError, match="in the clear"):
        cut("http://api.kore.test/api/token")
    with pytest.raises(UsageError, match="is none"):
        cut("https://a:b:c")
