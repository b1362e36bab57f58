"""Soracom's books read beside the API, in the shape of the other providers' where that is natural."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.inventory import ALIASES
from domain.settings import SETTINGS
from sandbox.beside import Beside
from sandbox.soracom.books import FILE
from sandbox.soracom.words import OWN_TAGS

# One line per SIM; `iccid` is the SIM id, `operator` and `group` are ids, `moves` counts changes of operator.
WHERE = pl.Schema(
    {
        "iccid": pl.String,
        "imsi": pl.String,
        "operator": pl.String,
        "operator_name": pl.String,
        "coverage": pl.String,
        "status": pl.String,
        "type": pl.String,
        "group": pl.String,
        "group_name": pl.String,
        "name": pl.String,
        "moves": pl.Int64,
    }
)
# One line per change that took effect; `change` is operator, status, or a setting by the name that domain/settings
# gives it; `request` 0 is nobody's.
LEDGER = pl.Schema(
    {
        "number": pl.Int64,
        "at": pl.String,
        "iccid": pl.String,
        "change": pl.String,
        "was": pl.String,
        "became": pl.String,
        "request": pl.Int64,
    }
)
GROUPS = pl.Schema({"group": pl.String, "operator": pl.String, "operator_name": pl.String, "name": pl.String})
# One line per transfer token; `sims` it was issued for; `state` is open, accepted, cancelled, expired or aborted; times
# are seconds since the epoch, `expires_s` null where it never does.
TOKENS = pl.Schema(
    {
        "number": pl.Int64,
        "token": pl.String,
        "source": pl.String,
        "target": pl.String,
        "sims": pl.Int64,
        "issued_s": pl.Float64,
        "expires_s": pl.Float64,
        "state": pl.String,
        "ended_s": pl.Float64,
        "request": pl.Int64,
    }
)
TOKEN_SIMS = pl.Schema({"number": pl.Int64, "iccid": pl.String, "state": pl.String})
EMAILS = pl.Schema(
    {
        "number": pl.Int64,
        "at": pl.String,
        "operator": pl.String,
        "address": pl.String,
        "subject": pl.String,
        "body": pl.String,
        "token": pl.String,
    }
)


@dataclass(frozen=True, slots=True)
class Truth:
    """Reads only, over a connection of its own for each question; the sandbox may be running or not."""

    home: Path

    def where(self, iccids: Iterable[str] | None = None) -> pl.DataFrame:
        """Frame `WHERE` in the order of SIM ids, for these or all; unknown ones are absent."""
        frame = self._beside.frame(
            "SELECT s.sim_id, s.imsi, o.operator, o.name, o.coverage, s.status, s.type, g.group_id, g.name,"
            " json_extract(s.tags, '$.name'), s.moves FROM sim s JOIN operator o ON o.id = s.operator_id"
            " LEFT JOIN sim_group g ON g.id = s.group_id ORDER BY s.sim_id",
            WHERE,
        )
        return frame if iccids is None else frame.filter(pl.col("iccid").is_in(list(iccids)))

    def aliases(self) -> pl.DataFrame:
        """Further numbers of SIMs (ALIASES): of another profile, or a second subscription in the same."""
        return self._beside.frame(
            "SELECT s.sim_id, f.iccid, f.imsi FROM further f JOIN sim s ON s.id = f.sim_id"
            " UNION ALL SELECT sim_id, profile_iccid, imsi FROM sim WHERE profile_iccid <> sim_id ORDER BY 1, 2, 3",
            ALIASES,
        )

    def settings(self, iccids: Iterable[str] | None = None) -> pl.DataFrame:
        """What SIMs are set to now (SETTINGS), of these or all; without what only hangs on them."""
        own = ", ".join(f"'{name}'" for name in sorted(OWN_TAGS))
        frame = self._beside.frame(
            "SELECT s.sim_id, 'tag:' || t.key, t.value FROM sim s, json_each(s.tags) t"  # noqa: S608 - constants
            f" WHERE t.key NOT IN ({own})"
            " UNION ALL SELECT s.sim_id, 'group', g.group_id FROM sim s JOIN sim_group g ON g.id = s.group_id"
            " UNION ALL SELECT sim_id, 'imei_lock', imei_lock FROM sim WHERE imei_lock IS NOT NULL"
            " UNION ALL SELECT sim_id, 'expiry', strftime('%Y-%m-%dT%H:%M:%S', expiry_ms / 1000, 'unixepoch')"
            " || printf('.%03dZ ', expiry_ms % 1000) || coalesce(expiry_action, 'none') FROM sim"
            " WHERE expiry_ms IS NOT NULL"
            " UNION ALL SELECT sim_id, 'speed_class', speed_class FROM sim"
            " UNION ALL SELECT sim_id, 'termination_protection', iif(protected, 'on', 'off') FROM sim"
            " ORDER BY 1, 2",
            SETTINGS,
        )
        return frame if iccids is None else frame.filter(pl.col("key").is_in(list(iccids)))

    def ledger(self) -> pl.DataFrame:
        """Frame `LEDGER`, oldest line first."""
        return self._beside.frame(
            "SELECT l.number, l.at, s.sim_id, l.change, l.was, l.became, l.request FROM ledger l"
            " JOIN sim s ON s.id = l.sim_id ORDER BY l.number",
            LEDGER,
        )

    def moves(self) -> pl.DataFrame:
        """The ledger's changes from operator to operator alone."""
        return self.ledger().filter(pl.col("change") == "operator")

    def moved_twice(self) -> list[str]:
        """SIM ids that have changed their operator more than once: empty, if all is well."""
        return self.where().filter(pl.col("moves") > 1)["iccid"].to_list()

    def operators(self) -> list[tuple[str, str, int]]:
        """Id, name and number of SIMs of each operator."""
        query = (
            "SELECT o.operator, o.name, (SELECT count(*) FROM sim s WHERE s.operator_id = o.id) FROM operator o"
            " ORDER BY o.id"
        )
        with self._beside.reading() as books:
            return [(str(row[0]), str(row[1]), int(row[2])) for row in books.execute(query)]

    def groups(self) -> pl.DataFrame:
        """Frame `GROUPS`."""
        return self._beside.frame(
            "SELECT g.group_id, o.operator, o.name, g.name FROM sim_group g JOIN operator o ON o.id = g.operator_id"
            " ORDER BY g.id",
            GROUPS,
        )

    def tokens(self) -> pl.DataFrame:
        """Frame `TOKENS`, in the order of their issue."""
        return self._beside.frame(
            "SELECT t.id, t.token, s.operator, d.operator, t.sims, t.issued_s, t.expires_s, t.state, t.ended_s,"
            " t.request FROM token t JOIN operator s ON s.id = t.source_id JOIN operator d ON d.id = t.target_id"
            " ORDER BY t.id",
            TOKENS,
        )

    def token_sims(self) -> pl.DataFrame:
        """Frame `TOKEN_SIMS`: how each SIM of each token fared."""
        return self._beside.frame(
            "SELECT t.token_id, s.sim_id, t.state FROM token_sim t JOIN sim s ON s.id = t.sim_id ORDER BY 1, 2",
            TOKEN_SIMS,
        )

    def emails(self) -> pl.DataFrame:
        """Frame `EMAILS`: what was sent to destinations, the token in each."""
        return self._beside.frame(
            "SELECT e.number, e.at, o.operator, e.address, e.subject, e.body, t.token FROM email e"
            " JOIN operator o ON o.id = e.operator_id JOIN token t ON t.id = e.token_id ORDER BY e.number",
            EMAILS,
        )

    def under_way(self) -> list[str]:
        """SIM ids that are transferring, in their order."""
        return self.where().filter(pl.col("status") == "transferring")["iccid"].to_list()

    @property
    def _beside(self) -> Beside:
        return Beside(self.home / FILE)
