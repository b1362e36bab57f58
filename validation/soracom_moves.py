"""Soracom's rules for moves: which SIMs a token transfers, which only support can, and which nobody.

status                                     step     what to do
ready                                      MOVE
active, inactive, standby, suspended       ASSIST   send the request that is made ready
terminated                                 REFUSE   buy a new SIM
transferring                               REFUSE   wait for it to be accepted, cancelled or out of time
any other                                  REFUSE   look at it
"""

from __future__ import annotations

import polars as pl

from domain.errors import UsageError
from domain.orders import Options, Part
from domain.rules import MoveRule
from validation.sources import SORACOM, SORACOM_TRANSFER
from validation.statuses import in_own_words

READY, TERMINATED = "ready", "terminated"
TRANSFERRING = "transferring"  # named in words only, so no case is relied on
BY_SUPPORT = ("active", "inactive", "standby", "suspended")
STATUSES = (READY, *BY_SUPPORT, TERMINATED, TRANSFERRING)

_KINDS = ("OP0", "OP2")  # how the ids of operators begin between which nothing is transferred
_VIRTUAL = "virtual"


def move_rules(options: Options) -> tuple[MoveRule, ...]:
    """Which SIMs of the source operator may move: columns of INVENTORY, `source_id` and `target_id`.

    Raises UsageError for what Soracom does not have.
    """
    _refuse_idle(options)
    return (_crossing_rule(), _virtual_rule(), *_status_rules(), _imsi_rule())


def parts(options: Options) -> pl.Expr:
    """The token of a SIM is accepted by us, or offered to whoever has the target."""
    way = (Part.ISSUE, Part.ACCEPT) if options.accepts else (Part.OFFER,)
    return pl.lit(" ".join(way))


def statuses_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """These in Soracom's own words, whatever their case, each once; UsageError for any in which no SIM moves."""
    own = in_own_words(words, STATUSES, "Soracom")
    if others := [word for word in own if word != READY]:
        raise UsageError(
            f"Soracom transfers no SIM that is {' or '.join(others)}. Leave out --allow-status: SIMs that are "
            f"{READY} move, and the plan says of all others who can move them."
        )
    return own


def _refuse_idle(options: Options) -> None:
    if options.detach_devices:
        raise UsageError("Soracom knows of no devices that its SIMs are in. Leave out --detach-devices.")
    if options.deactivate_first or options.reactivate:
        raise UsageError(
            "Soracom transfers SIMs that have never been active, and one that is deactivated is not ready again. Leave "
            "out --deactivate-first and --reactivate."
        )
    if options.allowed_statuses is not None:
        statuses_of(options.allowed_statuses)


def _crossing_rule() -> MoveRule:
    kinds = [pl.col(side).str.to_uppercase().str.head(len(_KINDS[0])) for side in ("source_id", "target_id")]
    crosses = pl.all_horizontal(kind.is_in(_KINDS) for kind in kinds) & (kinds[0] != kinds[1])
    return MoveRule(
        "operators_of_two_kinds",
        "REFUSE",
        ~crosses,
        "It would move from operator {source_id} to {target_id}: nothing is transferred between operators whose ids "
        "begin with OP0 and with OP2.",
        "Name a target whose id begins as the source's does; ask Soracom's support where there is none.",
        SORACOM_TRANSFER,
    )


def _virtual_rule() -> MoveRule:
    kind = pl.col("type").str.to_lowercase()
    return MoveRule(
        "virtual",
        "REFUSE",
        (kind != _VIRTUAL) | kind.is_null(),
        "It is a virtual SIM, of which no document says that it can be transferred.",
        "Make a new virtual SIM in the target operator, or ask Soracom's support.",
        f"{SORACOM}, type",
    )


def _status_rules() -> tuple[MoveRule, ...]:
    status = pl.col("status").str.strip_chars().str.to_lowercase()
    return (
        MoveRule(
            "status_unknown",
            "REFUSE",
            status.is_in(STATUSES),
            "Its status is “{status}”, which is none that Soracom is known to have.",
            "Look at the SIM in the user console; tell us if there is a new status.",
            f"{SORACOM}, status",
        ),
        MoveRule(
            TERMINATED,
            "REFUSE",
            _is_not(status, TERMINATED),
            "Its status is {status}, and such a SIM is transferred by nobody.",
            "Buy a new SIM for the target operator, and take this one out of the list.",
            f"{SORACOM_TRANSFER}, subscriber status",
        ),
        MoveRule(
            TRANSFERRING,
            "REFUSE",
            _is_not(status, TRANSFERRING),
            "Its status is {status}: somebody has offered it to another operator already.",
            "Wait until that is accepted or its hour is over, or cancel it where it was begun (simferry cancel RUN, or "
            "the user console); then plan again.",
            f"{SORACOM_TRANSFER}, cancelling a SIM transfer",
        ),
        MoveRule(
            "by_support",
            "ASSIST",
            ~status.is_in(BY_SUPPORT),
            "Its status is {status}; such SIMs are transferred by Soracom's support alone, for a fee, on the 1st of a "
            "month.",
            "Send Soracom support-request.xlsx and support-request.txt of the run's folder; after the transfer, run "
            "simferry reconcile.",
            f"{SORACOM_TRANSFER}, other statuses",
        ),
    )


def _is_not(status: pl.Expr, word: str) -> pl.Expr:
    """True where the status is another; an unknown one is answered for by its own rule."""
    return (status != word) | status.is_null()


def _imsi_rule() -> MoveRule:
    return MoveRule(
        "imsi_missing",
        "REFUSE",
        pl.col("imsi").fill_null("") != "",
        "Soracom shows no primary IMSI of it, which a transfer has to name.",
        "Look at the SIM in the user console, and ask Soracom's support.",
        f"{SORACOM_TRANSFER}, API: transferImsi",
    )
