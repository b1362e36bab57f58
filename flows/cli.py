"""The `simferry` command: parse, run one flow, say what came of it, and end with its exit code."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from types import FrameType

from domain.errors import Exit, FerryError
from flows.arguments import parser

Command = Callable[[argparse.Namespace], Exit]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["sandbox"]:
        from sandbox.serve import main as sandbox  # noqa: PLC0415 - no other command needs it

        return _guarded(lambda: Exit(sandbox(given[1:])))
    asked = parser().parse_args(given)
    command: Command = import_module(f"flows.commands.{asked.command}").run
    return _guarded(lambda: command(asked))


def _guarded(command: Callable[[], Exit]) -> int:
    """The command's exit code; the one place where errors become words."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        return int(command())
    except FerryError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was sent is in the journal; run the same command again to go on.\n")
        return int(Exit.STOPPED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has read enough
        return int(Exit.OK)
    except Exception:  # noqa: BLE001 - the last resort: a bug becomes a file to send, never a traceback on a screen
        with tempfile.NamedTemporaryFile("w", prefix="simferry-bug-", suffix=".txt", delete=False) as file:
            file.write(traceback.format_exc())
        sys.stderr.write(
            f"This is a bug in simferry, not a mistake of yours. What was sent is in the journal. "
            f"Please report it with the file {file.name}\n"
        )
        return int(Exit.BUG)


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    """A polite request to end takes the same way as Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
