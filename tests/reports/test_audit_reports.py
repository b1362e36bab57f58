"""An audit's workbook, page and Markdown: numbers as text, no formulas, nothing from outside, sums that are even."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from domain.audit.frames import BREAKS, Account, Register
from domain.audit.judging import HOLDINGS, STANDS
from domain.audit.kinds import MEANINGS, Kind
from domain.audit.ledger import LEDGER, NOTES, NOTES_SHEET, NOW, State, ledger_of
from domain.audit.movements import MOVEMENTS
from domain.audit.report import AuditReport, balances, summary_of
from domain.audit.terms import Terms
from inputs.audit_notes import read_notes
from reports.audit import write_audit
from reports.audit_markdown import markdown_of

EVIL = '=cmd|"/c calc"!A1'
HOSTILE = "<script>alert(1)</script>"
TERMS = Terms(
    datetime(2026, 11, 1, tzinfo=UTC).date(),
    (Register("assets", 12),),
    (Account("east", "soracom", 9), Account("west", "soracom", problem="no usable answer in 5 tries")),
)


def items() -> pl.DataFrame:
    rows = [
        {
            "kind": kind,
            "who": f"898830300000000{place:04d}",
            "subject": "assets",
            "register": "assets",
            "row": place + 2,
            "iccid": f"898830300000000{place:04d}",
            "said": EVIL if place == 0 else HOSTILE,
            "seen": "active",
            "price": 1.5,
            "account": "east",
        }
        for place, kind in enumerate(Kind)
    ]
    return pl.DataFrame(rows, schema=BREAKS)


@pytest.fixture
def report() -> AuditReport:
    """A month with one item of every kind, and one that is resolved."""
    none = pl.DataFrame(schema=NOW), pl.DataFrame(schema=NOTES)
    whole = replace(TERMS, accounts=(Account("east", "soracom", 9), Account("west", "soracom")))
    before = ledger_of("2026-10", pl.DataFrame(schema=LEDGER), items(), *none, whole)
    ledger = ledger_of("2026-11", before, items().filter(pl.col("kind") != Kind.TWO_ACCOUNTS), *none, whole)
    holdings = pl.DataFrame(
        [("east", "Active", True, 6), ("east", "activated", False, 2), ("east", None, True, 1)], HOLDINGS, orient="row"
    )
    moves = pl.DataFrame([{"movement": "came", "who": "8988303000000000001", "now": EVIL}], schema=MOVEMENTS)
    return AuditReport(
        month="2026-11",
        made_at=datetime(2026, 11, 2, 6, tzinfo=UTC),
        terms=TERMS,
        ledger=ledger,
        moves=moves,
        stands=pl.DataFrame([("assets", "found", 9), ("assets", "not judged", 2)], STANDS, orient="row"),
        holdings=holdings,
        trend=(summary_of("2026-10", before, holdings), summary_of("2026-11", ledger, holdings)),
        read_at={"east": "2026-11-02T06:00:00Z"},
        damaged={"assets": 1},
        fixes={"move-east-to-west.csv": 1},
        notices=("Read when it was over: east.",),
        currency="EUR",
        previous="2026-10",
    )


def test_every_kind_has_a_sheet_that_the_summary_leads_to(report: AuditReport, tmp_path: Path) -> None:
    workbook, _ = write_audit(report, tmp_path)
    book = openpyxl.load_workbook(workbook)
    expected = [meaning.title for kind, meaning in MEANINGS.items() if kind != Kind.TWO_ACCOUNTS]
    assert book.sheetnames == ["Summary", NOTES_SHEET, *expected, "Resolved", "Movements", "Accounts by status"]
    links = {cell.hyperlink.location for row in book["Summary"].iter_rows() for cell in row if cell.hyperlink}
    assert {f"'{title}'!A1" for title in book.sheetnames[1:]} <= links


def test_identifiers_are_text_and_nothing_is_a_formula(report: AuditReport, tmp_path: Path) -> None:
    workbook, _ = write_audit(report, tmp_path)
    cells = [cell for sheet in openpyxl.load_workbook(workbook) for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert any(cell.value == EVIL for cell in cells)
    assert not any(isinstance(cell.value, int | float) and cell.value > 10**12 for cell in cells)


def test_the_open_items_can_be_read_back(report: AuditReport, tmp_path: Path) -> None:
    workbook, _ = write_audit(report, tmp_path)
    notes = read_notes(workbook)
    still = report.ledger.filter(pl.col("state") != State.RESOLVED, pl.col("kind") != Kind.MOVED_BY_RUN)
    assert set(notes.select("kind", "who", "subject").rows()) == set(still.select("kind", "who", "subject").rows())
    assert set(notes["owner"]) == {""}


class Page(HTMLParser):
    """Tags of a page, and where they lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.leads: set[str] = set()
        self.named: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.leads |= {str(values[name]) for name in ("href", "src") if name in values}
        self.named |= {str(values["id"])} if "id" in values else set()


def test_the_page_is_by_itself_and_leads_to_every_kind(report: AuditReport, tmp_path: Path) -> None:
    _, page = write_audit(report, tmp_path)
    text = page.read_text(encoding="utf-8")
    read = Page(text)
    assert read.tags.count("script") == 1
    assert HOSTILE not in text
    assert {lead for lead in read.leads if not lead.startswith("#")} == set()
    open_kinds = {kind for kind in Kind if MEANINGS[kind].is_open and kind != Kind.TWO_ACCOUNTS}
    assert {str(kind) for kind in open_kinds} <= read.named
    assert page.stat().st_mode & 0o777 == 0o600


def test_the_markdown_names_no_sim(report: AuditReport) -> None:
    text = markdown_of(report)
    assert "89883030" not in text
    assert "west was not read: no usable answer in 5 tries" in text
    assert "assets: 12 rows = 9 found + 2 not judged + 0 listed again + 1 damaged" in text


def test_what_the_reader_should_know_stands_before_the_breaks(report: AuditReport, tmp_path: Path) -> None:
    workbook, page = write_audit(report, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert text.index(report.notices[0]) < text.index("What is broken")
    summary = [str(cell.value) for row in openpyxl.load_workbook(workbook).worksheets[0] for cell in row if cell.value]
    assert summary.index(report.notices[0]) < summary.index("What is broken")
    assert report.notices[0] in markdown_of(report)


def test_rows_that_went_astray_are_noticed(report: AuditReport) -> None:
    assert all(balance.is_even for balance in balances(report))
    short = replace(report, stands=report.stands.head(1))
    assert not any(balance.is_even for balance in balances(short))


def test_a_month_without_breaks_says_so(report: AuditReport, tmp_path: Path) -> None:
    quiet = replace(
        report,
        ledger=report.ledger.clear(),
        moves=report.moves.clear(),
        terms=replace(TERMS, accounts=(Account("east", "soracom", 9),)),
        trend=(summary_of("2026-11", report.ledger.clear(), report.holdings),),
        previous="",
    )
    workbook, page = write_audit(quiet, tmp_path)
    assert "no open breaks" in page.read_text(encoding="utf-8")
    book = openpyxl.load_workbook(workbook)
    assert book[NOTES_SHEET]["A3"].value == "No break is open."
