"""emnify's own words: statuses, error codes, limits and the bodies that it answers errors with.

Sources: its API reference ("documented"), recorded traffic ("seen"), and our reading where both are silent ("assumed").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from domain.guarantees import Class, Guarantee
from domain.orders import Options, Sim
from domain.plan import Checked
from providers.bodies import Json, parsed
from providers.calls import Unreadable
from providers.clock import Clock
from providers.pace import ON_THE_WAY_S, Bucket, Budget, Window
from providers.wire import Answer

SIMS_PER_CALL_MAX = 500  # documented
SIMS_PER_PAGE_MAX = 2_500  # documented: more is cut down without a word
SETTLE_S = 60.0  # assumed: how long a migration that nobody answered may still come into force
MIGRATION_ANSWER_S_MAX = 180.0  # giving up early would put 500 SIMs in doubt for nothing
ICCID_DIGITS = 19  # documented: the body without the check digit
WORDS_MAX = 300  # characters of the provider's words that are kept

REQUESTS_PER_5_MIN = 2_000  # documented, per address
SPAN_S = 300.0
LISTS_PER_S = 10.0  # documented for GET /sim, with a burst of 5
LISTS_BURST = 4.0  # one less: what bunches up on the way must fit too
LOOKUPS_PER_S = 100.0  # documented for GET /sim/{id}
LOOKUPS_BURST = 10.0

# Status id → word, as documented.
STATUSES = {0: "Issued", 1: "Activated", 2: "Suspended", 3: "Deleted", 4: "Factory Test"}
STATUS_IDS = {word: number for number, word in STATUSES.items()}
ACTIVATED, SUSPENDED = STATUSES[1], STATUSES[2]


class Kind:
    """Kinds of limit beside everybody's."""

    LISTS = "lists"
    LOOKUPS = "lookups"


class ErrorCode(IntEnum):
    """emnify's error codes that we act on."""

    INVALID_CREDENTIALS = 1101
    INVALID_TOKEN = 1102
    TOKEN_EXPIRED = 1103
    TOO_MANY_REQUESTS = 1105
    ATTACHED = 1502
    STATUS = 1503
    NO_ADMINISTRATOR = 1504
    BRAZIL = 1505


# Where several codes name one SIM, the first of these is its code: what nothing resolves comes first.
GRAVEST = (ErrorCode.BRAZIL, ErrorCode.NO_ADMINISTRATOR, ErrorCode.STATUS, ErrorCode.ATTACHED)

_LOOK_IT_UP = "Look the SIM up in emnify's portal: it was deleted, moved, or is out of this user's sight."
_SEE_ROLES = "Check that the user is Administrator of both workspaces:  simferry accounts --check"

# Code, or HTTP status where there is none → what a person can do.
ADVICE = {
    "1502": "Plan again with --detach-devices, or release the device first.",
    "1503": "Change the SIM's status first, or plan again with a wider --allow-status.",
    "1504": "Have somebody make the user an Administrator of the source workspace.",
    "1505": "Brazilian SIMs stay in Brazilian workspaces, others outside of them: choose another target.",
    "1201": _LOOK_IT_UP,
    "404": _LOOK_IT_UP,
    "400": "Nothing a list can mend: report the run's name to whoever maintains simferry.",
    "1104": _SEE_ROLES,
    "403": _SEE_ROLES,
}

GUARANTEE = Guarantee(
    Class.SET_TO,
    "Each batch is one request, which says where SIMs shall be; what comes of one that is there already is not "
    "documented, so emnify is not sent it twice: a request without an answer is judged by two agreeing reads, and only "
    "SIMs seen where they were before are asked for again.",
)

CHECKED = Checked(
    here=(
        "the SIM is in the source workspace and not in the target",
        "its status is one of those allowed, and a device is attached only where detaching is allowed",
    ),
    by_provider=(
        "a dry run of the whole batch: access on both sides, status, attached devices, Brazilian rule",
        "the answer named the same SIMs, count, target and options as we asked for",
    ),
    unknown=(
        "whether emnify moves all SIMs of a request or none: it is not documented, so every SIM is read back",
        "what changes between this dry run and the execution: every batch is looked at again before it goes",
    ),
)


def budget_of(requests_per_5_min: int, clock: Clock) -> Budget:
    """The documented limits, all scaled with the one for every request."""
    scale = requests_per_5_min / REQUESTS_PER_5_MIN
    return Budget(
        {
            "": Window(requests_per_5_min, SPAN_S + ON_THE_WAY_S),
            Kind.LISTS: Bucket(LISTS_PER_S * scale, max(1.0, LISTS_BURST * scale)),
            Kind.LOOKUPS: Bucket(LOOKUPS_PER_S * scale, max(1.0, LOOKUPS_BURST * scale)),
        },
        clock,
    )


def status_word(status_id: int | None, description: str | None) -> str | None:
    """The status in the words of this project; an unknown one in the provider's, else by its number."""
    if status_id is None:
        return description
    return STATUSES.get(status_id) or description or f"status {status_id}"


def allowed_ids(options: Options, sims: tuple[Sim, ...]) -> tuple[int, ...] | None:
    """Status ids that the provider is told to accept; None leaves it open.

    Where the operator names none, these are the statuses that the plan saw: a SIM that has become something else by
    now is refused by the provider itself.
    """
    words = options.allowed_statuses
    wanted = {sim.status for sim in sims} if words is None else set(words)
    known = sorted(STATUS_IDS[word] for word in wanted if word in STATUS_IDS)
    return tuple(known) if len(known) == len(wanted) else None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error's body says: code ("" where none), words, and the groups of a 409 as they came."""

    code: str
    words: str
    groups: tuple[dict[str, Json], ...] = ()


def complaint_of(answer: Answer) -> Complaint:
    """Any error body: typed, grouped (409), a bare message, empty, or no JSON at all."""
    nothing = Complaint("", f"HTTP {answer.status} without words")
    if not answer.body.strip():
        return nothing
    try:
        body = parsed(answer)
    except Unreadable:
        return Complaint("", f"HTTP {answer.status} with a body that is not JSON")
    if not isinstance(body, dict):
        return nothing
    code, words = body.get("error_code"), body.get("message") or body.get("error_token")
    errors = body.get("errors")
    groups = tuple(group for group in errors if isinstance(group, dict)) if isinstance(errors, list) else ()
    return Complaint(
        str(code) if isinstance(code, int | str) and not isinstance(code, bool) else "",
        words.strip()[:WORDS_MAX] if isinstance(words, str) and words.strip() else nothing.words,
        groups,
    )
