"""emnify's documented request rates, scaled for tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.pace import Bucket, Window

SPAN_S = 300.0
REQUESTS_PER_SPAN = 2_000  # per address
LOGINS_PER_SPAN = 100  # per address
LISTS_PER_S, LISTS_BURST = 10, 5  # GET /sim
LOOKUPS_PER_S = 100  # GET /sim/{id}


@dataclass(slots=True)
class Limits:
    """Counters per address and kind; `scale` multiplies every limit, and 0 switches them off."""

    scale: float = 1.0
    kept: dict[tuple[str, str], Window | Bucket] = field(default_factory=dict)

    def admit(self, client: str, route: str, now_s: float) -> bool:
        """Whether one more request of this route fits."""
        if self.scale <= 0:
            return True
        kinds = ["all"]
        if route in {"POST /api/v1/authenticate", "GET /api/v1/sim", "GET /api/v1/sim/{sim}"}:
            kinds.append(route)
        return all(self._counter(client, kind).admit(now_s) for kind in kinds)

    def _counter(self, client: str, kind: str) -> Window | Bucket:
        counter = self.kept.get((client, kind))
        if counter is None:
            counter = self.kept[client, kind] = self._fresh(kind)
        return counter

    def _fresh(self, kind: str) -> Window | Bucket:
        match kind:
            case "POST /api/v1/authenticate":
                return Window(LOGINS_PER_SPAN * self.scale, SPAN_S)
            case "GET /api/v1/sim":
                return Bucket(LISTS_PER_S * self.scale, max(1.0, LISTS_BURST * self.scale))
            case "GET /api/v1/sim/{sim}":
                return Bucket(LOOKUPS_PER_S * self.scale, max(1.0, LOOKUPS_PER_S * self.scale))
            case _:
                return Window(REQUESTS_PER_SPAN * self.scale, SPAN_S)
