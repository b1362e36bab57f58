"""Counts, times and lists as the command line writes them."""

from __future__ import annotations

import re
import textwrap

MINUTE_S = 60
HOUR_S = 3600
LINE_MAX = 100  # characters
_COMMAND = re.compile(r"`[^`]+`")
_UNBROKEN = "\u00a0"  # stands for a space within a command while lines are made


def rows(read: int, accepted: int, rejected: int) -> str:
    """Rows of a list by what the gate made of them."""
    return f"{read:,} {'row' if read == 1 else 'rows'} = {accepted:,} accepted + {rejected:,} rejected"


def sims(count: int) -> str:
    """A number of SIMs."""
    return f"{count:,} {'SIM' if count == 1 else 'SIMs'}"


def duration(seconds: float) -> str:
    """A time, roughly; never less than a second."""
    if seconds < MINUTE_S:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / MINUTE_S:.0f} min" if seconds < HOUR_S else f"{seconds / HOUR_S:.1f} h"


def span(seconds: float) -> str:
    """A time as somebody sets it: in minutes where it is whole ones."""
    return f"{seconds / MINUTE_S:,.0f} min" if seconds >= MINUTE_S and seconds % MINUTE_S == 0 else f"{seconds:g} s"


def way(parts: str) -> str:
    """The parts of a SIM's way, as a plan has them, with arrows between."""
    return " → ".join(parts.split())


def points(title: str, sentences: tuple[str, ...]) -> list[str]:
    """Sentences as points under a title; nothing where there are none."""
    return [f"  {title}:", *(wrapped(f"    · {sentence}", 6) for sentence in sentences), ""] if sentences else []


def wrapped(text: str, indent: int) -> str:
    """The text in lines that fit, all but the first indented; a command in backticks stays in one line."""
    whole = _COMMAND.sub(lambda found: found.group().replace(" ", _UNBROKEN), text)
    lines = textwrap.fill(
        whole, LINE_MAX, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )
    return lines.replace(_UNBROKEN, " ")
