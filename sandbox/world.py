"""The worlds a sandbox starts with: accounts and any number of SIMs, the same for the same seed."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from domain.errors import UsageError
from sandbox.emnify.seeding import WORKSPACES
from sandbox.homes import FILES, Name
from sandbox.mix import Mix
from sandbox.table import PROVIDERS

SIMS_DEFAULT = 2_000
SIMS_MAX = 10_000_000


def seed(
    home: Path,
    sims: int = SIMS_DEFAULT,
    seed: int = 1,
    mix: Mix = Mix.REALISTIC,
    *,
    provider: Name = Name.EMNIFY,
    now_s: float | None = None,
) -> Path:
    """The file of a provider's books, made new in `home`, where others' may be.

    A `PLAIN` mix puts every SIM into the source such that it can move as it is: at emnify suspended and without a
    device, at Super SIM new and without fleet and name, at Soracom ready and set to nothing; `FURNISHED`, at Soracom
    alone, is the same with all that a SIM can be set to. `now_s` (default: the machine's clock) is what Super SIM's
    billing periods and usage and Soracom's port mappings are told from. Raises `UsageError` where there are such books
    already, `sims` is too many, or no such mix is the provider's.
    """
    file, known = home / FILES[provider], PROVIDERS[provider]
    if file.exists():
        raise UsageError(f"{file} is there already. Choose another --home, or remove that folder.")
    if not 1 <= sims <= SIMS_MAX:
        raise UsageError(f"A sandbox holds 1 to {SIMS_MAX:,} SIMs. Give another --sims.")
    if mix is Mix.FURNISHED and provider is not Name.SORACOM:
        raise UsageError("Only Soracom's SIMs come furnished. Give another mix.")
    home.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as books:
        books.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
        books.executescript(known.tables)
        books.execute("BEGIN")
        known.fill(books, sims, seed, mix, time.time() if now_s is None else now_s)
        books.execute("COMMIT")
        books.executescript(known.indexes + "ANALYZE;")
    unfinished.rename(file)
    return file


__all__ = ["SIMS_DEFAULT", "SIMS_MAX", "WORKSPACES", "Mix", "Name", "seed"]
