"""The `simferry` command: parse, run one flow, say what came of it, and end with its exit code."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from types import FrameType

from domain.errors import Exit, FerryError
from flows.arguments import parser
from flows.patient import open_ends
from flows.said import complain

NOBODY = argparse.Namespace(json=False, command="sandbox")

_SEE = "`simferry status` tells how each run stands."
_GO_ON = dict.fromkeys(("execute", "reconcile", "cancel", "restore"), "run the same command again to go on.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    open_ends()
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["sandbox"]:
        return _guarded(NOBODY, lambda: _sandbox(given[1:]))
    try:
        asked = parser().parse_args(given)
    except SystemExit as ended:
        if ended.code == Exit.USAGE and "--json" in given:
            complain(argparse.Namespace(json=True), "The command line cannot be read: see above.", Exit.USAGE)
        raise
    return _guarded(asked, lambda: _command(asked))


def _command(asked: argparse.Namespace) -> Exit:
    """The command of that name; its module is imported only now, since each needs others."""
    run: Callable[[argparse.Namespace], Exit] = import_module(f"flows.commands.{asked.command}").run
    return run(asked)


def _sandbox(given: Sequence[str]) -> Exit:
    from sandbox.serve import main as serve  # noqa: PLC0415 - no other command needs it

    return Exit(serve(list(given)))


def _guarded(asked: argparse.Namespace, command: Callable[[], Exit]) -> int:
    """The command's exit code; the one place where errors become words."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        return int(command())
    except FerryError as error:
        return complain(asked, str(error), error.exit_code, getattr(error, "cause", None))
    except KeyboardInterrupt:
        words = f"Stopped. What was sent is in the journal; {_GO_ON.get(asked.command, _SEE)}"
        return complain(asked, words, Exit.STOPPED)
    except OSError as error:
        return complain(asked, _of_machine(error), Exit.USAGE)
    except Exception:  # noqa: BLE001 - the last resort: a bug becomes a file to send, never a traceback on a screen
        with tempfile.NamedTemporaryFile("w", prefix="simferry-bug-", suffix=".txt", delete=False) as file:
            file.write(traceback.format_exc())
        words = (
            "This is a bug in simferry, not a mistake of yours. What was sent is in the journal. "
            f"Please report it with the file {file.name}"
        )
        return complain(asked, words, Exit.BUG)


def _of_machine(error: OSError) -> str:
    """What this machine could not do, and what now."""
    place = f" ({error.filename})" if error.filename else ""
    return (
        f"This machine could not do what was needed: {error.strerror or error}{place}. What was sent is in the "
        "journal. Make room, or give this user the right to that place; then run the same command again."
    )


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    """A polite request to end takes the same way as Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
