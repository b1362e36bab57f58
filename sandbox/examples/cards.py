"""`cards.csv`: SIMs to register, with the codes of the sandbox's own cards; two of them will not do."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sandbox.supersim.truth import Truth
from sandbox.supersim.words import CODE_CHARACTERS
from sandbox.world import SIMS_DEFAULT, Name, seed

CARDS = 12
WRONG, CUT_OFF = 8, 11  # places in the list


def cards(folder: Path) -> None:
    """The list; one code belongs to no card, and one has a character too few."""
    with tempfile.TemporaryDirectory() as home:
        seed(Path(home), SIMS_DEFAULT, provider=Name.SUPERSIM)
        free = Truth(Path(home)).unregistered().tail(CARDS)  # the first ones are in supersim.xlsx
    rows = [[f"{body}{digit}", code] for body, digit, code in free.select("iccid", "check_digit", "code").iter_rows()]
    rows[WRONG][1] = "0" * CODE_CHARACTERS
    rows[CUT_OFF][1] = rows[CUT_OFF][1][:-1]
    lines = ["ICCID,Registration code", *(",".join(row) for row in rows)]
    (folder / "cards.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
