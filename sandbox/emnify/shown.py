"""SIMs and endpoints in the shape the API shows them."""

from __future__ import annotations

from sandbox.emnify.service import Service
from sandbox.emnify.view import Sim
from sandbox.emnify.words import Status
from sandbox.exchange import JSON

STATUSES: dict[int, dict[str, JSON]] = {int(status): status.named() for status in Status}


def iccid(body: int) -> str:
    """The 19-digit body as text."""
    return f"{body:019d}"


def sim(service: Service, found: Sim) -> dict[str, JSON]:
    """A SIM as the inventory shows it; `endpoint` is absent where no device is attached."""
    body = iccid(found.iccid)
    shown: dict[str, JSON] = {
        "id": found.id,
        "iccid": body,
        "iccid_with_luhn": body + found.check_digit,
        "eid": found.eid,
        "imsi": found.imsi,
        "msisdn": found.msisdn,
        "status": STATUSES[found.status],
        "customer_org": {"id": found.workspace_id, "name": service.workspaces[found.workspace_id].name},
        "production_date": found.production_date,
        "activation_date": found.activation_date,
    }
    if found.endpoint_id is not None:
        shown["endpoint"] = {"id": found.endpoint_id, "name": found.endpoint_name, "imei": found.imei}
    return shown


def migrated(service: Service, found: Sim, status: int) -> dict[str, JSON]:
    """A SIM as the migration shows it, with a status to show and the workspace it was in."""
    body = iccid(found.iccid)
    shown: dict[str, JSON] = {
        "id": found.id,
        "iccid": body,
        "iccid_with_luhn": body + found.check_digit,
        "status": STATUSES[status],
        "source_workspace": {"id": found.workspace_id, "name": service.workspaces[found.workspace_id].name},
    }
    if found.endpoint_id is not None:
        shown["endpoint"] = {"id": found.endpoint_id, "name": found.endpoint_name}
    return shown
