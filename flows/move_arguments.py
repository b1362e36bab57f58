"""What may be asked of a move on the command line, for `plan` and for `migrate`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from domain.limits import Limits
from domain.orders import SIMS_PER_TOKEN
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
    _of_soracom(command.add_argument_group("Soracom"))
    _of_both(command.add_argument_group("Super SIM and Soracom", "what SIMs are grouped by: fleets, and groups"))
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
        sims_per_token=asked.sims_per_token,
        no_restore=asked.no_restore,
        numbers=replace(numbers_asked(asked), await_s=asked.await_s),
    )


def number_arguments(command: argparse.ArgumentParser) -> None:
    """Add the numbers of a run."""
    settle = _seconds_to(SETTLE_S_MAX)
    for flag, name, kind, words in (
        ("--batch", "batch_sims", positive, "SIMs per batch"),
        ("--canary", "canary_sims", positive, "SIMs of the first batch, read back whole before the rest goes"),
        ("--spot", "spot_sims", positive, "SIMs of every batch that are read back at once; all are at the end"),
        ("--settle", "settle_s", settle, "seconds a provider may need to finish what it did not answer"),
    ):
        default = getattr(_DEFAULTS, name)
        command.add_argument(flag, dest=name, type=kind, metavar="N", help=f"{words} (default {default:g})")
    command.add_argument(
        "--in-flight",
        dest="calls_in_flight",
        type=positive,
        metavar="N",
        help="requests under way at once: at emnify those that change something (default 1); at Super SIM and Soracom "
        "the most that it may find its way up to (default: calls_in_flight of the accounts, else 64 and 16)",
    )


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


def _of_soracom(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--sims-per-token",
        type=_token_size,
        metavar="N",
        help=f"SIMs that are offered together, 1 to {SIMS_PER_TOKEN} (default {SIMS_PER_TOKEN}); what is taken back is "
        "the whole token, so give 1 where single SIMs may have to be",
    )
    group.add_argument(
        "--no-restore",
        action="store_true",
        help="what SIMs were set to is saved and compared, and not put back in the target",
    )


def _of_both(group: argparse._ArgumentGroup) -> None:
    groups = group.add_mutually_exclusive_group()
    groups.add_argument(
        "--fleet",
        "--group",
        dest="fleet",
        metavar="NAME",
        help="name or id of the target's fleet or group that every SIM arrives in",
    )
    groups.add_argument(
        "--fleet-map",
        "--group-map",
        dest="fleet_map",
        type=Path,
        metavar="FILE",
        help="CSV or xlsx: columns from and to, names or ids (at Soracom groups of the same name need no row)",
    )
    groups.add_argument(
        "--no-fleet", "--no-group", dest="no_fleet", action="store_true", help="SIMs arrive without a fleet or group"
    )
    group.add_argument(
        "--await",
        dest="await_s",
        type=_seconds_to(AWAIT_S_MAX),
        metavar="SECONDS",
        help="how long what the provider has accepted, or the other side is to accept, is waited for before the run "
        f"goes on (default: Super SIM {_DEFAULTS.await_s:g}, Soracom 0); a later execute or reconcile takes it up",
    )


def _token_size(text: str) -> int:
    """A number of SIMs that one token can be for."""
    value = positive(text)
    if value > SIMS_PER_TOKEN:
        raise argparse.ArgumentTypeError(f"must be between 1 and {SIMS_PER_TOKEN}")
    return value


def _seconds_to(most_s: float) -> Callable[[str], float]:
    """What reads a number of seconds from 0 to `most_s`."""

    def seconds(text: str) -> float:
        value = float(text)
        if not 0 <= value <= most_s:
            raise argparse.ArgumentTypeError(f"must be between 0 and {most_s:.0f} seconds")
        return value

    return seconds
