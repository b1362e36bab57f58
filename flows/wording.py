"""Counts, times and lists as the command line writes them."""

from __future__ import annotations

import textwrap

MINUTE_S = 60
HOUR_S = 3600
LINE_MAX = 116  # characters


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


def way(parts: str) -> str:
    """The parts of a SIM's way, as a plan has them, with arrows between."""
    return " → ".join(parts.split())


def points(title: str, sentences: tuple[str, ...]) -> list[str]:
    """Sentences as points under a title; nothing where there are none."""
    return [f"  {title}:", *(wrapped(f"    · {sentence}", 6) for sentence in sentences), ""] if sentences else []


def wrapped(text: str, indent: int) -> str:
    """The text in lines that fit, all but the first indented."""
    return textwrap.fill(text, LINE_MAX, subsequent_indent=" " * indent, break_long_words=False)
