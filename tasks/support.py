"""What a run asks of the provider's support, put together from its plan and its accounts."""

from __future__ import annotations

import polars as pl

from providers.protocol import Reader
from reports.support_request import SupportRequest
from tasks.accounts import Parties
from tasks.clock import WallClock


def asked_of_support(
    run: str, reader: Reader, parties: Parties, sims: pl.DataFrame, settings: pl.DataFrame
) -> SupportRequest:
    """The request for these SIMs (SUPPORT_SIMS), with what they are set to (SETTINGS), as of today."""
    target = parties.target
    return SupportRequest(
        provider=reader.traits.name,
        source=parties.source,
        target=target,
        target_email=target.email,
        coverage=target.coverage,
        run=run,
        made_at=WallClock().now().date(),
        sims=sims,
        settings=settings,
    )
