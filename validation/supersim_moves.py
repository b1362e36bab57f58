"""Super SIM's rules for moves (Twilio, KORE): which SIMs may move, and in which parts."""

from __future__ import annotations

import polars as pl

from domain.errors import UsageError
from domain.orders import Options, Part
from domain.rules import MoveRule
from validation.sources import SUPER_SIM
from validation.statuses import either, in_own_words

STATUSES = ("new", "ready", "active", "inactive", "scheduled")
IN_SERVICE = ("ready", "active")

_BETWEEN = f"{SUPER_SIM}, moving SIMs between child accounts"
_INACTIVE = f"{SUPER_SIM}, moving inactive SIMs between child accounts: private beta"
_UNLOCK = (
    "Ask Twilio's or KORE's support to unlock it; then set inactive_moves = true for the account in accounts.toml, "
    "and plan again."
)


def move_rules(options: Options) -> tuple[MoveRule, ...]:
    """Which SIMs of the source account may move: columns of INVENTORY, `group_to`, `group_mapped` and `name_taken`.

    Raises UsageError for what Super SIM does not have.
    """
    _refuse_idle(options)
    return (*_status_rules(options), *_service_rules(options), *_fleet_rules(options), _name_rule())


def parts(options: Options) -> pl.Expr:
    """A SIM in service is deactivated first and, where asked for, activated again; any other is moved as it is."""
    way = (Part.DEACTIVATE, Part.MOVE, Part.ACTIVATE) if options.reactivate else (Part.DEACTIVATE, Part.MOVE)
    alone = pl.lit(str(Part.MOVE))
    if not options.deactivate_first:
        return alone
    return pl.when(_in_service()).then(pl.lit(" ".join(way))).otherwise(alone)


def statuses_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """These in Super SIM's own words, whatever their case, each once; UsageError where there is no such status."""
    return in_own_words(words, STATUSES, "Super SIM")


def _refuse_idle(options: Options) -> None:
    if options.detach_devices:
        raise UsageError("Super SIM knows of no devices that its SIMs are in. Leave out --detach-devices.")
    if options.reactivate and not options.deactivate_first:
        raise UsageError("--reactivate activates what the plan itself deactivates. Give --deactivate-first with it.")


def _status_rules(options: Options) -> tuple[MoveRule, ...]:
    status, words = pl.col("status"), options.allowed_statuses
    allowed = STATUSES if words is None else statuses_of(words)
    return (
        MoveRule(
            "status_unknown",
            "REFUSE",
            status.is_in(STATUSES),
            "Its status is “{status}”, which is none that Super SIM is known to have.",
            "Look at the SIM in the provider's console; tell us if there is a new status.",
            f"{SUPER_SIM}, status values",
        ),
        MoveRule(
            "status_not_allowed",
            "REFUSE",
            # a status nobody knows is answered for by the rule above; likewise below
            status.is_in(allowed) | ~status.is_in(STATUSES) | status.is_null(),
            f"Its status is {{status}}; this run moves SIMs that are {either(allowed)}.",
            "Plan again with --allow-status naming all that may move.",
            f"{SUPER_SIM}, status values",
        ),
        MoveRule(
            "status_scheduled",
            "REFUSE",
            (status != "scheduled") | status.is_null(),
            "Its status is scheduled: an earlier change is under way at the provider, which takes no other meanwhile.",
            "Wait until the provider's console shows another status, then plan again.",
            f"{SUPER_SIM}, asynchronous updates; error 83009",
        ),
    )


def _service_rules(options: Options) -> tuple[MoveRule, ...]:
    """Only new SIMs move without further ado; the rest has to be inactive, and the provider has to allow that."""
    unlocked = pl.lit(options.inactive_moves)
    first = (
        "Plan again with --deactivate-first: such SIMs are then deactivated, moved, and with --reactivate activated "
        "again in the target; they are offline meanwhile."
    )
    locked = "" if options.inactive_moves else f" That takes the private beta of moving inactive SIMs, too. {_UNLOCK}"
    return (
        MoveRule(
            "in_service",
            "REFUSE",
            ~_in_service() | pl.lit(options.deactivate_first),
            "Its status is {status}, and the provider moves no SIM that is in service.",
            first + locked,
            _BETWEEN,
        ),
        MoveRule(
            "inactive_locked",
            "REFUSE",
            (~_in_service() & (pl.col("status") != "inactive").fill_null(True)) | unlocked,
            "Its status is {status}, so it would move as an inactive SIM: a private beta, which the provider has to "
            "unlock for the account.",
            _UNLOCK,
            _INACTIVE,
        ),
    )


def _fleet_rules(options: Options) -> tuple[MoveRule, ...]:
    activated = _in_service() & pl.lit(options.reactivate)
    return (
        MoveRule(
            "fleet_unmapped",
            "REFUSE",
            pl.col("group_mapped"),
            "It is in fleet {group} of its account, and nothing was said about its fleet in the target.",
            "Plan again with --fleet NAME for all SIMs, --fleet-map FILE for each fleet, or --no-fleet.",
            f"{_BETWEEN}: a fleet of the new account, or none; error 83006",
        ),
        MoveRule(
            "fleet_missing",
            "REFUSE",
            ~activated | (pl.col("group_to").fill_null("") != ""),
            "It is to be activated again, and has no fleet in the target; without one no SIM is activated.",
            "Plan again with a fleet of the target (--fleet NAME or --fleet-map FILE), or without --reactivate.",
            f"{SUPER_SIM}, error 83007",
        ),
    )


def _name_rule() -> MoveRule:
    return MoveRule(
        "name_taken",
        "REFUSE",
        ~pl.col("name_taken"),
        "Another SIM of the target account has its unique name, “{name}”.",
        "Rename one of the two at the provider, then plan again.",
        f"{SUPER_SIM}, error 83011",
    )


def _in_service() -> pl.Expr:
    return pl.col("status").is_in(IN_SERVICE).fill_null(False)
