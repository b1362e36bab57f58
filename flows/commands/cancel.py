"""`simferry cancel`: the flow of that name, then what became of the tokens."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from domain.errors import Exit
from domain.tokens import Cancelled, Ended
from flows.arguments import accounts_asked
from flows.commands.execute import refuse_early
from flows.engaged import engaged
from flows.said import say
from flows.wording import wrapped
from journal.approval import refuse_if_not_begun
from journal.folder import open_run
from tasks.asked import here

TOKENS_NAMED_MAX = 8
_INDENT = 4
_HEADS: Mapping[Ended, str] = {
    Ended.CANCELLED: "taken back.",
    Ended.ACCEPTED: "accepted before, and what is accepted cannot be taken back.",
    Ended.RAN_OUT: "nothing was left to take back.",
    Ended.UNSURE: "asked to be taken back, and not read so yet; asking again does no harm.",
}


def run(asked: argparse.Namespace) -> Exit:
    """Take tokens back; exit code 4 where not all of their SIMs are ready in the source again."""
    folder = open_run(here().home, asked.run)
    folder.load_plan()
    refuse_if_not_begun(folder, "nothing has been offered yet, so there is nothing to take back.")
    refuse_early(asked, moves=False)
    with engaged(asked):
        ended = cancel(asked)
    return tell(asked, ended)


def cancel(asked: argparse.Namespace) -> tuple[Cancelled, ...]:
    """What became of every open token of the run, or of the one that was asked for."""
    from flows.cancel import cancel as flow  # noqa: PLC0415 - the engine is imported while its server starts

    return flow(asked.run, accounts_asked(asked), asked.token)


def tell(asked: argparse.Namespace, ended: Sequence[Cancelled]) -> Exit:
    """Print what became of the tokens, and what now."""
    plan, _ = open_run(here().home, asked.run).load_plan()
    lines = list(told(ended, plan.source.name)) or ["No token of it waits to be accepted any more."]
    lines.append(f"What became of each SIM is reported by:  simferry reconcile {plan.run}")
    say(asked, "\n".join(lines), {"run": plan.run, "tokens": [asdict(each) for each in ended]})
    return Exit.OK if all(each.ready == each.sims for each in ended) else Exit.UNCONFIRMED


def told(ended: Sequence[Cancelled], source: str) -> Iterator[str]:
    """A line per thing that became of tokens; `source` is the account that their SIMs were offered from."""
    for how, head in _HEADS.items():
        tokens = [each for each in ended if each.ended == how]
        if tokens:
            heard = dict.fromkeys(each.words for each in tokens if each.words)
            said = f" The provider said: {'; '.join(heard)}" if heard else ""
            yield wrapped(f"{_named(tokens)}: {head} {_stand(tokens, source)}{said}", _INDENT)


def _named(tokens: Sequence[Cancelled]) -> str:
    """Which tokens they are, as far as a line holds them."""
    numbers = ", ".join(str(each.token) for each in tokens[:TOKENS_NAMED_MAX])
    more = f" and {len(tokens) - TOKENS_NAMED_MAX:,} more" if len(tokens) > TOKENS_NAMED_MAX else ""
    return f"Token {numbers}" if len(tokens) == 1 else f"Tokens {numbers}{more}"


def _stand(tokens: Sequence[Cancelled], source: str) -> str:
    """How their SIMs stand, in a sentence."""
    sims, ready, gone = (sum(getattr(each, name) for each in tokens) for name in ("sims", "ready", "gone"))
    kinds = (
        (ready, f"ready in {source} again"),
        (gone, f"gone from {source}"),
        (sims - ready - gone, "transferring still, or in another status"),
    )
    counts = [(count, words) for count, words in kinds if count]
    their = "its" if len(tokens) == 1 else "their"
    if len(counts) == 1:
        all_of_them = f"{their.capitalize()} one SIM is" if sims == 1 else f"All of {their} {sims:,} SIMs are"
        return f"{all_of_them} {counts[0][1]}."
    counted = ", ".join(f"{count:,} {'is' if count == 1 else 'are'} {words}" for count, words in counts)
    return f"Of {their} {sims:,} SIMs {counted}."
