"""SIMs as emnify's migration answers name them, and whose keys those are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.inventory import Side
from domain.orders import Sim
from providers.bodies import Json, number_of, object_of, text_of
from providers.emnify_words import ICCID_DIGITS, status_word


@dataclass(frozen=True, slots=True)
class Pair:
    """Source and target workspace of a move."""

    source: int
    target: int

    def side_of(self, workspace: int | None) -> Side:
        """Which of the two a workspace is."""
        return {self.source: Side.SOURCE, self.target: Side.TARGET}.get(workspace or 0, Side.NOWHERE)


@dataclass(frozen=True, slots=True)
class Told:
    """One SIM of an answer; the documents promise only the status, so each field may be None."""

    sim_id: str | None
    key: str | None
    status: str | None
    device_id: str | None
    workspace: int | None


class Keys:
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


def told_of(entry: dict[str, Json]) -> Told:
    """What an entry says of its SIM."""
    status, device = object_of(entry.get("status")), object_of(entry.get("endpoint"))
    printed = text_of(entry.get("iccid_with_luhn"))
    number = status.get("id")
    return Told(
        sim_id=text_of(entry.get("id")),
        key=text_of(entry.get("iccid")) or (printed[:ICCID_DIGITS] if printed else None),
        status=status_word(number if isinstance(number, int) else None, text_of(status.get("description"))),
        device_id=text_of(device.get("id")),
        workspace=number_of(object_of(entry.get("source_workspace")).get("id")),
    )
