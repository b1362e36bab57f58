"""Super SIM's books read beside the API, in the shape of emnify's where that is natural."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sandbox.beside import Beside
from sandbox.supersim.books import FILE

# One line per registered SIM; `iccid` is the 19-digit body, `account` and `fleet` are sids, `moves` counts changes
# of account.
WHERE = pl.Schema(
    {
        "iccid": pl.String,
        "check_digit": pl.String,
        "sim_id": pl.String,
        "account": pl.String,
        "account_name": pl.String,
        "status": pl.String,
        "fleet": pl.String,
        "fleet_name": pl.String,
        "name": pl.String,
        "moves": pl.Int64,
    }
)
# One line per change that took effect; `change` is account, status, fleet or name; `request` 0 is nobody's.
LEDGER = pl.Schema(
    {
        "number": pl.Int64,
        "at": pl.String,
        "sim_id": pl.String,
        "change": pl.String,
        "was": pl.String,
        "became": pl.String,
        "request": pl.Int64,
    }
)
FLEETS = pl.Schema({"fleet": pl.String, "account": pl.String, "name": pl.String, "limit_mb": pl.Int64})
UNREGISTERED = pl.Schema({"iccid": pl.String, "check_digit": pl.String, "sim_id": pl.String, "code": pl.String})
# One line per callback; `attempt` 2 is the redelivery; `sent_at` is null while it waits, `status` where none answered.
CALLBACKS = pl.Schema(
    {
        "number": pl.Int64,
        "sim_id": pl.String,
        "request": pl.Int64,
        "method": pl.String,
        "url": pl.String,
        "form": pl.String,
        "attempt": pl.Int64,
        "sent_at": pl.String,
        "status": pl.Int64,
    }
)


@dataclass(frozen=True, slots=True)
class Truth:
    """Reads only, over a connection of its own for each question; the sandbox may be running or not."""

    home: Path

    def where(self, iccid_bodies: Iterable[str] | None = None) -> pl.DataFrame:
        """Frame `WHERE` in the order of ICCIDs, for these 19-digit bodies or all; unknown bodies are absent."""
        frame = self._beside.frame(
            "SELECT substr(s.iccid, 1, 19), substr(s.iccid, 20), s.sid, a.sid, a.name, s.status, f.sid, f.unique_name,"
            " s.unique_name, s.moves FROM sim s JOIN account a ON a.id = s.account_id"
            " LEFT JOIN fleet f ON f.id = s.fleet_id ORDER BY s.iccid",
            WHERE,
        )
        return frame if iccid_bodies is None else frame.filter(pl.col("iccid").is_in(list(iccid_bodies)))

    def ledger(self) -> pl.DataFrame:
        """Frame `LEDGER`, oldest line first."""
        return self._beside.frame(
            "SELECT l.number, l.at, s.sid, l.change, l.was, l.became, l.request FROM ledger l"
            " JOIN sim s ON s.id = l.sim_id ORDER BY l.number",
            LEDGER,
        )

    def moves(self) -> pl.DataFrame:
        """The ledger's changes from account to account alone; a registration is none."""
        return self.ledger().filter(pl.col("change") == "account", pl.col("was").is_not_null())

    def moved_twice(self) -> list[str]:
        """ICCID bodies that have changed their account more than once: empty, if all is well."""
        return self.where().filter(pl.col("moves") > 1)["iccid"].to_list()

    def accounts(self) -> list[tuple[str, str, int]]:
        """Sid, name and number of SIMs of each account."""
        query = (
            "SELECT a.sid, a.name, (SELECT count(*) FROM sim s WHERE s.account_id = a.id) FROM account a ORDER BY a.id"
        )
        with self._beside.reading() as books:
            return [(str(row[0]), str(row[1]), int(row[2])) for row in books.execute(query)]

    def fleets(self) -> pl.DataFrame:
        """Frame `FLEETS`."""
        return self._beside.frame(
            "SELECT f.sid, a.sid, f.unique_name, f.data_limit_mb FROM fleet f JOIN account a ON a.id = f.account_id"
            " ORDER BY f.id",
            FLEETS,
        )

    def unregistered(self) -> pl.DataFrame:
        """Frame `UNREGISTERED`: SIMs that nobody has claimed, with their codes."""
        return self._beside.frame(
            "SELECT substr(iccid, 1, 19), substr(iccid, 20), sid, registration_code FROM sim"
            " WHERE account_id IS NULL ORDER BY iccid",
            UNREGISTERED,
        )

    def under_way(self) -> list[str]:
        """ICCID bodies with an update that is not done, in their order."""
        query = "SELECT substr(s.iccid, 1, 19) FROM pending p JOIN sim s ON s.id = p.sim_id ORDER BY 1"
        with self._beside.reading() as books:
            return [str(row[0]) for row in books.execute(query)]

    def callbacks(self) -> pl.DataFrame:
        """Frame `CALLBACKS`, those that wait among them."""
        return self._beside.frame(
            "SELECT l.number, s.sid, l.request, l.method, l.url, l.form, l.attempt, l.sent_at, l.status FROM letter l"
            " JOIN sim s ON s.id = l.sim_id ORDER BY l.number",
            CALLBACKS,
        )

    @property
    def _beside(self) -> Beside:
        return Beside(self.home / FILE)
