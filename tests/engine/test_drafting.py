"""What a plan is drafted under."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.errors import UsageError
from domain.inventory import INVENTORY, Side
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Options
from domain.plan import Basis
from providers.accounts import Account
from providers.protocol import Survey, Traits
from tasks.accounts import Pair
from tasks.asked import MoveAsked, Surroundings
from tasks.drafting import Draft, draft, fitting, tried
from tasks.surveying import Seen
from tasks.voice import speaking
from tests.fakes import FakeClock, FakeProvider
from tests.journal.journal_samples import steps

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


class Tried(FakeProvider):
    """A provider whose dry run is one, or a second read."""

    basis = Basis.DRY_RUN_YES

    @property
    def traits(self) -> Traits:
        return replace(super().traits, tried=(self.basis, self.basis))


class Heard:
    """Remembers what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def progress(self, title: str, done: int, of: int) -> None:
        """Nothing."""


def put_to(basis: Basis, steps: pl.DataFrame, refuses: dict[str, str] | None = None) -> tuple[Draft, list[str]]:
    provider = Tried(FakeClock(), dict.fromkeys(steps["key"], Side.SOURCE), refuses=refuses or {})
    provider.basis = basis
    heard = Heard()
    with speaking(heard):
        return tried.fn(
            provider, Draft(steps, Options(), Limits(), ("SIMs arrive", "in none"), ("in none",))
        ), heard.lines


@pytest.mark.parametrize(
    ("basis", "words"),
    [(Basis.DRY_RUN_YES, "Dry run of 1 SIM in 1 batch …"), (Basis.READ_TWICE, "Second read of 1 SIM in 1 batch …")],
)
def test_what_is_done_about_each_batch_is_called_by_its_name(basis: Basis, words: str) -> None:
    assert put_to(basis, steps().head(1))[1] == [words]


def test_where_no_sim_moves_nothing_is_said_of_how_they_arrive() -> None:
    moving = steps().head(1)
    assert put_to(Basis.DRY_RUN_YES, moving)[0].groups == ("SIMs arrive", "in none")
    made, _ = put_to(Basis.DRY_RUN_YES, moving, dict.fromkeys(moving["key"], "1503"))
    assert made.groups == ("in none",)
    made, said = put_to(Basis.DRY_RUN_YES, steps().tail(1))
    assert (made.groups, said) == (("in none",), [])
