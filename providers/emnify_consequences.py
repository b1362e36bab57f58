"""What a migration at emnify does beside moving, in words for whoever approves it."""

from __future__ import annotations

import polars as pl

from domain.orders import Options
from domain.plan import Step
from providers.emnify_words import ACTIVATED


def consequences_of(steps: pl.DataFrame, options: Options) -> tuple[str, ...]:
    """Sentences with counts (of STEPS that are MOVE); those that concern nobody are left out."""
    moved = steps.filter(pl.col("step") == Step.MOVE)
    activated = moved.filter(pl.col("status") == ACTIVATED).height
    attached = moved.get_column("device_id").count()
    sentences = []
    if activated:
        arrive = "SIM arrives suspended: it is" if activated == 1 else "SIMs arrive suspended: they are"
        sentences.append(f"{activated:,} activated {arrive} offline until re-activated (restore.csv).")
    if attached and options.detach_devices:
        what = "SIM is detached from its device" if attached == 1 else "SIMs are detached from their devices"
        sentences.append(f"{attached:,} {what}; which it was is kept (restore.csv).")
    return tuple(sentences)
