"""All example lists, for the world of `simferry sandbox` (2,000 SIMs, seed 1); the same lists come out every time.

fleet.xlsx  1,200 rows and more, as fleets are kept: title rows, extra columns, blank rows, a second sheet, damage
fleet.csv   60 rows out of a German spreadsheet: semicolons, cp1252
ranges.csv  packs of 25 SIMs as ranges in two columns
supersim.xlsx  300 rows and more for Super SIM, some of them sids
fleets.csv  which fleet of the south stands for which of the north
cards.csv   a dozen SIMs of no account, to register with their codes
soracom.xlsx  nearly 400 rows for Soracom, some of them IMSIs
soracom.csv  40 rows for Soracom's other coverage, as its console exports them
groups.csv  which group of the west stands for one of the east that has no namesake there
*.expected.json  row → what it is, and how many of its SIMs end as which "outcome/code" when the list is carried from
                 workspace 4001 to 4002 without --detach-devices and --allow-status; `warning` names a finding that
                 does not reject; `detached` says the same with --detach-devices where it differs; Super SIM's list goes
                 from the north to the south with --fleet-map fleets.csv, and `deactivated` says the same with
                 --deactivate-first --reactivate, where moving inactive SIMs is unlocked; Soracom's workbook goes from
                 the east to the west with --group-map groups.csv, and its CSV file from Edo to Osaka
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from sandbox.accounts import SOURCE
from sandbox.examples.cards import cards
from sandbox.examples.fleet import fleet
from sandbox.examples.plain import german, ranges
from sandbox.examples.rows import Stock, movable
from sandbox.examples.soracom import groups, soracom
from sandbox.examples.supersim import fleets, supersim
from sandbox.population import PACK
from sandbox.truth import Truth
from sandbox.world import SIMS_DEFAULT, seed

RESERVED_PACKS = 10  # the last of the source, kept for the two CSV lists


def make_examples(folder: Path) -> None:
    """Write all lists into `folder`."""
    with tempfile.TemporaryDirectory() as home:
        seed(Path(home), SIMS_DEFAULT)
        world = Truth(Path(home)).where().with_row_index("place")
    source = world.filter(pl.col("workspace_id") == SOURCE)
    packs = (source["place"] // PACK).unique().sort()
    kept = packs.tail(RESERVED_PACKS).to_list()
    is_kept = (pl.col("place") // PACK).is_in(kept)
    fleet(folder, Stock(world.filter(~is_kept), iter(movable(source.filter(~is_kept)).rows(named=True))))
    german(folder, movable(source.filter((pl.col("place") // PACK).is_in(kept[:4]))))
    ranges(folder, source.filter((pl.col("place") // PACK).is_in(kept[4:])))
    fleets(folder)
    supersim(folder)
    cards(folder)
    groups(folder)
    soracom(folder)
