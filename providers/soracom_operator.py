"""What Soracom says of an operator itself: its id and e-mail, its payment method, its groups."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

import polars as pl

from domain.inventory import GROUPS
from providers.bodies import Json, object_of, parsed, text_of
from providers.calls import Call, Unreadable
from providers.soracom_pages import whole
from providers.soracom_post import Post, good
from providers.soracom_words import NAME_TAG, complaint_of, is_absent
from providers.wire import Answer, Request

GROUPS_PATH = "/v1/groups"
PAYMENT_PATH = "/v1/payment_methods/current"
_WORKS = {"", "success", "processing"}  # documented values of `errorCode`, and none


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator by its own account: id, and primary e-mail ("" where it does not say)."""

    operator: str
    email: str


class Payment(StrEnum):
    """Whether an operator has a payment method."""

    REGISTERED = "registered"
    NONE = "none"
    INVALID = "invalid"
    UNTOLD = "untold"  # the login may not see


def operator_call(post: Post) -> Call[Operator | None]:
    """Who the operator is; None where the login may not see that."""
    return Call(
        f"Soracom, account {post.name}: look at the operator",
        Request("GET", f"/v1/operators/{post.operator}"),
        _read_operator,
        repeatable=True,
    )


def payment_call(post: Post) -> Call[Payment]:
    """Whether it has a payment method in this coverage."""
    name = f"Soracom, account {post.name}: look at the payment method"
    return Call(name, Request("GET", PAYMENT_PATH), _read_payment, repeatable=True)


def groups(post: Post) -> pl.DataFrame:
    """Its groups (GROUPS); raises `ProviderUnavailable`."""
    rows = whole(post, GROUPS_PATH, "groups", lambda entry: _group(entry, post.operator))
    return pl.DataFrame([row for row in rows if row is not None], schema=GROUPS, orient="row")


def _read_operator(answer: Answer) -> Operator | None:
    if _is_forbidden(answer):
        return None
    body = object_of(parsed(good(answer)))
    operator = text_of(body.get("operatorId"))
    if operator is None:
        raise Unreadable("it does not say which operator it is about")
    return Operator(operator, text_of(body.get("email")) or "")


def _read_payment(answer: Answer) -> Payment:
    if _is_forbidden(answer):
        return Payment.UNTOLD
    if is_absent(answer):
        return Payment.NONE
    error = text_of(object_of(parsed(good(answer))).get("errorCode")) or ""
    return Payment.REGISTERED if error.lower() in _WORKS else Payment.INVALID


def _is_forbidden(answer: Answer) -> bool:
    return answer.status == HTTPStatus.FORBIDDEN and complaint_of(answer).is_theirs


def _group(entry: Json, operator: str) -> tuple[str, str | None, None] | None:
    """One group; None for one of another operator; raises `Unreadable` where it has no id."""
    body = object_of(entry)
    group = text_of(body.get("groupId"))
    if group is None:
        raise Unreadable("a group has no groupId")
    if text_of(body.get("operatorId")) not in {None, operator}:
        return None
    return group, text_of(object_of(body.get("tags")).get(NAME_TAG)), None
