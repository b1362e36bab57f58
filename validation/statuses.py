"""Statuses of SIMs in a provider's own words, as an operator may have typed them."""

from __future__ import annotations

from domain.errors import UsageError


def in_own_words(words: tuple[str, ...], statuses: tuple[str, ...], provider: str) -> tuple[str, ...]:
    """`words` as `provider` writes them in `statuses`, whatever their case, each once; UsageError for another word."""
    return tuple(dict.fromkeys(_own(word, statuses, provider) for word in words))


def either(words: tuple[str, ...]) -> str:
    """One or the other, in a sentence."""
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def _own(word: str, statuses: tuple[str, ...], provider: str) -> str:
    for status in statuses:
        if status.casefold() == word.strip().casefold():
            return status
    raise UsageError(f"{provider} has no SIM status “{word}”. --allow-status takes: {', '.join(statuses)}.")
