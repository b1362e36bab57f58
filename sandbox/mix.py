"""What the SIMs of a seeded world are like."""

from __future__ import annotations

from enum import StrEnum


class Mix(StrEnum):
    """The kinds of worlds."""

    REALISTIC = "realistic"  # all statuses, some with devices, fleets or names, some elsewhere
    PLAIN = "plain"  # all in the source, and all such that they can move as they are
    FURNISHED = "furnished"  # likewise, and each with everything that it can be set to (Soracom alone)
