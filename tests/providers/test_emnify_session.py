"""Logging in, renewing, switching workspaces; and never asking twice after a no."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest

from domain.errors import CredentialsRefused, ProviderUnavailable, UsageError
from providers.calls import Call, required
from providers.emnify_auth import claims_of
from providers.emnify_session import Credentials, Session
from providers.emnify_words import budget_of
from providers.registry import open_mover, open_reader
from providers.secrets import Secret
from providers.wire import Request, Wire
from tests.providers.doubles import SOURCE, TARGET, Handler, Host, Timepiece, account, order, replies

LOGIN, SWITCH = "POST /api/v1/authenticate", "POST /api/v1/authenticate/workspace"
READ = "GET /x"
PASSWORD = "correct-horse-battery"


def jwt(workspace: int | None, life_s: float = 14_400, **claims: object) -> str:
    body = {"iat": 1_000, "exp": 1_000 + life_s, "esc.user": 77} | claims
    if workspace is not None:
        body["esc.org"] = workspace
    part = base64.urlsafe_b64encode(orjson.dumps(body)).decode().rstrip("=")
    return f"e30.{part}.c2ln"


def tokens(**values: str) -> httpx.Response:
    return httpx.Response(200, json=values)


def session(
    host: Host, time: Timepiece, credentials: Credentials | None = None, ask: Callable[[str], str] | None = None
) -> Session:
    clock = time.clock()
    known = credentials or Credentials("ann", password=Secret(PASSWORD))
    return Session(known, Wire("https://emnify.test", clock, host.transport()), budget_of(10**6, clock), clock, ask)


def read_call() -> Call[str]:
    return Call("a read", Request("GET", "/x"), lambda answer: answer.body.decode(), repeatable=True)


def bodies(host: Host, path: str = "/api/v1/authenticate") -> list[dict[str, object]]:
    return [json.loads(request.content) for request in host.seen if request.url.path == path]


def fine(token_seen: list[str]) -> Handler:
    def handle(request: httpx.Request) -> httpx.Response:
        token_seen.append(request.headers["authorization"])
        return httpx.Response(200, text="fine")

    return handle


def test_a_password_travels_as_its_sha1_and_one_login_serves_many_calls() -> None:
    host = Host({LOGIN: replies(tokens(auth_token=jwt(SOURCE), refresh_token="r")), READ: fine([])})
    one = session(host, Timepiece(), Credentials("ann", password=Secret(PASSWORD), fingerprint=Secret("device")))
    for _ in range(3):
        assert required(one.call(read_call(), SOURCE)) == "fine"
    digest = hashlib.sha1(PASSWORD.encode()).hexdigest()
    assert bodies(host) == [{"username": "ann", "password": digest, "fingerprint": "device"}]


def test_a_second_workspace_is_reached_by_a_switch_and_not_by_a_second_login() -> None:
    seen: list[str] = []
    host = Host(
        {
            LOGIN: replies(tokens(auth_token=jwt(SOURCE), refresh_token="r")),
            SWITCH: replies(tokens(auth_token=jwt(TARGET))),
            READ: fine(seen),
        }
    )
    one = session(host, Timepiece())
    one.call(read_call(), SOURCE)
    one.call(read_call(), TARGET)
    assert bodies(host, "/api/v1/authenticate/workspace") == [{"target_organisation": {"id": TARGET}}]
    assert (host.count(LOGIN), seen) == (1, [f"Bearer {jwt(SOURCE)}", f"Bearer {jwt(TARGET)}"])


def test_a_token_that_does_not_tell_its_workspace_is_switched_to_be_sure() -> None:
    host = Host(
        {LOGIN: replies(tokens(auth_token="opaque")), SWITCH: replies(tokens(auth_token="also")), READ: fine([])}
    )
    session(host, Timepiece()).call(read_call(), SOURCE)
    assert host.count(SWITCH) == 1


def test_a_token_for_another_workspace_than_asked_for_is_not_used() -> None:
    host = Host({LOGIN: replies(tokens(auth_token=jwt(1))), SWITCH: replies(tokens(auth_token=jwt(2)))})
    with pytest.raises(CredentialsRefused, match="asked for workspace 4001 and issued a token for 2"):
        session(host, Timepiece()).token(SOURCE)


def test_a_workspace_that_the_user_is_not_in_is_named() -> None:
    host = Host({LOGIN: replies(tokens(auth_token=jwt(1))), SWITCH: replies(httpx.Response(403))})
    with pytest.raises(CredentialsRefused, match="does not let this user into workspace 4001"):
        session(host, Timepiece()).token(SOURCE)


def test_a_token_is_renewed_ahead_of_its_end_with_the_refresh_token() -> None:
    time = Timepiece()
    host = Host({LOGIN: replies(tokens(auth_token=jwt(SOURCE), refresh_token="fresh")), READ: fine([])})
    one = session(host, time)
    one.call(read_call(), SOURCE)
    time.now_s += 14_400 - 301
    one.call(read_call(), SOURCE)
    assert host.count(LOGIN) == 1
    time.now_s += 2
    one.call(read_call(), SOURCE)
    assert bodies(host)[1:] == [{"refresh_token": "fresh"}]


def test_a_refresh_token_that_is_refused_gives_way_to_the_password_once() -> None:
    time = Timepiece()
    host = Host(
        {
            LOGIN: replies(
                tokens(auth_token=jwt(SOURCE, 60), refresh_token="old"),
                httpx.Response(401),
                tokens(auth_token=jwt(SOURCE)),
            ),
            READ: fine([]),
        }
    )
    one = session(host, time)
    one.call(read_call(), SOURCE)
    time.now_s += 60
    one.call(read_call(), SOURCE)
    assert [sorted(body) for body in bodies(host)] == [
        ["password", "username"],
        ["refresh_token"],
        ["password", "username"],
    ]


def test_a_lone_refresh_token_that_is_refused_is_not_tried_again_and_says_what_to_put_there() -> None:
    host = Host({LOGIN: replies(httpx.Response(401))})
    one = session(host, Timepiece(), Credentials(refresh=Secret("stale")))
    for words in ("put the new refresh token where the account points to", "was refused before"):
        with pytest.raises(CredentialsRefused, match=words):
            one.token(SOURCE)
    assert host.count(LOGIN) == 1


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (httpx.Response(401), "does not let us in .HTTP 401.*asked once"),
        (httpx.Response(401, json={"error_code": 1101, "message": "no"}), "HTTP 401, code 1101"),
        (httpx.Response(401, json={"error_code": 1105, "error_token": "TooManyRequests"}), "Wait five minutes"),
        (httpx.Response(401, json={"message": "TooManyRequests"}), "Wait five minutes"),
        (httpx.Response(400, json={"message": "bad"}), "HTTP 400"),
    ],
)
def test_a_login_is_never_repeated_after_a_no(refusal: httpx.Response, words: str) -> None:
    host = Host({LOGIN: replies(refusal)})
    with pytest.raises(CredentialsRefused, match=words) as caught:
        session(host, Timepiece()).token(SOURCE)
    assert host.count(LOGIN) == 1
    assert PASSWORD not in str(caught.value)


def test_a_login_waits_out_429_and_repeats_after_a_5xx() -> None:
    host = Host({LOGIN: replies(httpx.Response(429), httpx.Response(503), tokens(auth_token=jwt(SOURCE)))})
    session(host, Timepiece()).token(SOURCE)
    assert host.count(LOGIN) == 3


def test_a_code_is_asked_for_once_and_makes_the_device_trusted() -> None:
    asked: list[str] = []

    def ask(whom: str) -> str:
        asked.append(whom)
        return " 246810 "

    host = Host({LOGIN: replies(tokens(mfa_token="half"), tokens(auth_token=jwt(SOURCE), refresh_token="r"))})
    known = Credentials("ann", password=Secret(PASSWORD), fingerprint=Secret("device"))
    session(host, Timepiece(), known, ask).token(SOURCE)
    assert asked == ["emnify code for ann"]
    second = bodies(host)[1]
    assert (second["mfa_token"], second["code"]) == ("half", "246810")
    assert isinstance(second["trusted_device"], dict)
    assert second["trusted_device"]["fingerprint"] == "device"


def test_without_anybody_to_ask_the_ways_out_are_named() -> None:
    host = Host({LOGIN: replies(tokens(mfa_token="half"))})
    with pytest.raises(CredentialsRefused, match=r"(?s)`fingerprint`.*90 days.*`refresh_token`"):
        session(host, Timepiece()).token(SOURCE)
    assert host.count(LOGIN) == 1


def test_a_code_that_nobody_answered_is_not_sent_again() -> None:
    host = Host({LOGIN: replies(tokens(mfa_token="half"), httpx.ReadTimeout("slow"))})
    with pytest.raises(ProviderUnavailable, match="login with a code"):
        session(host, Timepiece(), ask=lambda _: "1").token(SOURCE)
    assert host.count(LOGIN) == 2


def test_a_401_is_answered_by_one_renewal_and_one_repeat() -> None:
    host = Host(
        {
            LOGIN: replies(tokens(auth_token=jwt(SOURCE), refresh_token="r"), tokens(auth_token=jwt(SOURCE, 9_000))),
            READ: replies(httpx.Response(401), httpx.Response(200, text="fine")),
        }
    )
    assert required(session(host, Timepiece()).call(read_call(), SOURCE)) == "fine"
    assert (host.count(LOGIN), host.count(READ)) == (2, 2)


def test_a_fresh_token_that_is_refused_too_ends_it() -> None:
    host = Host({LOGIN: replies(tokens(auth_token=jwt(SOURCE), refresh_token="r")), READ: replies(httpx.Response(401))})
    with pytest.raises(CredentialsRefused, match="only just issued"):
        session(host, Timepiece()).call(read_call(), SOURCE)
    assert (host.count(LOGIN), host.count(READ)) == (2, 2)


def test_a_base_token_that_was_recalled_is_replaced_when_switching() -> None:
    host = Host(
        {
            LOGIN: replies(tokens(auth_token=jwt(SOURCE), refresh_token="r")),
            SWITCH: replies(httpx.Response(401), tokens(auth_token=jwt(TARGET))),
            READ: fine([]),
        }
    )
    one = session(host, Timepiece())
    one.token(SOURCE)
    assert required(one.call(read_call(), TARGET)) == "fine"
    assert (host.count(LOGIN), host.count(SWITCH)) == (2, 2)


def test_a_wrong_clock_here_does_not_make_every_call_a_login() -> None:
    host = Host({LOGIN: replies(tokens(auth_token=jwt(SOURCE, iat=10, exp=14_410))), READ: fine([])})
    one = session(host, Timepiece())  # its wall clock is decades later
    for _ in range(3):
        one.call(read_call(), SOURCE)
    assert host.count(LOGIN) == 1


@pytest.mark.parametrize("odd", ["", "a.b.c", "opaque", "e30.W10.x", "e30.!!!.x", "e30.bnVsbA.x", "é.é.é"])
def test_a_token_that_says_nothing_is_still_a_token(odd: str) -> None:
    claims = claims_of(Secret(odd), 0.0)
    assert (claims.life_s, claims.workspace, claims.user) == (None, None, None)


def test_an_application_token_reads_and_never_migrates(tmp_path: Path) -> None:
    host = Host({LOGIN: replies(tokens(auth_token=jwt(SOURCE)))})
    source = account(tmp_path, SOURCE, application_token="app")
    target = account(tmp_path, TARGET, refresh_token="r")
    with (
        pytest.raises(UsageError, match="for users only"),
        open_mover(source, target, transport=host.transport()),
    ):
        pass
    with (
        open_reader(source, target, transport=host.transport()) as reader,
        pytest.raises(UsageError, match="users only"),
    ):
        reader.preflight()
    assert host.seen == []


def test_a_move_without_a_token_is_unsent_and_says_that_credentials_are_why(tmp_path: Path) -> None:
    host = Host({LOGIN: replies(httpx.Response(401))})
    pair = account(tmp_path, SOURCE, password=PASSWORD), account(tmp_path, TARGET, password=PASSWORD)
    with open_mover(*pair, transport=host.transport(), clock=Timepiece().clock()) as crew:
        reply = crew.mover.move(order(3))
    assert (reply.said, reply.credentials_refused, host.count(LOGIN)) == ("unsent", True, 1)
    assert PASSWORD not in repr(reply)
