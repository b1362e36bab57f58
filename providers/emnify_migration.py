"""emnify's one changing call: its two bodies, one that tries and one that acts.

Documented at POST /api/v1/sim/migration/workspace; what is silent there is marked "assumed" in emnify_words.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from domain.orders import Order, Reply, Sim
from providers.bodies import Json
from providers.calls import Call
from providers.emnify_answers import read_answer
from providers.emnify_told import Pair
from providers.emnify_words import ICCID_DIGITS, MIGRATION_ANSWER_S_MAX, SIMS_PER_CALL_MAX, allowed_ids
from providers.wire import Request

MIGRATION_PATH = "/api/v1/sim/migration/workspace"


def try_call(order: Order, pair: Pair) -> Call[Reply]:
    """The dry run: always `dry_run: true`, so it may be repeated."""
    body = orjson.dumps(_terms(order, pair) | {"dry_run": True})
    request = Request("POST", MIGRATION_PATH, body=body, answer_s_max=MIGRATION_ANSWER_S_MAX)
    return Call(
        "emnify dry run", request, lambda answer: read_answer(answer, order, pair, dry_run=True), repeatable=True
    )


def act_call(order: Order, pair: Pair) -> Call[Reply]:
    """The migration itself: once only."""
    body = orjson.dumps(_terms(order, pair) | {"dry_run": False})
    request = Request("POST", MIGRATION_PATH, body=body, answer_s_max=MIGRATION_ANSWER_S_MAX)
    return Call(
        "emnify migration", request, lambda answer: read_answer(answer, order, pair, dry_run=False), repeatable=False
    )


def identify(sims: Sequence[Sim]) -> dict[str, Json]:
    """The part of the body that names the SIMs: a range where it is proven to hold exactly them, else their ids."""
    bodies = sorted({sim.key for sim in sims})
    in_form = all(len(key) == ICCID_DIGITS and key.isascii() and key.isdigit() for key in bodies)
    if in_form and len(bodies) == len(sims) > 1 and int(bodies[-1]) - int(bodies[0]) + 1 == len(bodies):
        return {"iccid_range": {"start": bodies[0], "end": bodies[-1]}}
    return {"sims": [{"id": int(sim_id)} for sim_id in sorted({sim.sim_id for sim in sims}, key=int)]}


def _terms(order: Order, pair: Pair) -> dict[str, Json]:
    """Everything of the body but `dry_run`."""
    if not 1 <= len(order.sims) <= SIMS_PER_CALL_MAX:
        raise ValueError(f"an order is of 1 to {SIMS_PER_CALL_MAX} SIMs, not {len(order.sims)}")
    terms: dict[str, Json] = {
        "target_workspace": {"id": pair.target},
        "auto_detach_devices": order.options.detach_devices,
        **identify(order.sims),
    }
    allowed = allowed_ids(order.options, order.sims)
    if allowed is not None:
        terms["allowed_sim_statuses"] = [{"id": number} for number in allowed]
    return terms
