"""Super SIM's statuses, limits and error codes, and what the sandbox assumes where no document says.

Codes and their sentences: the vendors' error dictionaries (the same numbers at both). D: documented, A: assumed.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Status(StrEnum):
    """A SIM's status."""

    NEW = "new"
    READY = "ready"
    ACTIVE = "active"
    INACTIVE = "inactive"
    SCHEDULED = "scheduled"


class Vendor(StrEnum):
    """Whose credentials a request carries: they differ in authorisation and in how callbacks are signed."""

    TWILIO = "twilio"
    KORE = "kore"


MAY_BE_ASKED = frozenset({Status.READY, Status.ACTIVE, Status.INACTIVE})  # D
ON_AIR = frozenset({Status.READY, Status.ACTIVE})  # needs a fleet, bills, and changes late; D
# From → to, as asked for. D but for ready → active (A: may be asked for) and ready → inactive (a switch).
MAY_BECOME = {
    Status.NEW: frozenset({Status.READY, Status.ACTIVE}),
    Status.READY: frozenset({Status.ACTIVE, Status.INACTIVE}),
    Status.ACTIVE: frozenset({Status.INACTIVE}),
    Status.INACTIVE: frozenset({Status.ACTIVE}),
}

PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX = 50, 1_000  # D
READY_BYTES_MAX = 250_000  # D: "250KB"
NO_FLEET = ""  # A: how null goes on the wire
NO_NAME = ""  # A: takes a unique name off
NAME_AT_BIRTH = ""  # D (example): what a registration answers for the name that a SIM doesn't have
PERIOD_S = 30 * 86_400.0  # A: of a billing period; D in examples
CODE_CHARACTERS = 10  # of a registration code; D
USAGE_DAYS_DEFAULT = 30  # A: "one month before the end"
PRICE_PER_MB_USD = 0.10  # A


class Code(IntEnum):
    """Error codes."""

    UNKNOWN_PARAMETERS = 20001
    MISSING_PARAMETERS = 20002
    UNAUTHORISED = 20003
    METHOD_NOT_ALLOWED = 20004  # D (KORE)
    ACCESS_DENIED = 20006
    NOT_FOUND = 20404
    ACCOUNT_INVALID = 20409  # D (KORE); A: what AccountSid is refused with
    NOT_A_FORM = 20415  # A
    TOO_MANY = 20429
    BROKEN = 20500
    REGISTRATION_FAILED = 83000
    REGISTRATION_PARAMETER = 83001
    NOT_REGISTRABLE = 83002
    ALREADY_YOURS = 83003
    UPDATE_FAILED = 83004
    SIM_NOT_FOUND = 83005
    FLEET_NOT_FOUND = 83006
    NEEDS_FLEET = 83007
    KEEPS_FLEET = 83008
    UNDER_WAY = 83009
    NO_SUCH_TRANSITION = 83010
    NAME_TAKEN = 83011
    INVALID_VALUE = 83600
    NOT_WHOLE_DAYS = 83601
    NOT_WHOLE_HOURS = 83602


# A: no document tells the HTTP status of a code, so a client must not read it; all the others are 400.
HTTP_STATUS = {
    Code.UNAUTHORISED: 401,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.ACCESS_DENIED: 403,
    Code.NOT_FOUND: 404,
    Code.NOT_A_FORM: 415,
    Code.TOO_MANY: 429,
    Code.BROKEN: 500,
    Code.REGISTRATION_FAILED: 500,
    Code.UPDATE_FAILED: 500,
    Code.SIM_NOT_FOUND: 404,
    Code.UNDER_WAY: 409,
    Code.NAME_TAKEN: 409,
}
MESSAGES = {
    Code.UNAUTHORISED: "Authenticate",
    Code.METHOD_NOT_ALLOWED: "Method not allowed",
    Code.ACCESS_DENIED: "Access denied",
    Code.NOT_FOUND: "The requested resource was not found",
    Code.NOT_A_FORM: "The body must be application/x-www-form-urlencoded",
    Code.TOO_MANY: "Too many requests",
    Code.BROKEN: "Internal server error",
    Code.REGISTRATION_FAILED: "The registration failed because of an internal error",
    Code.NOT_REGISTRABLE: "ICCID and registration code belong to no Super SIM that can be registered",
    Code.UPDATE_FAILED: "The update failed because of an internal error",
    Code.SIM_NOT_FOUND: "Super SIM not found",
    Code.FLEET_NOT_FOUND: "The target fleet was not found in the account",
    Code.NEEDS_FLEET: "A Super SIM without a fleet cannot be activated",
    Code.KEEPS_FLEET: "A Super SIM that is ready or active must keep a fleet",
    Code.UNDER_WAY: "The Super SIM is scheduled: another update is under way",
    Code.NO_SUCH_TRANSITION: "The Super SIM cannot be updated to that status",
    Code.NAME_TAKEN: "A Super SIM with that unique name exists already",
    Code.INVALID_VALUE: "A parameter has an invalid value",
    Code.NOT_WHOLE_DAYS: "StartTime and EndTime must be whole days of UTC",
    Code.NOT_WHOLE_HOURS: "StartTime and EndTime must be whole hours of UTC",
}
# A: what AccountSid answers for a SIM that is ready or active, or inactive where that is not unlocked.
MOVE_REFUSED = Code.INVALID_VALUE
# A: a SIM with a fleet is to change its account, and the request names no fleet of the new one.
MOVE_WITHOUT_FLEET = Code.FLEET_NOT_FOUND
# A: the update of a SIM that is not in sight; a GET answers NOT_FOUND.
UPDATE_OUT_OF_SIGHT = Code.SIM_NOT_FOUND
