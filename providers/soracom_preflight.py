"""Who we are at Soracom on both sides of a transfer, and whether the destination can take SIMs at all."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import CredentialsRefused, UsageError
from providers.soracom_destination import Destination
from providers.soracom_operator import Operator, Payment, operator_call, payment_call
from providers.soracom_post import Post


def preflight(source: Post, target: Destination, coverage: str, unseen: Sequence[str]) -> tuple[str, ...]:
    """Sentences on what was checked; raises `CredentialsRefused`, `UsageError` and `ProviderUnavailable`.

    `unseen` are lists of what hangs on the source's SIMs that its login may not read.
    """
    where = f"Both are accounts of {coverage} coverage, as the accounts file says." if coverage else ""
    theirs = _blind(target) if target.post is None else _seen(target, target.post)
    lists = (
        f"Skipped: {' and '.join(unseen)} of the source, which its login may not list. They stay behind, and will not "
        "be named."
    )
    return tuple(filter(None, (who(source), *theirs, where, lists if unseen else "")))


def who(post: Post) -> str:
    """A sentence on the operator that the credentials open; logs in where that has not been done."""
    seen = post.require(operator_call(post))
    if seen is None:
        return f"Account {post.name}: operator {post.operator} lets us in, as its login says."
    _check_operator(post, seen)
    return f"Account {post.name}: operator {post.operator} lets us in{f' ({seen.email})' if seen.email else ''}."


def _seen(target: Destination, post: Post) -> tuple[str, ...]:
    """What is seen of a destination whose credentials we hold."""
    seen = post.require(operator_call(post))
    lets_in = f"Account {post.name}: operator {post.operator} lets us in"
    if seen is None:
        address = target.address()
        return (
            f"{lets_in}. Skipped: whether {address} is its primary e-mail, which its login may not see.",
            _paying(post),
        )
    _check_operator(post, seen)
    if target.email and seen.email and target.email.lower() != seen.email.lower():
        raise UsageError(
            f"The accounts file says that the primary e-mail of {post.name} ({post.operator}) is {target.email}, and "
            f"Soracom says {seen.email}. An offer goes to nobody else: correct `email`."
        )
    return f"{lets_in}; its primary e-mail is {seen.email or target.address()}.", _paying(post)


def _paying(post: Post) -> str:
    """A sentence on its payment method; raises `UsageError` where it has none, so that it could accept nothing."""
    payment = post.require(payment_call(post))
    match payment:
        case Payment.REGISTERED:
            return f"Account {post.name} has a payment method."
        case Payment.UNTOLD:
            return f"Skipped: whether {post.name} has a payment method, which its login may not see."
        case Payment.NONE | Payment.INVALID:
            has = "no payment method" if payment is Payment.NONE else "a payment method that is not valid"
            raise UsageError(
                f"{post.name} ({post.operator}) has {has} in this coverage, and without one it cannot accept SIMs. "
                "Have one registered in Soracom's console, then plan again."
            )


def _blind(target: Destination) -> tuple[str, ...]:
    """What is not checked of a destination that we have no credentials of."""
    known = (
        f"Account {target.name}: operator {target.operator}, without credentials: it accepts by the link that Soracom "
        f"mails to {target.address()}."
    )
    skipped = (
        f"Skipped: whether operator {target.operator} and that e-mail belong together, whether it has a payment method "
        "in this coverage, and which SIMs and groups it holds. Nobody but itself can see that: ask it."
    )
    return known, skipped


def _check_operator(post: Post, seen: Operator) -> None:
    if seen.operator != post.operator:
        raise CredentialsRefused(
            f"Asked about operator {post.operator} (account {post.name}), Soracom answered about {seen.operator}. "
            "Correct `operator` in the accounts file, then:  simferry accounts --check"
        )
