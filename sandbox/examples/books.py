"""Registers as somebody keeps them: what asset and finance lists say of the sandbox's world, mistakes included."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from sandbox.emnify.words import Status as Emnify
from sandbox.homes import Name, books_in
from sandbox.soracom.truth import Truth as SoracomTruth
from sandbox.supersim.truth import Truth as SuperSimTruth
from sandbox.truth import Truth

ACCOUNTS = {Name.EMNIFY: ("pilot", "fleet"), Name.SUPERSIM: ("north", "south"), Name.SORACOM: ("east", "west")}
WORKSPACES = {4001: "pilot", 4002: "fleet"}
FORGOTTEN, UNPAID, DAMAGED, INVENTED, TWICE, MISPLACED = 4, 5, 2, 3, 1, 2
PRICES = ("1.20", "0.85", "2.10")

# One line per SIM of our accounts, as the providers have them.
OURS = pl.Schema(
    {"iccid": pl.String, "imsi": pl.String, "account": pl.String, "status": pl.String, "provider": pl.String}
)


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What is wrong with the asset list from its first day: ICCIDs, by what an audit is to call it."""

    by_kind: dict[str, list[str]] = field(default_factory=dict)


def ours(home: Path) -> pl.DataFrame:
    """Every SIM of our accounts (OURS), in the order of accounts and ICCIDs."""
    there, frames = books_in(home), [pl.DataFrame(schema=OURS)]
    if Name.EMNIFY in there:
        words = {int(status): status.name.replace("_", " ").title() for status in Emnify}
        frames.append(
            Truth(home)
            .where()
            .filter(pl.col("workspace_id").is_in(list(WORKSPACES)))
            .select(
                (pl.col("iccid") + pl.col("check_digit")).alias("iccid"),
                "imsi",
                pl.col("workspace_id").replace_strict(WORKSPACES, return_dtype=pl.String).alias("account"),
                pl.col("status").replace_strict(words, return_dtype=pl.String).alias("status"),
                pl.lit(str(Name.EMNIFY)).alias("provider"),
            )
        )
    if Name.SUPERSIM in there:
        sims = SuperSimTruth(home).where().filter(pl.col("account_name").is_in(list(ACCOUNTS[Name.SUPERSIM])))
        frames.append(
            sims.select(
                (pl.col("iccid") + pl.col("check_digit")).alias("iccid"),
                pl.lit(None, pl.String).alias("imsi"),
                pl.col("account_name").alias("account"),
                "status",
                pl.lit(str(Name.SUPERSIM)).alias("provider"),
            )
        )
    if Name.SORACOM in there:
        sims = SoracomTruth(home).where().filter(pl.col("operator_name").is_in(list(ACCOUNTS[Name.SORACOM])))
        named = pl.col("operator_name").alias("account")
        frames.append(sims.select("iccid", "imsi", named, "status", pl.lit(str(Name.SORACOM)).alias("provider")))
    return pl.concat(frames).sort("account", "iccid")


def write_books(home: Path, folder: Path) -> Mistakes:
    """Write `assets.csv` and `finance.csv` as they stand today, and say what is wrong with the former.

    The asset list says where each SIM is and in which state, the finance list what it costs.
    """
    sims = ours(home)
    by_kind: dict[str, list[str]] = {}
    pilot = sims.filter(pl.col("account") == "pilot")["iccid"].to_list()
    spoiled = iter(pilot[10:])

    def some(kind: str, count: int) -> list[str]:
        by_kind[kind] = [next(spoiled) for _ in range(count)]
        return by_kind[kind]

    rows = sims.with_columns(pl.int_range(pl.len()).alias("at"))
    rows = rows.filter(~pl.col("iccid").is_in(some("not_in_books", FORGOTTEN)))
    rows = rows.with_columns(
        pl.when(pl.col("iccid").is_in(some("wrong_account", MISPLACED)))
        .then(pl.lit("fleet")).otherwise("account").alias("account"),
    )  # fmt: skip
    one, other = some("swapped", 2)
    imsi_of = dict(rows.select("iccid", "imsi").iter_rows())
    swapped = {one: imsi_of[other], other: imsi_of[one]}
    rows = rows.with_columns(
        pl.col("iccid").replace_strict(swapped, default=pl.col("imsi"), return_dtype=pl.String).alias("imsi")
    )
    again = rows.filter(pl.col("iccid").is_in(some("listed_twice", TWICE)))
    damaged = some("damaged", DAMAGED)
    rows = rows.with_columns(
        pl.when(pl.col("iccid").is_in(damaged)).then(pl.lit("8.98830300001E+19")).otherwise("iccid").alias("iccid")
    )
    by_kind["missing"] = [f"89883030000199990{number:02d}" for number in range(INVENTED)]
    invented = pl.DataFrame(
        [{"iccid": iccid, "account": "pilot", "status": "Activated"} for iccid in by_kind["missing"]]
    )
    listed = pl.concat([rows, again, invented], how="diagonal")
    listed.select(
        pl.col("iccid").alias("ICCID"),
        pl.col("imsi").alias("IMSI"),
        pl.col("account").alias("Account"),
        pl.col("status").alias("Status"),
    ).write_csv(folder / "assets.csv")
    price = pl.int_range(pl.len()) % len(PRICES)
    sims.slice(UNPAID).select(
        pl.col("iccid").alias("ICCID"),
        price.replace_strict(list(range(len(PRICES))), list(PRICES), return_dtype=pl.String).alias("Price per month"),
    ).write_csv(folder / "finance.csv")
    return Mistakes(by_kind)
