"""Results on standard output: text for people, a little coloured on a terminal, or one JSON object for machines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.theme import Theme

from domain.errors import Exit
from flows.patient import Patient, write
from flows.visible import visible, visible_json


class _Marks(RegexHighlighter):
    """What the eye looks for in our texts; colour only repeats what the words say."""

    base_style = "ferry."
    highlights = (
        r"(?m)^(?P<title>Plan \S+)$",
        r"(?m)^  (?P<title>[A-Z][^:·]+:)$",
        r"(?m)^  (?P<good>MOVE|REGISTER|confirmed)\s",
        r"(?m)^  (?P<still>LEAVE|left)\s",
        r"(?m)^  (?P<hand>REFUSE|ASSIST|rejected|refused|assisted)\s",
        r"(?m)^  (?P<bad>declined|awaiting|not done|in doubt|drifted|cancelled|not started)\s",
        r"(?P<command>simferry (?:approve|execute|reconcile|plan|register|status) \S+(?: --resume-after \S+)?)$",
    )


_THEME = Theme(
    {
        "ferry.title": "bold",
        "ferry.good": "green",
        "ferry.still": "cyan",
        "ferry.hand": "yellow",
        "ferry.bad": "red",
        "ferry.command": "bold",
    }
)


def say(asked: argparse.Namespace, text: str, facts: Mapping[str, object]) -> None:
    """Print the text, or with `--json` the facts."""
    if asked.json:
        write(sys.stdout, visible_json(json.dumps(facts, ensure_ascii=False, default=str)))
    else:
        show(text, Patient(theme=_THEME))


def complain(asked: argparse.Namespace, words: str, code: Exit, cause: str | None = None) -> Exit:
    """Say on standard error what went wrong, and with `--json` as an object on standard output too; the code."""
    write(sys.stderr, visible(words))
    if asked.json:
        say(asked, "", {"error": words, "exit_code": int(code), "cause": cause})
    return code


def ask(text: str) -> None:
    """Show a text that a question follows, on standard error."""
    show(text, Patient(theme=_THEME, stderr=True))


def show(text: str, console: Console) -> None:
    """Print the text as it is, in colour where the console is a terminal."""
    console.print(_Marks()(visible(text)), soft_wrap=True)
