"""Soracom as hands: tokens issued with the source's credentials, accepted and made good with the target's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.errors import ProviderError, UsageError
from domain.orders import Order, Part, Refusal, Reply, Said, Sim
from domain.settings import Change
from providers.calls import Heard, Unheard
from providers.replies import kept_out, reply_of
from providers.soracom_destination import Destination
from providers.soracom_post import Post
from providers.soracom_restore import Declined, NoCall, Setting, settings_of
from providers.soracom_transfer import Address, cancel_call, issue_call, verify_call

_NO_CALL = Declined(NoCall.NOT_SETTABLE, "Soracom has no call that sets it")
_BLIND = "the accounts file has no credentials of the target, so nothing is accepted or set there by us"


class SoracomTransferor:
    """Hands."""

    def __init__(self, source: Post, target: Destination) -> None:
        self._source = source
        self._target = target

    def move(self, order: Order) -> Reply:
        """As in `Transferor`: a token is issued, or accepted."""
        try:
            match order.part:
                case Part.OFFER | Part.ISSUE:
                    to = Address(self._target.operator, self._target.address())
                    return reply_of(self._source.call(issue_call(order, to)))
                case Part.ACCEPT:
                    if self._target.post is None:
                        return Reply(Said.UNSENT, None, _BLIND, credentials_refused=True)
                    return reply_of(self._target.post.call(verify_call(order)))
        except (ProviderError, UsageError) as error:
            return kept_out(error)
        raise ValueError(f"{order.part} is no part of a transfer by tokens")

    def cancel(self, token: bytes) -> Reply:
        """As in `Transferor`."""
        try:
            return reply_of(self._source.call(cancel_call(token)))
        except (ProviderError, UsageError) as error:
            return kept_out(error)

    def restore(self, sim: Sim, changes: Sequence[Change], now: Mapping[str, str]) -> Reply:
        """As in `Transferor`; what nobody answers ends it there, since the rest would fare no better."""
        post = self._target.post
        if post is None:
            return Reply(Said.UNSENT, None, _BLIND, credentials_refused=True)
        refusals: list[Refusal] = []
        refused_us = False
        status: int | None = None
        for setting in settings_of(sim, changes, now):
            try:
                outcome = _made(post, setting)
            except (ProviderError, UsageError) as error:
                return kept_out(error)
            if isinstance(outcome, Unheard):
                return reply_of(outcome)
            if outcome.value is not None:
                refused_us |= outcome.value.is_us
                refusals += _refusals(sim, setting, outcome.value)
                status = outcome.http_status
            elif status is None:
                status = outcome.http_status
        if not refusals:
            return Reply(Said.YES, status)
        words = " ".join(f"{refusal.words}." for refusal in refusals)
        return Reply(Said.NO, status, words, refusals=tuple(refusals), credentials_refused=refused_us)


def _made(post: Post, setting: Setting) -> Heard[Declined | None] | Unheard:
    return Heard(_NO_CALL, 0) if setting.call is None else post.call(setting.call)


def _refusals(sim: Sim, setting: Setting, why: Declined) -> list[Refusal]:
    """One for each setting that the call was to make."""
    return [Refusal(sim.key, why.code, f"{name}: {why.words}") for name in setting.names]
