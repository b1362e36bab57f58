"""Super SIM (Twilio, KORE) as hands: one request per SIM and part."""

from __future__ import annotations

from domain.errors import ProviderError, UsageError
from domain.orders import Order, Part, Reply
from providers.replies import kept_out, reply_of
from providers.supersim_post import Post
from providers.supersim_update import Pair, update_call


class SuperSimMover:
    """Hands; a move takes the parent's credentials, anything else those of the account that the SIM is in."""

    def __init__(self, source: Post, target: Post, parent: Post, callback_url: str = "") -> None:
        self._posts = {Part.MOVE: parent, Part.DEACTIVATE: source, Part.ACTIVATE: target, Part.REGISTER: target}
        self._pair = Pair(source.account_sid, target.account_sid)
        self._callback_url = callback_url

    def move(self, order: Order) -> Reply:
        """As in `Mover`, for an order of one SIM."""
        call = update_call(order, self._pair, self._callback_url)
        try:
            outcome = self._posts[order.part].call(call)
        except (ProviderError, UsageError) as error:
            return kept_out(error)
        return reply_of(outcome)
