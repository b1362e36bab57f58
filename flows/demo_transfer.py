"""What the demonstration of Soracom shows beside the others: what support moves, and a target that nobody can read."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from domain.errors import Exit
from domain.outcomes import Outcome, totals
from flows.demo_typed import tell, type_command
from flows.standing import outcomes_of
from journal.folder import every_run, open_run
from sandbox.accounts import SECRET_MODE
from sandbox.remote import Sandbox
from sandbox.soracom.accounts import EAST, FAR, WEST
from sandbox.soracom.truth import Truth
from tasks.asked import here

OFFERED_SIMS = 4
PER_TOKEN = 2
BY_HAND = ("event_handler", "port_mapping")  # what no call of ours puts back


def transfer(sandbox: Sandbox, run: str) -> None:
    """Support moves what is left to it, the books are compared, and some SIMs are offered to somebody else."""
    left = outcomes_of(here(), run).filter(pl.col("outcome") == Outcome.ASSISTED)["iccid"].to_list()
    tell(f"\nOn the 1st of the month Soracom's support moves the {len(left)} SIMs that it was asked for.")
    sandbox.transfer_by_support(WEST.name, *left)
    type_command(f"simferry restore {run}", Exit.OK)
    type_command(f"simferry reconcile {run}", Exit.ROWS)
    _prove(Truth(sandbox.home), run)
    _offer(sandbox)


def _prove(truth: Truth, run: str) -> None:
    """Compare what the report says with the books of the sandbox; end the demo where they differ."""
    folder = open_run(here().home, run)
    confirmed = outcomes_of(here(), run).filter(pl.col("outcome") == Outcome.CONFIRMED)["iccid"]
    there = truth.where(confirmed).filter(pl.col("operator_name") == WEST.name)
    before = _by_name(folder.load_frame(folder.settings_planned), truth).filter(
        pl.col("key").is_in(confirmed.implode()) & ~pl.col("setting").str.split(":").list.first().is_in(BY_HAND)
    )
    after = _by_name(truth.settings(confirmed), truth)
    same = before.join(after, on=["key", "setting", "value"], how="semi")
    regrouped = before.join(same, on=["key", "setting"], how="anti").join(after, on=["key", "setting"], suffix="_now")
    tell(
        f"\nThe books of the sandbox itself: {there.height:,} of {confirmed.len():,} confirmed SIMs are {WEST.name}'s, "
        f"{len(truth.moved_twice())} moved twice. Of {before.height:,} settings that they had in {EAST.name}, "
        f"{same.height:,} are as they were."
    )
    for was, now, sims in regrouped.group_by("value", "value_now").len().iter_rows():
        tell(f"  group {was} → {now}: {sims} SIMs, as groups.csv says")
    lost = before.height - same.height - regrouped.filter(pl.col("setting") == "group").height
    if there.height != confirmed.len() or truth.moved_twice() or lost:
        sys.exit("The report and the books differ.")


def _by_name(settings: pl.DataFrame, truth: Truth) -> pl.DataFrame:
    """The settings (SETTINGS) with the names of groups in place of their ids, which are each operator's own."""
    names = truth.groups().select(pl.col("group").alias("value"), pl.col("name").alias("_name"))
    return settings.join(names, on="value", how="left", maintain_order="left").select(
        "key", "setting", pl.coalesce("_name", "value").alias("value")
    )


def _offer(sandbox: Sandbox) -> None:
    """Offer a few SIMs to an operator whose credentials nobody here has, which accepts one token of two."""
    tell(f"\n{FAR.name} is somebody else: simferry can't log in there, so SIMs are offered, and {FAR.name} accepts.")
    truth = Truth(sandbox.home)
    ready = truth.where().filter(pl.col("operator_name") == EAST.name, pl.col("status") == "ready")
    file = here().home.parent / "offers.csv"
    ready.tail(OFFERED_SIMS).select(pl.col("iccid").alias("SIM id")).write_csv(file)
    type_command(f"simferry plan {file} --from east --to far --sims-per-token {PER_TOKEN} --in-flight 1", Exit.OK)
    run = next(folder.name for folder in every_run(here().home) if folder.name.endswith(file.stem))
    type_command(f"simferry approve {run} --sims {OFFERED_SIMS} --by demo", Exit.OK)
    type_command(f"simferry execute {run}", Exit.UNCONFIRMED)
    type_command(f"simferry status {run}", Exit.OK)
    tell(f"\n{FAR.name} opens the link in the second of its two e-mails; the first token is taken back.")
    sandbox.accept_offers(FAR.name, latest=1)
    type_command(f"simferry cancel {run} --token 1", Exit.OK)
    type_command(f"simferry reconcile {run}", Exit.UNCONFIRMED)
    _end(run, {Outcome.AWAITING: PER_TOKEN, Outcome.CANCELLED: PER_TOKEN})
    tell(f"\n{FAR.name} lets us look: its password goes into the accounts file, and what it accepted is seen there.")
    _add_password(here().accounts)
    type_command(f"simferry reconcile {run}", Exit.UNCONFIRMED)
    _end(run, {Outcome.CONFIRMED: PER_TOKEN, Outcome.CANCELLED: PER_TOKEN})
    tell(f"\nWhat was taken back is ready in {EAST.name} again, and in retry.csv.")


def _end(run: str, expected: Mapping[Outcome, int]) -> None:
    """End the demo where the SIMs of the run came to something else."""
    found = {outcome: sims for outcome, sims in totals(outcomes_of(here(), run)).items() if sims}
    if found != expected:
        sys.exit(f"The offered SIMs ended as {found} where {dict(expected)} was due.")


def _add_password(accounts: Path) -> None:
    """Give the target of the offers a way in."""
    place = accounts.with_name("far.password")
    place.touch(mode=SECRET_MODE)
    place.write_text(FAR.password, encoding="utf-8")
    text = accounts.read_text(encoding="utf-8")
    with_password = f'[accounts.{FAR.name}]\npassword = "file:{place.name}"\n'
    accounts.write_text(text.replace(f"[accounts.{FAR.name}]\n", with_password), encoding="utf-8")
