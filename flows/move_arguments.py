"""What may be asked of a move on the command line, for `plan` and for `migrate`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from domain.limits import Limits
from tasks.asked import MoveAsked, NumbersAsked

SETTLE_S_MAX = 3_600.0  # the most that any provider is given
AWAIT_S_MAX = 86_400.0
_DEFAULTS = Limits()


def move_arguments(command: argparse.ArgumentParser) -> None:
    """Add accounts, permissions and numbers of a move."""
    command.add_argument("--from", dest="source", required=True, metavar="ACCOUNT")
    command.add_argument("--to", dest="target", required=True, metavar="ACCOUNT")
    command.add_argument(
        "--allow-status",
        action="append",
        metavar="STATUS",
        help="a status that may move, in the provider's word; may be given again (default: the provider's rule table)",
    )
    command.add_argument(
        "--detach-devices", action="store_true", help="emnify: SIMs attached to a device are detached and moved"
    )
    _of_super_sim(command.add_argument_group("Super SIM"))
    number_arguments(command)


def move_asked(asked: argparse.Namespace) -> MoveAsked:
    """What a move may do, as it was typed; files by their whole path, since a flow may run in another folder."""
    return MoveAsked(
        allowed_statuses=tuple(asked.allow_status) if asked.allow_status else None,
        detach_devices=asked.detach_devices,
        deactivate_first=asked.deactivate_first,
        reactivate=asked.reactivate,
        group=asked.fleet,
        group_map=str(asked.fleet_map.absolute()) if asked.fleet_map else None,
        no_group=asked.no_fleet,
        numbers=replace(numbers_asked(asked), await_s=asked.await_s),
    )


def number_arguments(command: argparse.ArgumentParser) -> None:
    """Add the numbers of a run."""
    settle = _seconds_to(SETTLE_S_MAX)
    for flag, name, kind, words in (
        ("--batch", "batch_sims", positive, "SIMs per batch"),
        ("--canary", "canary_sims", positive, "SIMs of the first batch, read back whole before the rest goes"),
        ("--in-flight", "calls_in_flight", positive, "changing requests under way at once"),
        ("--spot", "spot_sims", positive, "SIMs of every batch that are read back at once; all are at the end"),
        ("--settle", "settle_s", settle, "seconds a provider may need to finish what it did not answer"),
    ):
        default = getattr(_DEFAULTS, name)
        command.add_argument(flag, dest=name, type=kind, metavar="N", help=f"{words} (default {default:g})")


def numbers_asked(asked: argparse.Namespace) -> NumbersAsked:
    """The numbers of a run, as they were typed."""
    return NumbersAsked(asked.batch_sims, asked.canary_sims, asked.calls_in_flight, asked.spot_sims, asked.settle_s)


def positive(text: str) -> int:
    """A whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _of_super_sim(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--deactivate-first",
        action="store_true",
        help="ready and active SIMs are deactivated, then moved: they are offline from then on",
    )
    group.add_argument(
        "--reactivate",
        action="store_true",
        help="SIMs that the run has deactivated are activated again in the target (with --deactivate-first)",
    )
    fleets = group.add_mutually_exclusive_group()
    fleets.add_argument("--fleet", metavar="NAME", help="name or sid of the target's fleet that every SIM arrives in")
    fleets.add_argument(
        "--fleet-map", type=Path, metavar="FILE", help="CSV or xlsx: columns from and to, fleets by name or sid"
    )
    fleets.add_argument("--no-fleet", action="store_true", help="SIMs arrive without a fleet")
    group.add_argument(
        "--await",
        dest="await_s",
        type=_seconds_to(AWAIT_S_MAX),
        metavar="SECONDS",
        help="how long what the provider has accepted is waited for, before the run goes on "
        f"(default {_DEFAULTS.await_s:g}); a later execute or reconcile takes it up",
    )


def _seconds_to(most_s: float) -> Callable[[str], float]:
    """What reads a number of seconds from 0 to `most_s`."""

    def seconds(text: str) -> float:
        value = float(text)
        if not 0 <= value <= most_s:
            raise argparse.ArgumentTypeError(f"must be between 0 and {most_s:.0f} seconds")
        return value

    return seconds
