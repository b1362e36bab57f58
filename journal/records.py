"""One record as a row: SIMs packed, and a hash over the row and over the hash before it.

record 1 ──► hash 1 ──┐
record 2 ◄────────────┘──► hash 2 ──┐      altering, leaving out or reordering one breaks every hash behind it
record 3 ◄──────────────────────────┘──► hash 3
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from domain.errors import RefusedToRun
from domain.events import Event, Kind

SIMS_MAX = 1_000_000  # that one record may name
SIMS_BYTES_MAX = 64 * SIMS_MAX  # unpacked


class Cipher(Protocol):
    """Encrypts what must not lie in the clear."""

    def seal(self, secret: bytes) -> bytes:
        """The secret, encrypted."""

    def unseal(self, sealed: bytes) -> bytes:
        """What `seal` was given."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record as the database holds it; `seq` counts a run's records from 1."""

    seq: int
    at: str
    kind: str
    batch: int
    attempt: int
    part: str
    sims: bytes
    body: str
    secret: bytes | None
    hash: str

    def hash_after(self, before: str) -> str:
        """The hash (SHA-256, hex) that this row must have behind a row with hash `before`."""
        head = json.dumps([before, self.seq, self.at, self.kind, self.batch, self.attempt, self.part])
        secret = b"" if self.secret is None else b"+" + bytes(self.secret)
        digest = hashlib.sha256()
        for field in (head.encode(), bytes(self.sims), self.body.encode(), secret):
            digest.update(len(field).to_bytes(8, "big") + field)
        return digest.hexdigest()


def first_hash(run_id: str) -> str:
    """What the first record of a run is chained to."""
    return hashlib.sha256(run_id.encode()).hexdigest()


def rows_of(events: Sequence[Event], seq: int, before: str, cipher: Cipher | None) -> list[Row]:
    """The events as rows behind row `seq` with hash `before`; raises `RefusedToRun` for a secret without a cipher."""
    rows: list[Row] = []
    for number, event in enumerate(events, seq + 1):
        unchained = Row(
            seq=number,
            at=event.at,
            kind=str(event.kind),
            batch=event.batch,
            attempt=event.attempt,
            part=event.part,
            sims=pack(event.sims),
            body=json.dumps(dict(event.body), sort_keys=True, separators=(",", ":")),
            secret=_sealed(event.secret, cipher),
            hash="",
        )
        rows.append(replace(unchained, hash=unchained.hash_after(before)))
        before = rows[-1].hash
    return rows


def event_of(row: Row, cipher: Cipher | None) -> Event:
    """The event that was written; its secret only where there is a cipher to unseal it. Raises ValueError."""
    secret = cipher.unseal(bytes(row.secret)) if cipher is not None and row.secret is not None else None
    sims = unpack(bytes(row.sims))
    return Event(Kind(row.kind), row.at, row.batch, row.attempt, row.part, sims, json.loads(row.body), secret)


def pack(sims: Sequence[str]) -> bytes:
    """SIMs as compressed JSON; nothing for none."""
    if len(sims) > SIMS_MAX:
        raise ValueError(f"{len(sims):,} SIMs in one record; at most {SIMS_MAX:,} fit")
    return zlib.compress(json.dumps(sims, separators=(",", ":")).encode()) if sims else b""


def unpack(packed: bytes) -> tuple[str, ...]:
    """What `pack` was given; raises ValueError for anything else."""
    try:
        return tuple(json.loads(zlib.decompressobj().decompress(packed, SIMS_BYTES_MAX))) if packed else ()
    except zlib.error as error:
        raise ValueError("its SIMs cannot be unpacked") from error


def _sealed(secret: bytes | None, cipher: Cipher | None) -> bytes | None:
    if secret is None:
        return None
    if cipher is None:
        raise RefusedToRun(
            "A transfer token came and there is no key to encrypt it with, so it was not written down. "
            "Look where the SIMs are with `simferry reconcile` before anything else.",
            "journal",
        )
    return cipher.seal(secret)
