"""What every provider offers: eyes that cannot change a thing (`Reader`), and hands that only `execute` gets (`Mover`).

plan, reconcile, audit ──► Reader ──► preflight · survey · dry_run · look · find
execute ────────────────► Crew(reader, mover) ──► the same eyes, and move
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from domain.inventory import Side
from domain.orders import Options, Order, Reply, Sight, Sim
from domain.plan import Checked

# Told after each page: SIMs so far, SIMs in all (0 while unknown).
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Traits:
    """What sets a provider apart on the common spine; times in seconds.

    `guarantee` says in a sentence why nothing can move twice; `checked` is what stands behind a MOVE of its plans.
    """

    name: str
    sims_per_call: int
    calls_in_flight: int
    settle_s: float
    guarantee: str
    checked: Checked
    live_statuses: tuple[str, ...] = ()  # under which a SIM carries traffic; such SIMs come last into a canary


class Reader(Protocol):
    """Eyes. What any of these sends leaves both accounts as they were."""

    @property
    def traits(self) -> Traits:
        """The provider's constants."""

    def preflight(self) -> tuple[str, ...]:
        """Sentences on what was checked before anything else, and on what had to be skipped and why.

        Raises `CredentialsRefused` where an account does not let us in or we are no administrator of it,
        `UsageError` where the accounts cannot work together.
        """

    def survey(self, side: Side, progress: Progress) -> pl.DataFrame:
        """The whole account on that side (INVENTORY); raises `ProviderUnavailable`, never returns a part."""

    def dry_run(self, order: Order) -> Reply:
        """What the provider says to the order without acting on it: YES, or NO with refusals or problems.

        UNSENT with `credentials_refused` where it says no to who we are rather than to the order. Raises
        `ProviderUnavailable` where it could not be asked, and `CredentialsRefused` where no login works.
        """

    def look(self, order: Order) -> Reply:
        """How the order's SIMs are now, by the cheapest exact way: one sight per SIM, in the order's order.

        `refusals` and `problems` are those of the dry run behind it; `said` is YES only where the provider would
        take the order as it stands. Raises as `dry_run` does.
        """

    def find(self, sims: Sequence[Sim]) -> tuple[Sight, ...]:
        """Where each SIM is now, by reads alone: one sight per SIM, in order; raises `ProviderUnavailable`."""

    def advice(self, code: str) -> str:
        """What a person can do about a refusal of this code; empty where nothing is known."""

    def consequences(self, steps: pl.DataFrame, options: Options) -> tuple[str, ...]:
        """What carrying out these steps (STEPS) does beside moving, in words, for whoever approves."""


class Mover(Protocol):
    """Hands."""

    def move(self, order: Order) -> Reply:
        """What came of asking for the order, once; a change that may have arrived is never repeated in here.

        Never raises for what the provider or the network does: UNHEARD is doubt, UNSENT is proof that nothing was
        acted on (with `credentials_refused` where that is why).
        """


@dataclass(frozen=True, slots=True)
class Crew:
    """Eyes and hands over the same connections, tokens and pace; both are closed with the context they come from."""

    reader: Reader
    mover: Mover
