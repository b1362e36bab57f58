"""`make demo`: a sandbox of its own, and a damaged list carried through it with the commands an operator types."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import polars as pl

from domain.errors import Exit
from domain.outcomes import Outcome
from domain.plan import Step
from flows.cli import main
from flows.standing import outcomes_of
from journal.folder import every_run, open_run
from sandbox.accounts import write_accounts
from sandbox.serve import running
from sandbox.world import seed
from tasks.asked import here
from tasks.engine import engine

LIST = Path("inputs/examples/fleet.xlsx")
HOME = Path(".sandbox/demo")


def demo() -> int:
    """Run the demonstration; 0 where every row came to what it should."""
    if HOME.exists():
        shutil.rmtree(HOME)
    HOME.mkdir(parents=True)
    seed(HOME / "provider")
    with running(HOME / "provider") as sandbox:
        os.environ["SIMFERRY_ACCOUNTS"] = str(write_accounts(HOME / "provider", sandbox.base_url))
        os.environ["SIMFERRY_HOME"] = str(HOME / "runs")
        _tell(f"A sandbox of emnify is at {sandbox.base_url}; it ends with this demo.")
        with engine(_tell):
            return _carry()


def _carry() -> int:
    """The four commands, one after the other."""
    home = here().home
    _type(f"simferry plan {LIST} --from pilot --to fleet", Exit.ROWS)
    run = next(iter(every_run(home))).name
    plan, _ = open_run(home, run).load_plan()
    _type(f"simferry approve {run} --sims {plan.counts[Step.MOVE]} --by demo", Exit.OK)
    _type(f"simferry execute {run}", Exit.OK)
    _type(f"simferry reconcile {run}", Exit.ROWS)
    _tell("\nWhat happened to every kind of row:\n")
    for line in _kinds(outcomes_of(here(), run)):
        _tell(line)
    _tell(f"\nLook at  {home / run / 'report.html'}\n    and  {home / run / f'returned-{LIST.name}'}")
    return 0


def _kinds(outcomes: pl.DataFrame) -> list[str]:
    """One line per outcome and code: how many, the first row, and its reason."""
    kinds = outcomes.group_by("outcome", "code", maintain_order=True).agg(
        pl.len(), pl.col("row").first(), pl.col("reason").first()
    )
    kept = kinds.sort(pl.col("outcome") != Outcome.CONFIRMED, pl.col("outcome").cast(pl.String), maintain_order=True)
    return [
        f"  {outcome:<10} {count:>6,}  e.g. row {row:<5} {reason}"
        for outcome, _, count, row, reason in kept.iter_rows()
    ]


def _type(command: str, expected: Exit) -> None:
    """Run a command as if it were typed; end the demo where it ends otherwise than it should."""
    _tell(f"\n$ {command}")
    sys.stdout.flush()
    code = main(shlex.split(command)[1:])
    if code != expected:
        sys.exit(f"`{command}` ended with exit code {code} where {expected:d} was due.")
    if code:
        _tell(f"(exit code {code}: rows were rejected or refused, which this list is made for)")


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(demo())
