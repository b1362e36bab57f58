"""What is asked before a run is forgotten, and what is said afterwards; the engine has no part in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from domain.errors import RefusedToRun, UsageError
from domain.outcomes import Outcome
from flows import telling
from flows.wording import points
from journal.forgetting import Forgotten
from journal.status import RunFacts
from tasks.forgettable import Known

ERASED = (
    "its list, plan, reports, journal, tokens, settings and claims",
    "every mark of a callback, of this run or another: polling finds what they would have said",
)
STAYS = (
    "its name, provider, accounts, fingerprint and counts",
    "your own copies: the list, files that were sent on, backups, an export of findings, a simferry-bug-….txt",
    "other runs that name the same SIMs, and audits",
    "what a disk keeps of files that were removed: nobody can promise that it is overwritten, least of all on an SSD",
)


def question(known: Known) -> str:
    """What goes and what stays, for a person to read."""
    run = known.facts
    lines = [f"Forget {run.name}", "", *points("erased", ERASED), *points("stays", STAYS)]
    return "\n".join([*lines, *points("never to be known any more", known.open)])


def confirm(name: str, given: str | None) -> None:
    """Take the run's whole name, given beforehand or typed now; raises where it is another, or nobody is there.

    `UsageError` for nobody, `RefusedToRun`, cause "name", for another name.
    """
    typed = given if given is not None else _typed(name)
    if typed != name:
        raise RefusedToRun(f"“{typed}” is not {name}: nothing was forgotten.", "name")


def told(left: Forgotten) -> str:
    """What was done, and what is left."""
    counts = {outcome: left.outcomes[outcome] for outcome in Outcome if left.outcomes.get(outcome)}
    end = f" It ended so: {telling.of_counts(counts)}." if counts else ""
    return f"{left.run} is forgotten.{end} What is left of it:  simferry status {left.run}"


def standing(run: RunFacts) -> Iterator[str]:
    """Lines of the status about a run that was forgotten."""
    left = run.forgotten
    if left is None:
        return
    if left.erased_at is None:
        yield f"  its erasure was interrupted. Finish it:  simferry forget {run.name}"
    else:
        yield f"  by {left.by}, {left.erased_at[:16]}Z; nothing but counts is left"
    yield from (f"  left open: {words}" for words in left.left_open)


def _typed(name: str) -> str:
    """What a person types."""
    if not sys.stdin.isatty():
        raise UsageError(
            f"Nobody is here to say that {name} is to be forgotten. Give its whole name: "
            f"simferry forget {name} --name {name}"
        )
    sys.stderr.write("This cannot be undone. Type the run's whole name: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()
