"""Codes of refusals with what they say. Soracom documents none, so all of these are the sandbox's own.

D: documented, A: assumed.
"""

from __future__ import annotations

from enum import StrEnum

from sandbox.soracom.words import SIMS_PER_TOKEN_MAX


class Code(StrEnum):
    """One refusal each."""

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
