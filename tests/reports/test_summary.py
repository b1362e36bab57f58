"""What a report says first, and what people read of it."""

from __future__ import annotations

import html.parser
import os
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes import OUTCOMES, Outcome
from reports.balance import Unbalanced, closing_lines
from reports.palette import COLOURS
from reports.run_report import Stopped
from reports.summary import Summary, Tone, summarise
from reports.webpage import LINES_MAX, write_page
from reports.words import BY_URGENCY, WORDS
from tests.reports.report_samples import KINDS, Made, outcomes_of
from tests.reports.soracom_samples import soracom_report
from tests.reports.supersim_samples import supersim_report

GOLDEN = Path(__file__).parent / "golden"


def as_text(summary: Summary) -> str:
    lines = [summary.title, f"[{summary.tone}] {summary.verdict}", summary.detail, ""]
    lines += [f"{WORDS[count.outcome].label}: {count.sims} ({count.share:.1%})" for count in summary.counts]
    lines += ["", *(f"{WORDS[h.outcome].label} {h.sims}: {h.reason} -> {h.next_step}" for h in summary.hands)]
    lines += [
        "",
        *summary.changes,
        "",
        *summary.consequences,
        "",
        *(f"{name}: {value}" for name, value in summary.facts),
        "",
        summary.closing,
    ]
    return "\n".join(lines) + "\n"


def same_as_golden(name: str, text: str) -> None:
    """Compares with the golden file; SIMFERRY_GOLDEN=write writes it anew, to be read before it is committed."""
    path = GOLDEN / name
    if os.environ.get("SIMFERRY_GOLDEN") == "write":
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_the_summary_reads_as_agreed(made: Made, tmp_path: Path) -> None:
    same_as_golden("summary.txt", as_text(summarise(made())))
    same_as_golden("summary-supersim.txt", as_text(summarise(supersim_report(tmp_path))))
    same_as_golden("summary-soracom.txt", as_text(summarise(soracom_report(tmp_path))))


class Skeleton(html.parser.HTMLParser):
    """Elements with their classes and ids, and the text of headings, those of a table in one line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in {"h1", "h2", "details", "svg", "rect", "table", "dl", "header"}:
            self.lines.append(" ".join([tag, *(f"{k}={named[k]}" for k in ("class", "id") if k in named)]))
        if tag == "thead":
            self.lines.append(" ")
        self._tag = tag

    def handle_data(self, data: str) -> None:
        if self._tag in {"h1", "h2"}:
            self.lines.append(f"  {data}")
        elif self._tag == "th":
            self.lines[-1] += f" {data} |"
        self._tag = ""


def test_the_page_is_built_as_agreed(made: Made, tmp_path: Path) -> None:
    reports = (made(), supersim_report(tmp_path), soracom_report(tmp_path))
    for report, name in zip(reports, ("page.txt", "page-supersim.txt", "page-soracom.txt"), strict=True):
        page = write_page(report, summarise(report), tmp_path / "report.html").read_text("utf-8")
        skeleton = Skeleton()
        skeleton.feed(page)
        same_as_golden(name, "\n".join(skeleton.lines) + "\n")


def test_the_page_asks_nothing_of_the_network_and_escapes_every_text(made: Made, tmp_path: Path) -> None:
    lines = outcomes_of().with_columns(reason=pl.lit('<img src=x onerror="a()">'), raw=pl.lit("</script>"))
    report = made(lines)
    page = write_page(report, summarise(report), tmp_path / "report.html").read_text("utf-8")
    assert "<img" not in page
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", page)
    assert not re.search(r"url\(|@import|//[a-z]", page)
    assert "default-src 'none'" in page


def test_the_page_shows_the_first_lines_of_each_outcome_and_counts_the_rest(made: Made, tmp_path: Path) -> None:
    report = made(outcomes_of((("confirmed", LINES_MAX + 1234, None, "seen", "Nothing to do.", "target"),)))
    page = write_page(report, summarise(report), tmp_path / "report.html").read_text("utf-8")
    part = page.split("Line by line")[1]
    assert part.count('<td class="id"') == LINES_MAX
    assert "1,234 more in report.xlsx" in part


@given(st.lists(st.integers(0, 40), min_size=len(KINDS), max_size=len(KINDS)))
def test_the_closing_line_names_every_line_once(counts: list[int]) -> None:
    kinds = tuple((kind[0], count, *kind[2:]) for kind, count in zip(KINDS, counts, strict=True))
    total, *parts = (int(n.replace(",", "")) for n in re.findall(r"[\d,]+", closing_lines(outcomes_of(kinds))))
    assert total == sum(counts) == sum(parts)


def test_outcomes_that_do_not_balance_are_no_report(made: Made) -> None:
    report = made()
    lost = report.outcomes.with_columns(outcome=pl.when(pl.col("row") > 5).then("outcome"))
    with pytest.raises(Unbalanced):
        closing_lines(lost)
    for outcomes in (report.outcomes.tail(-1), report.outcomes.head(-1)):
        with pytest.raises(Unbalanced):
            summarise(replace(report, outcomes=outcomes))
    twice = report.outcomes.with_columns(line=pl.lit(1, pl.UInt32))
    with pytest.raises(Unbalanced, match="more than once"):
        summarise(replace(report, outcomes=twice))


def test_a_list_without_rows_is_not_told_as_seen(made: Made) -> None:
    assert "right file" in summarise(made(pl.DataFrame(schema=OUTCOMES))).detail


@pytest.mark.parametrize(
    ("kinds", "stopped", "tone", "verdict"),
    [
        (KINDS[:2], None, Tone.DONE, "It worked: all 34 SIMs are in acme-new."),
        (((*KINDS[0][:1], 1, *KINDS[0][2:]),), None, Tone.DONE, "It worked: the one SIM is in acme-new."),
        (KINDS[2:3], None, Tone.ATTENTION, "Nothing of this list is in acme-new: 3 need a hand."),
        ((), None, Tone.ATTENTION, "The list names no SIM: nothing was done."),
        (
            KINDS[:1] + KINDS[8:9],
            Stopped("declined", "Too many were declined."),
            Tone.STOPPED,
            "The run stopped: 30 of 36 are in acme-new, 6 need a hand.",
        ),
    ],
)
def test_the_verdict_is_one_sentence(
    made: Made,
    kinds: tuple[tuple[str, int, str | None, str, str, str | None], ...],
    stopped: Stopped | None,
    tone: Tone,
    verdict: str,
) -> None:
    summary = summarise(made(outcomes_of(kinds) if kinds else pl.DataFrame(schema=OUTCOMES), stopped=stopped))
    assert (summary.tone, summary.verdict) == (tone, verdict)
    if stopped:
        assert summary.detail.startswith("Too many were declined. (cause: declined)")


def test_reasons_that_name_single_rows_are_one_group_with_an_example(made: Made) -> None:
    lines = outcomes_of(KINDS[-1:]).with_columns(reason=pl.lit("the same as row ") + pl.col("row").cast(pl.String))
    (hand,) = summarise(made(lines)).hands
    assert (hand.sims, hand.reason) == (7, "For example: the same as row 2")
    assert hand.next_step == "Get the list as text."


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_words_on_their_colour_can_be_read_in_light_and_dark(outcome: Outcome) -> None:
    colours = COLOURS[outcome]
    assert contrast(colours.ink, colours.fill) >= 7
    assert contrast(colours.ink_dark, colours.fill_dark) >= 7


def test_every_outcome_has_its_own_word_mark_and_colour() -> None:
    assert set(WORDS) == set(COLOURS) == set(BY_URGENCY) == set(Outcome)
    for values in (
        [w.label for w in WORDS.values()],
        [w.mark for w in WORDS.values()],
        [c.bar for c in COLOURS.values()],
    ):
        assert len(set(values)) == len(Outcome)
