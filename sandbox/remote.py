"""A running sandbox as tests hold it: its address, and the controls beside the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import orjson

from sandbox.exchange import JSON

CONTROL_S_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as the sandbox saw it; `status` is None where the connection was cut."""

    number: int
    method: str
    path: str
    dry_run: bool | None
    at: str
    acts: tuple[str, ...]
    in_flight: int
    status: int | None
    took_ms: float | None


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Address, folder and process of a running sandbox."""

    base_url: str
    home: Path
    pid: int

    def set_faults(self, rules: Sequence[Mapping[str, JSON]]) -> None:
        """Replace the fault script; counting starts anew."""
        self._control("PUT", "faults", {"rules": [dict(rule) for rule in rules]})

    def set_switches(self, **positions: str) -> None:
        """Set some switches."""
        self._control("PUT", "switches", dict[str, JSON](positions))

    def set_latency(self, latency_ms: float) -> None:
        """Set the least time from a request to its answer."""
        self._control("PUT", "latency", {"latency_ms": latency_ms})

    def advance_clock(self, seconds: float) -> None:
        """Let the provider's clock jump."""
        self._control("PUT", "clock", {"advance_s": seconds})

    def use_data(self, iccid: str, amount: int) -> None:
        """Let a Super SIM use that many bytes now."""
        self._control("PUT", "usage", {"iccid": iccid, "bytes": amount})

    def accept_offers(self, operator: str, latest: int | None = None) -> list[int]:
        """Click the links in e-mails to a Soracom operator (id or name), the latest so many or all: SIMs by each."""
        asked: JSON = {"operator": operator} if latest is None else {"operator": operator, "latest": latest}
        answer = self._control("PUT", "accept", asked)
        assert isinstance(answer, dict)
        return list(answer["accepted"])  # type: ignore[arg-type] # our own JSON

    def connect_sims(self, *sim_ids: str) -> None:
        """Let devices connect with Soracom SIMs, which makes them active."""
        self._control("PUT", "connect", {"sims": list[JSON](sim_ids)})

    def transfer_by_support(self, operator: str, *sim_ids: str) -> None:
        """Let Soracom's support hand SIMs over to an operator (id or name)."""
        self._control("PUT", "support", {"sims": list[JSON](sim_ids), "operator": operator})

    def set_payment(self, operator: str, payment: str) -> None:
        """Give a Soracom operator a payment method: registered, none or invalid."""
        self._control("PUT", "payment", {"operator": operator, "payment": payment})

    def requests(self) -> list[Sent]:
        """Everything sent since the start or the last `forget_requests`, in order of arrival."""
        answer = self._control("GET", "requests")
        assert isinstance(answer, dict)
        entries = answer["requests"]
        assert isinstance(entries, list)
        return [Sent(**(entry | {"acts": tuple(entry["acts"])})) for entry in entries]  # type: ignore[operator,index,call-overload,arg-type] # our own JSON

    def in_flight_max(self) -> dict[str, int]:
        """The most requests under way at once, by route and `*` for all."""
        answer = self._control("GET", "requests")
        assert isinstance(answer, dict)
        return dict(answer["in_flight_max"])  # type: ignore[arg-type] # our own JSON

    def forget_requests(self) -> None:
        """Start the record anew."""
        self._control("DELETE", "requests")

    def _control(self, method: str, name: str, value: JSON = None) -> JSON:
        """One control request, past any proxy."""
        body = None if value is None else orjson.dumps(value)
        request = Request(f"{self.base_url}/_sandbox/{name}", body, method=method)  # noqa: S310 - loopback
        with build_opener(ProxyHandler({})).open(request, timeout=CONTROL_S_MAX) as answer:
            said: bytes = answer.read()
        parsed: JSON = orjson.loads(said) if said else None
        return parsed
