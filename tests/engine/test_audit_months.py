"""Months audited from files and snapshots: buckets, IMSIs alone, notes, accounts that failed, lists to mend with."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl
import pytest

from domain.audit.kinds import Kind
from domain.audit.ledger import NOTES_SHEET, State
from domain.audit.report import balances
from domain.errors import ListError
from journal.audits import every_month
from tasks import audit_buckets
from tests.domain.audit_samples import held, iccid
from tests.engine.audit_desk import Books

HEAD = "ICCID,IMSI,Account,Status,Price\n"


def row(number: int, account: str = "east", status: str = "active", price: str = "1.20") -> str:
    return f"{iccid(number)},26201{number:010d},{account},{status},{price}\n"


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path)


def kinds(ledger: pl.DataFrame) -> dict[str, list[str]]:
    rows = ledger.select(pl.col("kind").cast(pl.String), "who").sort("kind", "who").iter_rows()
    found: dict[str, list[str]] = {}
    for kind, who in rows:
        found.setdefault(kind, []).append(who)
    return found


def world(books: Books, month: str = "2026-09") -> str:
    """A register of nine SIMs, of which some are otherwise than it says."""
    books.survey(month, "east", [held(number) for number in (1, 2, 3, 7, 8, 20)])
    books.survey(month, "west", [held(4), held(5, status="suspended"), held(8)])
    text = HEAD + "".join(row(number) for number in (1, 2, 3)) + row(4) + row(5, "west")
    return books.write("assets", text + row(6) + ",262010000000007,east,active,2\n" + row(8) + row(1))


EXPECTED = {
    Kind.LISTED_TWICE: [iccid(1)],
    Kind.MISSING: [iccid(6)],
    Kind.NOT_IN_BOOKS: [iccid(20)],
    Kind.STATUS_DIFFERS: [iccid(5)],
    Kind.TWO_ACCOUNTS: [iccid(8)],
    Kind.WRONG_ACCOUNT: [iccid(4)],
}


def test_a_month_finds_what_is_otherwise_and_its_rows_add_up(books: Books) -> None:
    report = books.audit("2026-09", world(books)).report
    assert kinds(report.ledger) == dict(sorted(EXPECTED.items()))
    (balance,) = balances(report)
    assert (balance.rows, balance.is_even) == (9, True)
    assert balance.parts == {"found": 7, "missing": 1, "listed again": 1, "damaged": 0}
    assert report.summary.at_risk == pytest.approx(1.2 * 5)


def test_buckets_change_nothing(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_buckets, "BUCKET_ROWS_MAX", 2)
    register = world(books)
    assert len(list((books.folder / "audits/2026-09/snapshots/account=east").glob("part-*"))) == 4
    assert kinds(books.audit("2026-09", register).report.ledger) == dict(sorted(EXPECTED.items()))


def test_an_account_that_failed_hides_nothing_and_makes_nothing_missing(books: Books) -> None:
    register = world(books)
    books.audit("2026-09", register)
    books.survey("2026-10", "east", [held(number) for number in (1, 2, 3, 7, 20)])
    books.fail("2026-10", "west")
    ledger = books.audit("2026-10", register).report.ledger
    states = dict(ledger.select(pl.col("kind").cast(pl.String), pl.col("state").cast(pl.String)).iter_rows())
    assert states == {
        Kind.UNREAD: State.NEW,
        Kind.LISTED_TWICE: State.OPEN,
        Kind.NOT_IN_BOOKS: State.OPEN,
        Kind.MISSING: State.NOT_LOOKED_AT,
        Kind.STATUS_DIFFERS: State.NOT_LOOKED_AT,
        Kind.TWO_ACCOUNTS: State.NOT_LOOKED_AT,
        Kind.WRONG_ACCOUNT: State.NOT_LOOKED_AT,
    }


def test_owners_and_notes_come_back_through_the_workbook(books: Books) -> None:
    register = world(books)
    books.audit("2026-09", register)
    workbook = books.folder / "audits/2026-09/audit.xlsx"
    book = openpyxl.load_workbook(workbook)
    sheet = book[NOTES_SHEET]
    heads = {cell.value: at for at, cell in enumerate(sheet[2])}
    for cells in sheet.iter_rows(min_row=3):
        if cells[1].value == iccid(6):
            cells[heads["Owner"]].value, cells[heads["Note"]].value = "Ana", "asked the depot"
    noted = books.folder / "noted.xlsx"
    book.save(noted)
    world(books, "2026-10")
    ledger = books.audit("2026-10", register, notes=noted).report.ledger
    owned = ledger.filter(pl.col("owner").is_not_null())
    assert owned.select("who", "owner", "note", "first_seen").rows() == [
        (iccid(6), "Ana", "asked the depot", "2026-09")
    ]
    world(books, "2026-11")
    assert books.audit("2026-11", register).report.ledger["owner"].drop_nulls().to_list() == ["Ana"]


def test_a_workbook_without_those_columns_is_refused(books: Books) -> None:
    register = world(books)
    book = openpyxl.Workbook()
    book.create_sheet(NOTES_SHEET).append(["SIM", "Owner"])
    path = books.folder / "other.xlsx"
    book.save(path)
    with pytest.raises(ListError, match="not all of the columns"):
        books.audit("2026-09", register, notes=path)


def test_a_month_can_be_audited_again_and_comes_to_the_same(books: Books) -> None:
    register = world(books)
    first = books.audit("2026-09", register).report.ledger
    world(books, "2026-10")
    books.audit("2026-10", register)
    again = books.audit("2026-09", register).report.ledger
    assert again.equals(first)
    assert [folder.month for folder in every_month(books.folder / "audits")] == ["2026-09", "2026-10"]


def test_what_the_books_want_elsewhere_is_a_list_for_a_plan(books: Books) -> None:
    closed = books.audit("2026-09", world(books))
    assert closed.report.fixes == {"move-west-to-east.csv": 1}
    assert (closed.folder / "fix/move-west-to-east.csv").read_text() == f"ICCID\n{iccid(4)}\n"


def test_the_columns_that_were_found_are_used_again(books: Books) -> None:
    world(books)
    register = books.write("assets", HEAD.replace("Account", "Place") + row(1))
    (books.folder / "audit.toml").write_text('[registers.assets]\naccount = "Place"\n', encoding="utf-8")
    report = books.audit("2026-09", register).report
    assert report.stands.rows() == [("assets", "found", 1)]
    assert report.notices == ()


def test_prices_are_read_as_people_write_them(books: Books) -> None:
    world(books)
    prices = ["1.20", '"1,20"', '"1.234,50"', '"1,234.50"', "€ 3", "free"]
    register = books.write("assets", HEAD + "".join(row(n, price=p) for n, p in enumerate(prices, start=30)))
    closed = books.audit("2026-09", register)
    lines = closed.report.ledger.filter(pl.col("kind") == Kind.MISSING).sort("who")
    assert lines["price"].to_list() == [1.2, 1.2, 1234.5, 1234.5, 3.0, None]
    assert closed.report.notices[-1] == "assets: 1 row has a price that is no amount; the SIMs count as having none."


def test_an_earlier_snapshot_is_a_register_of_what_was_there(books: Books) -> None:
    books.audit("2026-09", world(books))
    books.survey("2026-10", "east", [held(number) for number in (1, 2)])
    books.survey("2026-10", "west", [held(3)])
    then = f"then={books.folder / 'audits/2026-09/snapshots/account=east'}"
    report = books.audit("2026-10", then).report
    found = report.ledger.filter(pl.col("register") == "then", pl.col("state") == State.NEW)
    assert kinds(found) == {
        Kind.MISSING: [iccid(7), iccid(8), iccid(20)],
        Kind.WRONG_ACCOUNT: [iccid(3)],
    }


def test_a_folder_that_is_no_snapshot_is_refused(books: Books) -> None:
    with pytest.raises(ListError, match="is a folder, and no snapshot"):
        books.audit("2026-09", f"then={books.folder}")


def test_all_of_it_is_for_its_owner_alone(books: Books) -> None:
    books.audit("2026-09", world(books))
    open_to_others = [path for path in (books.folder / "audits").rglob("*") if path.stat().st_mode & 0o077]
    assert open_to_others == []
    assert not (books.folder / "audits").stat().st_mode & 0o077
