"""Time and chance as one value that is handed in, so that waiting can be tested without waiting."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds of a clock that only goes forward, seconds since 1970, waiting, and a share of a span by chance."""

    steady_s: Callable[[], float] = time.monotonic
    wall_s: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    share_of: Callable[[float], float] = lambda span_s: random.uniform(0.0, span_s)  # noqa: S311 - jitter, no secret
