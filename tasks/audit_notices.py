"""Words of registers and of the policy that fit nothing, which would else go by unseen."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from domain.audit.frames import BOOKED
from domain.audit.terms import PROVIDERS_STATUSES, USUAL_STATUSES, Terms
from tasks.audit_asked import Desk

WORDS_SHOWN_MAX = 5


def doubtful(desk: Desk, terms: Terms, holdings: pl.DataFrame) -> tuple[str, ...]:
    """A sentence for each account that a register or rule names and the month has not, and each status unheard of.

    `holdings` (HOLDINGS) has the statuses that SIMs are in.
    """
    return (*_of_registers(desk, terms), *_of_rules(desk, terms, holdings))


def _of_registers(desk: Desk, terms: Terms) -> Iterator[str]:
    known = [account.name for account in terms.accounts]
    for register in terms.registers:
        said = desk.folder.register(register.name).scan(BOOKED).select("account").drop_nulls()
        strange = said.filter(~pl.col("account").is_in(known)).group_by("account").len("rows")
        words = strange.sort("rows", "account", descending=[True, False]).collect(engine="streaming")
        if words.height:
            shown = [f"“{word}” ({rows:,})" for word, rows in words.head(WORDS_SHOWN_MAX).iter_rows()]
            more = f" and {words.height - WORDS_SHOWN_MAX} more" if words.height > WORDS_SHOWN_MAX else ""
            yield (
                f"{register.name} names accounts that this audit has not: {', '.join(shown)}{more}. SIMs of theirs "
                "that are in none of its accounts are not judged. If it is another word for one, write that under "
                f"[accounts] of {desk.settings_path}; if it is an account, add it with --account."
            )


def _of_rules(desk: Desk, terms: Terms, holdings: pl.DataFrame) -> Iterator[str]:
    accounts = {account.name for account in terms.accounts}
    seen = set(holdings.select(terms.one_word(pl.col("status"))).to_series().drop_nulls())
    usual = PROVIDERS_STATUSES | set(USUAL_STATUSES) | set(USUAL_STATUSES.values())
    heard_of = seen | usual | {word.casefold() for pair in terms.statuses.items() for word in pair}
    for rule in terms.rules:
        strange = [f"the account {name}" for name in rule.accounts if name not in accounts]
        strange += [f"the status “{word}”" for word in rule.statuses if word.casefold() not in heard_of]
        if strange:
            yield (
                f"The policy “{rule.name}” is about {' and '.join(strange)}, which this audit has nothing of. Is it "
                f"written so in {desk.settings_path}?"
            )
