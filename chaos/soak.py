"""A long way in a little weather: a million SIMs, and what simferry holds while it carries them.

    .venv/bin/python -m chaos.soak [--sims 1000000] [--script FILE.toml] [--samples FILE.csv] [--results FILE.json]

plan, approve, execute and reconcile are processes of their own against an emnify sandbox under a fault script, with a
Prefect server already up. Every second the process is looked at from beside: resident memory, open files, threads, the
journal's size. Ends with 1 where a SIM was lost or moved twice, where a line of the report is not as the provider's
books have it, or where memory grew during the execution by more than `GROWTH_MB_MAX`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

import polars as pl

from benchmarks.measured import SIMFERRY, table
from benchmarks.sites import Site, prefect, site
from chaos.soak_watch import Beside, Phase, Sample, watched
from sandbox.emnify.books import FILE
from sandbox.exchange import JSON
from sandbox.scripts import read_script
from sandbox.truth import Truth
from tests.e2e.agreement import lies, lost

SCRIPT = Path(__file__).parent / "soak.toml"
SETTLE_S = 2  # the sandbox never needs longer: nothing in the script is done late
SHARES = (0.1, 0.5, 0.9)  # of the SIMs moved, where the execution is looked at
GROWTH_MB_MAX = 64.0  # of resident memory from the first of them to the last; a batch of 500 is about 0.1 MB
EXECUTIONS_MAX = 5
HEADINGS = ("", "seconds", "SIMs per s", "peak MB")
HELD_HEADINGS = ("during the execution", *(f"at {share:.0%}" for share in SHARES), "most")


@dataclass(frozen=True, slots=True)
class Voyage:
    """What was measured, and the report held against the books."""

    sims: int
    phases: tuple[Phase, ...]
    outcomes: dict[str, int]
    faults: dict[str, int]
    lies: int
    lost: int
    moved_twice: int

    @property
    def executing(self) -> tuple[Sample, ...]:
        """The samples of all executions while SIMs were moved, the first and the last change included."""
        samples = [one for phase in self.phases if phase.name == "execute" for one in phase.samples]
        last = max(one.changes for one in samples)
        return tuple(one for one in samples if 0 < one.changes < last) or tuple(samples)

    def at(self, share: float) -> Sample:
        """The first sample with so much of the changes done."""
        wanted = share * max(one.changes for one in self.executing)
        return next(one for one in self.executing if one.changes >= wanted)

    @property
    def growth_mb(self) -> float:
        """Of resident memory, from the first share to the last."""
        return self.at(SHARES[-1]).rss_mb - self.at(SHARES[0]).rss_mb

    @property
    def journal_bytes(self) -> int:
        """Of the whole journal, after the last command."""
        return max(one.journal_bytes for phase in self.phases for one in phase.samples)

    @property
    def is_good(self) -> bool:
        """Whether it is as it was promised."""
        return not (self.lies or self.lost or self.moved_twice) and self.growth_mb <= GROWTH_MB_MAX


def main() -> None:
    """Carry them, and print what was seen; the exit code says whether it was good."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sims", type=int, default=1_000_000)
    parser.add_argument("--script", type=Path, default=SCRIPT, help="the weather: a fault script")
    parser.add_argument("--samples", type=Path, help="a CSV with a line per second")
    parser.add_argument("--results", type=Path, help="a JSON of what is printed")
    asked = parser.parse_args()
    rules = rules_of(asked.script)
    with (
        prefect() as server,
        tempfile.TemporaryDirectory(prefix="simferry-soak-") as folder,
        site(Path(folder), server, asked.sims, asked.sims) as place,
    ):
        voyage = _voyage(place, asked.sims, rules)
    _show(voyage)
    if asked.samples:
        _write_samples(asked.samples, [one for phase in voyage.phases for one in phase.samples])
    if asked.results:
        asked.results.write_text(json.dumps(_facts(voyage), indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if voyage.is_good else 1)


def rules_of(script: Path) -> list[dict[str, JSON]]:
    """The script's rules as the control takes them."""
    return [
        {field.name: getattr(rule, field.name) for field in fields(rule) if getattr(rule, field.name) != field.default}
        for rule in read_script(script)
    ]


def _voyage(place: Site, sims: int, rules: Sequence[dict[str, JSON]]) -> Voyage:
    """The whole way; executed again where an execution ended early, as a person would."""
    truth = Truth(place.sandbox.home)
    before = truth.where().select("iccid", "workspace_id")
    beside = Beside(Path(place.env["SIMFERRY_HOME"]), place.sandbox.home / FILE)
    place.sandbox.set_faults(rules)

    def carried_out(name: str, *words: str | Path) -> Phase:
        print(f"{name} …", flush=True)
        return watched(name, [*SIMFERRY, *words], place.env, beside)

    route = ("--from", "pilot", "--to", "fleet", "--settle", str(SETTLE_S), "--json")
    phases = [carried_out("plan", "plan", place.list, *route)]
    planned = json.loads(phases[0].said[phases[0].said.index("{") :])
    run, moves = str(planned["run"]), int(planned["counts"]["MOVE"])
    phases.append(carried_out("approve", "approve", run, "--sims", str(moves)))
    for _ in range(EXECUTIONS_MAX):
        phases.append(carried_out("execute", "execute", run))
        if len(truth.where().filter(pl.col("moves") > 0)) == moves:
            break
    phases.append(carried_out("reconcile", "reconcile", run))
    outcomes = pl.read_parquet(beside.runs / run / "outcomes.parquet")
    return Voyage(
        sims,
        tuple(phases),
        dict(Counter(outcomes["outcome"].cast(pl.String).to_list())),
        dict(Counter(act for sent in place.sandbox.requests() for act in sent.acts)),
        len(lies(outcomes, truth)),
        len(lost(before, truth)),
        len(truth.moved_twice()),
    )


def _show(voyage: Voyage) -> None:
    print(f"\n{voyage.sims:,} SIMs through the emnify sandbox, in weather: {_counts(voyage.faults)}\n")
    table(
        HEADINGS,
        [
            (
                phase.name,
                f"{phase.wall_s:.1f}",
                f"{voyage.sims / phase.wall_s:,.0f}",
                f"{phase.peak_mb:,.0f}" if phase.samples[1:] else "–",
            )
            for phase in voyage.phases
        ],
    )
    samples = voyage.executing
    shares = [voyage.at(share) for share in SHARES]
    table(
        HELD_HEADINGS,
        [
            ("resident MB", *(f"{one.rss_mb:,.0f}" for one in shares), f"{max(one.rss_mb for one in samples):,.0f}"),
            ("open files", *(str(one.files) for one in shares), str(max(one.files for one in samples))),
            ("threads", *(str(one.threads) for one in shares), str(max(one.threads for one in samples))),
        ],
    )
    per_sim = voyage.journal_bytes / voyage.sims
    print(f"memory from {SHARES[0]:.0%} to {SHARES[-1]:.0%} of the SIMs: {voyage.growth_mb:+.1f} MB")
    print(f"journal: {voyage.journal_bytes:,} bytes, {per_sim:.1f} per SIM")
    print(f"outcomes: {_counts(voyage.outcomes)}")
    print(f"lies {voyage.lies} · lost {voyage.lost} · moved twice {voyage.moved_twice}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))


def _facts(voyage: Voyage) -> dict[str, object]:
    return {
        "sims": voyage.sims,
        "phases": [
            {"name": one.name, "wall_s": round(one.wall_s, 1), "peak_mb": round(one.peak_mb)} for one in voyage.phases
        ],
        "executing": {f"{share:.0%}": asdict(voyage.at(share)) for share in SHARES},
        "growth_mb": round(voyage.growth_mb, 1),
        "journal_bytes": voyage.journal_bytes,
        "outcomes": voyage.outcomes,
        "faults": voyage.faults,
        "lies": voyage.lies,
        "lost": voyage.lost,
        "moved_twice": voyage.moved_twice,
    }


def _write_samples(file: Path, samples: Sequence[Sample]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow([field.name for field in fields(Sample)])
        lines.writerows(astuple(one) for one in samples)


if __name__ == "__main__":
    main()
