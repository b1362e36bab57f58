"""Soracom's own words: statuses, paths, limits, rate headers and the bodies of errors, and what a plan says of them.

Sources: the vendor's OpenAPI file and its page on transferring SIMs ("documented"), and our reading where these are
silent ("assumed").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from domain.guarantees import Class, Guarantee
from domain.inventory import Side
from domain.orders import Part
from domain.parts import Course, Goal
from domain.plan import Checked
from providers.bodies import text_of
from providers.wire import Answer

READY, ACTIVE, INACTIVE, STANDBY, SUSPENDED, TERMINATED = (
    "ready",
    "active",
    "inactive",
    "standby",
    "suspended",
    "terminated",
)
TRANSFERRING = "transferring"  # assumed: it is named in words only, so statuses are compared in lower case
_BEING_TRANSFERRED = re.compile(r"transfer(?!red)")
STATUSES = frozenset({READY, ACTIVE, INACTIVE, STANDBY, SUSPENDED, TERMINATED, TRANSFERRING})

COURSE = Course(
    goals={
        Part.OFFER: Goal(Side.TARGET, Side.SOURCE, starts=(READY,), under_way=(TRANSFERRING,), leaves=True),
        Part.ISSUE: Goal(Side.SOURCE, Side.SOURCE, (TRANSFERRING,), starts=(READY,)),
        Part.ACCEPT: Goal(Side.TARGET, Side.SOURCE, starts=(TRANSFERRING,), back=(READY,)),
    },
    ends=(TERMINATED,),
)

LANGUAGE = (("X-Soracom-Lang", "en"),)  # of what the answers say
SIMS_PER_TOKEN_MAX = 500  # our own rule: none is documented
ROWS_PER_PAGE = 100  # documented for subscribers, and asked for of every list
PAGES_MAX = 100_000  # 10,000,000 SIMs
CALLS_IN_FLIGHT = 16
SETTLE_S = 60.0  # assumed: how long a call that nobody answered may still come into force
TOKEN_LIFE_S = 3600.0  # documented for the link of the e-mail, assumed for the token
LOGIN_LIFE_S = 3600  # asked for; a day is the default, and two are the most
LOOK_FRESH_S = 120.0  # how long a list serves looks, or as long as it took to read
LOOKUPS_PER_PAGE = 4  # what a page of 100 SIMs weighs: more bytes, and no second page beside it
SECONDS_PER_CALL = 0.5  # a rough time, for an estimate
WORDS_MAX = 300  # characters of the provider's words that are kept

OWN_TAGS = frozenset({"soracom.gadgets", "DSN"})  # documented: the vendor's, not to be touched
NAME_TAG = "name"

TOKEN_UNKNOWN = "token_unknown"  # noqa: S105 - a code of ours
_AGAIN = "Plan again: then the SIM is judged as it is now."

# Codes of ours, since Soracom documents none for transfers → what a person can do.
ADVICE = {
    "moved": "Look the SIM up in both operators; if it is where it should be, nothing is left to do.",
    "under_way": "Wait until its transfer is accepted, cancelled or has run out, which takes an hour; then plan again.",
    "status_changed": "Plan again; what is not ready any more goes by way of Soracom's support.",
    "imsi_changed": _AGAIN,
    "group_changed": _AGAIN,
    TOKEN_UNKNOWN: "Look with:  simferry reconcile  whether its SIMs were accepted, or are the source's again.",
}

GUARANTEE = Guarantee(
    Class.TOKEN,
    "SIMs are transferred by a token, which can be accepted once and is never issued again for SIMs of which nobody "
    "knows how they stand: a request without an answer is judged by two agreeing reads, and only SIMs seen ready in "
    "the source are offered anew, by a new plan.",
)

CHECKED = Checked(
    here=(
        "on a second read, made for this alone: the SIM is in the source, ready, with the same primary IMSI and group",
        "it is no virtual SIM, and the two operators are of one kind and coverage",
    ),
    by_provider=("nothing: Soracom has no dry run; a second read of ours stands for it",),
    unknown=(
        "whether Soracom takes all SIMs of a token or none: it is not documented, so every SIM is read back",
        "whether a SIM connects before its transfer is accepted, which aborts it and makes it active",
        "whether a token lives as long as the link in its e-mail, which is an hour",
    ),
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error's body says: code ("" where none), words, and whether it was Soracom's at all.

    A load balancer in front of it answers in its own way, and knows nothing of what was asked.
    """

    code: str
    words: str
    is_theirs: bool


def complaint_of(answer: Answer) -> Complaint:
    """Any error body: with a code, with words alone, empty, or no JSON at all."""
    nothing = f"HTTP {answer.status} without words"
    if not answer.body.strip():
        return Complaint("", nothing, is_theirs=True)
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return Complaint("", f"HTTP {answer.status} with a body that is not JSON", is_theirs=False)
    if not isinstance(body, dict):
        return Complaint("", nothing, is_theirs=False)
    words = text_of(body.get("message")) or text_of(body.get("errorMessage"))
    return Complaint(text_of(body.get("code")) or "", (words or nothing)[:WORDS_MAX], is_theirs=True)


def is_absent(answer: Answer) -> bool:
    """Whether Soracom says that what was asked for is not there; a 404 of something in between is no such word."""
    return answer.status == HTTPStatus.NOT_FOUND and complaint_of(answer).is_theirs


def is_done(answer: Answer) -> bool:
    """Whether Soracom says that a change is made, by the SIM as it is now, or by nothing; a page in HTML is no yes."""
    return (
        answer.status in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT} and complaint_of(answer).is_theirs
    )


def status_word(text: str) -> str:
    """The status in the spelling of this project where it is known, else as it came.

    Any word for being transferred is one, since nothing says how that goes on the wire.
    """
    lower = text.strip().lower()
    if _BEING_TRANSFERRED.search(lower):
        return TRANSFERRING
    return lower if lower in STATUSES else text.strip()
