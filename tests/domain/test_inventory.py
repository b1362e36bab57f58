"""Where SIMs are, by two inventories: a SIM in both is not taken for one that has arrived."""

from __future__ import annotations

import polars as pl

from domain.inventory import INVENTORY, SIGHTS, Side, sights_of


def inventory(*keys: str) -> pl.DataFrame:
    rows = [(key, f"id{key}", key, None, "Issued", None, None, None, None, None) for key in keys]
    return pl.DataFrame(rows, schema=INVENTORY, orient="row")


def test_a_sim_that_both_lists_show_counts_as_still_in_the_source() -> None:
    assert sights_of(pl.Series(["1"]), inventory("1"), inventory("1"))["side"].to_list() == [Side.SOURCE]


def test_every_key_has_one_sight_in_its_order_wherever_it_is() -> None:
    seen = sights_of(pl.Series(["3", "1", "2"]), inventory("1"), inventory("2"))
    assert dict(seen.schema) == dict(SIGHTS)
    assert seen["side"].to_list() == [Side.NOWHERE, Side.SOURCE, Side.TARGET]
    assert seen["sim_id"].to_list() == [None, "id1", "id2"]
