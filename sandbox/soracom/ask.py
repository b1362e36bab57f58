"""One request of somebody who has been let in."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.exchange import Asked
from sandbox.soracom.parties import Caller
from sandbox.soracom.service import Service


@dataclass(frozen=True, slots=True)
class Ask:
    """What a handler answers; `names` are those in the path, in their order, unquoted."""

    service: Service
    caller: Caller
    asked: Asked
    names: tuple[str, ...]
