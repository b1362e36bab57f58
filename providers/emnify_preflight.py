"""Who we are at emnify on both sides of a move, and whether we administer both workspaces."""

from __future__ import annotations

from http import HTTPStatus

from domain.errors import CredentialsRefused
from providers.bodies import Json, parsed
from providers.calls import Call, Unreadable
from providers.emnify_post import Post
from providers.emnify_words import complaint_of
from providers.wire import Answer, Request

ADMINISTRATOR = "administrator"
NO_USER = (
    "Skipped: whether the user is Administrator of both workspaces. The user's id is neither in the accounts file "
    "(`user_id`) nor in the token; the dry run finds out the same."
)


def preflight(source: Post, target: Post) -> tuple[str, ...]:
    """Sentences on what was checked; raises `UsageError` and `CredentialsRefused` as `Reader.preflight` does."""
    source.require_user()
    said = [who(side) for side in (source, target)]
    user = source.user_id or source.session.claims(source.workspace).user
    if user is None:
        return (*said, NO_USER)
    administered = source.require(workspaces_call(user))
    if administered is None:
        return (*said, f"Skipped: emnify does not list workspaces for user {user}; the dry run finds out the same.")
    for side in (source, target):
        if side.workspace not in administered:
            raise CredentialsRefused(
                f"User {user} is no Administrator of workspace {side.workspace} (account {side.name}). Have the role "
                "given in emnify's portal, on both sides, then:  simferry accounts --check"
            )
    names = " and ".join(_titled(side.workspace, administered) for side in (source, target))
    return (*said, f"User {user} is Administrator of {names}.")


def who(side: Post) -> str:
    """A sentence on who the login is and where; logs in where that has not been done."""
    claims = side.session.claims(side.workspace)
    kind = "an application" if side.session.by_application else f"user {side.user_id or claims.user or '(not told)'}"
    proof = "as its token says" if claims.workspace == side.workspace else "which its token does not tell"
    return f"Account {side.name}: {kind} in workspace {side.workspace}, {proof}."


def workspaces_call(user: int) -> Call[dict[int, str] | None]:
    """Workspaces that a user administers, id → name; None where the list is not to be had for that user."""
    return Call("emnify list of workspaces", Request("GET", f"/api/v2/user/{user}/workspace"), _read, repeatable=True)


def _read(answer: Answer) -> dict[int, str] | None:
    match answer.status:
        case HTTPStatus.OK:
            body = parsed(answer)
            if not isinstance(body, list):
                raise Unreadable("the body is no list")
            return {number: name for entry in body if (number := _administered(entry)) for name in [_name(entry)]}
        case HTTPStatus.FORBIDDEN:
            return {}  # documented: whoever asks is no Administrator
        case HTTPStatus.NOT_FOUND:
            return None
        case _:
            raise Unreadable(complaint_of(answer).words)


def _administered(entry: Json) -> int | None:
    """The workspace's id; None where it is none, or roles are given and Administrator is not among them."""
    if not isinstance(entry, dict):
        return None
    number, roles = entry.get("id"), entry.get("roles")
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    if isinstance(roles, list) and roles:
        names = {str(role.get("name", "")).lower() for role in roles if isinstance(role, dict)}
        if ADMINISTRATOR not in names:
            return None
    return number


def _name(entry: Json) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""


def _titled(workspace: int, names: dict[int, str]) -> str:
    return f"{names[workspace]} ({workspace})" if names[workspace] else f"workspace {workspace}"
