"""Soracom's calls of a transfer, and what their answers say: a token issued, accepted, taken back.

POST /v1/subscribers/transfer_token/issue, POST …/verify, DELETE …/{token}. No refusal of theirs is documented, but for
the 404 of the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from domain.orders import Order, Part, Refusal, Reply, Said
from providers.bodies import object_of, parsed, text_of
from providers.calls import Call, Unreadable
from providers.secrets import Secret
from providers.soracom_words import TOKEN_UNKNOWN, Complaint, complaint_of, is_absent, is_done
from providers.wire import Answer, Request

TOKEN_PATH = "/v1/subscribers/transfer_token/"  # noqa: S105 - a path
_HIDDEN = "(token)"


@dataclass(frozen=True, slots=True)
class Address:
    """Whom SIMs are offered to."""

    operator: str
    email: str


def issue_call(order: Order, to: Address) -> Call[Reply]:
    """A token for the order's SIMs, by their primary IMSIs: asked for once, and never again without a look."""
    body = {
        "transferDestinationOperatorEmail": to.email,
        "transferDestinationOperatorId": to.operator,
        "transferImsi": [_imsi(sim.imsi) for sim in order.sims],
    }
    return _once("Soracom issue of a token", f"{TOKEN_PATH}issue", body, lambda answer: read_issue(answer, order))


def verify_call(order: Order) -> Call[Reply]:
    """The order's token accepted: asked for once, and never again without a look."""
    body = {"token": _token(order).decode()}
    name = "Soracom acceptance of a token"
    return _once(name, f"{TOKEN_PATH}verify", body, lambda answer: read_verify(answer, order))


def cancel_call(token: bytes) -> Call[Reply]:
    """The token taken back, with every SIM of it."""
    request = Request("DELETE", TOKEN_PATH, path_end=Secret(token.decode()))
    return Call("Soracom cancelling of a token", request, lambda answer: read_cancel(answer, token), repeatable=False)


def read_issue(answer: Answer, order: Order) -> Reply:
    """YES or, where the other side accepts by itself, LATER, with the token; NO, or UNSENT where we are refused.

    Raises `Unreadable` for a yes without a token, and a no that is not Soracom's.
    """
    if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
        return _declined(answer, order)
    token = text_of(object_of(parsed(answer)).get("token"))
    if token is None:
        raise Unreadable("no token in it")
    said = Said.LATER if order.part == Part.OFFER else Said.YES
    return Reply(said, answer.status, secret=token.encode())


def read_verify(answer: Answer, order: Order) -> Reply:
    """YES where the answer names exactly the order's SIMs; in doubt, and said why, where it names others."""
    if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
        return _declined(answer, order, _token(order))
    named = object_of(parsed(answer)).get("transferredImsi")
    if not isinstance(named, list):
        raise Unreadable("it does not name the SIMs that were transferred")
    asked = {_imsi(sim.imsi) for sim in order.sims}
    got = {text_of(imsi) or "" for imsi in named}
    tests = (
        (asked - got, "{} of the {} SIMs that were asked for are not among those transferred."),
        (got - asked, "{} SIMs beside the {} that were asked for are among those transferred."),
    )
    problems = tuple(words.format(len(wrong), len(asked)) for wrong, words in tests if wrong)
    if problems:
        return Reply(Said.UNHEARD, answer.status, " ".join(problems), problems=problems)
    return Reply(Said.YES, answer.status)


def read_cancel(answer: Answer, token: bytes) -> Reply:
    """YES, or NO with the code `token_unknown` where there is no such token any more."""
    if is_done(answer):
        return Reply(Said.YES, answer.status)
    if is_absent(answer):
        words = "Soracom knows no such token any more"
        return Reply(Said.NO, answer.status, words, refusals=(Refusal(None, TOKEN_UNKNOWN, words),))
    complaint = _without(complaint_of(answer), token)
    return _no(answer, complaint, (Refusal(None, complaint.code, complaint.words),))


def _once(name: str, path: str, body: object, read: Callable[[Answer], Reply]) -> Call[Reply]:
    return Call(name, Request("POST", path, body=orjson.dumps(body)), read, repeatable=False)


def _declined(answer: Answer, order: Order, token: bytes = b"") -> Reply:
    """A no to the order, about the SIMs that its words name, or about nobody in particular."""
    complaint = _without(complaint_of(answer), token)
    named: list[str | None] = [
        sim.key for sim in order.sims if sim.key in complaint.words or (sim.imsi and sim.imsi in complaint.words)
    ]
    return _no(answer, complaint, tuple(Refusal(key, complaint.code, complaint.words) for key in named or [None]))


def _no(answer: Answer, complaint: Complaint, refusals: tuple[Refusal, ...]) -> Reply:
    if not complaint.is_theirs or answer.status < HTTPStatus.BAD_REQUEST:
        raise Unreadable(complaint.words)
    if answer.status == HTTPStatus.FORBIDDEN:
        return Reply(Said.UNSENT, answer.status, complaint.words, credentials_refused=True)
    if not complaint.code:
        raise Unreadable(complaint.words)  # no word of Soracom's on what it did
    return Reply(Said.NO, answer.status, complaint.words, refusals=refusals)


def _without(complaint: Complaint, token: bytes) -> Complaint:
    """The complaint without the token, which a message about it may quote."""
    words = complaint.words.replace(token.decode(), _HIDDEN) if token else complaint.words
    return Complaint(complaint.code, words, complaint.is_theirs)


def _imsi(imsi: str | None) -> str:
    if not imsi:
        raise ValueError("a SIM without an IMSI cannot be transferred")
    return imsi


def _token(order: Order) -> bytes:
    if order.token is None:
        raise ValueError("a transfer is accepted with its token")
    return order.token
