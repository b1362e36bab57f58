"""Mistakes about an audit itself: they are refused, told, or taken out of the month again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.audit.kinds import Kind
from domain.audit.ledger import State
from domain.errors import UsageError
from flows.audit_told import told
from tasks.audit_asked import AuditAsked, leave_out
from tasks.audit_surveys import survey_all
from tasks.voice import speaking
from tests.domain.audit_samples import held, iccid
from tests.engine.audit_desk import Books, Silent

MONTH = "2026-09"
HEAD = "ICCID,Account\n"
ACCOUNTS = """
[accounts.far]
provider = "soracom"
coverage = "japan"
operator = "OP0012345678"
email = "them@example.com"
"""


@pytest.fixture
def books(tmp_path: Path) -> Books:
    made = Books(tmp_path)
    made.survey(MONTH, "east", [held(1), held(2)])
    return made


def listed(books: Books, *accounts: str) -> str:
    lines = "".join(f"{iccid(at)},{account}\n" for at, account in enumerate(accounts, start=1))
    return books.write("assets", HEAD + lines)


def test_a_word_for_an_account_that_fits_none_is_told_with_its_rows(books: Books) -> None:
    report = books.audit(MONTH, listed(books, "East Operator", "East Operator", "Nowhere Ltd")).report
    (notice,) = [one for one in report.notices if "names accounts" in one]
    assert notice.startswith("assets names accounts that this audit has not: “East Operator” (2), “Nowhere Ltd” (1). ")
    assert "[accounts] of" in notice
    (books.folder / "audit.toml").write_text('[accounts]\n"East Operator" = "east"\n"Nowhere Ltd" = "east"\n')
    report = books.audit(MONTH, listed(books, "East Operator", "East Operator", "Nowhere Ltd")).report
    assert not any("names accounts" in one for one in report.notices)


@pytest.mark.parametrize(
    ("rule", "strange"),
    [
        ('statuses = ["active"]\naccounts = ["eest"]', "the account eest"),
        ('statuses = ["activ"]', "the status “activ”"),
        ('statuses = ["Suspended", "in service"]\naccounts = ["east"]', ""),
    ],
)
def test_a_rule_about_something_that_is_not_there_is_told(books: Books, rule: str, strange: str) -> None:
    (books.folder / "audit.toml").write_text(f'[[policy]]\nname = "paid"\n{rule}\n', encoding="utf-8")
    notices = [one for one in books.audit(MONTH, listed(books, "east")).report.notices if "policy" in one]
    assert [f"“paid” is about {strange}," in one for one in notices] == [True] * bool(strange)


def test_an_account_named_by_mistake_is_left_out_again_and_makes_the_month_whole(books: Books) -> None:
    books.fail(MONTH, "far")
    register = listed(books, "east", "east", "east")
    spoilt = books.audit(MONTH, register)
    assert Kind.UNREAD in set(spoilt.report.ledger["kind"])
    assert "--leave-out far" in told(spoilt)
    desk = books.desk(MONTH)
    for strange in ("nobody", "..", "", "../east", "."):  # and nothing goes, not even what was named before it
        with pytest.raises(UsageError, match=r"no account or register '.*'\. It has assets, east, far\."):
            leave_out(replace(desk, asked=replace(desk.asked, leave_out=("east", strange))))
        assert [parts.name for parts in (*desk.folder.snapshots(), *desk.folder.registers())] == [
            "east",
            "far",
            "assets",
        ]
    leave_out(replace(desk, asked=replace(desk.asked, leave_out=("far",))))
    report = books.audit(MONTH, register).report
    assert report.summary.open_by_kind == {str(Kind.MISSING): 1}
    assert "--leave-out" not in told(replace(spoilt, report=report))


def test_a_register_handed_in_by_mistake_is_left_out_again(books: Books) -> None:
    books.audit(MONTH, listed(books, "east"), books.write("other", HEAD))
    desk = books.desk(MONTH)
    leave_out(replace(desk, asked=replace(desk.asked, leave_out=("other",))))
    assert [one.name for one in books.audit(MONTH).report.terms.registers] == ["assets"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (AuditAsked(accounts=("far",)), "no credentials for far"),
        (AuditAsked(accounts=("nosuch",), from_snapshots=True), "no snapshot of nosuch"),
        (AuditAsked(accounts=("nosuch",)), "There is no account nosuch"),
    ],
)
def test_an_account_that_nobody_can_read_is_refused_before_the_month_has_it(
    books: Books, asked: AuditAsked, words: str
) -> None:
    (books.folder / "accounts.toml").write_text(ACCOUNTS, encoding="utf-8")
    desk = books.desk(MONTH)
    with speaking(Silent()), pytest.raises(UsageError, match=words):
        survey_all.fn(replace(desk, asked=asked))
    assert [parts.name for parts in desk.folder.snapshots()] == ["east"]


def test_breaks_by_state_add_up_to_the_open_ones(books: Books) -> None:
    books.audit(MONTH, listed(books, "east"))
    books.survey("2026-10", "east", [held(3)])
    books.survey("2026-10", "west", [held(1)])
    summary = books.audit("2026-10", listed(books, "east")).report.summary
    states = summary.by_state
    assert summary.open == states[State.NEW] + states[State.OPEN] + states[State.NOT_LOOKED_AT] > 0
