"""The three calls of a transfer: `POST …/transfer_token/issue`, `POST …/verify`, `DELETE …/{token}`."""

from __future__ import annotations

import uuid

from sandbox.exchange import JSON, Answer
from sandbox.soracom import offers
from sandbox.soracom.accepting import accept
from sandbox.soracom.ask import Ask
from sandbox.soracom.asking import a_list, a_text, an_object, body_of, nothing, query_of
from sandbox.soracom.changing import change_all
from sandbox.soracom.codes import Code
from sandbox.soracom.eligible import destination, sims_for
from sandbox.soracom.parties import Operator
from sandbox.soracom.refusals import refuse
from sandbox.soracom.returning import give_back
from sandbox.soracom.service import Service
from sandbox.soracom.stray import connect_some
from sandbox.soracom.view import Sim
from sandbox.soracom.words import Ended, Status

FIELDS = ("transferDestinationOperatorEmail", "transferDestinationOperatorId", "transferImsi")
SUBJECT = "SIM transfer request"


def issue_token(ask: Ask) -> Answer:
    """A token for SIMs that are all ready, or a refusal of them all; the destination gets an e-mail."""
    query_of(ask.asked)
    body = an_object(body_of(ask.asked), FIELDS, FIELDS)
    imsis = [a_text(one, "transferImsi") for one in a_list(body["transferImsi"], "transferImsi")]
    target = destination(ask, a_text(body[FIELDS[1]], FIELDS[1]), a_text(body[FIELDS[0]], FIELDS[0]))
    sims = sims_for(ask, imsis)[ask.asked.reach]
    token = _open(ask, target, sims)
    connect_some(ask, sims)
    return Answer.of(200, {"token": token})


def verify_token(ask: Ask) -> Answer:
    """The primary IMSIs of the SIMs that are the caller's from now on; 404 for a token that is not for it."""
    query_of(ask.asked)
    offer = offers.by_token(
        ask.service, a_text(an_object(body_of(ask.asked), ("token",), ("token",))["token"], "token")
    )
    if offer is None or offer.target_id != ask.caller.operator.id:
        refuse(Code.TOKEN_UNKNOWN)
    connect_some(ask, ask.service.books.view.of_token(offer.id))
    accepted = accept(ask.service, ask.asked.number, offer, ask.asked.reach)
    return Answer.of(200, {"transferredImsi": list[JSON](accepted)})


def cancel_token(ask: Ask) -> Answer:
    """Nothing, and all SIMs of the token are ready again; 404 for one that is not the caller's to cancel."""
    query_of(ask.asked)
    nothing(ask.asked)
    offer = offers.by_token(ask.service, ask.names[0])
    if offer is None or offer.source_id != ask.caller.operator.id:
        refuse(Code.TOKEN_UNKNOWN)
    sims = ask.service.books.view.of_token(offer.id)[ask.asked.reach]
    give_back(ask.service, ask.asked.number, offer, sims, Ended.CANCELLED)
    return Answer(204)


def _token(service: Service, request: int) -> str:
    """Nobody's guess, and the same for a request that is carried out later than it is answered (fault `done_late`)."""
    root = uuid.UUID(bytes=service.secret[:16])
    return f"{uuid.uuid5(root, f'{request} a')}-{uuid.uuid5(root, f'{request} b')}"


def _open(ask: Ask, target: Operator, sims: list[Sim]) -> str:
    service, live = ask.service, ask.service.books.live
    token, now_s = _token(service, ask.asked.number), service.clock.now_s()
    cursor = live.execute(
        "INSERT INTO token (token, source_id, target_id, sims, issued_s, expires_s, state, request)"
        " VALUES (?, ?, ?, ?, ?, ?, 'open', ?)",
        (
            token,
            ask.caller.operator.id,
            target.id,
            len(sims),
            now_s,
            now_s + service.switches.transfer_life_s,
            ask.asked.number,
        ),
    )
    live.executemany("INSERT INTO token_sim VALUES (?, ?, 'open')", [(cursor.lastrowid, sim.id) for sim in sims])
    under_way = [(sim, sim._replace(status=Status.TRANSFERRING, token_id=cursor.lastrowid)) for sim in sims]
    change_all(service, ask.asked.number, under_way)
    live.execute(
        "INSERT INTO email (at, operator_id, address, subject, body, token_id) VALUES (?, ?, ?, ?, ?, ?)",
        (
            service.clock.stamp(),
            target.id,
            target.email,
            SUBJECT,
            f"Operator {ask.caller.operator.operator} offers you {len(sims)} SIMs. Accept them with: {token}",
            cursor.lastrowid,
        ),
    )
    return token
