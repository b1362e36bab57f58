"""Super SIM's own words, at Twilio and at KORE: statuses, error codes, limits, and the bodies of errors.

Sources: the vendors' Sim resource pages and OpenAPI files ("documented"), and our reading where they are silent
("assumed").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

import orjson

from domain.guarantees import Class, Guarantee
from domain.inventory import Side
from domain.orders import Fate, Part
from domain.parts import Course, Goal
from domain.plan import Checked
from providers.bodies import text_of
from providers.calls import Signs, fate_by_status
from providers.wire import Answer

NEW, READY, ACTIVE, INACTIVE, SCHEDULED = "new", "ready", "active", "inactive", "scheduled"

COURSE = Course(
    goals={
        Part.REGISTER: Goal(Side.TARGET, Side.NOWHERE),
        Part.DEACTIVATE: Goal(Side.SOURCE, Side.SOURCE, (INACTIVE,)),
        Part.MOVE: Goal(Side.TARGET, Side.SOURCE),
        Part.ACTIVATE: Goal(Side.TARGET, Side.TARGET, (ACTIVE,)),
    },
    under_way=(SCHEDULED,),
    becomes=((READY, ACTIVE),),  # documented: after 250 KB, five SMS commands or three months
)

NULL_FLEET = ""  # assumed: how "null" goes on the wire, as an empty value of the form
SIMS_PER_PAGE_MAX = 1_000  # documented
ROWS_PER_PAGE_MAX = 249  # documented by KORE for usage records, and taken for what else hangs on a SIM
PAGES_MAX = 10_000  # 10,000,000 SIMs
CALLS_IN_FLIGHT = 64  # the most that the adaptive limit may rise to; the provider's own is not published
SETTLE_S = 60.0  # assumed: how long an update that nobody answered may still come into force
LOOK_FRESH_S = 120.0  # how long one list serves looks; its SIMs go out within the minutes after it
LOOKUPS_PER_PAGE = 8  # what a page of 1,000 SIMs weighs: half a megabyte, and no second page beside it
SECONDS_PER_CALL = 0.3  # a rough time, for an estimate
WORDS_MAX = 300  # characters of the provider's words that are kept


class Code(StrEnum):
    """Error codes that we act on."""

    UNAUTHORISED = "20003"
    ACCESS_DENIED = "20006"
    NOT_FOUND = "20404"
    TOO_MANY = "20429"
    INTERNAL = "20500"
    UNAVAILABLE = "20503"
    REGISTRATION_FAILED = "83000"  # "internal": like 83004, it does not say what was done
    UPDATE_FAILED = "83004"
    SIM_NOT_FOUND = "83005"


ABSENT = frozenset({Code.NOT_FOUND, Code.SIM_NOT_FOUND})
REFUSES_US = frozenset({Code.UNAUTHORISED, Code.ACCESS_DENIED})
_BROKEN = frozenset({Code.INTERNAL, Code.UNAVAILABLE, Code.REGISTRATION_FAILED, Code.UPDATE_FAILED})

_AGAIN = "Plan again: then the SIM is judged as it is now."
_FLEETS = "Plan again, with --fleet, --fleet-map or --no-fleet naming fleets of the target account."

# Code of the provider, or of the second read that stands in for a dry run → what a person can do.
ADVICE = {
    "moved": "Look the SIM up in both accounts; if it is where it should be, nothing is left to do.",
    "other_sim": "Look the SIM up at the provider: its number belongs to another one now. Then plan again.",
    "status_changed": _AGAIN,
    "under_way": "Wait until the provider shows another status than scheduled, then plan again.",
    "group_changed": _AGAIN,
    "name_taken": "Rename one of the two at the provider, then plan again.",
    "20001": "Nothing a list can mend: report the run's name to whoever maintains simferry.",
    "20002": "Nothing a list can mend: report the run's name to whoever maintains simferry.",
    "20003": "Check the account's credentials:  simferry accounts --check",
    "20006": "Have the provider's support check what these credentials may do.",
    "20404": "Look the SIM up in the provider's console: it was moved, or is out of sight of these credentials.",
    "20409": "Check in the provider's console that parent, source and target are one family of accounts.",
    "83000": "Look the SIM up at the provider; register it again if it is not there.",
    "83001": "Check the ICCID and the registration code on the card: the code has 10 characters.",
    "83002": "Check both numbers on the card; if they are right, ask whoever sold the SIM whether it is registrable.",
    "83003": "Nothing is left to do: the SIM is in the account.",
    "83004": "Look the SIM up at the provider, then plan again.",
    "83005": "Look the SIM up in the provider's console: it was moved, or is out of sight of these credentials.",
    "83006": _FLEETS,
    "83007": "Give the SIM a fleet of the target account (--fleet or --fleet-map), then plan again.",
    "83008": "Plan again with a fleet of the target account: a SIM in service keeps one.",
    "83009": "Wait until the provider shows another status than scheduled, then plan again.",
    "83010": "Look up its status: new cannot be had back, and ready only comes after new. Then plan again.",
    "83011": "Rename one of the two SIMs at the provider, then plan again.",
    "83600": "See whether the SIM's status allows a move, and whether inactive SIMs may move; then plan again.",
}

GUARANTEE = Guarantee(
    Class.SET_TO,
    "Each request sets one SIM to an account, a fleet or a status, so that a second one of the same would change "
    "nothing; still, one without an answer is not repeated until two agreeing reads show the SIM as it was before.",
)

CHECKED = Checked(
    here=(
        "on a second read, made for this alone: the SIM is in the source account, with the same sid, status and fleet",
        "its status is one that may move, its fleet stands for one of the target account, its name is free there",
    ),
    by_provider=("nothing: Super SIM has no dry run; a second read of ours stands for it",),
    unknown=(
        "whether the provider moves the SIM: it says so only to the request itself",
        "whether the parent account may move SIMs of both accounts: the first request shows it",
        "whether moving inactive SIMs is unlocked, beyond what the accounts file says",
        "when a change that is answered with “scheduled” will be done",
    ),
)


def same(one: str, other: str) -> bool:
    """Whether two sids are one: their digits may be in either case."""
    return one.lower() == other.lower()


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error's body says: code ("" where none) and words."""

    code: str
    words: str


def complaint_of(answer: Answer) -> Complaint:
    """Any error body of either vendor: with a code, with words alone, empty, or no JSON at all."""
    nothing = f"HTTP {answer.status} without words"
    if not answer.body.strip():
        return Complaint("", nothing)
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return Complaint("", f"HTTP {answer.status} with a body that is not JSON")
    if not isinstance(body, dict):
        return Complaint("", nothing)
    said = (text_of(body.get("message")), text_of(body.get("error")))
    words = ": ".join(part for part in said if part is not None)
    return Complaint(text_of(body.get("code")) or "", words[:WORDS_MAX] or nothing)


def fate_of(answer: Answer) -> Fate:
    """What became of a request, by the code of its answer; by its HTTP status where there is none that we know."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        return fate_by_status(answer)
    code = complaint_of(answer).code
    if code == Code.TOO_MANY:
        return Fate.THROTTLED
    if code in _BROKEN:
        return Fate.BROKEN
    return Fate.ANSWERED if code in ADVICE else fate_by_status(answer)


def token_refused(answer: Answer) -> bool:
    """Whether a token is not accepted: a 401, or KORE's 403 that has no code and speaks of the token."""
    if answer.status != HTTPStatus.FORBIDDEN:
        return answer.status == HTTPStatus.UNAUTHORIZED
    complaint = complaint_of(answer)
    words = complaint.words.lower()
    return not complaint.code and ("expired token" in words or "explicit deny" in words)


SIGNS = Signs(fate_of, token_refused)
