"""How emnify answers a migration, tried or real: read into one `Reply`, and compared with what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from domain.inventory import Side
from domain.orders import Order, Refusal, Reply, Said, Sight
from providers.bodies import Json, number_of, object_of, objects_of, parsed, text_of
from providers.calls import Unreadable
from providers.emnify_told import Keys, Pair, Told, told_of
from providers.emnify_words import GRAVEST, STATUSES, allowed_ids, complaint_of
from providers.wire import Answer


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
    entries = objects_of(body["sims"])
    problems = (*_problems_of_sims(entries, order), *_problems_of_terms(body, order, pair, dry_run=dry_run))
    sights: tuple[Sight, ...] = ()  # what a move is told is no sight of where a SIM is
    if dry_run:
        sights = _whole_sights(entries, pair) if not problems else ()
        if len(sights) < len(order.sims):
            told = [told_of(entry) for entry in entries]
            sights = _sights(told, order, pair)
            if strays := sum(entry.workspace not in {None, pair.source} for entry in told):
                problems = (*problems, f"The answer shows {strays} SIMs in another workspace than {pair.source}.")
    otherwise = Said.NO if dry_run else Said.UNHEARD  # whatever a real one did, it was not what was asked
    return Reply(otherwise if problems else Said.YES, int(HTTPStatus.OK), " ".join(problems), sights, problems=problems)


def _read_conflict(answer: Answer, order: Order, pair: Pair) -> Reply:
    """Refusals by SIM, one for each, with all that was said of it; a group that names nobody refuses the order."""
    complaint = complaint_of(answer)
    said_of: dict[str | None, list[tuple[str, str]]] = {}
    told: list[Told] = []
    problems: list[str] = []
    keys = Keys(order.sims)
    for group in complaint.groups:
        code, words = text_of(group.get("error_code")), text_of(group.get("message"))
        named = [told_of(entry) for entry in objects_of(group.get("sims"))]
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


def _sights(told: Sequence[Told], order: Order, pair: Pair) -> tuple[Sight, ...]:
    """Sights of those of the order's SIMs that the answer names with their workspace and status."""
    keys = Keys(order.sims)
    ids = {sim.key: sim.sim_id for sim in order.sims}
    seen: dict[str, Sight] = {}
    for entry in told:
        key, side = keys.of(entry), pair.side_of(entry.workspace)
        if key is not None and side is not Side.NOWHERE and entry.status is not None:
            seen.setdefault(key, Sight(key, side, ids[key], entry.status, entry.device_id))
    return tuple(seen.values())


def _whole_sights(entries: Sequence[dict[str, Json]], pair: Pair) -> tuple[Sight, ...]:
    """Sights from entries that are known to be the order's, if each is whole and in the source; else none.

    The same as `told_of` and `_sights` at a third of the cost: an answer of 500 SIMs is read at every look.
    """
    seen = []
    for entry in entries:
        status, place, device = entry.get("status"), entry.get("source_workspace"), entry.get("endpoint")
        if not (isinstance(status, dict) and isinstance(place, dict) and place.get("id") == pair.source):
            return ()
        number = status.get("id")
        word = STATUSES.get(number) if isinstance(number, int) else None
        if word is None:
            return ()
        device_id = text_of(device.get("id")) if isinstance(device, dict) else None
        seen.append(Sight(str(entry["iccid"]), Side.SOURCE, str(entry["id"]), word, device_id))
    return tuple(seen)


def _problems_of_sims(entries: Sequence[dict[str, Json]], order: Order) -> tuple[str, ...]:
    """Where the SIMs of the answer are not those of the order; a SIM without id and ICCID counts, and no more."""
    if _are_those_asked_for(entries, order):
        return ()
    told = [told_of(entry) for entry in entries]
    named = [entry for entry in told if entry.sim_id is not None or entry.key is not None]
    keys = Keys(order.sims)
    found = {key for entry in named if (key := keys.of(entry)) is not None}
    sentences = []
    if len(told) != len(order.sims):
        sentences.append(f"Asked for {len(order.sims)} SIMs, the answer lists {len(told)}.")
    if len(found) != len(named):
        sentences.append(f"The answer names {len(named) - len(found)} SIMs that were not asked for, or twice.")
    return tuple(sentences)


def _are_those_asked_for(entries: Sequence[dict[str, Json]], order: Order) -> bool:
    """Whether ids and ICCIDs are the order's, all of them, once each; nearly every answer passes here, and fast."""
    ids = {int(sim.sim_id): sim.key for sim in order.sims}
    try:
        found = {(entry["id"], entry["iccid"]) for entry in entries}
    except (KeyError, TypeError):
        return False
    return found == set(ids.items()) and len(entries) == len(order.sims)


def _problems_of_terms(body: dict[str, Json], order: Order, pair: Pair, *, dry_run: bool) -> tuple[str, ...]:
    """Where count, target or options of the answer differ from what was asked; what must be there is missed too."""
    asked, count = len(order.sims), body.get("sim_count")
    target = object_of(body.get("target_workspace")).get("id")
    allowed = body.get("allowed_sim_statuses")
    wanted = allowed_ids(order.options, order.sims)
    tests = (
        (count != asked, f"Asked for {asked} SIMs, the answer counts {_shown(count)}."),
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
    return {number for entry in entries if (number := number_of(object_of(entry).get("id"))) is not None}
