"""Faults by script: which request goes wrong, and how, decided by counting and never by dice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TypeAlias

from sandbox.exchange import Asked

SimsOf: TypeAlias = Callable[[Asked], tuple[str, ...]]  # what a request's SIM is called, if it is about one


class Act(StrEnum):
    """Everything that can be made to go wrong."""

    THROTTLE = "throttle"  # 429; `retry_after_s` adds the header
    REFUSE = "refuse"  # not applied, the provider's own error `code`, a number or a text
    ERROR_BEFORE = "error_before"  # 500, not applied
    ERROR_AFTER = "error_after"  # 500 after applying
    DROP_BEFORE = "drop_before"  # connection cut, not applied
    DROP_AFTER = "drop_after"  # connection cut after applying
    SLOW = "slow"  # applied at once, answered after `seconds`
    LATE = "late"  # 500 (or a cut with `drop`) now, applied after `seconds`
    TRUNCATE = "truncate"  # applied, half the body comes
    NOT_JSON = "not_json"  # applied, 200 with a web page
    LIE = "lie"  # the answer of a success, and nothing is done
    PARTIAL = "partial"  # the first `count` SIMs (of one SIM: the first `count` of its changes) are done, then 500
    ARRIVE_TWICE = "arrive_twice"  # something in between sends the request on twice; the second answer comes
    ITEM_ERRORS = "item_errors"  # 200 with an error for each of the first `count` SIMs, which are not changed
    KEYLESS = "keyless"  # applied, 200 with an empty object
    OMIT = "omit"  # the answer leaves out its last `count` SIMs
    FOREIGN = "foreign"  # the answer names other SIMs for its first `count`
    DONE_LATE = "done_late"  # the answer of a success, and done only after `seconds`
    ANSWER_TWICE = "answer_twice"  # the same bytes a second time, where the next request's answer is awaited
    LAG = "lag"  # reads show the state from before this request for `seconds`
    EXPIRE = "expire"  # every token issued so far is rejected from now on
    # What others do to the first `count` SIMs that the request names, just before it is looked at:
    CHANGES = "changes"  # another status
    VANISHES = "vanishes"  # in an account that none of the written credentials sees
    # A page comes wrong: with `repeat` the page before it comes again; with `empty` it has no rows and still a next
    # one; with neither, its count of all rows is off by `count`, or it is empty where a provider counts nothing.
    WRONG_PAGES = "wrong_pages"
    # What a change that is accepted and done later comes to (Super SIM):
    NEVER_DONE = "never_done"  # stays under way for good
    FALL_BACK = "fall_back"  # ends with everything as before
    CALLBACK_TWICE = "callback_twice"
    CALLBACK_LATE = "callback_late"  # `seconds` after the change is done, so perhaps after a later one's
    CALLBACK_NEVER = "callback_never"
    # Of a transfer's SIMs (Soracom) the first `count` are connected with and become active: right after a token is
    # issued, right before one is accepted.
    GOES_ACTIVE = "goes_active"


# What the provider itself carries out, because it shows only after the answer.
INSIDE = frozenset(
    {
        Act.NEVER_DONE,
        Act.FALL_BACK,
        Act.DONE_LATE,  # where changes are done later anyway; elsewhere the sandbox sees to it
        Act.CALLBACK_TWICE,
        Act.CALLBACK_LATE,
        Act.CALLBACK_NEVER,
        Act.GOES_ACTIVE,
    }
)
# What surrounds a request rather than answers it: these go together with one of the others.
AROUND = frozenset({Act.SLOW, Act.LAG, Act.EXPIRE, Act.ANSWER_TWICE, Act.CHANGES, Act.VANISHES}) | INSIDE


@dataclass(frozen=True, slots=True)
class Rule:
    """A match, the matching requests it fires on (counted from 1), and the act with what it needs."""

    act: Act
    method: str = "*"
    path: str = "*"
    sim: str = "*"  # of an ICCID or a provider's own id: only requests about one SIM that is called so
    dry_run: bool | None = None  # None: any
    nth: int | None = None
    first: int = 1  # `from` in a script
    last: int | None = None  # `to`
    every: int = 1
    seconds: float = 1.0
    count: int = 1
    code: int | str = 0
    retry_after_s: int | None = None
    drop: bool = False
    repeat: bool = False
    empty: bool = False

    def matches(self, asked: Asked, sims_of: SimsOf) -> bool:
        """Whether the request is one of those this rule counts."""
        return (
            fnmatchcase(asked.method, self.method.upper())
            and fnmatchcase(asked.path, self.path)
            and (self.sim == "*" or any(fnmatchcase(name, self.sim) for name in sims_of(asked)))
            and (self.dry_run is None or asked.dry_run() is self.dry_run)
        )

    def fires(self, seen: int) -> bool:
        """Whether it goes off on the `seen`-th request that matches."""
        if self.nth is not None:
            return seen == self.nth
        in_range = self.first <= seen and (self.last is None or seen <= self.last)
        return in_range and (seen - self.first) % self.every == 0


@dataclass(slots=True)
class Faults:
    """The script in force, and how often each of its rules has matched."""

    rules: tuple[Rule, ...] = ()
    seen: list[int] = field(default_factory=list)

    def replace(self, rules: tuple[Rule, ...]) -> None:
        """Put another script in force; counting starts anew."""
        self.rules, self.seen = rules, [0] * len(rules)

    def fire(self, asked: Asked, sims_of: SimsOf) -> tuple[Rule, ...]:
        """The rules that go off on this request: any that surround it, then at most one that answers it."""
        fired = []
        for place, rule in enumerate(self.rules):
            if rule.matches(asked, sims_of):
                self.seen[place] += 1
                if rule.fires(self.seen[place]):
                    fired.append(rule)
        around = [rule for rule in fired if rule.act in AROUND]
        return (*around, *[rule for rule in fired if rule.act not in AROUND][:1])
