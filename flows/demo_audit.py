"""`make demo-audit`: three months of books and accounts, with what happens beside the API, and the audits of them."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import polars as pl

from domain.audit.kinds import MEANINGS, Kind
from domain.audit.ledger import LEDGER, NOTES_SHEET, Heading, State, is_work
from domain.audit.months import month_of
from domain.audit.numbers import sim_number
from domain.errors import Exit
from flows.demo_typed import tell, type_command
from journal.audits import month_folder
from journal.folder import every_run
from sandbox.accounts import write_accounts
from sandbox.examples.books import Mistakes, ours, write_books
from sandbox.months import What, pass_month
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.world import Name, seed
from tasks.asked import here
from tasks.engine import engine

HOME = Path(".sandbox/demo/audit")
SIMS = 600  # of each provider
ACCOUNTS = ("pilot", "fleet", "north", "south", "east", "west")
MOVED_SIMS = 5
BREAKS = "breaks are open, which these books are made for"
POLICY = """currency = "EUR"

[[policy]]
name = "paid and unknown"
words = "Active, and finance does not know it."
statuses = ["active"]
not_in = "finance"

[[policy]]
name = "suspended for long"
words = "Suspended for over 30 days: give it back."
statuses = ["suspended"]
over_days = 30
"""


def demo() -> int:
    """Run the demonstration; 0 where every audit found what the sandbox's own books say it should."""
    if HOME.exists():
        shutil.rmtree(HOME)
    HOME.mkdir(parents=True)
    for name in Name:
        seed(HOME / "provider", SIMS, provider=name)
    os.environ["SIMFERRY_HOME"] = str(HOME / "runs")
    os.environ["SIMFERRY_AUDITS"] = str(HOME / "audits")
    (HOME / "audit.toml").write_text(POLICY, encoding="utf-8")
    mistakes = write_books(HOME / "provider", HOME)
    with running(HOME / "provider", rate_scale=20) as sandbox:
        os.environ["SIMFERRY_ACCOUNTS"] = str(write_accounts(HOME / "provider", sandbox.base_url))
        tell(f"Three providers are simulated at {sandbox.base_url}; they end with this demo.")
        with engine(tell):
            _three_months(sandbox, mistakes, _months())
    return Exit.OK


def _three_months(sandbox: Sandbox, mistakes: Mistakes, months: tuple[str, str, str]) -> None:
    first, second, third = months
    tell(f"\n{first}: the asset list has mistakes from its first day.")
    _audit(first, Exit.ROWS)
    _compare(sandbox, first, mistakes)
    tell(f"\nAna takes the missing SIMs on: she writes so into the workbook of {first}.")
    noted = _note(first)
    tell("\nA month passes. SIMs are activated, suspended, sold, bought and swapped, and some move without a run.")
    happened = pass_month(sandbox.home)
    run = _move()
    _audit(second, Exit.ROWS, f"--notes {noted}")
    _compare(sandbox, second, mistakes)
    _explain(second, run, happened)
    tell("\nAnother month. Somebody has put the asset list right, and two accounts do not answer on the first.")
    pass_month(sandbox.home)
    write_right(sandbox.home, HOME / "assets.csv")
    sandbox.set_faults([{"path": "*/v1/Sims*", "act": "error_before"}])
    _audit(third, Exit.PROVIDER)
    sandbox.set_faults([])
    tell("\nThey answer again: they alone are read, and the month is whole.")
    type_command(
        f"simferry audit --settings {HOME}/audit.toml --month {third} --only north --only south", Exit.ROWS, BREAKS
    )
    _compare(sandbox, third, Mistakes())
    _story(months)
    tell(f"\nLook at  {HOME}/audits/{third}/audit.html  and  {HOME}/audits/{third}/audit.xlsx")


def _audit(month: str, expected: Exit, more: str = "") -> None:
    accounts = " ".join(f"--account {name}" for name in ACCOUNTS)
    lists = f"assets={HOME}/assets.csv finance={HOME}/finance.csv"
    type_command(
        f"simferry audit {lists} {accounts} --settings {HOME}/audit.toml --month {month} {more}".rstrip(),
        expected,
        BREAKS if expected is Exit.ROWS else "",
    )


def _move() -> str:
    """Carry a few SIMs from pilot to fleet by a run, which explains them; its name."""
    sims = ours(HOME / "provider").filter(pl.col("account") == "pilot", pl.col("status") == "Issued")
    file = HOME / "moved.csv"
    sims.tail(MOVED_SIMS).select(pl.col("iccid").alias("ICCID")).write_csv(file)
    type_command(f"simferry plan {file} --from pilot --to fleet", Exit.OK)
    run = next(folder.name for folder in every_run(here().home) if folder.name.endswith(file.stem))
    type_command(f"simferry approve {run} --sims {MOVED_SIMS} --by demo", Exit.OK)
    type_command(f"simferry execute {run}", Exit.OK)
    type_command(f"simferry reconcile {run}", Exit.OK)
    return run


def _note(month: str) -> Path:
    """The workbook with an owner and a note beside every SIM that is missing, as a spreadsheet would save it."""
    book = openpyxl.load_workbook(HOME / "audits" / month / "audit.xlsx")
    sheet = book[NOTES_SHEET]
    rows = sheet.iter_rows()
    heads = next(
        found
        for row in rows
        if Heading.KIND in (found := {str(cell.value): at for at, cell in enumerate(row) if cell.value is not None})
    )
    for row in rows:
        if row[heads[Heading.KIND]].value == MEANINGS[Kind.MISSING].title:
            row[heads[Heading.OWNER]].value = "Ana"
            row[heads[Heading.NOTE]].value = "asked the depot"
    path = HOME / f"audit-{month}-noted.xlsx"
    book.save(path)
    return path


def write_right(home: Path, assets: Path) -> None:
    """The asset list as it should be today."""
    ours(home).select(
        pl.col("iccid").alias("ICCID"),
        pl.col("imsi").alias("IMSI"),
        pl.col("account").alias("Account"),
        pl.col("status").alias("Status"),
    ).write_csv(assets)


def expected_breaks(home: Path, assets: Path) -> dict[Kind, set[str]]:
    """What the asset list gets wrong, SIM by SIM, by the providers' own books: 19 digits of each, by kind of break."""
    now = _numbered(ours(home), "iccid")
    rows = _numbered(pl.read_csv(assets, infer_schema=False), "ICCID")
    listed = rows.drop_nulls("sim").unique("sim", keep="first", maintain_order=True)
    both = listed.join(now, on="sim", how="inner")
    unlike = both.filter(pl.col("IMSI") != pl.col("imsi"))
    theirs = dict(unlike.select("imsi", "sim").iter_rows())
    swapped = {
        sim for sim, said, has in unlike.select("sim", "IMSI", "imsi").iter_rows()
        if said in theirs and (theirs[said], has) in set(unlike.select("sim", "IMSI").iter_rows())
    }  # fmt: skip
    twice = rows.drop_nulls("sim").filter(pl.col("sim").is_duplicated())
    found = {
        Kind.MISSING: listed.join(now, on="sim", how="anti"),
        Kind.NOT_IN_BOOKS: now.join(listed, on="sim", how="anti"),
        Kind.WRONG_ACCOUNT: both.filter(pl.col("Account") != pl.col("account")),
        Kind.STATUS_DIFFERS: both.filter(pl.col("Status") != pl.col("status")),
        Kind.SWAPPED: unlike.filter(pl.col("sim").is_in(sorted(swapped))),
        Kind.PAIR_DIFFERS: unlike.filter(~pl.col("sim").is_in(sorted(swapped))),
        Kind.LISTED_TWICE: twice,
    }
    return {kind: {str(sim) for sim in frame["sim"]} for kind, frame in found.items()}


def _compare(sandbox: Sandbox, month: str, mistakes: Mistakes) -> None:
    """Hold what the audit says of the asset list against the sandbox's own books; end the demo where they differ."""
    expected = expected_breaks(sandbox.home, HOME / "assets.csv")
    ledger = month_folder(HOME / "audits", month).read("ledger", LEDGER)
    there = ledger.filter(pl.col("state").is_in([State.NEW, State.OPEN]), pl.col("register") == "assets")
    wrong = []
    for kind, due in expected.items():
        found = set(there.filter(pl.col("kind") == kind)["who"])
        if kind is Kind.WRONG_ACCOUNT:  # those that a run has moved are explained by it
            found |= set(there.filter(pl.col("kind") == Kind.MOVED_BY_RUN)["who"])
        if found != due:
            wrong.append(f"{kind}: found {sorted(found - due)} too many and {sorted(due - found)} not at all")
    damaged = there.filter(pl.col("kind") == Kind.DAMAGED).height
    if damaged != len(mistakes.by_kind.get("damaged", [])):
        wrong.append(f"{damaged} damaged rows")
    if wrong:
        sys.exit("\n".join(["The audit and the sandbox's own books differ:", *wrong]))
    sims = sum(map(len, expected.values()))
    tell(f"\nThe sandbox's own books say the same of the asset list: {sims} breaks, none missed, none made up.")


def _explain(month: str, run: str, happened: pl.DataFrame) -> None:
    """The SIMs of the run are explained by it, and those that somebody else moved are told; else end the demo."""
    ledger = month_folder(HOME / "audits", month).read("ledger", LEDGER)
    by_run = ledger.filter(pl.col("kind") == Kind.MOVED_BY_RUN, pl.col("run") == run).height
    outside = set(ledger.filter(pl.col("kind") == Kind.MOVED_OUTSIDE)["who"])
    moved = {iccid[:19] for iccid in happened.filter(pl.col("what") == What.MOVED)["iccid"]}
    if by_run != MOVED_SIMS or outside != moved:
        sys.exit(f"{by_run} of {MOVED_SIMS} SIMs are explained, and {sorted(outside)} moved where {sorted(moved)} did.")
    tell(f"{by_run} SIMs were moved by {run}, and {len(moved)} by somebody else.")


def _story(months: tuple[str, ...]) -> None:
    tell("\nThree months:\n")
    for month in months:
        ledger = month_folder(HOME / "audits", month).read("ledger", LEDGER)
        counts = dict(ledger.filter(is_work()).group_by(pl.col("state").cast(pl.String)).len().iter_rows())
        tell(f"  {month}  " + "  ".join(f"{counts.get(state, 0):>5,} {state}" for state in State))


def _months() -> tuple[str, str, str]:
    """This month and the two before it."""
    today = datetime.now(UTC).date()
    months = [month_of(today)]
    while len(months) < 3:  # noqa: PLR2004 - three months
        year, month = (int(part) for part in months[0].split("-"))
        months.insert(0, f"{year - (month == 1)}-{(month - 2) % 12 + 1:02d}")
    return months[0], months[1], months[2]


def _numbered(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    return frame.with_columns(sim_number(pl.col(column)).alias("sim"))


if __name__ == "__main__":
    sys.exit(demo())
