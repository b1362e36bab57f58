"""The colours of outcomes, one set for workbook and web page; a word or mark always stands beside them.

Hues follow Okabe and Ito's set for all kinds of colour vision; text on its fill has a contrast of 7 or more (WCAG AAA).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.outcomes import Outcome
from domain.settings import SettingState


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours as #RRGGBB: `bar` in charts, `ink` on `fill` in cells, and the latter two on dark pages."""

    bar: str
    fill: str
    ink: str
    fill_dark: str
    ink_dark: str


class Level(StrEnum):
    """How much of a limit is used."""

    CALM = "calm"
    HIGH = "high"
    FULL = "full"


COLOURS: dict[Outcome, Colours] = {
    Outcome.CONFIRMED: Colours("#009E73", "#D5F0E4", "#00402D", "#0B3B2D", "#A6EBD0"),
    Outcome.LEFT: Colours("#56B4E9", "#DCEFFB", "#0B3550", "#12384F", "#B4E0FA"),
    Outcome.IN_DOUBT: Colours("#B3261E", "#F9D6D3", "#5E0E08", "#521613", "#FFC9C4"),
    Outcome.DRIFTED: Colours("#7B4AA0", "#EBDDF5", "#3B1757", "#3A2350", "#E3CCF5"),
    Outcome.AWAITING: Colours("#0072B2", "#D3E6F5", "#06304F", "#0C3452", "#B5DBF7"),
    Outcome.DECLINED: Colours("#D55E00", "#FCE1CF", "#5A2400", "#4F2407", "#FFD0B0"),
    Outcome.NOT_DONE: Colours("#E69F00", "#FDEBC8", "#4D3300", "#463209", "#FBDD9C"),
    Outcome.NOT_STARTED: Colours("#B9BEC7", "#F1F2F4", "#33373E", "#2B2F36", "#DFE2E7"),
    Outcome.CANCELLED: Colours("#A0845A", "#EFE6D8", "#42321A", "#3B3021", "#EBDBC0"),
    Outcome.ASSISTED: Colours("#CC79A7", "#F7E1EE", "#561A3D", "#4A2138", "#F8CDE4"),
    Outcome.REFUSED: Colours("#7D8592", "#E2E5EA", "#282D35", "#343A43", "#DEE3EA"),
    Outcome.REJECTED: Colours("#4A515C", "#D3D8DF", "#1F242B", "#3F4651", "#E8ECF1"),
}

LEVELS: dict[Level, Colours] = {
    Level.CALM: COLOURS[Outcome.LEFT],
    Level.HIGH: COLOURS[Outcome.NOT_DONE],
    Level.FULL: COLOURS[Outcome.IN_DOUBT],
}

STATE_COLOURS: dict[SettingState, Colours] = {
    SettingState.SAME: COLOURS[Outcome.CONFIRMED],
    SettingState.DIFFERS: COLOURS[Outcome.DECLINED],
    SettingState.LOST: COLOURS[Outcome.NOT_DONE],
    SettingState.UNSEEN: COLOURS[Outcome.NOT_STARTED],
}
