"""`simferry forget`: erases the identifiers of a run and leaves its counts, once somebody has typed its name."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime

from domain.errors import Exit
from flows.forget import confirm, question, told
from flows.said import ask, say
from journal.status import Stage
from tasks.asked import here
from tasks.forgettable import Known, known_of, refuse
from tasks.forgetting import forget, sought


def run(asked: argparse.Namespace) -> Exit:
    """Ask, then erase; what was interrupted before is finished without asking again."""
    around = here()
    run = sought(around, asked.run)
    known = known_of(around, run.folder)
    if known.facts.stage != Stage.FORGOTTEN:
        refuse(known, datetime.now(UTC), even_open=asked.even_open)
        _asked(asked, known)
    left = forget(around, run, asked.by or around.who, datetime.now(UTC), even_open=asked.even_open)
    say(asked, told(left), asdict(left))
    return Exit.OK


def _asked(asked: argparse.Namespace, known: Known) -> None:
    """Have the name of the run typed, under what that means."""
    if asked.name is None:
        ask(question(known))
    confirm(known.facts.name, asked.name)
