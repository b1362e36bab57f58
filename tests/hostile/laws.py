"""What holds for every file of the corpus when it is checked."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

from domain.errors import Exit
from tests.hostile.bounds import PEAK_BYTES_MAX
from tests.hostile.cases import MIB, Case, Judged, Refused
from tests.hostile.desk import Desk, Trial

TEXT_BYTES_MAX = MIB  # of a file that is checked a second time, as people do, without --json
# Controls of ECMA-48 but for line ends and tabs, and marks of Unicode that turn the direction of what follows.
RAW_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NEXT_STEP = re.compile(
    r"(?:^|[.:] )(?:Add|Ask|Check|Copy|Correct|Export|Format|Get|Give|Keep|Name|Open|Put|Save|Say|Split|Try|Unpack|"
    r"Where|Write)\b"
)
TRACES = ("Traceback", "panicked", "bug in simferry", "Fatal Python error")


def checks_well(case: Case, desk: Desk) -> None:
    """Make the file, check it, and see that everything holds which holds for all; takes the file away again."""
    place = desk.folder / "lists"
    place.mkdir()
    try:
        path = place / case.name
        case.make(path)
        digest, before = _digest(path), desk.tree()
        trial = desk.run(["check", os.fspath(path), "--json", *case.options])
        _is_orderly(trial)
        _is_expected(case, trial)
        if path.is_file() and path.stat().st_size < TEXT_BYTES_MAX:
            shown = desk.run(["check", os.fspath(path), *case.options])
            _is_orderly(shown)
            assert shown.code == trial.code
        assert desk.tree() == before, "something was written"
        assert _digest(path) == digest, "the file was changed"
    finally:
        shutil.rmtree(place)


def _digest(path: Path) -> str:
    if not path.is_file() or path.is_symlink() or path.stat().st_size > 200 * MIB:
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_orderly(trial: Trial) -> None:
    assert trial.code is not None, f"the process hung or died: {trial.err[-2000:]}"
    for trace in TRACES:
        assert trace not in trial.err + trial.out, trial.err[-2000:]
    found = RAW_CONTROL.search(trial.out + trial.err)
    assert found is None, f"U+{ord(found[0]):04X} reached the terminal"
    assert trial.peak_bytes <= PEAK_BYTES_MAX, f"{trial.peak_bytes // MIB} MiB"


def _is_expected(case: Case, trial: Trial) -> None:
    facts = json.loads(trial.out)
    match case.expected:
        case Refused(phrase):
            assert trial.code == Exit.USAGE, trial.out
            assert facts["exit_code"] == Exit.USAGE
            assert phrase in facts["error"], facts["error"]
            assert case.name in facts["error"], "the message names the file"
            assert NEXT_STEP.search(facts["error"].rpartition("\n")[2]), "the message ends in the next step"
            assert phrase in trial.err
        case Judged(rows, rejected, findings):
            assert "error" not in facts, facts["error"]
            told = (facts["rows_read"], facts["rows_rejected"], tuple(sorted(facts["findings"].items())))
            assert told == (rows, rejected, findings), trial.out
            assert facts["rows_accepted"] == rows - rejected
            assert trial.code == (Exit.ROWS if rejected else Exit.OK)
            assert not trial.err
