"""Which tables of rules a provider has."""

from __future__ import annotations

from domain.errors import UsageError
from domain.lists import ListLimits
from domain.rules import MoveRule, RowRule
from validation import emnify_rules
from validation.common_rules import cell_rules

PROVIDERS = ("emnify",)


def row_rules(provider: str | None, limits: ListLimits) -> tuple[RowRule, ...]:
    """The common rules for one row, and `provider`'s after them; UsageError where there is no such provider."""
    match provider:
        case None:
            return cell_rules(limits)
        case "emnify":
            return (*cell_rules(limits), *emnify_rules.row_rules())
        case _:
            raise _unknown(provider)


def move_rules(provider: str, allowed_statuses: tuple[str, ...] | None, detach_devices: bool) -> tuple[MoveRule, ...]:  # noqa: FBT001 - an operator's choice, passed on
    """Which SIMs (columns of INVENTORY) may move, first rule that fails speaks; UsageError for an unknown word.

    `allowed_statuses` None means the provider's usual ones (emnify: all but Deleted).
    """
    match provider:
        case "emnify":
            return emnify_rules.move_rules(allowed_statuses, detach_devices=detach_devices)
        case _:
            raise _unknown(provider)


def statuses_of(provider: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Statuses as the provider writes them, which is what it is told; UsageError for an unknown word."""
    match provider:
        case "emnify":
            return emnify_rules.statuses_of(words)
        case _:
            raise _unknown(provider)


def _unknown(provider: str) -> UsageError:
    return UsageError(f"There are no rules for a provider “{provider}”. Choose one of: {', '.join(PROVIDERS)}.")
