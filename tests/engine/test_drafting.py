"""What a plan is drafted under."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.errors import UsageError
from domain.inventory import INVENTORY
from domain.limits import Limits
from domain.lists import LINES
from providers.accounts import Account
from providers.protocol import Survey
from tasks.accounts import Pair
from tasks.asked import MoveAsked, Surroundings
from tasks.drafting import draft, fitting
from tasks.surveying import Seen
from tests.fakes import FakeClock, FakeProvider

NOBODY = Survey(pl.DataFrame(schema=INVENTORY), "read whole")
TRAITS = FakeProvider(FakeClock(), {}).traits  # 500 SIMs per call


@pytest.mark.parametrize("limits", [Limits(batch_sims=501), Limits(canary_sims=501)])
def test_a_batch_that_no_request_holds_is_refused_while_planning(limits: Limits) -> None:
    with pytest.raises(UsageError, match="500 SIMs per request"):
        fitting(limits, TRAITS)


def test_a_provider_of_one_call_per_sim_takes_batches_of_any_size() -> None:
    assert fitting(Limits(), replace(TRAITS, sims_per_call=1)) == Limits()


def test_a_status_is_told_to_the_provider_in_its_own_word(tmp_path: Path) -> None:
    reader = FakeProvider(FakeClock(), {}, name="emnify")
    moving = MoveAsked(allowed_statuses=("issued", "factory test ", "Issued"))
    around = Surroundings(tmp_path, tmp_path / "accounts.toml", None, "a test")
    account = Account("pilot", "emnify", "1", "https://host", {}, {}, {}, tmp_path)
    pair, seen = Pair(account, account), Seen(NOBODY, NOBODY, ())
    made = draft.fn(reader, pl.DataFrame(schema=LINES), seen, moving, pair, around)
    assert made.options.allowed_statuses == ("Issued", "Factory Test")
