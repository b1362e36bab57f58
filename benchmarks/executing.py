"""Execution against a sandbox that needs 50 ms for every answer, as a share of the ideal.

    .venv/bin/python -m benchmarks.executing [--rows 20000] [--latency-ms 50] [--in-flight 1 4]

The ideal is migration requests × latency ÷ requests in flight: a batch is a look (a dry run) and the move, one after
the other. The time is taken from the sandbox's own record, from the arrival of the first migration request to the
answer of the last. The sandbox needs a little more than the latency; so the share of its service time is given too.
Nothing else goes before the canary's five SIMs were read back, after the login that takes; so what comes after it is
given by itself.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.measured import Measured, table
from benchmarks.sites import prefect, site
from sandbox.remote import Sent

HEADINGS = (
    "in flight",
    "seconds",
    "requests",
    "at once",
    "ideal s",
    "of ideal",
    "of served",
    "canary s",
    "of ideal after",
    "of served after",
    "whole s",
    "peak MB",
)
CANARY_REQUESTS = 2  # its look and its move
MIGRATION = "/sim/migration/workspace"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[1, 4])
    asked = parser.parse_args()
    with prefect() as server:
        lines = [_execution(server, asked.rows, asked.latency_ms, lanes) for lanes in asked.in_flight]
    print(f"{asked.rows:,} SIMs in batches of 500, {asked.latency_ms:g} ms latency\n")
    table(HEADINGS, lines)


def _execution(server: str, rows: int, latency_ms: float, lanes: int) -> tuple[str, ...]:
    """A line of the table, from a sandbox of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="simferry-executing-") as folder,
        site(Path(folder), server, rows, rows) as place,
    ):
        run = place.approved("--in-flight", str(lanes))
        place.sandbox.set_latency(latency_ms)
        place.sandbox.forget_requests()
        whole = place.simferry("execute", run)
        sent = [each for each in place.sandbox.requests() if each.path.endswith(MIGRATION)]
    return _line(sent, latency_ms / 1000, lanes, whole)


@dataclass(frozen=True, slots=True)
class Span:
    """Requests from the arrival of the first to the answer of the last, and what they took at the least."""

    seconds: float
    ideal_s: float
    served_s: float


def _span(sent: Sequence[Sent], latency_s: float, lanes: int) -> Span:
    at = [datetime.fromisoformat(each.at).timestamp() for each in sent]
    took = [(each.took_ms or 0.0) / 1000 for each in sent]
    seconds = max(begun + each for begun, each in zip(at, took, strict=True)) - min(at)
    return Span(seconds, len(sent) * latency_s / lanes, sum(took) / lanes)


def _line(sent: Sequence[Sent], latency_s: float, lanes: int, whole: Measured) -> tuple[str, ...]:
    span, after = _span(sent, latency_s, lanes), _span(sent[CANARY_REQUESTS:], latency_s, lanes)
    return (
        str(lanes),
        f"{span.seconds:.2f}",
        str(len(sent)),
        str(max(each.in_flight for each in sent)),
        f"{span.ideal_s:.2f}",
        f"{span.ideal_s / span.seconds:.1%}",
        f"{span.served_s / span.seconds:.1%}",
        f"{span.seconds - after.seconds:.2f}",
        f"{after.ideal_s / after.seconds:.1%}",
        f"{after.served_s / after.seconds:.1%}",
        f"{whole.wall_s:.1f}",
        f"{whole.peak_mb:,.0f}",
    )


if __name__ == "__main__":
    main()
