"""A sandbox full of plain SIMs with a list of them and a Prefect server beside it, while something is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import polars as pl

from benchmarks.measured import SIMFERRY, Measured, measured
from sandbox.accounts import SOURCE, write_accounts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.truth import Truth
from sandbox.world import Mix, seed
from tasks.engine import QUIET
from tasks.engine_own import own_server

REQUESTS_PER_5_MIN = 10_000_000  # no limit: what is measured is not the waiting
HEADINGS = ("Meter", "ICCID", "Site")


@dataclass(frozen=True, slots=True)
class Site:
    """A sandbox, a list of SIMs in it, and the environment in which `simferry` finds both and the server."""

    sandbox: Sandbox
    list: Path
    env: dict[str, str]

    def simferry(self, *words: str | Path) -> Measured:
        """One command as a process of its own."""
        return measured([*SIMFERRY, *words], self.env)

    def plan(self, *more: str, source: str = "pilot", target: str = "fleet") -> tuple[Measured, str, int]:
        """A plan of the list: how it went, the run's name, and the SIMs that will move."""
        run = self.simferry("plan", self.list, "--from", source, "--to", target, "--json", *more)
        plan = orjson.loads(run.said)
        return run, str(plan["run"]), int(plan["counts"]["MOVE"])

    def approved(self, *more: str, source: str = "pilot", target: str = "fleet") -> str:
        """The name of a run that is planned and approved."""
        _, name, sims = self.plan(*more, source=source, target=target)
        self.simferry("approve", name, "--sims", str(sims))
        return name


@contextmanager
def prefect() -> Iterator[str]:
    """The URL of a Prefect server that ends with the block."""
    with own_server(QUIET, meanwhile=lambda: None) as url:
        yield url


@contextmanager
def site(folder: Path, server: str, sims: int, listed: int, latency_ms: float = 0) -> Iterator[Site]:
    """A sandbox of so many SIMs, all of them free to move, and a list of the first `listed`."""
    home = folder / "sandbox"
    seed(home, sims=sims, mix=Mix.PLAIN)
    with running(home, latency_ms=latency_ms, rate_scale=0) as sandbox:
        accounts = write_accounts(home, sandbox.base_url)
        raised = accounts.read_text(encoding="utf-8").replace(
            "base_url", f"requests_per_5_min = {REQUESTS_PER_5_MIN}\nbase_url"
        )
        accounts.write_text(raised, encoding="utf-8")
        path = folder / "list.csv"
        _write(path, Truth(home).where().filter(pl.col("workspace_id") == SOURCE).head(listed))
        env = {
            "SIMFERRY_ACCOUNTS": str(accounts),
            "SIMFERRY_HOME": str(folder / "runs"),
            "PREFECT_API_URL": server,
            "NO_PROXY": "127.0.0.1",
        }
        yield Site(sandbox, path, env)


def _write(path: Path, sims: pl.DataFrame) -> None:
    meter = pl.format("meter {}", pl.int_range(pl.len())).alias(HEADINGS[0])
    sims.select(meter, pl.col("iccid").alias(HEADINGS[1]), pl.lit("Cologne").alias(HEADINGS[2])).write_csv(path)
