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


class Styles:
    """Formats by what they are for; `of` has those of data cells, by look and by outcome."""

    def __init__(self, book: Workbook) -> None:
        def made(**more: str | int | bool) -> Format:
            return book.add_format({**FONT, "font_color": INK, **more})

        self.heading = made(bold=True, font_color="#FFFFFF", bg_color=SHADE, num_format="@", indent=1)
        self.number_heading = made(bold=True, font_color="#FFFFFF", bg_color=SHADE, align="right", indent=1)
        self.quiet = made(indent=1, italic=True, font_color=QUIET)
        self.title = made(indent=1, font_size=11, font_color=QUIET)
        self.section = made(indent=1, bold=True, font_size=14, bottom=2, bottom_color=SHADE)
        self.words = made(text_wrap=True, valign="top", num_format="@", indent=1)
        self.wrapped = made(indent=1, text_wrap=True, valign="top", num_format="@", bottom=1, bottom_color=LINE)
        self.count = made(align="right", indent=1, num_format="#,##0", bottom=1, bottom_color=LINE)
        self.count_top = made(align="right", indent=1, num_format="#,##0", valign="top", bottom=1, bottom_color=LINE)
        self.share = made(align="right", indent=1, num_format="0.0%", bottom=1, bottom_color=LINE, font_color=QUIET)
        self.total = made(align="right", indent=1, bold=True, num_format="#,##0", top=2, top_color=SHADE)
        self.total_words = made(indent=1, bold=True, top=2, top_color=SHADE)
        self.name = made(indent=1, font_color=QUIET, valign="top", num_format="@")
        self.link = made(indent=1, font_color="#0B5CAD", underline=1)
        self.verdict = {
            tone: made(bold=True, font_size=20, font_color=ink, bg_color=fill, indent=1, text_wrap=True)
            for tone, (ink, fill) in TONES.items()
        }
        self.detail = {
            tone: made(font_size=12, font_color=ink, bg_color=fill, indent=1, text_wrap=True, valign="top")
            for tone, (ink, fill) in TONES.items()
        }
        self.of: dict[str, Format] = {
            Look.TEXT: made(num_format="@", indent=1),
            Look.COUNT: made(num_format="0", align="right", indent=1),
            Look.SECONDS: made(num_format="0.00", align="right", indent=1),
            **{
                outcome: made(num_format="@", indent=1, font_color=colours.ink, bg_color=colours.fill)
                for outcome, colours in COLOURS.items()
            },
        }
        self.label = {
            outcome: made(
                num_format="@",
                indent=1,
                bold=True,
                font_color=c.ink,
                bg_color=c.fill,
                bottom=1,
                bottom_color=LINE,
                valign="top",
            )
            for outcome, c in COLOURS.items()
        }


def letters(index: int) -> str:
    """Letters of a 0-based column: 0 is A, 26 is AA."""
    text, place = "", index + 1
    while place:
        place, digit = divmod(place - 1, 26)
        text = chr(ord("A") + digit) + text
    return text
