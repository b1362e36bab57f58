"""How emnify answers a migration, tried or real: read into one `Reply`, and compared with what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from domain.inventory import Side
from domain.orders import Order, Refusal, Reply, Said, Sight, Sim
from providers.calls import Unreadable
from providers.emnify_words import GRAVEST, ICCID_DIGITS, Json, allowed_ids, complaint_of, parsed, status_word
from providers.wire import Answer


@dataclass(frozen=True, slots=True)
class Pair:
    """Source and target workspace of a move."""

    source: int
    target: int

    def side_of(self, workspace: int | None) -> Side:
        """Which of the two a workspace is."""
        return {self.source: Side.SOURCE, self.target: Side.TARGET}.get(workspace or 0, Side.NOWHERE)


def read_answer(answer: Answer, order: Order, pair: Pair, *, dry_run: bool) -> Reply:
    """What the provider said to the order; raises `Unreadable` for a 200 that is none."""
    match answer.status:
        case HTTPStatus.OK:
            return _read_yes(parsed(answer), order, pair, dry_run=dry_run)
        case HTTPStatus.CONFLICT:
            return _read_conflict(answer, order, pair)
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return _declined(answer, Said.UNSENT, credentials_refused=True)
        case status if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _declined(answer, Said.NO, credentials_refused=False)
        case status:
            raise Unreadable(f"status {status} is not one that a migration answers")


def _declined(answer: Answer, said: Said, *, credentials_refused: bool) -> Reply:
    complaint = complaint_of(answer)
    code = complaint.code or str(answer.status)
    return Reply(
        said=said,
        http_status=answer.status,
        words=complaint.words,
        refusals=(Refusal(None, code, complaint.words),),
        credentials_refused=credentials_refused,
    )


def _read_yes(body: Json, order: Order, pair: Pair, *, dry_run: bool) -> Reply:
    if not isinstance(body, dict) or not isinstance(body.get("sims"), list):
        raise Unreadable("the body is no migration summary")
    told = [_told(entry) for entry in _objects(body["sims"])]
    problems = _problems(body, told, order, pair, dry_run=dry_run)
    otherwise = Said.NO if dry_run else Said.UNHEARD  # whatever a real one did, it was not what was asked
    said = otherwise if problems else Said.YES
    sights = _sights(told, order, pair) if dry_run else ()  # what a move is told is no sight of where a SIM is
    return Reply(said, HTTPStatus.OK, words=" ".join(problems), sights=sights, problems=problems)


def _read_conflict(answer: Answer, order: Order, pair: Pair) -> Reply:
    """Refusals by SIM, one for each, with all that was said of it; a group that names nobody refuses the order."""
    complaint = complaint_of(answer)
    said_of: dict[str | None, list[tuple[str, str]]] = {}
    told: list[Told] = []
    problems: list[str] = []
    keys = _Keys(order.sims)
    for group in complaint.groups:
        code, words = _text(group.get("error_code")), _text(group.get("message"))
        named = [_told(entry) for entry in _objects(group.get("sims"))]
        told += named
        found = {key for entry in named if (key := keys.of(entry)) is not None}
        if named and len(found) < len(named):
            problems.append(f"The answer refuses {len(named) - len(found)} SIMs that it does not tell apart.")
        about: list[str | None] = [*sorted(found)] or [None]
        for key in about:
            said_of.setdefault(key, []).append((code or str(answer.status), words or complaint.words))
    if not said_of:
        said_of[None] = [(complaint.code or str(answer.status), complaint.words)]
    refusals = tuple(_refusal(key, reasons) for key, reasons in said_of.items())
    return Reply(
        Said.NO, answer.status, complaint.words, _sights(told, order, pair), refusals, tuple(dict.fromkeys(problems))
    )


def _refusal(key: str | None, reasons: list[tuple[str, str]]) -> Refusal:
    order = [str(int(code)) for code in GRAVEST]
    codes = sorted({code for code, _ in reasons}, key=lambda code: order.index(code) if code in order else -1)
    return Refusal(key, codes[0], "; ".join(dict.fromkeys(words for _, words in reasons)))


@dataclass(frozen=True, slots=True)
class Told:
    """One SIM of an answer; the documents promise only the status, so each field may be None."""

    sim_id: str | None
    key: str | None
    status: str | None
    device_id: str | None
    workspace: int | None


class _Keys:
    """Keys of an order's SIMs by whatever an answer names them with."""

    def __init__(self, sims: Sequence[Sim]) -> None:
        self._keys = {sim.key for sim in sims}
        self._by_id = {sim.sim_id: sim.key for sim in sims}

    def of(self, told: Told) -> str | None:
        """The key of the SIM; None where it is not of the order, or its id and ICCID disagree."""
        by_id = self._by_id.get(told.sim_id or "")
        by_key = told.key if told.key in self._keys else None
        if told.sim_id is None or told.key is None:
            return by_id or by_key
        return by_id if by_id == by_key else None


def _told(entry: dict[str, Json]) -> Told:
    status, device = _object(entry.get("status")), _object(entry.get("endpoint"))
    printed = _text(entry.get("iccid_with_luhn"))
    number = status.get("id")
    return Told(
        sim_id=_text(entry.get("id")),
        key=_text(entry.get("iccid")) or (printed[:ICCID_DIGITS] if printed else None),
        status=status_word(number if isinstance(number, int) else None, _text(status.get("description"))),
        device_id=_text(device.get("id")),
        workspace=_number(_object(entry.get("source_workspace")).get("id")),
    )


def _sights(told: Sequence[Told], order: Order, pair: Pair) -> tuple[Sight, ...]:
    """Sights of those of the order's SIMs that the answer names with their workspace and status."""
    keys = _Keys(order.sims)
    ids = {sim.key: sim.sim_id for sim in order.sims}
    seen: dict[str, Sight] = {}
    for entry in told:
        key, side = keys.of(entry), pair.side_of(entry.workspace)
        if key is not None and side is not Side.NOWHERE and entry.status is not None:
            seen.setdefault(key, Sight(key, side, ids[key], entry.status, entry.device_id))
    return tuple(seen.values())


def _problems(
    body: dict[str, Json], told: Sequence[Told], order: Order, pair: Pair, *, dry_run: bool
) -> tuple[str, ...]:
    """Where the answer differs from what was asked, a sentence for each."""
    asked = len(order.sims)
    count = body.get("sim_count")
    target = _object(body.get("target_workspace")).get("id")
    allowed = body.get("allowed_sim_statuses")
    wanted = allowed_ids(order.options, order.sims)
    named = [entry for entry in told if entry.sim_id is not None or entry.key is not None]
    keys = _Keys(order.sims)
    found = {key for entry in named if (key := keys.of(entry)) is not None}
    strays = sum(entry.workspace not in {None, pair.source} for entry in told)
    tests = (
        (count != asked, f"Asked for {asked} SIMs, the answer counts {_shown(count)}."),
        (len(told) != asked, f"Asked for {asked} SIMs, the answer lists {len(told)}."),
        (
            len(found) != len(named),
            f"The answer names {len(named) - len(found)} SIMs that were not asked for, or twice.",
        ),
        (strays > 0 and dry_run, f"The answer shows {strays} SIMs in another workspace than {pair.source}."),
        (body.get("dry_run") is not dry_run, f"Asked with dry_run {dry_run}, answered {_shown(body.get('dry_run'))}."),
        (target != pair.target, f"Asked for target {pair.target}, the answer says {_shown(target)}."),
        (
            body.get("auto_detach_devices") not in {None, order.options.detach_devices},
            "The answer differs from what was asked in whether devices are detached.",
        ),
        (
            wanted is not None and isinstance(allowed, list) and _ids(allowed) != set(wanted),
            "The answer differs from what was asked in which statuses are allowed.",
        ),
    )
    return tuple(words for wrong, words in tests if wrong)


def _shown(value: Json) -> str:
    return str(value) if isinstance(value, bool | int | float) else "nothing"


def _ids(entries: list[Json]) -> set[Json]:
    return {number for entry in entries if (number := _number(_object(entry).get("id"))) is not None}


def _objects(value: Json) -> list[dict[str, Json]]:
    return [_object(entry) for entry in value] if isinstance(value, list) else []


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value).strip() or None


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
