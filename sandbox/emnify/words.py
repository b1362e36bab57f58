"""emnify's statuses, error codes and bodies, as its pages give them."""

from __future__ import annotations

from enum import IntEnum

from sandbox.exchange import JSON, Answer, RefusedError

SIMS_PER_MIGRATION_MAX = 500
PER_PAGE_MAX = 2_500
PER_PAGE_DEFAULT = 2_000
ICCID_DIGITS = 19
ADMINISTRATOR = "Administrator"
OBSERVER = "Observer"


class Status(IntEnum):
    """A SIM's status."""

    ISSUED = 0
    ACTIVATED = 1
    SUSPENDED = 2
    DELETED = 3
    FACTORY_TEST = 4

    def named(self) -> dict[str, JSON]:
        """`{id, description}` as the API shows it."""
        return {"id": int(self), "description": self.name.replace("_", " ").title()}


MAY_BECOME: dict[Status, frozenset[Status]] = {
    Status.ISSUED: frozenset({Status.ACTIVATED, Status.FACTORY_TEST}),
    Status.ACTIVATED: frozenset({Status.SUSPENDED}),
    Status.SUSPENDED: frozenset({Status.ACTIVATED}),
    Status.DELETED: frozenset(),
    Status.FACTORY_TEST: frozenset({Status.ACTIVATED}),
}

ENDPOINT_STATUSES = {0: "Enabled", 1: "Disabled", 2: "Deleted"}


class Obstacle(IntEnum):
    """Why a SIM may not be migrated: the error codes of the 409."""

    ATTACHED = 1502
    STATUS = 1503
    NO_ADMINISTRATOR = 1504
    BRAZIL = 1505


OBSTACLE_MESSAGES = {
    Obstacle.ATTACHED: "SIMs are attached to devices",
    Obstacle.STATUS: "SIMs have a status that is not allowed",
    Obstacle.NO_ADMINISTRATOR: "Administrator access to the source workspace is missing",
    Obstacle.BRAZIL: "SIMs cannot be migrated between Brazilian and non-Brazilian workspaces",
}


def coded(status: int, code: int, token: str, message: str) -> RefusedError:
    """A refusal with emnify's `{error_code, error_token, message}`."""
    return RefusedError(Answer.of(status, {"error_code": code, "error_token": token, "message": message}))


def forbidden(message: str = "The caller's role does not allow this") -> RefusedError:
    """403, code 1104."""
    return coded(403, 1104, "InsufficientRights", message)


def not_found() -> RefusedError:
    """404, code 1201; never names what was not found."""
    return coded(404, 1201, "NotFound", "The requested resource was not found")


def unprocessable(message: str) -> RefusedError:
    """422, code 1400."""
    return coded(422, 1400, "InvalidTransition", message)


def too_many(status: int = 429) -> Answer:
    """The TooManyRequests body, under 429 for rates and under 401 for a locked account."""
    value: JSON = {"error_code": 1105, "error_token": "TooManyRequests", "message": "Too many requests"}
    return Answer.of(status, value)
