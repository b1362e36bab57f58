"""Tokens are asked for, accepted and made good for by intents that are on record before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from domain.events import Kind
from domain.orders import Order, Part, Reply, Sim
from domain.settings import Change
from tests.transfers import Run


def test_every_call_of_a_transfer_was_intended_before_it_left(tmp_path: Path) -> None:
    run = Run(tmp_path, sims_per_token=2, lanes=3)
    seen: set[Part] = set()
    move, restore = run.provider.move, run.provider.restore

    def intended(part: Part) -> set[str]:
        seen.add(part)
        return {key for e in run.log.events if e.kind == Kind.INTENDED and e.part == part for key in e.sims}

    def watched(order: Order) -> Reply:
        assert intended(order.part) >= {sim.key for sim in order.sims}
        return move(order)

    def watched_too(sim: Sim, changes: Sequence[Change], now: Mapping[str, str]) -> Reply:
        assert sim.key in intended(Part.RESTORE)
        return restore(sim, changes, now)

    run.provider.move, run.provider.restore = watched, watched_too  # type: ignore[method-assign] # a test's wrappers
    run.execute()
    assert seen == {Part.ISSUE, Part.ACCEPT, Part.RESTORE}
    assert run.is_finished()
