"""What every provider offers: eyes that cannot change a thing (`Reader`), and hands that only `execute` gets (`Mover`).

plan, reconcile, audit ──► Reader ──► preflight · survey · dry_run · look · find
execute ────────────────► Crew(reader, mover) ──► the same eyes, and move
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from domain.guarantees import Guarantee
from domain.inventory import ALIASES, Side
from domain.orders import Options, Order, Reply, Sight, Sim
from domain.parts import PLAIN, Course
from domain.plan import Basis, Checked
from domain.settings import SETTINGS, Change

# Told after each page: SIMs so far, SIMs in all (0 while unknown).
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Traits:
    """What sets a provider apart on the common spine; times in seconds.

    `guarantee` says of which class the provider is and why nothing can move twice; `checked` is what stands behind a
    MOVE of its plans, `tried` what a dry run makes of its basis (taken, not taken). A provider of one SIM per call is
    sent a stream of calls. `history_of` are statuses under which a SIM has records that stay behind. `token_life_s` is
    how long a transfer's token lives, where SIMs are transferred by tokens; `await_s` how long what was accepted for
    later is waited for, where that is not what is usual.
    """

    name: str
    sims_per_call: int
    calls_in_flight: int
    settle_s: float
    guarantee: Guarantee
    checked: Checked
    live_statuses: tuple[str, ...] = ()  # under which a SIM carries traffic; such SIMs come last into a canary
    course: Course = PLAIN
    tried: tuple[Basis, Basis] = (Basis.DRY_RUN_YES, Basis.DRY_RUN_NO)
    history_of: tuple[str, ...] = ()
    seconds_per_call: float = 0.5  # a rough time for an estimate that a person reads
    token_life_s: float | None = None
    await_s: float | None = None
    group_noun: str = "fleet"
    groups_by_name: bool = False  # a group of the source stands for the target's of the same name


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look over an account gave: its SIMs (INVENTORY), and how they were read, in a sentence.

    `whole` is whether these are all that the account holds, or only those that were looked for. `settings` (SETTINGS)
    and `aliases` (ALIASES) of its SIMs came with the same reads, where a provider has such.
    """

    sims: pl.DataFrame
    how: str
    whole: bool = True
    settings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SETTINGS))
    aliases: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ALIASES))


@dataclass(frozen=True, slots=True)
class Examined:
    """What one exact read of each SIM showed: a sight per SIM, and the settings (SETTINGS) of those that are there."""

    sights: tuple[Sight, ...]
    settings: pl.DataFrame


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

    def survey(self, side: Side, progress: Progress, wanted: pl.DataFrame | None = None) -> Survey:
        """The account on that side: whole, or, where that is cheaper, every SIM of `wanted` that it holds.

        `wanted` has `iccid`, `imsi` and `sim_id`, of which each line may lack some. Raises `ProviderUnavailable`,
        never returns less.
        """

    def groups(self, side: Side) -> pl.DataFrame:
        """The groups of the account on that side (GROUPS); none where the provider has no such thing."""

    def names_taken(self, names: Sequence[str]) -> frozenset[str]:
        """Which of these names of SIMs are another SIM's in the target account already."""

    def history(self, sims: Sequence[Sim]) -> pl.DataFrame:
        """What these SIMs would leave behind in their account (HISTORY); none where nothing stays behind."""

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

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:
        """Where each SIM is now, by reads made after the call: one sight per SIM, in order.

        `first` is the side where they are likely to be. Raises `ProviderUnavailable`.
        """

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


class Examiner(Protocol):
    """Eyes for what SIMs are set to."""

    def examine(self, side: Side, sims: Sequence[Sim]) -> Examined:
        """These SIMs on that side alone, each read now, in order; NOWHERE where that side does not have it.

        Raises `ProviderUnavailable`.
        """

    def listed_only(self, side: Side, sims: Sequence[Sim]) -> pl.DataFrame:
        """What these SIMs are set to (SETTINGS) that no call of ours puts back; raises `ProviderUnavailable`."""


class Transferor(Mover, Protocol):
    """Hands of a transfer between two parties: what is offered by a token is accepted, or taken back, with it.

    `move` issues a token (parts OFFER, LATER, and ISSUE, YES; `Reply.secret`), or accepts one (part ACCEPT,
    `Order.token`).
    """

    def cancel(self, token: bytes) -> Reply:
        """What came of taking back every SIM of the token; NO where the provider knows no such token any more."""

    def restore(self, sim: Sim, changes: Sequence[Change], now: Mapping[str, str]) -> Reply:
        """What came of setting one SIM at the target, whose settings are `now`, by calls that may be repeated.

        NO where any of them was declined, its refusals naming the settings; the others were tried all the same.
        """


@dataclass(frozen=True, slots=True)
class Crew:
    """Eyes and hands over the same connections, tokens and pace; all are closed with the context they come from."""

    reader: Reader
    mover: Mover
    examiner: Examiner | None = None
    transferor: Transferor | None = None
