"""Super SIM: one call per SIM against a sandbox of 50 ms latency that takes 20 calls at once, beside the vendor's loop.

    .venv/bin/python -m benchmarks.streaming [--rows 20000] [--latency-ms 50] [--at-once 20] [--looped 200]

The ideal is one changing request per SIM × latency ÷ what the provider takes at once. The time is taken from the
sandbox's own record, from the arrival of the first changing request to the answer of the last; what the sandbox
really served, which is more than the latency on a busy machine, is given too. Reads, refusals (429) and everything
else that simferry does is in that time or costs it. The loop finds each SIM by its ICCID and sets its account, one
after the other, on other SIMs of the same sandbox just before; its time is stretched to the same number of SIMs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import polars as pl

from benchmarks.measured import measured, table
from benchmarks.sites import Site, prefect
from sandbox.accounts import write_accounts
from sandbox.homes import Name
from sandbox.remote import Sent
from sandbox.serve import running
from sandbox.supersim.accounts import DEPOT, NORTH, SOUTH
from sandbox.supersim.truth import Truth
from sandbox.world import Mix, seed

HEADINGS = (
    "",
    "SIMs",
    "seconds",
    "per s",
    "ideal s",
    "of ideal",
    "of served",
    "refused",
    "reads",
    "times the loop",
    "whole s",
    "CPU s",
    "peak MB",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--at-once", type=int, default=20)
    parser.add_argument("--looped", type=int, default=200, help="SIMs that the vendor's loop moves")
    asked = parser.parse_args()
    with (
        prefect() as server,
        tempfile.TemporaryDirectory(prefix="simferry-streaming-") as folder,
        _site(Path(folder), server, asked.rows, asked.looped, asked.at_once) as place,
    ):
        run = place.approved(source="north", target="south")
        place.sandbox.set_latency(asked.latency_ms)
        loop_s = _loop(place, Path(folder) / "looped.txt") * asked.rows / asked.looped
        place.sandbox.forget_requests()
        whole = place.simferry("execute", run)
        span = _span(place.sandbox.requests(), asked.latency_ms / 1000, asked.at_once)
    print(f"{asked.latency_ms:g} ms latency, {asked.at_once} requests at once\n")
    loop = ("vendor's loop", f"{asked.looped:,}", f"{loop_s:.0f}", f"{asked.rows / loop_s:.1f}")
    ours = (
        "simferry execute",
        f"{asked.rows:,}",
        f"{span.seconds:.1f}",
        f"{asked.rows / span.seconds:.0f}",
        f"{span.ideal_s:.1f}",
        f"{span.ideal_s / span.seconds:.1%}",
        f"{span.served_s / span.seconds:.1%}",
        f"{span.refused:,}",
        f"{span.reads:,}",
        f"{loop_s / span.seconds:.1f}",
        f"{whole.wall_s:.1f}",
        f"{whole.cpu_s:.1f}",
        f"{whole.peak_mb:,.0f}",
    )
    table(HEADINGS, [loop + ("–",) * (len(HEADINGS) - len(loop)), ours])


@dataclass(frozen=True, slots=True)
class Span:
    """Changing requests from the arrival of the first to the answer of the last; `refused` were throttled."""

    seconds: float
    ideal_s: float
    served_s: float
    refused: int
    reads: int


def _span(sent: Sequence[Sent], latency_s: float, at_once: int) -> Span:
    changing = [each for each in sent if each.method == "POST"]
    at = [datetime.fromisoformat(each.at).timestamp() for each in changing]
    took = [(each.took_ms or 0.0) / 1000 for each in changing]
    done = [seconds for each, seconds in zip(changing, took, strict=True) if each.status == HTTPStatus.OK]
    return Span(
        max(begun + each for begun, each in zip(at, took, strict=True)) - min(at),
        len(done) * latency_s / at_once,
        sum(done) / at_once,
        len(changing) - len(done),
        len(sent) - len(changing),
    )


def _loop(place: Site, iccids: Path) -> float:
    """Seconds that the vendor's loop takes for these SIMs."""
    script = [sys.executable, "-m", "benchmarks.vendor_loop", place.sandbox.base_url]
    return float(
        measured([*script, DEPOT.sid, DEPOT.auth_token, NORTH.sid, NORTH.auth_token, SOUTH.sid, iccids], place.env).said
    )


@contextmanager
def _site(folder: Path, server: str, sims: int, looped: int, at_once: int) -> Iterator[Site]:
    """A sandbox whose SIMs are all free to move, a list of them, and some others for the loop."""
    home = folder / "sandbox"
    seed(home, sims=sims + looped, mix=Mix.PLAIN, provider=Name.SUPERSIM)
    with running(home, switches={"calls_at_once_max": str(at_once)}) as sandbox:
        accounts = write_accounts(home, sandbox.base_url)
        iccids = Truth(home).where().select(pl.concat_str("iccid", "check_digit").alias("ICCID"))
        iccids.head(sims).write_csv(folder / "list.csv")
        iccids.tail(looped).write_csv(folder / "looped.txt", include_header=False)
        env = {
            "SIMFERRY_ACCOUNTS": str(accounts),
            "SIMFERRY_HOME": str(folder / "runs"),
            "PREFECT_API_URL": server,
            "NO_PROXY": "127.0.0.1",
        }
        yield Site(sandbox, folder / "list.csv", env)


if __name__ == "__main__":
    main()
