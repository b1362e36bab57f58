"""How many requests may be under way at a provider whose limit is on concurrency and not published.

    limit
     50 │                                            ╭───────      the provider's limit has risen
        │                                          ╭─╯
     20 │      ╭╮  ╭──────────────╮╭──────────────╭╯                ─── known ceiling, less one
        │    ╭─╯│╭─╯  cruising     │  probe, refused
     10 │  ╭─╯  ╰╯                ╰╯
      4 │──╯
        └──────────────────────────────────────────────────► time

It starts low and doubles within a round trip until a request is refused. It halves then, remembers at how many
that was, comes back to one less with every answer, and stays there; after many answers it tries one more, then two,
four, eight more, as long as none is refused. No clock, no thread: `Lanes` has those.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FIRST = 4  # under way at the start
ROUNDS_FIRST = 64  # round trips at the ceiling before more is tried; a refusal costs about one
ROUNDS_MAX = 512
HOLD_SHARE = 0.02  # of the time at most may go in pauses that trying for more brings upon us
SAME_SHARE = 0.25  # a ceiling that differs by less has not changed


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request under way: how many there were with it, and after how many cuts it left."""

    level: int
    cuts: int


@dataclass(slots=True)
class Gauge:
    """Requests under way, and how many there may be: from 1 to `most`; times in seconds on one steady clock."""

    most: int
    limit: int = FIRST
    under_way: int = 0
    waiting: int = 0  # callers that would like to send as well; without them more is not asked for
    ceiling: int | None = None  # the fewest at which one was refused, as far as known
    _cuts: int = 0
    _at_cut: int = 0  # under way when the last cut came
    _turned_away: int = 0  # of those, the ones that were refused
    _lowest: int = 0  # the least level of one that was
    _step: int = 0  # what is being tried on top of what is known; 0 where nothing is
    _held: int = 0  # answers since the limit is what it is
    _rounds: int = ROUNDS_FIRST
    _not_before_s: float = field(default=float("-inf"))
    _try_from_s: float = field(default=float("-inf"))

    def __post_init__(self) -> None:
        self.limit = max(1, min(self.limit, self.most))

    def wait_s(self, now_s: float) -> float:
        """Seconds that the provider has asked us to wait still."""
        return max(0.0, self._not_before_s - now_s)

    @property
    def free(self) -> int:
        """How many more may be sent now."""
        return max(0, self.limit - self.under_way)

    def enter(self) -> Ticket:
        """Count one more under way; only where one is free."""
        self.under_way += 1
        return Ticket(self.under_way, self._cuts)

    def answered(self, ticket: Ticket, now_s: float) -> None:
        """One was taken by the provider: room for more, where more is wanted and nothing speaks against it."""
        wanted = self.waiting > 0 or self.under_way >= self.limit
        self.under_way -= 1
        if ticket.cuts != self._cuts or not wanted:
            return
        self._held += 1
        if self.limit < self._known():
            self._raise(1)
        elif self.limit < self.most and self._held >= self._due() and now_s >= self._try_from_s:
            self._step = max(1, self._step * 2)
            self._raise(self._step)

    def refused(self, ticket: Ticket, now_s: float, hold_s: float = 0.0) -> None:
        """One was one too many: half as many, once per round trip; nobody goes for `hold_s`."""
        self._not_before_s = max(self._not_before_s, now_s + hold_s)
        if ticket.cuts == self._cuts:
            self._cut(ticket, now_s, hold_s)
        elif ticket.cuts == self._cuts - 1:  # it left before the last cut, of which it is the same news
            self._turned_away += 1
            self._lowest = min(self._lowest, ticket.level)
            self._learn()
        self.under_way -= 1

    def left(self) -> None:
        """One came to an end that says nothing about the limit."""
        self.under_way -= 1

    def _cut(self, ticket: Ticket, now_s: float, hold_s: float) -> None:
        known = self.ceiling
        self._cuts += 1
        self._at_cut, self._turned_away, self._lowest = self.under_way, 1, ticket.level
        self.limit = max(1, self.limit // 2)
        self._step = self._held = 0
        self._learn()
        assert self.ceiling is not None
        same = known is not None and abs(known - self.ceiling) <= max(1, SAME_SHARE * known)
        self._rounds = min(2 * self._rounds, ROUNDS_MAX) if same else ROUNDS_FIRST
        self._try_from_s = now_s + hold_s / HOLD_SHARE

    def _learn(self) -> None:
        """Of those under way at the cut, all but the ones that were refused had room: one more has none.

        A level alone says less: requests overtake each other, so one of the first may arrive as the last.
        """
        self.ceiling = max(2, self._at_cut - self._turned_away + 1, self._lowest)
        self.limit = max(1, min(self.limit, self.ceiling - 1))

    def _known(self) -> int:
        """How many there may be by all that is known, without trying."""
        return self.most if self.ceiling is None else min(self.most, self.ceiling - 1)

    def _due(self) -> int:
        """Answers after which to try for more: one round trip while that goes well."""
        return self.limit * (1 if self._step else self._rounds)

    def _raise(self, by: int) -> None:
        self.limit = min(self.most, self.limit + by)
        self._held = 0
