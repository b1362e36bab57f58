"""What is asked of a provider and what it says, in one shape for a call of 500 SIMs and for a call of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.inventory import Side

SIMS_PER_TOKEN = 500


class Part(StrEnum):
    """One part of a SIM's way; a plan names those that each SIM takes, in this order.

    RESTORE is in no plan: what a SIM was set to is put back beside its way, once it has arrived.
    """

    REGISTER = "register"
    DEACTIVATE = "deactivate"
    MOVE = "move"
    ACTIVATE = "activate"
    OFFER = "offer"  # a token is issued, and the other side accepts it by itself
    ISSUE = "issue"  # a token is issued that we accept ourselves
    ACCEPT = "accept"
    RESTORE = "restore"


class Fate(StrEnum):
    """What became of a request, as far as the wire tells."""

    ANSWERED = "answered"
    NOT_SENT = "not_sent"  # no connection was made
    THROTTLED = "throttled"  # 429, which the provider says it did not act on
    BROKEN = "broken"  # 5xx
    SILENT = "silent"  # sent, then nothing; or an answer that cannot be read


class Said(StrEnum):
    """What is known, from the answer alone, about a change that was asked for."""

    YES = "yes"  # the provider says it is done: a claim, until it is seen
    LATER = "later"  # accepted and not finished (scheduled, or waiting for the other side)
    NO = "no"  # declined: the provider says that nothing changed
    UNHEARD = "unheard"  # it may have been acted on: in doubt until reads agree
    UNSENT = "unsent"  # it did not reach the provider, or the provider says that it did not act


@dataclass(frozen=True, slots=True)
class Sim:
    """A SIM of a plan, as it was when the plan was made; `key` is what the inventory is matched by.

    `group_to` is the group of the target account that it is to be in: None where nothing is said of it, "" for none.
    `sim_id` is "" where the SIM is in no account yet.
    """

    key: str
    sim_id: str
    iccid: str
    imsi: str | None = None
    status: str | None = None
    device_id: str | None = None
    group: str | None = None
    group_to: str | None = None
    parts: tuple[Part, ...] = (Part.MOVE,)


@dataclass(frozen=True, slots=True)
class Sight:
    """One SIM as a read shows it; all but key and side are None where it is nowhere, or where that is not known."""

    key: str
    side: Side
    sim_id: str | None = None
    status: str | None = None
    device_id: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a provider won't: its code and its words; `key` is None where it names nobody."""

    key: str | None
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Options:
    """What an operator allows a move to do; part of the plan's fingerprint.

    `allowed_statuses` None means: as the rule table of the provider says. `inactive_moves` is what the provider has
    unlocked, and `accepts` whether we can accept for the target, rather than what an operator allows.
    """

    allowed_statuses: tuple[str, ...] | None = None
    detach_devices: bool = False
    deactivate_first: bool = False
    reactivate: bool = False
    inactive_moves: bool = False
    accepts: bool = False
    sims_per_token: int = SIMS_PER_TOKEN
    restores: bool = True  # puts back what a transfer drops


@dataclass(frozen=True, slots=True)
class Order:
    """One request's worth of SIMs; `attempt` counts from 1 within its batch and part.

    `codes` are registration codes by key, `token` that of a transfer: secrets, which no repr shows.
    """

    batch: int
    attempt: int
    sims: tuple[Sim, ...]
    options: Options
    part: Part = Part.MOVE
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one order (a dry run or a real one).

    `sights` are the SIMs the answer speaks of; `problems` are sentences on where the answer differs from what was
    asked (set of SIMs, count, target, options): with any of them, `said` is never YES.
    `refusals` may name SIMs or nobody. `secret` is the token of a transfer, which must be kept encrypted.
    """

    said: Said
    http_status: int | None
    words: str = ""
    sights: tuple[Sight, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    problems: tuple[str, ...] = ()
    credentials_refused: bool = False
    secret: bytes | None = field(default=None, repr=False)
