"""Tokens in the reports: until when they live, what waits, and how to take them back; never the token itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.run_report import RunReport
from reports.summary import summarise
from reports.tables import tables
from reports.token_lines import TOKENS, TokenLine, token_table, tokens_sentence
from reports.webpage import LINES_MAX, write_page
from tests.reports.report_samples import Made
from tests.reports.soracom_samples import BLIND, soracom_report, tokens_of

NOW = "2026-11-20T10:30:00.000000Z"


@pytest.fixture
def report(tmp_path: Path) -> RunReport:
    return soracom_report(tmp_path)


def test_every_token_says_until_when_it_lives_and_what_can_be_done(report: RunReport) -> None:
    table = next(table for table in tables(report) if table.title == "Tokens")
    run = report.plan.run
    assert table.lines.select("number", "deadline", "waiting", "now").rows() == [
        (3, "2026-11-20 10:25:00", 1, f"Its time is over. `simferry execute {run}` finds out what became of it."),
        (2, "2026-11-20 11:00:00", 3, f"`simferry cancel {run} --token 2` takes back all of its 3 SIMs."),
        (1, "2026-11-20 10:20:00", 0, "Nothing waits."),
    ]


def test_what_is_accepted_in_part_is_not_said_to_be_taken_back() -> None:
    part = replace(tokens_of()[1], accepted=1)
    assert "can't be taken back" in token_table([part], "run", NOW)["now"].item()


def test_a_token_for_one_sim_takes_back_that_one() -> None:
    single = replace(tokens_of()[1], sims=1, waiting=1)
    assert token_table([single], "run", NOW)["now"].item() == "`simferry cancel run --token 2` takes back its one SIM."


def test_the_summary_counts_what_waits_and_names_the_first_deadline(report: RunReport, made: Made) -> None:
    (sentence,) = (each for each in summarise(report).changes if "token" in each)
    assert sentence.startswith("1 token with 3 SIMs waits to be accepted, until 2026-11-20 11:00:00 UTC.")
    later = replace(tokens_of()[1], deadline_at="2026-11-20T10:31:00Z", waiting=2)
    two = tokens_sentence([*tokens_of(), later], NOW)
    assert two.startswith("2 tokens with 5 SIMs wait to be accepted, the first until 2026-11-20 10:31:00 UTC.")
    assert tokens_sentence(tokens_of()[:1], NOW) == ""
    assert not [table for table in tables(made()) if table.title == "Tokens"]


@given(st.lists(st.builds(TokenLine, *(st.integers(0, 10**6),) * 3, *(st.just(NOW),) * 2, *(st.integers(0, 9),) * 4)))
def test_every_token_is_in_the_table_once(tokens: list[TokenLine]) -> None:
    table = token_table(tokens, "run", NOW)
    assert table.schema == TOKENS
    assert sorted(table["number"]) == sorted(token.number for token in tokens)
    waits = [bool(waiting) for waiting in table["waiting"]]
    assert waits == sorted(waits, reverse=True)


def test_the_page_has_the_tokens_and_counts_those_that_it_leaves_out(report: RunReport, tmp_path: Path) -> None:
    many = tuple(replace(tokens_of()[0], number=number) for number in range(1, LINES_MAX + 8))
    page = write_page(replace(report, tokens=many), summarise(report), tmp_path / "report.html").read_text("utf-8")
    part = page.split("<h2>Tokens</h2>")[1].split("<h2>")[0]
    assert part.count('<td class="when"') == LINES_MAX
    assert "7 more in report.xlsx, sheet Tokens" in part


def test_parts_of_a_transfer_are_told_with_what_they_do(report: RunReport, tmp_path: Path, made: Made) -> None:
    assert [str(part) for part in summarise(report).parts] == ["issue", "accept", "restore"]
    page = write_page(report, summarise(report), tmp_path / "report.html").read_text("utf-8")
    assert "<b>issue</b> A token is issued" in page
    assert summarise(made()).parts == ()
    offered = soracom_report(tmp_path, BLIND)
    assert "the other side is not done" in " ".join(summarise(offered).changes)
