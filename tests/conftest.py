"""What all tests share: laws tried without a stopwatch, since these machines are noisy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("simferry", deadline=None, print_blob=True)
settings.load_profile("simferry")
