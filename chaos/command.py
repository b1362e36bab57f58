"""`python -m chaos`, which `make chaos` runs: kill, resume, and hold every report against the provider's books."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from chaos.busy import busy
from chaos.campaign import campaign, cases
from chaos.hazards import Hazard
from chaos.table import STRUCK, as_json, rows_of, show
from chaos.trial import Result
from domain.errors import Exit, UsageError
from sandbox.world import Name
from tasks.engine import QUIET, quiet
from tasks.engine_own import own_server

KILLS = 200
SHARE = {Hazard.KILL: 1.0, Hazard.SANDBOX: 0.1, Hazard.DISK: 0.1, Hazard.JOURNAL: 0.08}  # of the kills
SHOWN_MAX = 10  # of what is wrong with a trial
WIDTH = 160  # of plain lines


def main(words: Sequence[str]) -> int:
    """Run the trials asked for: 0 where nothing is wrong, 1 where anything is, 2 where the command line is."""
    asked = _parser().parse_args(words)
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH, no_color=True, highlight=False)
    results: list[Result] = []

    def keep(one: Result) -> None:
        results.append(one)
        _tell(one, console)
        if asked.results:
            asked.results.write_text(as_json(results, asked.load, asked.seed) + "\n", encoding="utf-8")

    quiet()
    try:
        with busy(asked.load), own_server(QUIET, lambda: None) as prefect_url:
            _campaigns(asked, prefect_url, keep)
    except UsageError as error:
        console.print(str(error), soft_wrap=True)
        return Exit.USAGE
    show(rows_of(results), console)
    return int(any(one.failed for one in results))


def _campaigns(asked: argparse.Namespace, prefect_url: str, keep: Callable[[Result], None]) -> None:
    """Carry out what was asked for, provider by provider; raises `UsageError` where there is no such one."""
    if strange := sorted(set(asked.provider) - set(Name)):
        raise UsageError(f"There is no provider {', '.join(strange)}. There are: {', '.join(Name)}.")
    for provider in map(Name, asked.provider):
        for hazard in [Hazard(asked.only)] if asked.only else list(Hazard):
            times = asked.kills if asked.only else max(1, round(asked.kills * SHARE[hazard]))
            trials = cases(provider, hazard, asked.seed, asked.script, times, asked.journal_server)
            campaign(trials, times, asked.trials, prefect_url, keep)


def _tell(one: Result, console: Console) -> None:
    """A line for a trial that has ended, and all that is wrong with it."""
    case, ends = one.case, ", ".join(f"{lines} {outcome}" for outcome, lines in one.ends.items())
    console.print(
        f"{case.world.provider} {case.name}, seed {case.seed}: {STRUCK[case.hazard]} {one.strikes} times in "
        f"{one.executions} executions, {one.wall_s:.0f} s; {ends}",
        soft_wrap=True,
    )
    if one.failed:
        wrong = [*one.verdict.words[:SHOWN_MAX], *([one.broken] if one.broken else [])]
        more = len(one.verdict.words) - SHOWN_MAX
        console.print(
            "\n".join(
                [
                    f"  FAILED with the script {case.name} and the seed {case.seed}:",
                    *(f"    {line}" for line in wrong),
                    *([f"    … and {more} more"] if more > 0 else []),
                    f"  kept in {one.kept}",
                    f"  again:  {case.again}",
                ]
            ),
            soft_wrap=True,
            markup=False,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("provider", nargs="*", default=list(map(str, Name)), help="of: emnify supersim soracom")
    parser.add_argument(
        "--kills", type=int, default=KILLS, help="of simferry per provider, at least (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the first trial; the next has one more (default 1)")
    parser.add_argument("--load", type=int, default=0, metavar="N", help="busy processes beside it (default none)")
    parser.add_argument("--script", metavar="NAME", help="this fault script alone")
    parser.add_argument(
        "--only",
        choices=[str(one) for one in Hazard],
        help="this alone: simferry killed, the provider killed, the disk filled, the journal taken away "
        "(default: all, a tenth as many of the others)",
    )
    parser.add_argument(
        "--journal-server",
        metavar="URL",
        help="of a PostgreSQL (postgresql://user@host/database, a user who may make databases) for the journals; "
        "it wants psycopg (default: each in its run's folder)",
    )
    parser.add_argument("--trials", type=int, metavar="N", help="runs of each kind at most (default: as it takes)")
    parser.add_argument("--results", type=Path, metavar="FILE.json", help="write what came of it")
    return parser
