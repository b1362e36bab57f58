"""Verdicts on the parts of a transfer by tokens: what was done, and how the last read shows the SIM → its outcome.

          before   under way     done          back    astray                   gone
OFFER     ready    transferring  target               another status           nowhere to be seen
ISSUE     ready                  transferring          another status
ACCEPT    transferring           target        ready   another status
"""

from __future__ import annotations

from domain.outcomes import Deed, Outcome
from domain.parts import Stand
from domain.verdict import (
    ASK,
    BY_ITSELF,
    EXECUTE,
    GO_ON,
    LOOK_AGAIN,
    NEW_PLAN,
    NOTHING,
    REPLACE,
    SUPPORT,
    Verdict,
)

WAIT = (
    "The other side accepts by the link in its e-mail. Look again with `simferry execute`, or take it back with "
    "`simferry cancel`."
)
TAKE_BACK = (
    "It is transferring until its token ends: take that back with `simferry cancel`, or wait. Then make a new plan "
    "from retry.csv when the cause is gone."
)
GIVE_EYES = (
    "Ask the other side. Where the accounts file gets credentials of the target (a user that may read SIMs is enough), "
    "`simferry reconcile` confirms it."
)

_SENT = tuple(deed for deed in Deed if deed not in {Deed.NONE, Deed.HELD_BACK, Deed.UNSENT})

_CHANGED: Verdict = (Outcome.DRIFTED, "Its status changed, which ends a transfer by token.", SUPPORT)
_WAITING: Verdict = (Outcome.AWAITING, "Transferring: offered, and not accepted by the other side yet.", WAIT)
_LOST: Verdict = (
    Outcome.AWAITING,
    "Transferring, token lost: no answer came to its offer, so nobody can take it back, and it ends with its hour.",
    LOOK_AGAIN,
)
_LEFT: Verdict = (
    Outcome.AWAITING,
    "It has left the source account since it was offered, and is in no account that can be read here.",
    GIVE_EYES,
)
_RAN_OUT: Verdict = (Outcome.NOT_DONE, "Its token ran out, and it is ready in the source account again.", NEW_PLAN)
_NO_EFFECT: Verdict = (
    Outcome.NOT_DONE,
    "Asked for, and two reads after the settle time agree that nothing happened.",
    NEW_PLAN,
)
_CONFIRMED: Verdict = (Outcome.CONFIRMED, "Seen in the target account.", NOTHING)
_CAME_BACK: Verdict = (Outcome.DRIFTED, "It arrived, and is not seen in the target account any more.", ASK)
_DOUBT: Verdict = (Outcome.IN_DOUBT, "No answer came after the provider was asked.", LOOK_AGAIN)
_CANCELLED: Verdict = (Outcome.CANCELLED, "Taken back before it was accepted.", NEW_PLAN)
_OTHERS: Verdict = (Outcome.DRIFTED, "Transferring, and not by this run.", ASK)
_ANEW: Verdict = (Outcome.DRIFTED, "Taken back, and transferring anew: not by this run.", ASK)

_NOT_YET: Verdict = (Outcome.NOT_STARTED, "Not sent: its turn has not come yet.", EXECUTE)
_NOT_REACHED: Verdict = (Outcome.NOT_STARTED, "The request did not reach the provider.", EXECUTE)


def _row(deed: Deed, **stands: Verdict) -> dict[tuple[Deed, Stand], Verdict]:
    """A row of a table: the verdicts on one deed by the stand's name."""
    return {(deed, Stand(stand)): verdict for stand, verdict in stands.items()}


# Nothing is known otherwise: what cannot be seen of a part, or comes about through others alone.
_ELSE: dict[tuple[Deed, Stand], Verdict] = {
    **{(deed, stand): _CHANGED for deed in Deed for stand in Stand},
    **{(deed, Stand.GONE): (Outcome.DRIFTED, "It has left the source account.", ASK) for deed in Deed},
    **{(deed, Stand.DONE): _CONFIRMED for deed in Deed},
    **{(Deed.ARRIVED, stand): _CAME_BACK for stand in Stand if stand != Stand.DONE},
    (Deed.HELD_BACK, Stand.BEFORE): (Outcome.DRIFTED, None, NEW_PLAN),
    (Deed.HELD_BACK, Stand.BACK): (Outcome.DRIFTED, None, NEW_PLAN),
    (Deed.HELD_BACK, Stand.UNDER_WAY): (Outcome.DRIFTED, None, NEW_PLAN),
    (Deed.HELD_BACK, Stand.ASTRAY): (Outcome.DRIFTED, None, SUPPORT),
    (Deed.HELD_BACK, Stand.GONE): (Outcome.DRIFTED, None, ASK),
}

_READS_READY: Verdict = (
    Outcome.AWAITING,
    "Offered, and it reads as ready: its token ran out, or reads lag.",
    LOOK_AGAIN,
)

OFFERED: dict[tuple[Deed, Stand], Verdict] = {
    **_ELSE,
    **_row(Deed.NONE, before=_NOT_YET, under_way=_OTHERS, done=BY_ITSELF),
    **_row(Deed.HELD_BACK, done=BY_ITSELF),
    **_row(Deed.UNSENT, before=_NOT_REACHED, under_way=_OTHERS, done=BY_ITSELF),
    **_row(Deed.UNHEARD, before=_DOUBT, under_way=_LOST, gone=_LEFT),
    **_row(Deed.TOLD, before=_READS_READY, under_way=_WAITING, gone=_LEFT),
    **_row(Deed.PENDING, before=_READS_READY, under_way=_WAITING, gone=_LEFT),
    **_row(
        Deed.DECLINED,
        before=(Outcome.DECLINED, None, NEW_PLAN),
        under_way=(Outcome.DECLINED, None, NEW_PLAN),
    ),
    **_row(Deed.STILL, before=_NO_EFFECT, under_way=_LOST, gone=_LEFT),
    **_row(Deed.FELL_BACK, before=_RAN_OUT, under_way=_OTHERS),
    **_row(Deed.ASTRAY, before=_RAN_OUT, under_way=_OTHERS),
    **_row(Deed.CANCELLED, before=_CANCELLED, under_way=_ANEW),
}
OFFERED |= {(deed, Stand.BACK): OFFERED[deed, Stand.BEFORE] for deed in Deed}

_ISSUED: Verdict = (Outcome.AWAITING, "Transferring: its token is issued, and not accepted yet.", GO_ON)

ISSUED: dict[tuple[Deed, Stand], Verdict] = {
    **OFFERED,
    **{(deed, Stand.GONE): (Outcome.DRIFTED, "It is in neither account.", ASK) for deed in Deed},
    **{(deed, Stand.DONE): OFFERED[deed, Stand.UNDER_WAY] for deed in Deed},
    **_row(Deed.TOLD, done=_ISSUED, under_way=_ISSUED),
    **_row(Deed.PENDING, done=_ISSUED, under_way=_ISSUED),
    **_row(Deed.ARRIVED, done=_ISSUED, under_way=_ISSUED, before=_RAN_OUT, back=_RAN_OUT, astray=_CHANGED),
}

_STAYS: Verdict = (Outcome.AWAITING, "Transferring: its acceptance had no effect, two reads agree.", GO_ON)
_NOT_ACCEPTED: Verdict = (Outcome.AWAITING, "Transferring: its acceptance did not reach the provider.", GO_ON)
_CLAIMED: Verdict = (Outcome.IN_DOUBT, "The provider said that it is accepted, and it is not seen so.", LOOK_AGAIN)

ACCEPTED: dict[tuple[Deed, Stand], Verdict] = {
    **_ELSE,
    **{(deed, Stand.BACK): _RAN_OUT for deed in _SENT},
    **{(deed, Stand.BEFORE): _ISSUED for deed in _SENT},
    **_row(Deed.NONE, before=_ISSUED, under_way=_ISSUED, back=_RAN_OUT),
    **_row(Deed.UNSENT, before=_NOT_ACCEPTED, back=_RAN_OUT),
    **_row(Deed.UNHEARD, before=_DOUBT, back=_DOUBT),
    **_row(Deed.TOLD, before=_CLAIMED, back=_CLAIMED),
    **_row(
        Deed.DECLINED,
        before=(Outcome.DECLINED, None, TAKE_BACK),
        back=(Outcome.DECLINED, None, NEW_PLAN),
    ),
    **_row(Deed.STILL, before=_STAYS),
    **_row(Deed.ARRIVED, before=_CAME_BACK, back=_CAME_BACK),
    **_row(Deed.CANCELLED, before=_ANEW, back=_CANCELLED),
}

# A SIM whose token was issued, and that is in the target before the journal knows of its acceptance.
TAKEN: Verdict = _CONFIRMED
LOST = _LOST
ENDED: Verdict = (Outcome.DRIFTED, "It has been terminated.", REPLACE)
NEITHER = ("It is in neither account.", ASK)
BY_SUPPORT: Verdict = (Outcome.CONFIRMED, "Seen in the target account: the provider's support has moved it.", NOTHING)
