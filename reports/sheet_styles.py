"""Cell formats of our own workbook, and the letters of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.headings import Look
from reports.palette import COLOURS, LEVELS, STATE_COLOURS, Level
from reports.summary import Tone

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

FONT = {"font_name": "Calibri", "font_size": 11, "valign": "vcenter"}
INK, QUIET, LINE, SHADE = "#1F242B", "#5F6773", "#D3D8DF", "#2B3440"
TONES = {
    Tone.DONE: ("#00402D", "#D5F0E4"),
    Tone.ATTENTION: ("#4D3300", "#FDEBC8"),
    Tone.STOPPED: ("#5E0E08", "#F9D6D3"),
}


_POINTS = 15.5  # height of a line of words
_Value = str | int | bool
_Look = dict[str, _Value]


class Styles:
    """Formats by what they are for; `of` has those of data cells, by look and by outcome."""

    def __init__(self, book: Workbook) -> None:
        def made(**more: _Value) -> Format:
            return book.add_format({**FONT, "font_color": INK, "indent": 1, "align": "left", **more})

        right: _Look = {"align": "right", "num_format": "#,##0"}
        under: _Look = {"bottom": 1, "bottom_color": LINE}
        top: _Look = {"valign": "top", "num_format": "@"}
        head: _Look = {"bold": True, "font_color": "#FFFFFF", "bg_color": SHADE}
        self.heading = made(**head, num_format="@")
        self.number_heading = made(**head, align="right")
        self.quiet = made(italic=True, font_color=QUIET)
        self.title = made(font_color=QUIET)
        self.headline = made(bold=True, font_size=16, text_wrap=True)
        self.section = made(bold=True, font_size=14, bottom=2, bottom_color=SHADE)
        self.line = made(num_format="@", text_wrap=True)
        self.words = made(**top, text_wrap=True)
        self.wrapped = made(**top, **under, text_wrap=True)
        self.count = made(**right, **under)
        self.count_top = made(**right, **under, valign="top")
        self.money = made(**under, align="right", valign="top", num_format="@")
        self.share = made(**under, align="right", num_format="0.0%", font_color=QUIET)
        self.total = made(**right, bold=True, top=2, top_color=SHADE)
        self.total_words = made(bold=True, top=2, top_color=SHADE)
        self.name = made(**top, font_color=QUIET)
        self.link = made(font_color="#0B5CAD", underline=1)
        tones: dict[Tone, _Look] = {
            tone: {"font_color": ink, "bg_color": fill, "text_wrap": True} for tone, (ink, fill) in TONES.items()
        }
        self.verdict = {tone: made(**colours, bold=True, font_size=20) for tone, colours in tones.items()}
        self.detail = {tone: made(**colours, font_size=12, valign="top") for tone, colours in tones.items()}
        pills: dict[str, _Look] = {outcome: {"font_color": c.ink, "bg_color": c.fill} for outcome, c in COLOURS.items()}
        self.label = {outcome: made(**top, **under, **colours, bold=True) for outcome, colours in pills.items()}
        self.of: dict[str, Format] = {outcome: made(**colours, num_format="@") for outcome, colours in pills.items()}
        for state, shades in STATE_COLOURS.items():
            self.of[state] = made(font_color=shades.ink, bg_color=shades.fill, num_format="@")
        self.of[Look.TEXT] = made(num_format="@")
        self.of[Look.WORDS] = made(num_format="@", text_wrap=True)
        # Without an indent: LibreOffice drops that of some right-aligned cells, and figures no longer line up.
        figures: _Look = {"align": "right", "indent": 0}
        formats = {Look.COUNT: "0", Look.SECONDS: "0.00", Look.MEGABYTES: "#,##0.00", Look.SHARE: "0.0%"}
        self.of |= {look: made(**figures, num_format=form) for look, form in formats.items()}
        for level in (Level.HIGH, Level.FULL):
            colours: _Look = {"font_color": LEVELS[level].ink, "bg_color": LEVELS[level].fill}
            self.of[level] = made(**figures, **colours, bold=True, num_format="0.0%")
        self.figure_heading = made(**head, **figures)
        self.note = made(text_wrap=True, valign="top", num_format="@")


def letters(index: int) -> str:
    """Letters of a 0-based column: 0 is A, 26 is AA."""
    text, place = "", index + 1
    while place:
        place, digit = divmod(place - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def wrapped_height(text: str, characters: int) -> float:
    """Points that a text needs, wrapped into lines of so many characters."""
    lines = sum(-(-max(1, len(line)) // characters) for line in text.split("\n")) if text else 1
    return lines * _POINTS + 3
