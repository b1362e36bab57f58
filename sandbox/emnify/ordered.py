"""A migration request as its body orders it, refused (400) where it is not one, and the SIMs it names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.emnify.service import Service
from sandbox.emnify.view import Sim
from sandbox.emnify.words import ICCID_DIGITS, SIMS_PER_MIGRATION_MAX, Status
from sandbox.exchange import JSON, Asked
from sandbox.shapes import a_list, a_text, a_truth, an_id, an_object, body_object, refuse
from sandbox.switches import AbsentDetach, Duplicates, Gaps

KINDS = ("sims", "iccids", "iccid_range")
BODY = re.compile(rf"[0-9]{{{ICCID_DIGITS}}}", re.ASCII)
NUMBER_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be moved where, and how; exactly one of the three kinds is filled."""

    target_id: int
    dry_run: bool
    detaches: bool
    allowed: frozenset[int] | None
    ids: tuple[int, ...] = ()
    bodies: tuple[int, ...] = ()
    span: tuple[int, int] | None = None


def read_order(service: Service, asked: Asked) -> Order:
    """The order in a request's body; raises a 400 or 415."""
    body = body_object(
        asked,
        {"target_workspace", "allowed_sim_statuses", "dry_run", "auto_detach_devices", *KINDS},
        {"target_workspace"},
    )
    if len([kind for kind in KINDS if kind in body]) != 1:
        refuse(400, "Exactly one of sims, iccids and iccid_range must be given")
    absent = service.switches.absent_detach is AbsentDetach.DETACHES
    order = Order(
        target_id=an_id(body["target_workspace"], "target_workspace", "name"),
        dry_run=a_truth(body.get("dry_run", True), "dry_run"),
        detaches=a_truth(body.get("auto_detach_devices", absent), "auto_detach_devices"),
        allowed=_allowed(body.get("allowed_sim_statuses")),
        ids=tuple(an_id(sim, "sims[]") for sim in _few(body, "sims")),
        bodies=tuple(_body(iccid, "iccids[]") for iccid in _few(body, "iccids")),
        span=_span(body["iccid_range"]) if "iccid_range" in body else None,
    )
    named = order.ids or order.bodies
    if len(set(named)) < len(named) and service.switches.duplicates is Duplicates.ERROR:
        refuse(400, "A SIM is named twice")
    return order


def named_sims(service: Service, order: Order) -> tuple[list[Sim], bool]:
    """The SIMs that exist among those named, and whether any does not."""
    view = service.books.view
    if order.span is not None:
        start, end = order.span
        found = view.between(start, end)
        lenient = service.switches.gaps is Gaps.SKIPPED and bool(found)
        return found, len(found) < end - start + 1 and not lenient
    found = view.by_ids(order.ids) if order.ids else view.by_bodies(order.bodies)
    return found, len(found) < len(set(order.ids or order.bodies))


def _few(body: dict[str, JSON], kind: str) -> list[JSON]:
    if kind not in body:
        return []
    values = a_list(body[kind], kind)
    if not 1 <= len(values) <= SIMS_PER_MIGRATION_MAX:
        refuse(400, f"{kind} must hold 1 to {SIMS_PER_MIGRATION_MAX} SIMs")
    return values


def _body(value: JSON, name: str) -> int:
    text = a_text(value, name)
    if not BODY.fullmatch(text) or int(text) > NUMBER_MAX:
        refuse(400, f"{name} must be exactly {ICCID_DIGITS} digits")
    return int(text)


def _span(value: JSON) -> tuple[int, int]:
    span = an_object(value, "iccid_range", {"start", "end"}, {"start", "end"})
    start, end = _body(span["start"], "iccid_range.start"), _body(span["end"], "iccid_range.end")
    if end < start:
        refuse(400, "iccid_range.end must not be below iccid_range.start")
    if end - start >= SIMS_PER_MIGRATION_MAX:
        refuse(400, f"iccid_range must span at most {SIMS_PER_MIGRATION_MAX} ICCIDs")
    return start, end


def _allowed(value: JSON) -> frozenset[int] | None:
    if value is None:
        return None
    allowed = frozenset(
        an_id(one, "allowed_sim_statuses[]", "description") for one in a_list(value, "allowed_sim_statuses")
    )
    if not allowed <= {int(status) for status in Status}:
        refuse(400, "allowed_sim_statuses names no status")
    return allowed
