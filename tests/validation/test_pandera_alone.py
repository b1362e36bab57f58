"""pandera is imported without the libraries that no judge needs, and judges the same."""

from __future__ import annotations

import subprocess
import sys

JUDGED = (
    "import sys; from pathlib import Path; from inputs.read import read_list; from validation.judge import judge; "
    "from domain.lists import ListLimits; "
    "verdict = judge(read_list(Path('inputs/examples/fleet.xlsx')), 'emnify', ListLimits()); "
)


def said_by(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()


def test_pandera_judges_without_what_no_judge_uses() -> None:
    assert said_by(JUDGED + "print('pandera.polars' in sys.modules, {'pandas', 'hypothesis'} & {*sys.modules})") == (
        "True set()"
    )


def test_what_was_hidden_can_be_imported_afterwards() -> None:
    assert said_by(JUDGED + "import pandas, hypothesis; print(len(pandas.DataFrame({'a': [1]})))") == "1"


def test_a_judgement_stays_the_same_where_pandas_was_there_before() -> None:
    told = JUDGED + "print(verdict.findings.hash_rows().sum())"
    assert said_by("import pandas, hypothesis; " + told) == said_by(told)
