"""Trials one after the other, two at a time, over the scripts of a provider, until there have been strikes enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import count
from pathlib import Path

from chaos.hazards import Hazard
from chaos.trial import STRIKES_PER_TRIAL, Case, Result, tried
from chaos.worlds import WORLDS
from domain.errors import UsageError
from sandbox.scripts import read_script
from sandbox.world import Name

SCRIPTS = Path(__file__).parent / "scripts"
FAIR = "fair"  # the script of those trials in which something else goes wrong
AT_ONCE = 2  # a trial waits for most of its time
TRIALS_MAX = 500  # of one provider and hazard, however little comes of each


def scripts_of(provider: Name, name: str | None = None) -> list[Path]:
    """The provider's fault scripts, or the one of that name; raises `UsageError` where there is none, or it is bad."""
    files = sorted((SCRIPTS / provider).glob("*.toml"))
    chosen = [file for file in files if name in {None, file.stem}]
    if not chosen:
        known = ", ".join(file.stem for file in files)
        raise UsageError(f"{provider} has no fault script “{name}”. There are: {known}.")
    for file in chosen:
        read_script(file)
    return chosen


def cases(
    provider: Name, hazard: Hazard, seed: int, name: str | None, strikes: int, journal_server: str | None = None
) -> Iterator[Case]:
    """Trials without end: each script in its turn, the seed one more from each trial to the next.

    Each is struck `strikes` times, or as often as such a trial may be.
    """
    usual = name if hazard is Hazard.KILL else name or FAIR
    files, most = scripts_of(provider, usual), min(strikes, STRIKES_PER_TRIAL[hazard])
    for place in count():
        yield Case(WORLDS[provider], files[place % len(files)], hazard, seed + place, most, journal_server)


def campaign(
    trials: Iterator[Case], strikes: int, trials_max: int | None, prefect_url: str, keep: Callable[[Result], None]
) -> None:
    """Trials until there have been so many strikes, or trials; `keep` is given each when it ends."""
    running: dict[Future[Result], Case] = {}
    started = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            due = strikes - sum(case.strikes for case in running.values())
            while due > 0 and len(running) < AT_ONCE and started < (trials_max or TRIALS_MAX):
                case = next(trials)
                running[pool.submit(tried, case, prefect_url)] = case
                started, due = started + 1, due - case.strikes
            if not running:
                return
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                del running[future]
                strikes -= future.result().strikes
                keep(future.result())
