"""Super SIM's changing calls, one per part of a SIM's way, and what their answers say.

POST /v1/Sims/{sid} sets an account, a fleet or a status; POST /v1/Sims claims a SIM with its registration code.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from domain.identifiers import PRINTED_DIGITS, printed
from domain.orders import Order, Part, Refusal, Reply, Said, Sim
from providers.bodies import parsed
from providers.calls import Call, Unreadable
from providers.supersim_inventory import SIMS_PATH, Listed, listed_of, sim_path
from providers.supersim_words import (
    ACTIVE,
    INACTIVE,
    NULL_FLEET,
    REFUSES_US,
    SCHEDULED,
    SIGNS,
    Complaint,
    complaint_of,
    same,
)
from providers.wire import FORM, Answer, Request

STATUS_OF = {Part.DEACTIVATE: INACTIVE, Part.ACTIVATE: ACTIVE}


@dataclass(frozen=True, slots=True)
class Pair:
    """The sids of the accounts that a move is between."""

    source: str
    target: str


def update_call(order: Order, pair: Pair, callback_url: str = "") -> Call[Reply]:
    """The call for one SIM and one part: sent once, and never again without a look."""
    sim = _only(order)
    fields = _fields(order, sim, pair)
    if order.part == Part.REGISTER:
        path = SIMS_PATH
    else:
        path = sim_path(sim.sim_id)
        fields |= {"CallbackUrl": callback_url, "CallbackMethod": "POST"} if callback_url else {}
    request = Request("POST", path, body=urlencode(fields).encode(), body_type=FORM)
    return Call(
        f"Super SIM {order.part}",
        request,
        lambda answer: read_update(answer, order, pair),
        repeatable=False,
        signs=SIGNS,
    )


def read_update(answer: Answer, order: Order, pair: Pair) -> Reply:
    """What the provider said to the order; raises `Unreadable` for a yes that is none, and a no without a code."""
    sim = _only(order)
    if answer.status in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED}:
        return _read_yes(answer, order, sim, pair)
    complaint = _without_codes(complaint_of(answer), order)
    refused = answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} and not complaint.code
    if refused or complaint.code in REFUSES_US:
        return Reply(Said.UNSENT, answer.status, complaint.words, credentials_refused=True)
    if not complaint.code or answer.status < HTTPStatus.BAD_REQUEST:
        raise Unreadable(complaint.words)
    refusal = Refusal(sim.key, complaint.code, complaint.words)
    return Reply(Said.NO, answer.status, complaint.words, refusals=(refusal,))


def _only(order: Order) -> Sim:
    if len(order.sims) != 1:
        raise ValueError(f"Super SIM takes one SIM a call, not {len(order.sims)}")
    return order.sims[0]


def _fields(order: Order, sim: Sim, pair: Pair) -> dict[str, str]:
    match order.part:
        case Part.MOVE:
            fleet = {} if sim.group_to is None else {"Fleet": sim.group_to or NULL_FLEET}
            return {"AccountSid": pair.target, **fleet}
        case Part.DEACTIVATE | Part.ACTIVATE:
            return {"Status": STATUS_OF[order.part]}
        case Part.REGISTER:
            iccid = sim.iccid if len(sim.iccid) == PRINTED_DIGITS else printed(sim.key)
            return {"Iccid": iccid, "RegistrationCode": order.codes[sim.key]}
        case _:
            raise ValueError(f"Super SIM has no part {order.part}")


def _read_yes(answer: Answer, order: Order, sim: Sim, pair: Pair) -> Reply:
    """YES where the answer shows what was asked for, LATER where it is scheduled; else in doubt, and said why."""
    shown = listed_of(parsed(answer))
    later = answer.status == HTTPStatus.ACCEPTED or shown.status == SCHEDULED
    problems = (*_problems_of_sim(shown, order, sim), *_problems_of_terms(shown, order, sim, pair, later=later))
    if problems:
        return Reply(Said.UNHEARD, answer.status, " ".join(problems), problems=problems)
    return Reply(Said.LATER if later else Said.YES, answer.status)


def _problems_of_sim(shown: Listed, order: Order, sim: Sim) -> tuple[str, ...]:
    asked_by_code = order.part == Part.REGISTER and not sim.sim_id
    if (shown.sid == sim.sim_id or asked_by_code) and shown.key == sim.key:
        return ()
    return ("The answer speaks of another SIM than was asked for.",)


def _problems_of_terms(shown: Listed, order: Order, sim: Sim, pair: Pair, *, later: bool) -> tuple[str, ...]:
    """Where account, fleet or status differ from what was asked; what is done later may still show the old ones."""
    account = pair.source if order.part == Part.DEACTIVATE else pair.target
    fleet, status = sim.group_to, STATUS_OF.get(order.part)
    still = later and order.part == Part.MOVE and same(shown.account_sid, pair.source)
    tests = (
        (
            not (still or same(shown.account_sid, account)),
            f"Asked for account {account}, the answer says {shown.account_sid}.",
        ),
        (
            order.part == Part.MOVE and not later and fleet is not None and not same(shown.fleet_sid or "", fleet),
            f"Asked for fleet {fleet or 'none'}, the answer says {shown.fleet_sid or 'none'}.",
        ),
        (
            status is not None and not later and shown.status != status,
            f"Asked for status {status}, the answer says {shown.status}.",
        ),
    )
    return tuple(words for wrong, words in tests if wrong)


def _without_codes(complaint: Complaint, order: Order) -> Complaint:
    """The complaint without registration codes, which a message about one may quote."""
    words = complaint.words
    for code in order.codes.values():
        words = words.replace(code, "(code)") if code else words
    return Complaint(complaint.code, words)
