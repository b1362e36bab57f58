"""`GET /v1/Sims`, `GET /v1/Sims/{sim}`, and which SIMs a caller may see."""

from __future__ import annotations

from sandbox.exchange import Answer, Asked
from sandbox.supersim import shown
from sandbox.supersim.asking import SID, one_of
from sandbox.supersim.pages import page_asked
from sandbox.supersim.parties import Caller
from sandbox.supersim.refusals import refuse
from sandbox.supersim.service import Service
from sandbox.supersim.switches import ParentReads
from sandbox.supersim.view import Sim, View
from sandbox.supersim.words import Code, Status

LAST_ID = 2**62


def list_sims(service: Service, asked: Asked, name: str) -> Answer:  # noqa: ARG001 - the path has no name
    """One page of the caller's own SIMs, perhaps of one status, fleet or ICCID."""
    caller = service.caller(asked)
    page = page_asked(service, asked, caller.account.id, ("Status", "Fleet", "Iccid"))
    where, values = ["account_id = ?"], list[str | int]([caller.account.id])
    if "Status" in page.filters:
        where.append("status = ?")
        values.append(one_of(page.filters["Status"], set(Status), "Status"))
    if "Fleet" in page.filters:
        fleet = service.fleet_of(caller.account.id, page.filters["Fleet"])
        where.append("fleet_id = ?")
        values.append(-1 if fleet is None else fleet.id)  # a fleet that is not there has no SIMs
    if "Iccid" in page.filters:
        where.append("iccid = ?")
        values.append(page.filters["Iccid"])
    behind = LAST_ID if page.backwards and page.place < 0 else page.place
    found = service.reading().page(" AND ".join(where), values, behind, page.size + 1, backwards=page.backwards)
    more = len(found) > page.size
    found = found[-page.size :] if page.backwards else found[: page.size]
    base = shown.base_of(asked)
    ends = (found[0].id, found[-1].id) if found else None
    return page.answer("sims", [shown.sim(service, base, sim) for sim in found], ends, more=more)


def read_sim(service: Service, asked: Asked, name: str) -> Answer:
    """One SIM by sid or unique name; 404 for one that is not the caller's."""
    caller = service.caller(asked)
    return Answer.of(200, shown.sim(service, shown.base_of(asked), in_sight(service, caller, service.reading(), name)))


def in_sight(service: Service, caller: Caller, view: View, name: str) -> Sim:
    """The SIM of that sid or unique name, where the caller may read it; raises a 404."""
    own = caller.account.id
    found = view.by_sid(name) if SID.fullmatch(name) else view.by_name(own, name)
    if found is None or found.account_id is None:
        refuse(Code.NOT_FOUND)
    family = service.switches.parent_reads is ParentReads.FAMILY
    if found.account_id != own and not (family and service.accounts[found.account_id].parent_id == own):
        refuse(Code.NOT_FOUND)
    return found
