"""Soracom's statuses and limits, the sandbox's own codes, and what it assumes where no document says.

D: documented, A: assumed. What is assumed of transfers, where no switch says otherwise:

- Issuing takes all SIMs or none. The answer to a refusal names the SIMs (a switch).
- A SIM whose status changes under way is out of its transfer by itself; the others of its token are not. A token
  whose last SIM is out is none any more.
- A token that was accepted, cancelled, left to run out or is somebody else's is a 404, whoever asks.
- Nothing keeps an operator from setting a SIM that is transferring; what acceptance drops is dropped all the same.
- What was transferred arrives ready, and what hung on it (event handlers, port mappings) is gone.
- Expiry actions are kept and shown, and are never carried out.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """A SIM's status, as the books have it."""

    READY = "ready"
    ACTIVE = "active"
    INACTIVE = "inactive"
    STANDBY = "standby"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    TRANSFERRING = "transferring"  # D in words alone: how it goes on the wire is a switch


class Kind(StrEnum):
    """A SIM's type."""

    UICC = "uicc"
    EUICC = "euicc"
    VIRTUAL = "virtual"


class Coverage(StrEnum):
    """Where operators and SIMs belong to; in the sandbox, to one each."""

    GLOBAL = "global"
    JAPAN = "japan"


class Payment(StrEnum):
    """An operator's payment method."""

    REGISTERED = "registered"
    NONE = "none"
    INVALID = "invalid"


class Ended(StrEnum):
    """How a transfer token, or one SIM of it, ended."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ABORTED = "aborted"


NAME_TAG = "name"  # D: the SIM's name
OWN_TAGS = frozenset({"soracom.gadgets", "DSN"})  # D: the vendor's; A: nobody else may set them
EXPIRY_ACTIONS = frozenset({"doNothing", "deleteSession", "deactivate", "suspend", "terminate"})  # D
TERMINATE = "terminate"
SPEED_CLASSES = frozenset(  # D
    {
        "s1.minimum",
        "s1.slow",
        "s1.standard",
        "s1.fast",
        "s1.4xfast",
        "s1.8xfast",
        "u1.standard",
        "u1.slow",
    }
)
SPEED_CLASS_DEFAULT = {"s1": "s1.standard", "u1": "u1.standard"}  # A: by family, which a subscription stays in
CROSSING = frozenset({"OP0", "OP2"})  # D: how the ids of operators begin between which nothing is transferred

TOKEN_LIFE_S, TOKEN_LIFE_S_MIN, TOKEN_LIFE_S_MAX = 86_400, 180, 172_800  # of an API token; D
SIMS_PER_TOKEN_MAX = 10_000  # A
PAGE_ROWS_MAX = 100  # D for subscribers, A for the others; also what a page has where no limit is given
HISTORY_ROWS = 30  # D: of a page of history, where no limit is given


class Code(StrEnum):
    """Codes of refusals. Soracom documents none, so all of these are the sandbox's own."""

    LOGIN = "SBX1001"
    SECOND_FACTOR = "SBX1002"
    NOT_LET_IN = "SBX1003"
    NOT_JSON = "SBX1004"
    BODY = "SBX1005"
    QUERY = "SBX1006"
    NO_SUCH_CALL = "SBX1007"
    METHOD = "SBX1008"
    TOO_MANY = "SBX1009"
    BROKEN = "SBX1010"
    OPERATOR = "SBX1011"
    RENEWAL = "SBX1012"
    PAYMENT_NONE = "SBX1013"
    SIM_NOT_FOUND = "SBX2001"
    SUBSCRIBER_NOT_FOUND = "SBX2002"
    GROUP_NOT_FOUND = "SBX2003"
    TAG_NOT_FOUND = "SBX2004"
    NO_EXPIRY = "SBX2005"
    NO_HANDLERS = "SBX2006"
    NO_MAPPINGS = "SBX2007"
    TERMINATED = "SBX2008"
    VENDORS_TAG = "SBX2009"
    IMEI = "SBX2010"
    SPEED_CLASS = "SBX2011"
    PROTECTED = "SBX2012"
    EXPIRY_PAST = "SBX2013"
    DESTINATION = "SBX3001"
    COVERAGE = "SBX3002"
    CROSSING = "SBX3003"
    TOO_MANY_SIMS = "SBX3004"
    NAMED_TWICE = "SBX3005"
    NOT_YOURS = "SBX3006"
    NOT_PRIMARY = "SBX3007"
    VIRTUAL = "SBX3008"
    NOT_READY = "SBX3009"
    TOKEN_UNKNOWN = "SBX3010"
    NO_PAYMENT = "SBX3011"


# D where the call's page names it, A otherwise; all the others are 400.
HTTP_STATUS = {
    Code.LOGIN: 401,
    Code.SECOND_FACTOR: 401,
    Code.NOT_LET_IN: 401,
    Code.NOT_JSON: 415,
    Code.NO_SUCH_CALL: 404,
    Code.METHOD: 405,
    Code.TOO_MANY: 429,
    Code.BROKEN: 500,
    Code.PAYMENT_NONE: 404,
    Code.SIM_NOT_FOUND: 404,
    Code.SUBSCRIBER_NOT_FOUND: 404,
    Code.GROUP_NOT_FOUND: 404,
    Code.TAG_NOT_FOUND: 404,
    Code.NO_EXPIRY: 404,
    Code.NO_HANDLERS: 404,
    Code.NO_MAPPINGS: 404,
    Code.TOKEN_UNKNOWN: 404,
}
MESSAGES = {
    Code.LOGIN: "These credentials let nobody in",
    Code.SECOND_FACTOR: "The mfaOTPCode is missing or wrong",
    Code.NOT_LET_IN: "X-Soracom-API-Key and X-Soracom-Token are not those of a login that is still good",
    Code.NOT_JSON: "Content-Type must be application/json",
    Code.NO_SUCH_CALL: "No such call",
    Code.METHOD: "Method not allowed",
    Code.TOO_MANY: "The requests of this minute are spent",
    Code.BROKEN: "Internal server error",
    Code.OPERATOR: "Invalid operator id",
    Code.RENEWAL: "The token has expired: log in again",
    Code.PAYMENT_NONE: "Payment method not found",
    Code.SIM_NOT_FOUND: "No such SIM found",
    Code.SUBSCRIBER_NOT_FOUND: "The specified subscriber does not exist",
    Code.GROUP_NOT_FOUND: "The specified group does not exist",
    Code.TAG_NOT_FOUND: "The specified tag does not exist",
    Code.NO_EXPIRY: "The SIM has no expiry time",
    Code.NO_HANDLERS: "Event handler not found",
    Code.NO_MAPPINGS: "No port mapping exists for the specified SIM",
    Code.TERMINATED: "The SIM is terminated",
    Code.VENDORS_TAG: "This tag is not for operators to set",
    Code.IMEI: "An IMEI has 15 digits, perhaps with |ANONYMOUS behind it; it may be left out for an online SIM alone",
    Code.SPEED_CLASS: "The subscription has no such speed class",
    Code.PROTECTED: "expiryAction terminate wants termination protection to be off",
    Code.EXPIRY_PAST: "expiryTime is in the past",
    Code.DESTINATION: "No operator but this one has that id and that primary e-mail",
    Code.COVERAGE: "The destination operator is of another coverage",
    Code.CROSSING: "Nothing is transferred between operators OP0… and OP2…",
    Code.NOT_YOURS: "Not among your subscribers",
    Code.NAMED_TWICE: "Named twice",
    Code.TOO_MANY_SIMS: f"One to {SIMS_PER_TOKEN_MAX:,} IMSIs go into one token",
    Code.NOT_PRIMARY: "Not the primary IMSI of its SIM",
    Code.VIRTUAL: "A virtual SIM is not transferred",
    Code.NOT_READY: "Not ready",
    Code.TOKEN_UNKNOWN: "Transfer token does not exist",
    Code.NO_PAYMENT: "The destination operator has no valid payment method",
}
OWN_WORDS = "code and words are the sandbox's own"
