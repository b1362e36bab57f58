"""Which of the things that can be asked of a move a provider knows; the others are refused before anything is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from domain.errors import UsageError
from domain.orders import SIMS_PER_TOKEN
from inputs.group_pairs import read_group_pairs
from tasks.asked import MoveAsked
from tasks.grouping import refuse_several

_NO_FLEETS = "emnify has no fleets, and nothing else that SIMs are grouped by"
_AS_THEY_ARE = "emnify moves SIMs as they are, in whatever status its rules allow"
_NEVER_ACTIVE = "Soracom transfers SIMs that have never been active, and none is ready again that was"
_NO_TOKENS = "only Soracom transfers SIMs by tokens"
_NOTHING_PUT_BACK = "only what a transfer at Soracom drops is put back"

# What each provider has no use for, and why. A provider that is not here knows everything.
UNKNOWN: Mapping[str, Mapping[str, str]] = {
    "emnify": {
        "--deactivate-first": _AS_THEY_ARE,
        "--reactivate": _AS_THEY_ARE,
        "--fleet/--group": _NO_FLEETS,
        "--fleet-map/--group-map": _NO_FLEETS,
        "--no-fleet/--no-group": _NO_FLEETS,
        "--await": "emnify answers when a move is done, and accepts nothing for later",
        "--sims-per-token": _NO_TOKENS,
        "--no-restore": _NOTHING_PUT_BACK,
    },
    "soracom": {
        "--detach-devices": "Soracom knows of no devices that its SIMs are in",
        "--deactivate-first": _NEVER_ACTIVE,
        "--reactivate": _NEVER_ACTIVE,
    },
    "supersim": {
        "--detach-devices": "Super SIM knows of no devices that its SIMs are in",
        "--sims-per-token": _NO_TOKENS,
        "--no-restore": _NOTHING_PUT_BACK,
    },
}

# What each provider calls what SIMs are grouped by, and so the options about that, where it is not a fleet.
NOUNS: Mapping[str, str] = {"soracom": "group"}


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
    if moving.sims_per_token is not None and not 1 <= moving.sims_per_token <= SIMS_PER_TOKEN:
        raise UsageError(
            f"--sims-per-token {moving.sims_per_token:,}: a token is for 1 to {SIMS_PER_TOKEN} SIMs. Give one of those."
        )
    noun = NOUNS.get(provider, "fleet")
    refuse_several(moving.grouping(), noun)
    if moving.group is not None and not moving.group.strip():
        raise UsageError(f"--{noun} names a {noun} of the target account. For none at all, give --no-{noun}.")
    if moving.group_map is not None:
        read_group_pairs(Path(moving.group_map), noun)  # which is read again when both accounts are known


def _given(moving: MoveAsked) -> Iterator[str]:
    """The options that were typed, as they are typed."""
    said = {
        "--detach-devices": moving.detach_devices,
        "--deactivate-first": moving.deactivate_first,
        "--reactivate": moving.reactivate,
        "--fleet/--group": moving.group is not None,
        "--fleet-map/--group-map": moving.group_map is not None,
        "--no-fleet/--no-group": moving.no_group,
        "--await": moving.numbers.await_s is not None,
        "--sims-per-token": moving.sims_per_token is not None,
        "--no-restore": moving.no_restore,
    }
    return (flag for flag, given in said.items() if given)
