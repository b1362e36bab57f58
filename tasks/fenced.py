"""Hands that ask, before each call, whether the run is still ours: another machine may have taken it over meanwhile.

What is left is the time between the asking and the call: a process that is suspended just there, for longer than its
lease, sends one call that nobody expects any more. No client can prevent that; the reads after it tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from domain.orders import Order, Reply, Sim
from domain.settings import Change
from providers.protocol import Crew, Mover, Transferor

Hold = Callable[[], None]  # raises where the run is another's by now


def fenced(crew: Crew, hold: Hold) -> Crew:
    """The crew, whose hands do nothing for a run that somebody else has."""
    transferor = None if crew.transferor is None else FencedTransferor(crew.transferor, hold)
    return replace(crew, mover=transferor or FencedMover(crew.mover, hold), transferor=transferor)


class FencedMover:
    """A mover behind `hold`, whose error it raises before anything is sent."""

    def __init__(self, mover: Mover, hold: Hold) -> None:
        self._mover = mover
        self._hold = hold

    def move(self, order: Order) -> Reply:
        """As in `Mover`."""
        self._hold()
        return self._mover.move(order)


class FencedTransferor(FencedMover):
    """A transferor likewise."""

    def __init__(self, transferor: Transferor, hold: Hold) -> None:
        super().__init__(transferor, hold)
        self._transferor = transferor

    def cancel(self, token: bytes) -> Reply:
        """As in `Transferor`."""
        self._hold()
        return self._transferor.cancel(token)

    def restore(self, sim: Sim, changes: Sequence[Change], now: Mapping[str, str]) -> Reply:
        """As in `Transferor`."""
        self._hold()
        return self._transferor.restore(sim, changes, now)
