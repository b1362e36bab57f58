"""An update as its form orders it, refused where it is not one."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.exchange import Asked
from sandbox.letters import is_local
from sandbox.supersim.asking import form_of, one_of
from sandbox.supersim.refusals import refuse
from sandbox.supersim.service import Service
from sandbox.supersim.words import MAY_BE_ASKED, Code, Status

PARAMETERS = frozenset({"UniqueName", "Status", "Fleet", "CallbackUrl", "CallbackMethod", "AccountSid"})
METHODS = frozenset({"GET", "POST"})


@dataclass(frozen=True, slots=True)
class Order:
    """What an update wants; None where it says nothing, an empty name or fleet where it is to be taken off."""

    unique_name: str | None
    status: Status | None
    fleet: str | None
    account_sid: str | None
    callback_url: str | None
    callback_method: str


def read_order(service: Service, asked: Asked) -> Order:
    """The order in a request's form; raises a refusal."""
    form = form_of(service, asked, PARAMETERS)
    url = form.get("CallbackUrl") or None
    if url is not None and not is_local(url):
        refuse(Code.INVALID_VALUE, "CallbackUrl: the sandbox calls nobody but http:// on loopback")
    return Order(
        unique_name=form.get("UniqueName"),
        status=Status(one_of(form["Status"], MAY_BE_ASKED, "Status")) if "Status" in form else None,
        fleet=form.get("Fleet"),
        account_sid=form.get("AccountSid"),
        callback_url=url,
        callback_method=one_of(form.get("CallbackMethod", "POST"), METHODS, "CallbackMethod"),
    )
