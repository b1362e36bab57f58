"""What a simulated provider is to the server around it; one process holds several, told apart by path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from sandbox.exchange import JSON, Answer, Asked
from sandbox.faults import Act, Rule
from sandbox.letters import Letter

Rows: TypeAlias = "list[JSON]"


class Provider(Protocol):
    """One provider over books of its own."""

    prefixes: tuple[str, ...]  # of the paths it serves

    def route_of(self, asked: Asked) -> str:
        """The name of the call that a request is, `METHOD /path/{id}`, or its bare method and `?`."""
        ...

    def sims_of(self, asked: Asked) -> tuple[str, ...]:
        """The names that fault scripts may know the request's SIM by; none where the request is about many."""
        ...

    def carries(self, asked: Asked) -> frozenset[Act]:
        """The faults that it carries out itself on this request, because they show only after its answer."""
        ...

    def admit(self, asked: Asked) -> Answer | None:
        """None, and the request counts as under way until `leave`; or the refusal of one too many."""
        ...

    def leave(self, asked: Asked) -> None:
        """End what `admit` began."""
        ...

    def answer(self, asked: Asked, *, keep: bool = True) -> Answer:
        """The provider's answer; what it changed is kept unless `keep` is false."""
        ...

    def throttled(self, retry_after_s: int | None) -> Answer:
        """A 429, with Retry-After where a number is given."""
        ...

    def broken(self) -> Answer:
        """A 500 as a gateway gives it."""
        ...

    def refused(self, code: int | str) -> Answer:
        """A refusal with that code, as its own look or as it is given."""
        ...

    def with_rows(self, answer: Answer, change: Callable[[Rows], Rows]) -> Answer:
        """The answer with its SIMs changed; counts stay as they were."""
        ...

    def with_errors(self, answer: Answer, asked: Asked, count: int) -> Answer:
        """A success that tells an error of each of the first `count` SIMs, which the change has not reached."""
        ...

    def disturb(self, rule: Rule, asked: Asked) -> None:
        """Let the first `count` of the SIMs that the request names change or vanish, by nobody's request."""
        ...

    def foreign(self, row: JSON, place: int) -> JSON:
        """A SIM's row under an id and an ICCID of nobody."""
        ...

    def wrong_page(self, rule: Rule, asked: Asked) -> Answer:
        """A page of a list that is not the one asked for, as the rule has it."""
        ...

    def expire_tokens(self) -> None:
        """Reject every token issued so far."""
        ...

    def hold_reads(self, seconds: float) -> None:
        """Let reads show the state of now for a while."""
        ...

    def switches(self) -> dict[str, str]:
        """The position of every switch."""
        ...

    def switch(self, changes: Mapping[str, str]) -> None:
        """Set some switches and leave the others; raises `UsageError`."""
        ...

    def control(self, name: str, body: JSON) -> Answer | None:
        """Carry out a control of the provider's own; None where it has no such. Raises `UsageError`."""
        ...

    def due(self) -> tuple[Letter, ...]:
        """Let happen what time has brought, and give out the callbacks that are to be sent now."""
        ...

    def delivered(self, letter: Letter, status: int | None) -> None:
        """Write down what became of a callback; `status` is None where nobody answered."""
        ...

    def last_request(self) -> int:
        """The highest request number the ledger knows."""
        ...

    def close(self) -> None:
        """Close the books."""
        ...
