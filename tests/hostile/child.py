"""A process that runs `simferry` once per line it is given, within bounds of memory and processor time.

A line in and a line out are JSON: {"arguments": […]} and {"code": …, "peak_bytes": …}. What the command prints goes to
the files `out` and `err` of the folder it runs in.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from flows.cli import main
from tests.hostile.bounds import ADDRESS_BYTES_MAX, PROCESSOR_S_MAX


def serve() -> None:
    answers = os.fdopen(os.dup(1), "w")
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S_MAX, PROCESSOR_S_MAX))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES_MAX, ADDRESS_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        for number, name in ((1, "out"), (2, "err")):
            place = os.open(name, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            os.dup2(place, number)
            os.close(place)
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
        before = _memory("VmRSS")
        code = main(json.loads(line)["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
        answers.write(json.dumps({"code": code, "peak_bytes": _memory("VmHWM") - before}) + "\n")
        answers.flush()


def _memory(what: str) -> int:
    """One of the sizes that Linux keeps of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == what:
            return int(value.split()[0]) * 1024
    raise LookupError(what)


if __name__ == "__main__":
    serve()
