"""Wherever a run dies, it is taken up without losing a SIM, moving one twice or saying what is not so.

CI tries every point of a small run at each provider, and a few of larger runs under faults; SIMFERRY_CHAOS=1 tries all
points of all runs under every script. A failure names its point, and `SIMFERRY_POINT=berth:script:point` tries that one
alone.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.reliability.berths import BERTHS
from tests.reliability.every_point import SCRIPTS, Trial, tried
from tests.reliability.harbour import Laid, lay

CHAOS = os.environ.get("SIMFERRY_CHAOS") == "1"
ONE = os.environ.get("SIMFERRY_POINT", "")
IN_CI = {
    "emnify-small": ("fair",),
    "supersim-small": ("fair",),
    "soracom-small": ("fair",),
    "emnify": ("cut_off", "late"),
    "supersim": ("late",),
    "soracom": ("cut_off",),
    "soracom-blind": ("cut_off",),
}
TRIED_IN_CI = 2  # points per script of a larger run; all of a small one


def cases() -> list[tuple[str, str, int]]:
    """Berth, script, and the point to die at alone, or 0 for many."""
    if ONE:
        berth, script, point = ONE.split(":")
        return [(berth, script, int(point))]
    if CHAOS:
        return [
            (name, file.stem, 0) for name in BERTHS for file in sorted((SCRIPTS / BERTHS[name].name).glob("*.toml"))
        ]
    return [(name, script, 0) for name, scripts in IN_CI.items() for script in scripts]


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Laid]:
    """The plans of the berths, each made when it is first asked for."""
    return _LaidOut(tmp_path_factory.mktemp("laid"))


class _LaidOut(dict[str, Laid]):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, name: str) -> Laid:
        self[name] = lay(BERTHS[name], self._folder / name)
        return self[name]


@pytest.mark.parametrize(("berth", "script", "alone"), cases())
def test_wherever_a_run_dies_the_next_one_makes_it_good(
    berth: str, script: str, alone: int, laid_out: dict[str, Laid], tmp_path: Path
) -> None:
    laid = laid_out[berth]
    ends = {alone: tried(Trial(laid, script, alone), tmp_path / "first")}
    if not ONE:
        points = ends[0].points
        stride = 1 if CHAOS or berth.endswith("-small") else points // TRIED_IN_CI
        chosen = range(1 + points % stride, points + 1, stride)
        ends |= {point: tried(Trial(laid, script, point), tmp_path / str(point)) for point in chosen}
    wrong = [
        f"SIMFERRY_POINT={Trial(laid, script, point).name} ({end.died_of}): {one}"
        for point, end in ends.items()
        for one in end.wrongs
    ]
    assert not wrong, "\n".join(wrong)
    assert ONE or sum(bool(end.died_of) for end in ends.values()) == len(ends) - 1
