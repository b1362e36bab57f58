"""emnify's books read beside the API, for tests that ask where a SIM really is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sandbox.beside import Beside
from sandbox.emnify.books import FILE

# One line per SIM; `moves` counts how often it has changed its workspace.
WHERE = pl.Schema(
    {
        "iccid": pl.String,
        "sim_id": pl.Int64,
        "workspace_id": pl.Int64,
        "status": pl.Int64,
        "endpoint_id": pl.Int64,
        "moves": pl.Int64,
        "imsi": pl.String,
        "check_digit": pl.String,
    }
)
# One line per change that took effect; `change` is workspace, status or endpoint.
LEDGER = pl.Schema(
    {
        "number": pl.Int64,
        "at": pl.String,
        "sim_id": pl.Int64,
        "change": pl.String,
        "was": pl.String,
        "became": pl.String,
        "request": pl.Int64,
    }
)


@dataclass(frozen=True, slots=True)
class Truth:
    """Reads only, over a connection of its own for each question; the sandbox may be running or not."""

    home: Path

    def where(self, iccid_bodies: Iterable[str] | None = None) -> pl.DataFrame:
        """Frame `WHERE` in the order of ICCIDs, for these 19-digit bodies or all; unknown bodies are absent."""
        query = (
            "SELECT printf('%019d', iccid) AS iccid, id AS sim_id, workspace_id, status, endpoint_id, moves, imsi,"
            " check_digit FROM sim ORDER BY iccid"
        )
        frame = self._frame(query, WHERE)
        if iccid_bodies is None:
            return frame
        return frame.filter(pl.col("iccid").is_in(list(iccid_bodies)))

    def ledger(self) -> pl.DataFrame:
        """Frame `LEDGER`, oldest line first."""
        return self._frame(f"SELECT {', '.join(LEDGER)} FROM ledger ORDER BY number", LEDGER)  # noqa: S608 - constants

    def moves(self) -> pl.DataFrame:
        """The ledger's changes of workspace alone."""
        return self.ledger().filter(pl.col("change") == "workspace")

    def moved_twice(self) -> list[str]:
        """ICCID bodies that have changed their workspace more than once: empty, if all is well."""
        return self.where().filter(pl.col("moves") > 1)["iccid"].to_list()

    def workspaces(self) -> list[tuple[int, str, int]]:
        """Id, name and number of SIMs of each workspace."""
        query = (
            "SELECT w.id, w.name, (SELECT count(*) FROM sim s WHERE s.workspace_id = w.id) FROM workspace w ORDER BY 1"
        )
        with self._beside.reading() as books:
            return [(int(row[0]), str(row[1]), int(row[2])) for row in books.execute(query)]

    def _frame(self, query: str, schema: pl.Schema) -> pl.DataFrame:
        return self._beside.frame(query, schema)

    @property
    def _beside(self) -> Beside:
        return Beside(self.home / FILE)
