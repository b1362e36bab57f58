"""The small worlds of trials: for each provider its SIMs, a list of some of them, and how they are moved."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

from chaos import emnify_books, soracom_books, supersim_books
from chaos.soracom_settings import settings_untrue
from chaos.verdict import Books
from domain.identifiers import printed
from journal.run_folder import RunFolder
from sandbox.accounts import write_accounts
from sandbox.remote import Sandbox, Sent
from sandbox.soracom.accounts import EAST
from sandbox.world import Name, seed

EXAMPLES = Path(__file__).parents[1] / "inputs" / "examples"
SPOILT = ("89883030000", "not a SIM", "8.98830E+19", "")  # rows that are rejected
TOKEN_LIFE_S = 40  # seconds; an hour in truth


class Opened(Protocol):
    """What opens the books in a home, as they are before the run."""

    def __call__(self, home: Path) -> Books:
        """The books."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """One provider's: SIMs that it has in all, SIMs on the list, and the words of `simferry plan`."""

    provider: Name
    source: str
    target: str
    opened: Opened
    sims: int
    listed: int
    latency_ms: float
    planned: tuple[str, ...]
    is_change: Callable[[Sent], bool]
    switches: Mapping[str, str] = field(default_factory=dict)
    more_lies: Callable[[RunFolder, Path], list[str]] = lambda *_: []  # of a report, beside its outcomes
    settles_by_itself_s: float = 0.0  # until what nobody holds any more ends: a transfer's token

    def seed(self, home: Path, number: int) -> None:
        """Fill an empty home with the world of that number."""
        seed(home, self.sims, number, provider=self.provider)

    def list_sims(self, home: Path, file: Path, dice: random.Random) -> None:
        """Write a list of some SIMs of whatever account and status, one of them twice, and of some spoilt rows."""
        keys = self.opened(home).before.filter(pl.col("account") != "")["key"].to_list()
        chosen = dice.sample(keys, self.listed)
        rows = [*(self._written(key) for key in chosen), self._written(chosen[0]), *SPOILT[:-1]]
        dice.shuffle(rows)
        file.write_text("\n".join(("ICCID", *rows)) + "\n", encoding="utf-8")

    def write_accounts(self, sandbox: Sandbox) -> None:
        """Put the accounts file beside the books."""
        file = write_accounts(sandbox.home, sandbox.base_url)
        if self.settles_by_itself_s:
            head = f"[accounts.{EAST.name}]\n"
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace(head, f"{head}token_life_s = {TOKEN_LIFE_S}\n"), encoding="utf-8")

    def _written(self, key: str) -> str:
        return key if self.provider is Name.SORACOM else printed(key)


def _migrates(sent: Sent) -> bool:
    return sent.path == "/api/v1/sim/migration/workspace" and sent.dry_run is False


def _updates(sent: Sent) -> bool:
    return sent.method == "POST" and sent.path.startswith("/v1/Sims/")


def _transfers(sent: Sent) -> bool:
    return sent.method != "GET" and "/transfer_token/" in sent.path


WORLDS = {
    Name.EMNIFY: World(
        Name.EMNIFY,
        "pilot",
        "fleet",
        emnify_books.opened,
        sims=1_200,
        listed=300,
        latency_ms=50,
        planned=("--detach-devices", "--batch", "8", "--canary", "5"),
        is_change=_migrates,
    ),
    Name.SUPERSIM: World(
        Name.SUPERSIM,
        "north",
        "south",
        supersim_books.opened,
        sims=900,
        listed=170,
        latency_ms=40,
        planned=(
            *("--fleet-map", str(EXAMPLES / "fleets.csv"), "--deactivate-first", "--reactivate"),
            *("--batch", "12", "--canary", "6", "--in-flight", "4", "--await", "3"),
        ),
        is_change=_updates,
        switches={"done_after_s": "0.2"},
    ),
    Name.SORACOM: World(
        Name.SORACOM,
        "east",
        "west",
        soracom_books.opened,
        sims=1_000,
        listed=240,
        latency_ms=30,
        planned=(
            *("--group-map", str(EXAMPLES / "groups.csv")),
            *("--batch", "6", "--canary", "4", "--in-flight", "6", "--sims-per-token", "6"),
        ),
        is_change=_transfers,
        switches={"transfer_life_s": str(TOKEN_LIFE_S)},
        more_lies=settings_untrue,
        settles_by_itself_s=TOKEN_LIFE_S,
    ),
}
