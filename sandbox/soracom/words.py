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
