"""What an operator asks for, as plain values that a deployment can carry: paths, names, numbers; never a secret."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.limits import Limits
from domain.lists import EXPANDED_SIMS_MAX
from domain.orders import SIMS_PER_TOKEN, Options
from inputs.read import Asked
from journal.folder import home


@dataclass(frozen=True, slots=True)
class ListAsked:
    """How a list is to be read; None means: found out. Columns are headings or letters."""

    sheet: str | None = None
    column: str | None = None
    imsi_column: str | None = None
    end_column: str | None = None
    encoding: str | None = None
    separator: str | None = None
    range_limit: int = EXPANDED_SIMS_MAX  # SIMs that all ranges of the list together may name
    code_column: str | None = None  # of registration codes, where SIMs are to be registered

    def reading(self) -> Asked:
        """The part that the reader is told."""
        return Asked(
            self.sheet,
            self.column,
            self.imsi_column,
            self.end_column,
            self.encoding,
            self.separator,
            self.code_column,
        )


@dataclass(frozen=True, slots=True)
class GroupsAsked:
    """Which groups of the target SIMs are to be in: `group` for all, by the pairs of the file `group_map`, or none."""

    group: str | None = None
    group_map: str | None = None
    no_group: bool = False


@dataclass(frozen=True, slots=True)
class NumbersAsked:
    """The numbers of a run that are not to be the defaults of `Limits`."""

    batch_sims: int | None = None
    canary_sims: int | None = None
    calls_in_flight: int | None = None
    spot_sims: int | None = None
    settle_s: float | None = None
    await_s: float | None = None

    def limits(
        self, settle_s: float, calls_in_flight: int, await_s: float | None = None, token_life_s: float | None = None
    ) -> Limits:
        """As asked for, else the provider's numbers, else the defaults."""
        usual = Limits()
        awaited_s = usual.await_s if await_s is None else await_s
        return Limits(
            batch_sims=self.batch_sims or usual.batch_sims,
            canary_sims=self.canary_sims or usual.canary_sims,
            calls_in_flight=self.calls_in_flight or calls_in_flight,
            spot_sims=self.spot_sims or usual.spot_sims,
            settle_s=settle_s if self.settle_s is None else self.settle_s,
            await_s=awaited_s if self.await_s is None else self.await_s,
            token_life_s=token_life_s or usual.token_life_s,
        )


@dataclass(frozen=True, slots=True)
class MoveAsked:
    """What a move may do, and the numbers of a run that are not to be the defaults of `Limits`."""

    allowed_statuses: tuple[str, ...] | None = None
    detach_devices: bool = False
    deactivate_first: bool = False
    reactivate: bool = False
    group: str | None = None  # of the target, for every SIM
    group_map: str | None = None  # file: group of the source, group of the target
    no_group: bool = False
    sims_per_token: int | None = None
    no_restore: bool = False
    numbers: NumbersAsked = field(default_factory=NumbersAsked)

    def grouping(self) -> GroupsAsked:
        """The part about groups."""
        return GroupsAsked(self.group, self.group_map, self.no_group)

    def options(self) -> Options:
        """The part that a provider is told."""
        return Options(
            self.allowed_statuses,
            self.detach_devices,
            self.deactivate_first,
            self.reactivate,
            sims_per_token=self.sims_per_token or SIMS_PER_TOKEN,
            restores=not self.no_restore,
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where runs lie, which accounts file counts, where journals are, and who asks."""

    home: Path
    accounts: Path
    journal_url: str | None
    who: str


def surroundings(environ: Mapping[str, str], accounts: Path | None = None) -> Surroundings:
    """From the environment: SIMFERRY_HOME, SIMFERRY_ACCOUNTS, SIMFERRY_JOURNAL_URL, SIMFERRY_BY; empty is unset."""
    return Surroundings(
        home=home(environ),
        accounts=accounts or Path(environ.get("SIMFERRY_ACCOUNTS") or "accounts.toml"),
        journal_url=environ.get("SIMFERRY_JOURNAL_URL") or None,
        who=environ.get("SIMFERRY_BY") or f"{getpass.getuser()}@{socket.gethostname()}",
    )


def here(accounts: str | None = None) -> Surroundings:
    """The surroundings of this process."""
    return surroundings(os.environ, Path(accounts) if accounts else None)
