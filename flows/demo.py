"""`make demo`: a sandbox of its own, and a damaged list carried through it with the commands an operator types."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import Exit
from domain.outcomes import Outcome
from domain.plan import Step
from flows.demo_transfer import transfer
from flows.demo_typed import tell, type_command
from flows.standing import outcomes_of
from journal.folder import every_run, open_run
from sandbox.accounts import write_accounts
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.world import Name, seed
from tasks.asked import here
from tasks.engine import engine

EXAMPLES = Path("inputs/examples")
HOME = Path(".sandbox/demo")
DISAGREEMENTS_SHOWN_MAX = 10

Ends = Mapping[int, Mapping[str, int]]  # row → "outcome/code" → lines


@dataclass(frozen=True, slots=True)
class Show:
    """A list, how it is planned, and how its rows are to end: by the first of `ends` that its `.expected.json` has."""

    provider: str  # in a person's words
    list: Path
    planned: str  # what is typed behind the list
    ends: tuple[str, ...] = ("ends",)
    rate_scale: float = 1.0  # of the sandbox's limits: nobody is to wait for a minute to be over
    more: Callable[[Sandbox, str], None] | None = None  # what follows, with the run


SHOWS = {
    Name.EMNIFY: Show("emnify", EXAMPLES / "fleet.xlsx", "--from pilot --to fleet"),
    Name.SUPERSIM: Show(
        "Super SIM",
        EXAMPLES / "supersim.xlsx",
        f"--from north --to south --fleet-map {EXAMPLES / 'fleets.csv'} --deactivate-first --reactivate",
        ("deactivated", "ends"),
    ),
    Name.SORACOM: Show(
        "Soracom",
        EXAMPLES / "soracom.xlsx",
        f"--from east --to west --group-map {EXAMPLES / 'groups.csv'}",
        rate_scale=20.0,
        more=transfer,
    ),
}


def demo(words: Sequence[str]) -> int:
    """Run the demonstration of a provider; 0 where every row came to what it should, 2 where there is no such one."""
    provider = words[0] if words else Name.EMNIFY
    if provider not in list(Name):
        known = " or ".join(f"make demo PROVIDER={name}" for name in SHOWS)
        sys.stderr.write(f"There is no demonstration of “{provider}”. Type  {known}\n")
        return Exit.USAGE
    name = Name(provider)
    home = HOME / name
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True)
    seed(home / "provider", provider=name)
    show = SHOWS[name]
    with running(home / "provider", rate_scale=show.rate_scale) as sandbox:
        os.environ["SIMFERRY_ACCOUNTS"] = str(write_accounts(home / "provider", sandbox.base_url))
        os.environ["SIMFERRY_HOME"] = str(home / "runs")
        tell(f"A sandbox of {show.provider} is at {sandbox.base_url}; it ends with this demo.")
        with engine(tell):
            return _carry(show, sandbox)


def disagreements(outcomes: pl.DataFrame, expected: Ends) -> list[str]:
    """Rows (of OUTCOMES) that ended otherwise than expected, or that only one of the two knows, in words."""
    found: dict[int, Counter[str]] = {}
    for row, outcome, code in outcomes.select("row", "outcome", "code").iter_rows():
        found.setdefault(row, Counter())[f"{outcome}/{code}"] += 1
    return [
        f"row {row}: {dict(found.get(row, {}))} where {dict(expected.get(row, {}))} was due"
        for row in sorted({*found, *expected})
        if found.get(row, {}) != expected.get(row, {})
    ]


def _carry(show: Show, sandbox: Sandbox) -> int:
    """The commands of a move, one after the other, and what the provider has more of."""
    home = here().home
    type_command(f"simferry plan {show.list} {show.planned}", Exit.ROWS)
    run = next(iter(every_run(home))).name
    plan, _ = open_run(home, run).load_plan()
    type_command(f"simferry approve {run} --sims {plan.counts[Step.MOVE]} --by demo", Exit.OK)
    type_command(f"simferry execute {run}", Exit.OK)
    type_command(f"simferry reconcile {run}", Exit.ROWS)
    outcomes = outcomes_of(here(), run)
    tell("\nWhat happened to every kind of row:\n")
    for line in _kinds(outcomes):
        tell(line)
    if wrong := disagreements(outcomes, _expected(show)):
        sys.exit("\n".join(["", *wrong[:DISAGREEMENTS_SHOWN_MAX], f"{len(wrong):,} rows ended otherwise than due."]))
    tell(f"\nAll {outcomes['row'].n_unique():,} rows ended as {show.list.with_suffix('.expected.json')} says.")
    for place in (home / run / "report.html", home / run / f"returned-{show.list.name}", home / run / "history"):
        if place.exists():
            tell(f"Look at  {place}")
    if show.more:
        show.more(sandbox, run)
    return Exit.OK


def _expected(show: Show) -> Ends:
    """How the rows of the list are to end."""
    rows = json.loads(show.list.with_suffix(".expected.json").read_text(encoding="utf-8"))["rows"]
    return {int(row): next(entry[key] for key in show.ends if key in entry) for row, entry in rows.items()}


def _kinds(outcomes: pl.DataFrame) -> list[str]:
    """A line per outcome, code and, of SIMs that were moved, change of status: how many, the first row, its reason."""
    moved = pl.col("outcome") == Outcome.CONFIRMED
    change = pl.concat_str("status_before", pl.lit(" → "), "status_now", pl.lit(". "))
    kinds = (
        outcomes.with_columns(pl.when(moved).then(change).otherwise(pl.lit("")).alias("change"))
        .group_by("outcome", "code", "change", maintain_order=True)
        .agg(pl.len(), pl.col("row").first(), pl.col("reason").first())
        .sort(~moved, pl.col("outcome").cast(pl.String), maintain_order=True)
    )
    return [
        f"  {outcome:<10} {count:>6,}  e.g. row {row:<5} {change or ''}{reason}"
        for outcome, _, change, count, row, reason in kinds.iter_rows()
    ]


if __name__ == "__main__":
    sys.exit(demo(sys.argv[1:]))
