"""What SIMs would leave behind in their account, put into the run's folder before they are touched."""

from __future__ import annotations

from collections.abc import Callable

from domain.orders import Sim
from journal.files import write_frame
from journal.run_folder import RunFolder
from providers.protocol import Reader


def keeping(folder: RunFolder, reader: Reader) -> Callable[[int, tuple[Sim, ...]], None]:
    """What saves the records of a batch's SIMs that stay behind, once; raises as `Reader.history` does."""
    statuses = reader.traits.history_of

    def keep(batch: int, sims: tuple[Sim, ...]) -> None:
        known = folder.history_of(batch)
        kept = set(known["key"]) if known is not None else set()
        missing = [sim for sim in sims if sim.status in statuses and sim.key not in kept]
        if missing:
            found = reader.history(missing)
            write_frame(folder.history(batch), found if known is None else known.vstack(found))

    return keep
