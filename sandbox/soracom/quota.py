"""Requests a minute of each operator in each group of calls, as the headers of every answer tell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

SPAN_S = 60.0  # D, by the example of a header
PREFIX = "X-Soracom-Ratelimit-"


@dataclass(slots=True)
class Minute:
    """One group's minute: it begins with the first request after the last one."""

    ends_s: float = float("-inf")
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether one more request fits, and what the answer's headers say of it; none where nothing is limited."""

    fits: bool
    headers: Mapping[str, str]


@dataclass(slots=True)
class Quota:
    """Counters by caller and group; `scale` multiplies every limit, and 0 switches them off."""

    scale: float = 1.0
    minutes: dict[tuple[str, str], Minute] = field(default_factory=dict)

    def take(self, caller: str, group: str, per_minute: float, now_s: float) -> Taken:
        """Count one more request; one that does not fit is not counted."""
        limit = int(per_minute * self.scale)
        if limit <= 0:
            return Taken(fits=True, headers={})
        minute = self.minutes.setdefault((caller, group), Minute())
        if minute.ends_s <= now_s:
            minute.ends_s, minute.taken = now_s + SPAN_S, 0
        fits = minute.taken < limit
        minute.taken += fits
        return Taken(
            fits,
            {
                f"{PREFIX}Limit": str(limit),
                f"{PREFIX}Remaining": str(limit - minute.taken),
                f"{PREFIX}Seconds-Before-Refresh": str(math.ceil(minute.ends_s - now_s)),
            },
        )
