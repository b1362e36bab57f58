"""A running sandbox, and the `simferry sandbox` command."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from domain.errors import UsageError
from sandbox.accounts import write_accounts
from sandbox.child import HOST, Settings
from sandbox.homes import Name, books_in
from sandbox.months import pass_month
from sandbox.positions import as_texts
from sandbox.process import serving
from sandbox.remote import Sandbox
from sandbox.scripts import read_script
from sandbox.soracom.switches import Switches as SoracomSwitches
from sandbox.soracom.truth import Truth as SoracomTruth
from sandbox.supersim.switches import Switches as SuperSimSwitches
from sandbox.supersim.truth import Truth as SuperSimTruth
from sandbox.switches import Switches
from sandbox.truth import Truth
from sandbox.world import SIMS_DEFAULT, seed

HOME_DEFAULT = Path(".sandbox")
ALL = "all"


@contextmanager
def running(
    home: Path,
    *,
    port: int = 0,
    latency_ms: float = 0,
    rate_scale: float = 1.0,
    faults: Path | None = None,
    switches: Switches | SuperSimSwitches | SoracomSwitches | Mapping[str, str] | None = None,
) -> Iterator[Sandbox]:
    """A sandbox over whichever books are in `home`, stopped on leaving; raises `UsageError` where it does not start.

    `latency_ms` is the least time from a request's arrival to its answer; `rate_scale` multiplies the documented
    rate limits (0: none). The server ends with this process, however that ends.
    """
    if not books_in(home):
        raise UsageError(f"There is no sandbox in {home}. Seed one first: simferry sandbox --home {home}")
    own = Switches | SuperSimSwitches | SoracomSwitches
    given = as_texts(switches) if isinstance(switches, own) else dict(switches or {})
    settings = Settings(
        home=str(home.resolve()),
        port=port,
        latency_ms=latency_ms,
        rate_scale=rate_scale,
        faults=None if faults is None else str(faults.resolve()),
        switches=given,
    )
    with serving(home, settings) as (listening, pid):
        yield Sandbox(f"http://{HOST}:{listening}", home, pid)


def main(argv: list[str]) -> int:
    """`simferry sandbox`: seed an empty home, write its accounts, serve until Ctrl-C; the exit code."""
    options = _options().parse_args(argv)
    home: Path = options.home
    if options.pass_month:
        return _pass_month(home, options.seed)
    if options.faults is not None:
        read_script(options.faults)  # before anything is seeded; a server could only die of it
    for provider in Name if options.provider == ALL else (Name(options.provider),):
        if provider not in books_in(home):
            seed(home, options.sims, options.seed, provider=provider)
    try:
        with running(
            home,
            port=options.port,
            latency_ms=options.latency_ms,
            rate_scale=options.rate_scale,
            faults=options.faults,
            switches=dict(options.switch),
        ) as sandbox:
            _say(sandbox, write_accounts(home, sandbox.base_url))
            while True:
                time.sleep(1)
    except KeyboardInterrupt:
        _write("stopped; the books stay in the home and the next start goes on from them")
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simferry sandbox", description="Simulated providers on loopback.")
    parser.add_argument(
        "--provider",
        choices=[*Name, ALL],
        default=ALL,
        help="whose books to seed where they are missing (default: %(default)s); all that are in the home are served",
    )
    parser.add_argument("--home", type=Path, default=HOME_DEFAULT, help="folder of the books (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port on loopback (default: any free one)")
    parser.add_argument("--sims", type=int, default=SIMS_DEFAULT, help="SIMs to seed an empty home with")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same SIMs")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="least time from a request to its answer")
    parser.add_argument("--rate-scale", type=float, default=1.0, help="times the documented rate limits; 0: no limits")
    parser.add_argument("--faults", type=Path, default=None, help="fault script (TOML or JSON; docs/faults.md)")
    parser.add_argument(
        "--pass-month", action="store_true", help="let a month pass in the books, say what happened, and end"
    )
    parser.add_argument(
        "--switch",
        action="append",
        type=_position,
        default=[],
        metavar="NAME=VALUE",
        help="see the switches.py in sandbox/",
    )
    return parser


def _pass_month(home: Path, seed: int) -> int:
    """Let a month pass in the books of a home, whether or not they are being served; the exit code."""
    if not books_in(home):
        raise UsageError(f"There is no sandbox in {home}. Seed one first: simferry sandbox --home {home}")
    counts = pass_month(home, seed).group_by("provider", "what", maintain_order=True).len()
    for provider, what, sims in counts.iter_rows():
        _write(f"{provider}: {sims} {what}")
    return 0


def _position(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"“{text}” is not NAME=VALUE, as gaps=skipped is; see sandbox/switches.py")
    return name, value


def _say(sandbox: Sandbox, accounts: Path) -> None:
    there = books_in(sandbox.home)
    if Name.EMNIFY in there:
        _write(f"emnify sandbox at {sandbox.base_url}, home {sandbox.home}")
        for workspace_id, name, sims in Truth(sandbox.home).workspaces():
            _write(f"  {workspace_id}  {name:<14} {sims:>9,} SIMs")
    if Name.SUPERSIM in there:
        _write(f"Super SIM sandbox at {sandbox.base_url}, home {sandbox.home}")
        for sid, name, sims in SuperSimTruth(sandbox.home).accounts():
            _write(f"  {sid}  {name:<14} {sims:>9,} SIMs")
    if Name.SORACOM in there:
        _write(f"Soracom sandbox at {sandbox.base_url}, home {sandbox.home}")
        for operator, name, sims in SoracomTruth(sandbox.home).operators():
            _write(f"  {operator}  {name:<14} {sims:>9,} SIMs")
    ways = {
        Name.EMNIFY: "pilot → fleet",
        Name.SUPERSIM: "north → south, kore-north → kore-south",
        Name.SORACOM: "east → west, east → far, edo → osaka",
    }
    _write(f"accounts: {accounts}  ({'; '.join(ways[name] for name in there)})")
    _write("try:")
    _write(f"  simferry accounts --check --accounts {accounts}")
    if Name.EMNIFY in there:
        _write(f"  simferry plan inputs/examples/fleet.xlsx --from pilot --to fleet --accounts {accounts}")
    if Name.SUPERSIM in there:
        _write(
            "  simferry plan inputs/examples/supersim.xlsx --from north --to south --fleet-map"
            f" inputs/examples/fleets.csv --accounts {accounts}"
        )
    if Name.SORACOM in there:
        _write(
            "  simferry plan inputs/examples/soracom.xlsx --from east --to west --group-map"
            f" inputs/examples/groups.csv --accounts {accounts}"
        )
    _write("Ctrl-C stops it.")


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
