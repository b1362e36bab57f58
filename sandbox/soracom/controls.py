"""What others do beside the API: the other side accepts, devices connect, support transfers, a card runs out.

PUT /_sandbox/accept    {"operator": id or name, "latest": offers, all by default}  →  {"accepted": [SIMs of each]}
PUT /_sandbox/connect   {"sims": [SIM ids]}
PUT /_sandbox/support   {"sims": [SIM ids], "operator": id or name}
PUT /_sandbox/payment   {"operator": id or name, "payment": registered, none or invalid}
"""

from __future__ import annotations

import orjson

from domain.errors import UsageError
from sandbox.exchange import JSON, Answer, RefusedError
from sandbox.soracom.accepting import accept_offers, transfer_by_support
from sandbox.soracom.connecting import activate
from sandbox.soracom.ledger import BY_ITSELF
from sandbox.soracom.parties import Operator
from sandbox.soracom.returning import settle
from sandbox.soracom.service import Service
from sandbox.soracom.view import Sim
from sandbox.soracom.words import Payment


def control(service: Service, name: str, body: JSON) -> Answer | None:
    """Carry out one of the controls; None where there is no such. Raises `UsageError`."""
    settle(service)
    match name:
        case "accept":
            return _accept(service, _object(body))
        case "connect":
            return _connect(service, _object(body))
        case "support":
            return _support(service, _object(body))
        case "payment":
            return _pay(service, _object(body))
        case _:
            return None


def _accept(service: Service, body: dict[str, JSON]) -> Answer:
    """The link in the e-mail is clicked."""
    operator, latest = _operator(service, body), body.get("latest")
    if latest is not None and not isinstance(latest, int):
        raise UsageError("latest must be a number of offers.")
    try:
        with service.books.change():
            done = list(accept_offers(service, BY_ITSELF, operator, latest))
    except RefusedError as refused:
        raise UsageError(f"Nothing was accepted: {orjson.loads(refused.answer.body)['message']}.") from refused
    return Answer.of(200, {"accepted": [len(imsis) for imsis in done]})


def _connect(service: Service, body: dict[str, JSON]) -> Answer:
    sims = _sims(service, body)
    with service.books.change():
        for sim in sims:
            activate(service, BY_ITSELF, sim)
    return Answer(204)


def _support(service: Service, body: dict[str, JSON]) -> Answer:
    sims, operator = _sims(service, body), _operator(service, body)
    if under_way := [sim.sim_id for sim in sims if sim.token_id is not None]:
        raise UsageError(f"Support leaves SIMs alone that are transferring: {', '.join(under_way)}.")
    with service.books.change():
        transfer_by_support(service, BY_ITSELF, sims, operator)
    return Answer(204)


def _pay(service: Service, body: dict[str, JSON]) -> Answer:
    operator, payment = _operator(service, body), body.get("payment")
    if payment not in set(Payment):
        raise UsageError(f"payment must be one of {', '.join(Payment)}.")
    service.set_payment(operator, Payment(str(payment)))
    return Answer(204)


def _object(body: JSON) -> dict[str, JSON]:
    if not isinstance(body, dict):
        raise UsageError("The body must be an object. See sandbox/soracom/controls.py.")
    return body


def _operator(service: Service, body: dict[str, JSON]) -> Operator:
    found = service.operator_of(str(body.get("operator")))
    if found is None:
        raise UsageError(f"No operator is called {body.get('operator')}. See sandbox/soracom/accounts.py.")
    return found


def _sims(service: Service, body: dict[str, JSON]) -> list[Sim]:
    named = body.get("sims")
    if not isinstance(named, list):
        raise UsageError("sims must be a list of SIM ids.")
    found = [service.books.view.by_sim_id(str(name)) for name in named]
    if absent := [str(name) for name, sim in zip(named, found, strict=True) if sim is None]:
        raise UsageError(f"No SIM has the id {', '.join(absent)}.")
    return [sim for sim in found if sim is not None]
