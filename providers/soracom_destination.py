"""Who SIMs are offered to: an operator that we can log in to, or one of which only id and e-mail are known."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from domain.errors import UsageError
from providers.soracom_operator import operator_call
from providers.soracom_post import Post


@dataclass(slots=True, eq=False)
class Destination:
    """The operator's id, its account's name here, its e-mail as configured ("" where it isn't); None: no login."""

    operator: str
    name: str
    email: str
    post: Post | None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def address(self) -> str:
        """The e-mail that an offer is addressed to: as configured, or as the operator itself says it, asked once.

        Raises `UsageError` where neither is known, and as reads do.
        """
        with self._lock:
            if not self.email and self.post is not None:
                seen = self.post.require(operator_call(self.post))
                self.email = seen.email if seen is not None else ""
            if not self.email:
                raise UsageError(
                    f"The primary e-mail of {self.name} ({self.operator}) is not known, and an offer of SIMs is "
                    'addressed to it. Write email = "…" in the accounts file.'
                )
            return self.email
