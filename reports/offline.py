"""What a run has switched off: SIMs that carried traffic before it and do not now, devices without their SIM."""

from __future__ import annotations

import polars as pl

from domain.orders import Part
from domain.outcomes import Outcome
from reports.run_report import RunReport


def went_offline(report: RunReport) -> pl.Expr:
    """True for a SIM that carried traffic before this run touched it and has another status now; null never.

    A move may switch a SIM off by itself, which is known of confirmed ones. Where the plan deactivates SIMs first, it
    is known of all that got so far, wherever they are by now and whatever their outcome.
    """
    live = [status.lower() for status in report.live_statuses]
    was_live = pl.col("status_before").str.to_lowercase().is_in(live).fill_null(value=False)
    is_live = pl.col("status_now").str.to_lowercase().is_in(live).fill_null(value=False)
    touched = _confirmed()
    if Part.DEACTIVATE in report.parts:
        asked_for = (pl.col("part") == str(Part.DEACTIVATE)) & (pl.col("attempts") > 0)
        done = pl.col("part").is_in([str(Part.MOVE), str(Part.ACTIVATE)])
        touched |= (asked_for | done).fill_null(value=False)
    return touched & was_live & ~is_live


def lost_device() -> pl.Expr:
    """True for a confirmed SIM that had a device and does not have it now; null never."""
    return _confirmed() & pl.col("device_id").is_not_null() & pl.col("device_now").ne_missing(pl.col("device_id"))


def _confirmed() -> pl.Expr:
    return pl.col("outcome") == str(Outcome.CONFIRMED)
