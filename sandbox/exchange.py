"""One request and its answer as the sandbox sees them: values, so that faults can stand between the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import orjson

if TYPE_CHECKING:
    from sandbox.faults import Rule

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

APPLICATION_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request read to its end.

    `first_only` limits how many SIMs a change reaches (fault `partial`) and `spared` how many of the first it does not
    reach (fault `item_errors`); `inside` are the faults that the provider itself carries out, because they show only
    after its answer.
    """

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    client: str
    ids: Mapping[str, int] = field(default_factory=dict)  # numbers out of the path
    first_only: int | None = None
    spared: int = 0
    inside: tuple[Rule, ...] = ()

    @property
    def reach(self) -> slice:
        """Which of its SIMs a change reaches."""
        return slice(self.spared, self.first_only)

    def dry_run(self) -> bool | None:
        """What the body says about `dry_run` (absent counts as true); None for a body that is no JSON object."""
        try:
            body: JSON = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        if not isinstance(body, dict) or "target_workspace" not in body:
            return None
        return body.get("dry_run", True) is not False


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers to send; an empty body goes without a content type."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = APPLICATION_JSON

    @classmethod
    def of(cls, status: int, value: JSON, headers: Mapping[str, str] | None = None) -> Answer:
        """An answer whose body is `value` as JSON."""
        return cls(status, orjson.dumps(value), headers or {})


class RefusedError(Exception):
    """The simulated provider says no: nothing is kept, and `answer` goes out."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"answered {answer.status}")
        self.answer = answer
