"""Numbers a run starts from: settings that the plan shows and its fingerprint covers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in SIMs, times in seconds; the defaults are those of docs/runbook.md."""

    batch_sims: int = 500
    canary_sims: int = 5
    calls_in_flight: int = 1
    settle_s: float = 60.0  # what a provider may need to finish what it did not answer
    settle_gap_s: float = 5.0  # between two reads that must agree
    settle_reads_max: int = 6
    attempts_max: int = 3  # per batch; a new one only for SIMs that reads have shown to be untouched
    spot_sims: int = 2  # SIMs of each batch that are read back at once; all are read at the end
    await_s: float = 600.0  # what a provider may need to finish what it accepted, before the run goes on without
    await_gap_s: float = 2.0  # before the first look at what it accepted; each gap is longer than the one before
    await_gap_s_max: float = 30.0
    token_life_s: float = 0.0  # of a transfer's token, after which its SIMs are the source's again; 0: there are none
    stale_after_s: float = 24 * 3600.0
    breaker_attempted_min: int = 100
    breaker_declined_share: float = 0.05
    breaker_batches_in_a_row: int = 3
