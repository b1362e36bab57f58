"""Where commands start from: a process that has imported Prefect and its like once, and forks for each of them.

Most of what a command costs are those imports, in which nothing can be lost. What is forked is a process as any other:
it imports the rest, has a process group of its own, and is killed by SIGKILL.

Started as `python -m chaos.berth`; reads one command per line, and writes its process id and then how it ended. A
command may bring its environment; what Prefect has read of its own by then stays as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from importlib import import_module

from tasks.engine import import_prefect, quiet

# What a command imports, and neither starts threads, which a fork would not have, nor is ours.
OTHERS = (
    "fastapi",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "cryptography.fernet",
    "filelock",
    "jinja2",
    "rich.progress",
)


def serve() -> int | None:
    """Fork for each line until input ends; None then, and in a fork the exit code of its command."""
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            if asked["environment"] is not None:
                os.environ.clear()
                os.environ.update(asked["environment"])
                tempfile.tempdir = None
            return _command(asked["words"], asked["out"], asked["err"])
        _say(pid)
        _, status = os.waitpid(pid, 0)
        _say(os.waitstatus_to_exitcode(status))
    return None


def _command(words: list[str], out: str, err: str) -> int:
    os.setsid()
    for descriptor, file, flags in ((0, os.devnull, os.O_RDONLY), (1, out, os.O_WRONLY), (2, err, os.O_WRONLY)):
        opened = os.open(file, flags)
        os.dup2(opened, descriptor)
        os.close(opened)
    from flows.cli import main  # noqa: PLC0415 - each command imports what is ours, and polars, by itself

    return main(words)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.dont_write_bytecode = False  # every command would compile all that is ours
    quiet()
    import_prefect()
    for name in OTHERS:
        import_module(name)
    with contextlib.suppress(BrokenPipeError):  # nobody is there any more who wants to know
        sys.exit(serve())
