"""A process watched from beside: what it holds, second by second, and how far the provider's books have come."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it brings no types

from benchmarks.measured import GOOD, ROOT

SAMPLE_S = 1.0
WORDS_MAX = 4_000  # of a command that failed


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process held at an instant; `changes` is how many lines the provider's ledger had."""

    phase: str
    at_s: float
    rss_mb: float
    files: int
    threads: int
    journal_bytes: int
    changes: int


@dataclass(frozen=True, slots=True)
class Phase:
    """One command from its start to its end; `peak_mb` is the kernel's own mark."""

    name: str
    wall_s: float
    peak_mb: float
    samples: tuple[Sample, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What grows beside the process: the run's journal, and the ledger of the provider."""

    runs: Path
    books: Path

    def journal_bytes(self) -> int:
        """Of every journal in the home, with what is not folded into its database yet."""
        return sum(file.stat().st_size for file in self.runs.glob("*/journal.sqlite*") if file.exists())

    def changes(self) -> int:
        """Lines of the ledger: its numbers have no gaps."""
        with closing(sqlite3.connect(f"{self.books.as_uri()}?mode=ro", uri=True, timeout=10)) as books:
            return int(books.execute("SELECT coalesce(max(number), 0) FROM ledger").fetchone()[0])


def watched(
    name: str,
    command: Sequence[str | Path],
    env: Mapping[str, str],
    beside: Beside,
    seen: Callable[[Sample], None] = lambda _: None,
) -> Phase:
    """Run one process to its end and sample it every second; exits with its words where it fails."""
    began_s, samples = time.perf_counter(), list[Sample]()
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen(
            [str(word) for word in command], cwd=ROOT, env={**os.environ, **env}, stdout=out, stderr=out, text=True
        )
        try:
            peak_mb = 0.0
            process = psutil.Process(child.pid)
            while child.poll() is None:
                with suppress(psutil.Error, OSError):  # it ended between two questions
                    peak_mb = max(peak_mb, _peak_mb(child.pid))
                    samples.append(_sample(name, process, time.perf_counter() - began_s, beside))
                    seen(samples[-1])
                with suppress(subprocess.TimeoutExpired):
                    child.wait(SAMPLE_S)
        finally:
            child.kill()
            child.wait()
        out.seek(0)
        said = out.read()
    if child.returncode not in GOOD:
        raise SystemExit(f"{name} ended with {child.returncode}:\n{said[-WORDS_MAX:]}")
    return Phase(name, time.perf_counter() - began_s, peak_mb, tuple(samples), said)


def _sample(name: str, process: psutil.Process, at_s: float, beside: Beside) -> Sample:
    with process.oneshot():
        rss, files, threads = process.memory_info().rss, process.num_fds(), process.num_threads()
    return Sample(name, round(at_s, 2), rss / 2**20, files, threads, beside.journal_bytes(), beside.changes())


def _peak_mb(pid: int) -> float:
    """The kernel's high-water mark of resident memory (proc(5): VmHWM, in kB)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
