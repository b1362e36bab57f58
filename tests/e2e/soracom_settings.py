"""What a report says about what Soracom's SIMs are set to, held against the sandbox's own books."""

from __future__ import annotations

import polars as pl

from domain.plan import Step
from journal.run_folder import RunFolder
from tests.e2e.soracom_agreement import Books

HANGING = ("event_handler", "port_mapping")  # that the books of settings have not, and that no call of ours puts back
TOLD = ["key", "setting", "before", "now", "result"]


def told_settings(folder: RunFolder, outcomes: pl.DataFrame) -> pl.DataFrame:
    """The lines of `settings.csv`, by the SIM id."""
    keys = outcomes.filter(pl.col("batch").is_not_null() | pl.col("sim_id").is_not_null())
    named = keys.select(pl.col("sim_id").alias("key"), pl.col("iccid").alias("ICCID")).unique("ICCID")
    lines = pl.read_csv(folder.path / "settings.csv", infer_schema=False).rename({"simferry result": "result"})
    return lines.join(named, on="ICCID", how="left", maintain_order="left")


def settings_disagreements(books: Books, told: pl.DataFrame, steps: pl.DataFrame, groups: dict[str, str]) -> list[str]:
    """Settings of which the report does not say what they were, what they are, and whether that is as it should be.

    `groups` are names: of the source, and of the target's that stands for it, where it is another.
    """
    going = steps.filter(pl.col("step").is_in([str(Step.MOVE), str(Step.ASSIST)]))["key"].unique()
    hangs = pl.col("setting").str.split(":").list.first().is_in(HANGING)
    due = due_settings(books, going, groups)
    own = told.filter(~hangs).select(TOLD)
    there = books.truth.where(going).filter(operator=books.target.operator)["iccid"]
    wrong = told.filter(hangs & ((pl.col("result") == "lost") != pl.col("key").is_in(there.implode())))
    return [
        *(f"said, and not so: {row}" for row in own.join(due, on=TOLD, how="anti", nulls_equal=True).iter_rows()),
        *(f"so, and not said: {row}" for row in due.join(own, on=TOLD, how="anti", nulls_equal=True).iter_rows()),
        *(f"carried by nobody: {row}" for row in wrong.iter_rows()),
    ]


def due_settings(books: Books, going: pl.Series, groups: dict[str, str]) -> pl.DataFrame:
    """The lines (TOLD) that a report on the SIMs `going` should have, by the books alone; `groups` as above."""
    there = books.truth.where(going).filter(operator=books.target.operator)["iccid"]
    named = books.truth.groups()
    theirs = dict(named.filter(operator=books.target.operator).select("name", "group").iter_rows())
    stands_for = {
        group: theirs.get(groups.get(name, name)) for group, name in named.select("group", "name").iter_rows()
    }
    grouped, seen = pl.col("setting") == "group", pl.col("key").is_in(there.implode())
    wanted = pl.when(grouped).then(pl.col("before").replace_strict(stands_for, default=None)).otherwise("before")
    lines = (
        books.settings.filter(pl.col("key").is_in(going.implode()))
        .rename({"value": "before"})
        .join(books.truth.settings(there).rename({"value": "now"}), on=["key", "setting"], how="left")
        .with_columns(wanted.alias("wanted"))
    )
    result = (
        pl.when(~seen)
        .then(pl.lit("unseen"))
        .when(pl.col("wanted").is_null())
        .then(pl.lit("lost"))
        .when(pl.col("now") == pl.col("wanted"))
        .then(pl.lit("same"))
        .otherwise(pl.lit("differs"))
    )
    return lines.with_columns(result.alias("result")).select(TOLD)
