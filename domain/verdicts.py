"""What the journal says was done, and how the last read shows the SIM → its outcome, the reason, and what now.

A reason of None means: the words that came with the deed.
"""

from __future__ import annotations

from domain.orders import Part
from domain.outcomes import Deed, Outcome
from domain.parts import Stand
from domain.transfer_verdicts import ACCEPTED, ISSUED, OFFERED
from domain.verdict import ASK, BY_HAND, BY_ITSELF, EXECUTE, GO_ON, LOOK_AGAIN, NEW_PLAN, NOTHING, SAME_LIST, Verdict

_SENT = tuple(deed for deed in Deed if deed not in {Deed.NONE, Deed.HELD_BACK})
_TWO_READS = "Asked for, and two reads after the settle time agree that nothing happened."
_FELL_BACK = "The provider accepted the change, and the SIM fell back to what it was before."

# The move itself, and what is known of every part.
MOVED: dict[tuple[Deed, Stand], Verdict] = {
    (Deed.NONE, Stand.BEFORE): (Outcome.NOT_STARTED, "Not sent: its turn has not come yet.", EXECUTE),
    (Deed.NONE, Stand.DONE): BY_ITSELF,
    (Deed.NONE, Stand.UNDER_WAY): (Outcome.NOT_STARTED, "Not sent, and another change of it is under way.", EXECUTE),
    (Deed.NONE, Stand.ASTRAY): (Outcome.DRIFTED, "It left the source account before its turn.", ASK),
    (Deed.HELD_BACK, Stand.BEFORE): (Outcome.DRIFTED, None, NEW_PLAN),
    (Deed.HELD_BACK, Stand.DONE): BY_ITSELF,
    (Deed.HELD_BACK, Stand.UNDER_WAY): (Outcome.DRIFTED, None, NEW_PLAN),
    (Deed.HELD_BACK, Stand.ASTRAY): (Outcome.DRIFTED, None, ASK),
    (Deed.UNHEARD, Stand.BEFORE): (
        Outcome.IN_DOUBT,
        "The provider did not answer after it was asked, or its answer does not agree with what is seen.",
        LOOK_AGAIN,
    ),
    (Deed.UNHEARD, Stand.UNDER_WAY): (Outcome.AWAITING, "Sent, and a change of it is under way.", GO_ON),
    (Deed.UNHEARD, Stand.ASTRAY): (Outcome.IN_DOUBT, "Sent, and now in neither account.", LOOK_AGAIN),
    (Deed.TOLD, Stand.BEFORE): (
        Outcome.IN_DOUBT,
        "The provider said yes, and the SIM is still seen in the source account.",
        LOOK_AGAIN,
    ),
    (Deed.TOLD, Stand.UNDER_WAY): (Outcome.AWAITING, "The provider said yes, and is still at work on it.", GO_ON),
    (Deed.TOLD, Stand.ASTRAY): (Outcome.IN_DOUBT, "The provider said yes; now in neither account.", LOOK_AGAIN),
    (Deed.PENDING, Stand.BEFORE): (Outcome.AWAITING, "Accepted by the provider and not done yet.", GO_ON),
    (Deed.PENDING, Stand.UNDER_WAY): (Outcome.AWAITING, "Accepted by the provider and not done yet.", GO_ON),
    (Deed.PENDING, Stand.ASTRAY): (Outcome.AWAITING, "Accepted by the provider and in between.", GO_ON),
    (Deed.DECLINED, Stand.BEFORE): (Outcome.DECLINED, None, NEW_PLAN),
    (Deed.DECLINED, Stand.UNDER_WAY): (Outcome.DECLINED, None, NEW_PLAN),
    (Deed.DECLINED, Stand.ASTRAY): (Outcome.DRIFTED, "Declined, and now in neither account.", ASK),
    (Deed.UNSENT, Stand.BEFORE): (Outcome.NOT_STARTED, "The request did not reach the provider.", EXECUTE),
    (Deed.UNSENT, Stand.UNDER_WAY): (Outcome.NOT_STARTED, "Not sent, and another change of it is under way.", EXECUTE),
    (Deed.UNSENT, Stand.ASTRAY): (Outcome.DRIFTED, "Not sent, and now in neither account.", ASK),
    (Deed.STILL, Stand.BEFORE): (Outcome.NOT_DONE, _TWO_READS, NEW_PLAN),
    (Deed.STILL, Stand.UNDER_WAY): (Outcome.AWAITING, "Asked for, and a change of it is under way.", GO_ON),
    (Deed.STILL, Stand.ASTRAY): (Outcome.DRIFTED, "It left the source account and is not in the target.", ASK),
    (Deed.FELL_BACK, Stand.BEFORE): (Outcome.NOT_DONE, _FELL_BACK, NEW_PLAN),
    (Deed.FELL_BACK, Stand.UNDER_WAY): (Outcome.AWAITING, "It fell back, and a change of it is under way.", GO_ON),
    (Deed.FELL_BACK, Stand.ASTRAY): (Outcome.DRIFTED, "It fell back, and is now in neither account.", ASK),
    (Deed.ARRIVED, Stand.BEFORE): (Outcome.DRIFTED, "It arrived, and is back in the source account.", ASK),
    (Deed.ARRIVED, Stand.UNDER_WAY): (Outcome.DRIFTED, "It arrived, and is back in the source account.", ASK),
    (Deed.ARRIVED, Stand.ASTRAY): (Outcome.DRIFTED, "It arrived, and is no longer in the target account.", ASK),
    (Deed.ASTRAY, Stand.BEFORE): (Outcome.DRIFTED, "It was in neither account, and is back in the source.", NEW_PLAN),
    (Deed.ASTRAY, Stand.UNDER_WAY): (Outcome.DRIFTED, "It was in neither account; a change is under way.", ASK),
    (Deed.ASTRAY, Stand.ASTRAY): (Outcome.DRIFTED, "Asked for, and now in neither account.", ASK),
    (Deed.CANCELLED, Stand.BEFORE): (Outcome.CANCELLED, "Cancelled before the other side accepted.", NEW_PLAN),
    (Deed.CANCELLED, Stand.UNDER_WAY): (Outcome.CANCELLED, "Cancelled before the other side accepted.", NEW_PLAN),
    (Deed.CANCELLED, Stand.ASTRAY): (Outcome.DRIFTED, "Cancelled, and now in neither account.", ASK),
    **{(deed, Stand.DONE): (Outcome.CONFIRMED, "Seen in the target account.", NOTHING) for deed in _SENT},
}
# Stands of a transfer by tokens alone.
MOVED |= {(deed, Stand.BACK): MOVED[deed, Stand.BEFORE] for deed in Deed}
MOVED |= {(deed, Stand.GONE): MOVED[deed, Stand.ASTRAY] for deed in Deed}

_WAITS_FOR_MOVE: Verdict = (Outcome.AWAITING, "Deactivated by this run and not moved yet: it is offline.", GO_ON)
_OTHERS_DID: Verdict = (Outcome.NOT_STARTED, "Not sent, and somebody else has deactivated it.", EXECUTE)

# A SIM that was to be deactivated and has not been seen so by the run: done or not, it has not moved.
DEACTIVATED: dict[tuple[Deed, Stand], Verdict] = {
    **MOVED,
    (Deed.HELD_BACK, Stand.DONE): (Outcome.DRIFTED, None, NEW_PLAN),
    (Deed.TOLD, Stand.BEFORE): (
        Outcome.IN_DOUBT,
        "The provider said that it is deactivated, and it is not seen so.",
        LOOK_AGAIN,
    ),
    (Deed.STILL, Stand.BEFORE): (
        Outcome.NOT_DONE,
        "Its deactivation was asked for, and two reads after the settle time agree that nothing happened.",
        NEW_PLAN,
    ),
    (Deed.FELL_BACK, Stand.BEFORE): (
        Outcome.NOT_DONE,
        "The provider accepted its deactivation, and it fell back to its old status; it was not moved.",
        NEW_PLAN,
    ),
    **{(deed, Stand.DONE): _WAITS_FOR_MOVE for deed in _SENT},
    **{(deed, Stand.DONE): _OTHERS_DID for deed in (Deed.NONE, Deed.UNSENT)},
    (Deed.DECLINED, Stand.DONE): (Outcome.DRIFTED, "Its deactivation was declined, and it is inactive now.", ASK),
}

_MOVED_ONLY = "It is in the target account, and not active: "

# A SIM that has arrived and was to be activated there.
ACTIVATED: dict[tuple[Deed, Stand], Verdict] = {
    **{
        (deed, stand): (Outcome.DRIFTED, "It arrived, and is no longer where it was moved to.", ASK)
        for deed in Deed
        for stand in Stand
    },
    (Deed.NONE, Stand.BEFORE): (Outcome.AWAITING, "Moved; its activation has not been sent yet.", GO_ON),
    (Deed.HELD_BACK, Stand.BEFORE): (Outcome.DRIFTED, None, BY_HAND),
    (Deed.UNHEARD, Stand.BEFORE): (Outcome.IN_DOUBT, _MOVED_ONLY + "no answer came to its activation.", LOOK_AGAIN),
    (Deed.TOLD, Stand.BEFORE): (Outcome.IN_DOUBT, _MOVED_ONLY + "the provider said that it is.", LOOK_AGAIN),
    (Deed.PENDING, Stand.BEFORE): (Outcome.AWAITING, "Moved; its activation was accepted and is not done yet.", GO_ON),
    (Deed.DECLINED, Stand.BEFORE): (Outcome.DECLINED, None, BY_HAND),
    (Deed.UNSENT, Stand.BEFORE): (Outcome.AWAITING, "Moved; its activation did not reach the provider.", GO_ON),
    (Deed.STILL, Stand.BEFORE): (Outcome.NOT_DONE, _MOVED_ONLY + "two reads agree.", BY_HAND),
    (Deed.FELL_BACK, Stand.BEFORE): (
        Outcome.NOT_DONE,
        _MOVED_ONLY + "the provider accepted its activation, and it fell back to its old status.",
        BY_HAND,
    ),
    (Deed.ARRIVED, Stand.BEFORE): (Outcome.DRIFTED, "It was activated, and is inactive again.", ASK),
    **{
        (deed, Stand.UNDER_WAY): (Outcome.AWAITING, "Moved; a change of its status is under way.", GO_ON)
        for deed in Deed
    },
    **{
        (deed, Stand.UNDER_WAY): (Outcome.AWAITING, "Moved; a change of its status is under way.", LOOK_AGAIN)
        for deed in (Deed.NONE, Deed.UNSENT, Deed.HELD_BACK, Deed.DECLINED)
    },
    **{(deed, Stand.DONE): (Outcome.CONFIRMED, "Seen in the target account, active.", NOTHING) for deed in Deed},
}

_UNREGISTERED = "It is not in the account"
_BY_OTHERS: Verdict = (Outcome.LEFT, "It came into the account without this run.", NOTHING)

# A SIM that was to be registered: before that it is in no account that we can see.
REGISTERED: dict[tuple[Deed, Stand], Verdict] = {
    **{at: (outcome, why, SAME_LIST if then == NEW_PLAN else then) for at, (outcome, why, then) in MOVED.items()},
    (Deed.NONE, Stand.DONE): _BY_OTHERS,
    (Deed.HELD_BACK, Stand.DONE): _BY_OTHERS,
    (Deed.TOLD, Stand.BEFORE): (Outcome.IN_DOUBT, f"{_UNREGISTERED}, though the provider said yes.", LOOK_AGAIN),
    (Deed.ARRIVED, Stand.BEFORE): (Outcome.DRIFTED, "It was registered, and is no longer in the account.", ASK),
    **{(deed, Stand.DONE): (Outcome.CONFIRMED, "Registered: seen in the account.", NOTHING) for deed in _SENT},
}

VERDICTS: dict[tuple[Part, Deed, Stand], Verdict] = {
    (part, deed, stand): verdict
    for part, table in (
        (Part.MOVE, MOVED),
        (Part.DEACTIVATE, DEACTIVATED),
        (Part.ACTIVATE, ACTIVATED),
        (Part.REGISTER, REGISTERED),
        (Part.OFFER, OFFERED),
        (Part.ISSUE, ISSUED),
        (Part.ACCEPT, ACCEPTED),
    )
    for (deed, stand), verdict in table.items()
}

# A SIM whose deactivation was done and whose move the journal knows nothing of.
BETWEEN = _WAITS_FOR_MOVE
# A SIM that has moved and was to be activated, which has not been asked for: by the next execution, or not at all.
MOVED_SO_FAR: Verdict = (Outcome.AWAITING, "Moved; its activation has not been sent yet.", GO_ON)
MOVED_ONLY: Verdict = (Outcome.NOT_DONE, _MOVED_ONLY + "its activation was not asked for.", BY_HAND)
OFFLINE = " This run has deactivated it: it is offline (restore.csv)."
OTHER_GROUP = "It is in the target account, and in another group than it was to be."
