"""`GET /v1/Fleets` and `GET /v1/Fleets/{fleet}`."""

from __future__ import annotations

from sandbox.exchange import Answer, Asked
from sandbox.supersim import shown
from sandbox.supersim.pages import page_asked
from sandbox.supersim.refusals import refuse
from sandbox.supersim.service import Service
from sandbox.supersim.words import Code


def list_fleets(service: Service, asked: Asked, name: str) -> Answer:  # noqa: ARG001 - the path has no name
    """One page of the caller's own fleets."""
    account = service.caller(asked).account
    page = page_asked(service, asked, account.id, ("NetworkAccessProfile",))
    base = shown.base_of(asked)
    own = [shown.fleet(service, base, fleet) for fleet in service.fleets.values() if fleet.account_id == account.id]
    profile = page.filters.get("NetworkAccessProfile")
    return page.of_all("fleets", [one for one in own if profile in {None, one["network_access_profile_sid"]}])


def read_fleet(service: Service, asked: Asked, name: str) -> Answer:
    """One fleet of the caller's by sid or unique name."""
    fleet = service.fleet_of(service.caller(asked).account.id, name)
    if fleet is None:
        refuse(Code.NOT_FOUND)
    return Answer.of(200, shown.fleet(service, shown.base_of(asked), fleet))
