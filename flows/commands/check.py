"""`simferry check`: findings of a list, with no network and no engine."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from domain.errors import Exit
from domain.lists import ListLimits
from flows import telling
from flows.arguments import list_asked
from flows.said import say
from inputs.read import read_list
from reports.delimited import defused
from validation.judge import judge
from validation.pandera_alone import warm_up


def run(asked: argparse.Namespace) -> Exit:
    """Read and judge the list; exit code 3 where rows were rejected."""
    listed = list_asked(asked)
    with ThreadPoolExecutor(max_workers=1) as meanwhile:
        meanwhile.submit(warm_up)  # what it may fail for, the judge fails for, and says so
        sheet = read_list(asked.list, listed.reading())
    verdict = judge(sheet, asked.provider, ListLimits(expanded_sims_max=listed.range_limit))
    if asked.findings:
        texts = verdict.findings.select(pl.col(pl.String)).columns
        safe = verdict.findings.with_columns(defused(pl.col(name)).alias(name) for name in texts)
        with asked.findings.open("wb") as file:  # whose errors name the file whole, however long its name is
            safe.write_csv(file)
    counted = {
        "list": sheet.name,
        "sheet": sheet.sheet,
        "rows_read": verdict.rows_read,
        "rows_accepted": verdict.rows_accepted,
        "rows_rejected": verdict.rows_rejected,
        "sims": verdict.lines.height,
        "findings": dict(verdict.findings.group_by("code").len().sort("code").iter_rows()),
    }
    say(asked, telling.of_list(sheet, verdict), counted)
    return Exit.ROWS if verdict.rows_rejected else Exit.OK
