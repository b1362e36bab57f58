"""Every batch put to the provider without acting; whoever is refused leaves the plan, and the rest is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from domain.errors import CredentialsRefused, ProviderUnavailable
from domain.inventory import Side
from domain.orders import Options, Order, Refusal, Reply, Said, Sim
from domain.plan import Basis, Step
from domain.planning import REFUSALS, passed, refuse
from domain.queue import sims_of
from providers.protocol import Reader, Traits
from tasks.voice import voice

BISECTION_CALLS_MAX = 120  # dry runs spent on finding unnamed offenders within one batch: about 12 of 500
WHOLE_BATCHES_MAX = 2  # refused whole, one after the other, before offenders are no longer looked for
_ADVICE = "Mend what the provider names, or leave this SIM out; then plan again."


@dataclass(frozen=True, slots=True)
class _Refused:
    """A SIM that the provider would not take, with its code and words."""

    sim: Sim
    code: str
    words: str


class _Budget:
    """Dry runs that may still be spent on halving one batch; with none to begin with, not even a read is spent."""

    def __init__(self, calls: int) -> None:
        self.left = calls


def dry_run(reader: Reader, steps: pl.DataFrame, options: Options) -> pl.DataFrame:
    """The steps (STEPS) with every SIM that the provider refuses turned into REFUSE, with its code and words.

    Raises `CredentialsRefused` and `ProviderUnavailable`; a plan that could not be dry-run whole is no plan.
    """
    refused: list[_Refused] = []
    whole = 0  # batches in a row of which not one SIM was taken
    batches = steps.filter(pl.col("step") == Step.MOVE).sort("batch", "key").partition_by("batch", maintain_order=True)
    for done, rows in enumerate(batches, start=1):
        budget = _Budget(BISECTION_CALLS_MAX if whole < WHOLE_BATCHES_MAX else 0)
        found = list(_refused_of(reader, int(rows["batch"][0]), sims_of(rows), options, budget))
        whole = whole + 1 if len(found) == rows.height else 0
        refused += found
        voice().progress(f"{named(reader.traits)}, batches", done, len(batches))
    rows_of = [(item.sim.key, item.code, item.words, reader.advice(item.code) or _ADVICE) for item in refused]
    taken, not_taken = reader.traits.tried
    return passed(refuse(steps, pl.DataFrame(rows_of, schema=REFUSALS, orient="row"), not_taken), taken)


def named(traits: Traits) -> str:
    """What it is called: a provider that has no dry run is read a second time instead."""
    return "Second read" if traits.tried[0] == Basis.READ_TWICE else "Dry run"


def _refused_of(
    reader: Reader, batch: int, sims: tuple[Sim, ...], options: Options, budget: _Budget
) -> Iterator[_Refused]:
    """SIMs of one batch that the provider refuses, found with as few dry runs as it takes."""
    while sims:
        reply = reader.dry_run(Order(batch, 0, sims, options))
        _raise_if_unusable(reply, named(reader.traits).lower())
        if reply.said == Said.YES:
            return
        by_key = {refusal.key: refusal for refusal in reply.refusals if refusal.key is not None}
        culprits = [_Refused(sim, by_key[sim.key].code, by_key[sim.key].words) for sim in sims if sim.key in by_key]
        if not culprits and budget.left:
            culprits = list(_not_in_source(reader, sims, reply))
        if not culprits:
            yield from _bisected(reader, batch, sims, options, reply, budget)
            return
        yield from culprits
        gone = {culprit.sim.key for culprit in culprits}
        sims = tuple(sim for sim in sims if sim.key not in gone)


def _not_in_source(reader: Reader, sims: tuple[Sim, ...], reply: Reply) -> Iterator[_Refused]:
    """SIMs that a fresh read does not show in the source account: those behind a refusal that names nobody."""
    why = _why(reply)
    for sim, sight in zip(sims, reader.find(sims), strict=True):
        if sight.side != Side.SOURCE:
            yield _Refused(sim, why.code, f"no longer in the source account ({why.words})")


def _bisected(
    reader: Reader, batch: int, sims: tuple[Sim, ...], options: Options, reply: Reply, budget: _Budget
) -> Iterator[_Refused]:
    """The refused ones of SIMs that are refused together without a name, by halves.

    Where the budget runs out, as it does when the cause lies in the accounts and not in a SIM, those that are left are
    refused together. After some whole batches of that kind, the next ones are asked about once each.
    """
    middle = len(sims) // 2
    budget.left -= 2
    if middle == 0 or budget.left < 0:
        why = _why(reply)
        together = "" if middle == 0 else f" (said of {len(sims)} SIMs together)"
        yield from (_Refused(sim, why.code, why.words + together) for sim in sims)
        return
    for half in (sims[:middle], sims[middle:]):
        yield from _refused_of(reader, batch, half, options, budget)


def _why(reply: Reply) -> Refusal:
    """The reason a reply gives for all of its SIMs together."""
    if reply.refusals:
        return reply.refusals[0]
    words = "; ".join(reply.problems) or reply.words or "no reason given"
    return Refusal(None, str(reply.http_status or "answer"), words)


def _raise_if_unusable(reply: Reply, what: str) -> None:
    """Raise where the reply is about us or the line, not about SIMs."""
    if reply.credentials_refused:
        raise CredentialsRefused(
            f"The provider refuses our credentials at the {what}: {reply.words}. "
            "Check them with `simferry accounts --check`."
        )
    if reply.said in {Said.UNSENT, Said.UNHEARD}:
        raise ProviderUnavailable(
            f"The {what} could not be finished: {reply.words}. Nothing was changed; run `simferry plan` again later."
        )
