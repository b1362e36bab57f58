"""Which of the things that can be asked of a move a provider knows; the others are refused before anything is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from domain.errors import UsageError
from inputs.group_pairs import read_group_pairs
from tasks.asked import MoveAsked
from tasks.grouping import refuse_several

_NO_FLEETS = "emnify has no fleets"
_AS_THEY_ARE = "emnify moves SIMs as they are, in whatever status its rules allow"

# What each provider has no use for, and why. A provider that is not here knows everything.
UNKNOWN: Mapping[str, Mapping[str, str]] = {
    "emnify": {
        "--deactivate-first": _AS_THEY_ARE,
        "--reactivate": _AS_THEY_ARE,
        "--fleet": _NO_FLEETS,
        "--fleet-map": _NO_FLEETS,
        "--no-fleet": _NO_FLEETS,
        "--await": "emnify answers when a move is done, and accepts nothing for later",
    },
    "supersim": {
        "--detach-devices": "Super SIM knows of no devices that its SIMs are in",
    },
}


def refuse_unsuited(provider: str, moving: MoveAsked) -> None:
    """Raise `UsageError` for what the provider does not know, for what excludes each other, and for an unclear file."""
    for flag in _given(moving):
        why = UNKNOWN.get(provider, {}).get(flag)
        if why is not None:
            raise UsageError(f"{flag} is not for {provider}: {why}. Leave it out.")
    if moving.reactivate and not moving.deactivate_first:
        raise UsageError(
            "--reactivate activates again what the run itself has deactivated. Give --deactivate-first with it, or "
            "leave it out."
        )
    refuse_several(moving.grouping())
    if moving.group is not None and not moving.group.strip():
        raise UsageError("--fleet names a fleet of the target account. For none at all, give --no-fleet.")
    if moving.group_map is not None:
        read_group_pairs(Path(moving.group_map))  # which is read again when both accounts are known


def _given(moving: MoveAsked) -> Iterator[str]:
    """The options that were typed, as they are typed."""
    said = {
        "--detach-devices": moving.detach_devices,
        "--deactivate-first": moving.deactivate_first,
        "--reactivate": moving.reactivate,
        "--fleet": moving.group is not None,
        "--fleet-map": moving.group_map is not None,
        "--no-fleet": moving.no_group,
        "--await": moving.numbers.await_s is not None,
    }
    return (flag for flag, given in said.items() if given)
