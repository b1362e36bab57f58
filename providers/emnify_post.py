"""One side of a move at emnify: a login and one of its workspaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from domain.errors import UsageError
from providers.calls import Call, required
from providers.emnify_session import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Post:
    """A login, a workspace of it, the account's name for messages, and the user's id as configured."""

    session: Session
    workspace: int
    name: str
    user_id: int | None = None

    def require(self, call: Call[T]) -> T:
        """The value of a call made here; raises `ProviderUnavailable` or `CredentialsRefused`."""
        return required(self.session.call(call, self.workspace))

    def require_user(self) -> None:
        """Raise `UsageError` where the login is an application's, which cannot migrate."""
        if self.session.by_application:
            raise UsageError(
                f"The account {self.name} logs in with an application token. emnify migrates SIMs for users only, "
                "since an application belongs to one workspace. Give the account a username and password, or a "
                "refresh token."
            )
