"""`POST /sim/migration/workspace`: what is refused, and the one transaction that moves."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.emnify import shown
from sandbox.emnify.ordered import Order, named_sims, read_order
from sandbox.emnify.service import Service
from sandbox.emnify.tokens import Caller
from sandbox.emnify.view import Sim
from sandbox.emnify.words import ADMINISTRATOR, OBSTACLE_MESSAGES, Obstacle, Status, not_found
from sandbox.exchange import JSON, Answer, Asked
from sandbox.shapes import refuse
from sandbox.switches import AlreadyThere, AnsweredSims, AnsweredStatus, NotEnterprise, SourceScope, Unmet

ALREADY_THERE = 1500  # an error code of ours: the documents give none


@dataclass(frozen=True, slots=True)
class Judged:
    """A request's SIMs: those that may move, those that are there already, and the obstacles of the others."""

    movable: list[Sim]
    present: list[Sim]
    obstacles: dict[str, tuple[int, list[Sim]]]  # message → code, SIMs


def migrate(service: Service, asked: Asked) -> Answer:
    """Every SIM of the request, or none (unless switched)."""
    caller = service.caller(asked)
    caller.user()
    order = read_order(service, asked)
    _check_target(service, caller, order)
    sims, unknown = named_sims(service, order)
    judged = _judge(service, caller, order, sims)
    if unknown or judged.obstacles:
        if service.switches.unmet is Unmet.PARTIAL and not order.dry_run:
            _move(service, order, judged.movable, asked.number)
        if unknown:
            return not_found().answer
        return _conflict(service, judged)
    answer = _summary(service, order, judged)  # before the move, so that it shows where the SIMs were
    if not order.dry_run:
        _move(service, order, judged.movable[asked.reach], asked.number)
    return answer


def _check_target(service: Service, caller: Caller, order: Order) -> None:
    target = service.workspaces.get(order.target_id)
    if target is None or order.target_id not in service.administers(caller.user()):
        raise not_found()
    if not target.enterprise:
        if service.switches.not_enterprise is NotEnterprise.NOT_FOUND:
            raise not_found()
        refuse(400, "The target workspace is not an enterprise workspace")


def _judge(service: Service, caller: Caller, order: Order, sims: list[Sim]) -> Judged:
    """Sort the SIMs by what stands against them; raises 404 where one is out of the caller's sight."""
    roles = service.roles(caller.user())
    in_sight = {caller.workspace_id} if service.switches.source_scope is SourceScope.TOKEN else set(roles)
    judged = Judged([], [], {})
    for sim in sims:
        if sim.workspace_id == order.target_id:
            _already_there(service, judged, sim)
        elif sim.workspace_id not in in_sight:
            raise not_found()
        elif against := _obstacles(service, order, sim, roles[sim.workspace_id]):
            for obstacle in against:
                _against(judged, int(obstacle), OBSTACLE_MESSAGES[obstacle], sim)
        else:
            judged.movable.append(sim)
    return judged


def _already_there(service: Service, judged: Judged, sim: Sim) -> None:
    match service.switches.already_there:
        case AlreadyThere.NOT_FOUND:
            raise not_found()
        case AlreadyThere.CONFLICT:
            _against(judged, ALREADY_THERE, "SIMs are already in the target workspace", sim)
        case AlreadyThere.IGNORED:
            judged.present.append(sim)


def _obstacles(service: Service, order: Order, sim: Sim, role: str) -> list[Obstacle]:
    """All that stands against one SIM; a SIM may appear under several codes."""
    source, target = service.workspaces[sim.workspace_id], service.workspaces[order.target_id]
    found = {
        Obstacle.NO_ADMINISTRATOR: role != ADMINISTRATOR,
        Obstacle.BRAZIL: source.brazilian is not target.brazilian,
        Obstacle.STATUS: order.allowed is not None and sim.status not in order.allowed,
        Obstacle.ATTACHED: sim.endpoint_id is not None and not order.detaches,
    }
    return [obstacle for obstacle, stands in found.items() if stands]


def _against(judged: Judged, code: int, message: str, sim: Sim) -> None:
    judged.obstacles.setdefault(message, (code, []))[1].append(sim)


def _conflict(service: Service, judged: Judged) -> Answer:
    errors: list[JSON] = [
        {"error_code": code, "message": message, "sims": [shown.migrated(service, sim, sim.status) for sim in sims]}
        for message, (code, sims) in judged.obstacles.items()
    ]
    return Answer.of(409, {"status_code": 409, "message": "Some SIMs cannot be migrated", "errors": errors})


def _summary(service: Service, order: Order, judged: Judged) -> Answer:
    target = service.workspaces[order.target_id]
    moving = {sim.id for sim in judged.movable}
    sims: list[JSON] = []
    for sim in sorted([*judged.movable, *judged.present]):
        suspended = service.switches.answered_status is AnsweredStatus.AFTER and sim.id in moving
        status = _arrives_as(sim) if suspended else sim.status
        whole = service.switches.answered_sims is AnsweredSims.FULL
        sims.append(shown.migrated(service, sim, status) if whole else {"status": shown.STATUSES[status]})
    allowed: JSON = None if order.allowed is None else [{"id": status} for status in sorted(order.allowed)]
    return Answer.of(
        200,
        {
            "sim_count": len(sims),
            "dry_run": order.dry_run,
            "auto_detach_devices": order.detaches,
            "target_workspace": {"id": target.id, "name": target.name},
            "allowed_sim_statuses": allowed,
            "sims": sims,
        },
    )


def _arrives_as(sim: Sim) -> int:
    return int(Status.SUSPENDED) if sim.status == Status.ACTIVATED else sim.status


def _move(service: Service, order: Order, sims: list[Sim], request: int) -> None:
    """Move, suspend what was activated, release what was attached; a ledger line for each."""
    books, at, target_id = service.books.live, service.clock.stamp(), order.target_id
    lines: list[tuple[str, int, str, str, str | None, int]] = []
    for sim in sims:
        lines.append((at, sim.id, "workspace", str(sim.workspace_id), str(target_id), request))
        if _arrives_as(sim) != sim.status:
            lines.append((at, sim.id, "status", str(sim.status), str(_arrives_as(sim)), request))
        if sim.endpoint_id is not None:
            lines.append((at, sim.id, "endpoint", str(sim.endpoint_id), None, request))
        service.books.view.shift(sim.workspace_id, target_id, sim.id)
    books.executemany(
        "UPDATE endpoint SET sim_id = NULL WHERE id = ?", [(s.endpoint_id,) for s in sims if s.endpoint_id is not None]
    )
    books.executemany(
        "UPDATE sim SET workspace_id = ?, status = ?, endpoint_id = NULL, moves = moves + 1 WHERE id = ?",
        [(target_id, _arrives_as(sim), sim.id) for sim in sims],
    )
    books.executemany("INSERT INTO ledger (at, sim_id, change, was, became, request) VALUES (?, ?, ?, ?, ?, ?)", lines)
