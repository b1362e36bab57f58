"""Whether Super SIM lets us in on every account that a move takes, and which accounts those are."""

from __future__ import annotations

from domain.errors import CredentialsRefused
from providers.calls import Call
from providers.supersim_inventory import SIMS_PATH, Listed, listed_of
from providers.supersim_pages import page_of
from providers.supersim_post import Post
from providers.supersim_words import same


def preflight(source: Post, target: Post, parent: Post) -> tuple[str, ...]:
    """Sentences on what was checked; raises `CredentialsRefused` and `ProviderUnavailable`."""
    children = [post for post in (source, target) if post is not parent]
    said = [who(post) for post in dict.fromkeys((source, target, parent))]
    if not children:
        return tuple(said)
    names = " and ".join(post.name for post in children)
    skipped = (
        f"Skipped: whether {parent.name} is the parent of {names} at the provider, as the accounts file says. Super "
        "SIM's interface does not tell; the first SIM that is moved does."
    )
    return (*said, skipped)


def who(post: Post) -> str:
    """A sentence on the account that the credentials open; raises as a read does, and where it is another's."""
    found = post.require(first_sim(post))
    if found is None:
        return f"Account {post.name}: {post.account_sid} lets us in; it lists no SIMs, so whose it is was not seen."
    if not same(found.account_sid, post.account_sid):
        raise CredentialsRefused(
            f"The credentials of {post.name} open account {found.account_sid}, and the accounts file says "
            f"{post.account_sid}. Correct `account`, or what the secret points to, then:  simferry accounts --check"
        )
    return f"Account {post.name}: {post.account_sid} lets us in and lists its SIMs."


def first_sim(post: Post) -> Call[Listed | None]:
    """The first SIM of the account's list; None where it has none."""
    return post.get(
        "look at the account",
        SIMS_PATH,
        lambda answer: next(iter(page_of(answer, "sims", listed_of).rows), None),
        ("PageSize", "1"),
    )
