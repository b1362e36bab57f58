"""Cell formats of our own workbook, and the letters of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.palette import COLOURS
from reports.summary import Tone
from reports.tables import Look

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
        self.section = made(bold=True, font_size=14, bottom=2, bottom_color=SHADE)
        self.words = made(**top, text_wrap=True)
        self.wrapped = made(**top, **under, text_wrap=True)
        self.count = made(**right, **under)
        self.count_top = made(**right, **under, valign="top")
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
        self.of[Look.TEXT] = made(num_format="@")
        self.of[Look.COUNT] = made(align="right", num_format="0")
        self.of[Look.SECONDS] = made(align="right", num_format="0.00")


def letters(index: int) -> str:
    """Letters of a 0-based column: 0 is A, 26 is AA."""
    text, place = "", index + 1
    while place:
        place, digit = divmod(place - 1, 26)
        text = chr(ord("A") + digit) + text
    return text
