"""What a changing call came to, as the engine is told it."""

from __future__ import annotations

from domain.errors import ProviderError, ProviderUnavailable, UsageError
from domain.orders import Fate, Reply, Said
from providers.calls import Heard, Unheard


def reply_of(outcome: Heard[Reply] | Unheard) -> Reply:
    """What was read, or whether a call without an answer may have been acted on."""
    if isinstance(outcome, Heard):
        return outcome.value
    said = Said.UNSENT if outcome.fate in {Fate.NOT_SENT, Fate.THROTTLED} else Said.UNHEARD
    return Reply(said, outcome.http_status, words=outcome.words)


def kept_out(error: ProviderError | UsageError) -> Reply:
    """No token was to be had: nothing but refused requests has left."""
    return Reply(Said.UNSENT, None, str(error), credentials_refused=not isinstance(error, ProviderUnavailable))
