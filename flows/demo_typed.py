"""What a demonstration types, and what it says between."""

from __future__ import annotations

import shlex
import sys

from domain.errors import Exit
from flows.cli import main

WHY = {
    Exit.ROWS: "rows were rejected or refused, which this list is made for",
    Exit.UNCONFIRMED: "SIMs are not confirmed",
    Exit.PROVIDER: "an account could not be read",
}


def type_command(command: str, expected: Exit, why: str = "") -> None:
    """Run a command as if it were typed; end the demo where it ends otherwise than it should, for which `why` says."""
    tell(f"\n$ {command}")
    code = main(shlex.split(command)[1:])
    if code != expected:
        sys.exit(f"`{command}` ended with exit code {code} where {expected:d} was due.")
    if code:
        tell(f"(exit code {code}: {why or WHY.get(expected, 'as it should')})")


def tell(text: str) -> None:
    """Say it, before anything else is said."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
