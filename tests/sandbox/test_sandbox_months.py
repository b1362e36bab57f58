"""Months pass beside the API: what is told is what the books show, and the same seed tells the same."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sandbox.examples.books import ours
from sandbox.homes import Name
from sandbox.months import EACH, What, happenings, pass_month
from sandbox.serve import main
from sandbox.world import seed


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in Name:
        seed(tmp_path, 300, provider=name)
    return tmp_path


def test_what_happened_is_what_the_books_show(home: Path) -> None:
    before = ours(home)
    told = pass_month(home)
    now = ours(home)
    both = before.join(now, on="iccid", how="full", suffix="_now", coalesce=True)
    gone = both.filter(pl.col("account_now").is_null())["iccid"]
    come = both.filter(pl.col("account").is_null())["iccid"]
    moved = both.filter(pl.col("account") != pl.col("account_now"))["iccid"]
    status = both.filter(pl.col("status") != pl.col("status_now"), pl.col("account") == pl.col("account_now"))["iccid"]
    renumbered = both.filter(pl.col("imsi") != pl.col("imsi_now"))["iccid"]

    def of(*whats: What) -> set[str]:
        return {iccid[:19] for iccid in told.filter(pl.col("what").is_in(list(whats)))["iccid"]}

    seen = [{iccid[:19] for iccid in each} for each in (gone, come, moved, status, renumbered)]
    assert seen == [
        of(What.SOLD),
        of(What.BOUGHT),
        of(What.MOVED),
        of(What.ACTIVATED, What.SUSPENDED, What.LOST),
        of(What.SWAPPED),
    ]
    assert told.filter(pl.col("what") == What.MOVED).height == EACH * len(Name)


def test_the_same_seed_tells_the_same_and_months_go_on(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    for name in Name:
        seed(other, 300, provider=name)
    assert pass_month(home).equals(pass_month(other))
    second = pass_month(home)
    assert second["month"].unique().to_list() == [2]
    assert happenings(home).height == second.height + happenings(other).height


def test_a_month_passes_from_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "--pass-month"]) == 0
    assert f"emnify: {EACH} activated" in capsys.readouterr().out + capsys.readouterr().err
    assert happenings(home).height
