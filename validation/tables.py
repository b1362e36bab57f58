"""Which tables of rules a provider has."""

from __future__ import annotations

import polars as pl

from domain.errors import UsageError
from domain.lists import ListLimits
from domain.orders import Options
from domain.rules import MoveRule, RowRule
from validation import emnify_rules, sim_id_rules, soracom_moves, soracom_rules, supersim_moves, supersim_rules
from validation.common_rules import cell_rules, form_rules
from validation.numbering import Numbering

PROVIDERS = ("emnify", "soracom", "supersim")


def numbering_of(provider: str | None) -> Numbering:
    """How the provider's SIMs are counted by the digits of their ICCIDs."""
    return Numbering.WHOLE if provider == "soracom" else Numbering.BODY


def row_rules(provider: str | None, limits: ListLimits) -> tuple[RowRule, ...]:
    """The common rules for one row, and `provider`'s after them; UsageError where there is no such provider."""
    match provider:
        case None:
            asked = "Check the list with --provider supersim where it is for Super SIM; else give the SIM's ICCID."
            return (*cell_rules(limits), *sim_id_rules.foreign_rules(asked))
        case "emnify":
            return (*cell_rules(limits), *emnify_rules.row_rules())
        case "soracom":
            return (*form_rules(), *soracom_rules.row_rules(limits))
        case "supersim":
            return (*cell_rules(limits), *supersim_rules.row_rules())
        case _:
            raise _unknown(provider)


def registration_rules(provider: str, limits: ListLimits) -> tuple[RowRule, ...]:
    """The rules for one row of a list to register SIMs by; UsageError where SIMs are not registered by lists."""
    match provider:
        case "supersim":
            return (*cell_rules(limits), *supersim_rules.registration_rules())
        case "emnify":
            raise UsageError("At emnify no SIMs are registered by lists. Name an account of Super SIM.")
        case "soracom":
            raise UsageError("SIMs of Soracom are not registered by lists here. Name an account of Super SIM.")
        case _:
            raise _unknown(provider)


def move_rules(provider: str, options: Options) -> tuple[MoveRule, ...]:
    """Which SIMs (columns of INVENTORY and of `make_plan`) may move, first rule that fails speaks.

    UsageError for an unknown word, and for options that `provider` has no use for. `allowed_statuses` None means the
    provider's usual ones (emnify: all but Deleted; Soracom: ready; Super SIM: all that its other rules let pass).
    """
    match provider:
        case "emnify":
            return emnify_rules.move_rules(options)
        case "soracom":
            return soracom_moves.move_rules(options)
        case "supersim":
            return supersim_moves.move_rules(options)
        case _:
            raise _unknown(provider)


def parts_of(provider: str, options: Options) -> pl.Expr:
    """The column `parts` (STEPS) over columns of INVENTORY: the parts of a SIM's way in their order, space between."""
    match provider:
        case "emnify":
            return emnify_rules.parts().alias("parts")
        case "soracom":
            return soracom_moves.parts(options).alias("parts")
        case "supersim":
            return supersim_moves.parts(options).alias("parts")
        case _:
            raise _unknown(provider)


def statuses_of(provider: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Statuses as the provider writes them, which is what it is told; UsageError for an unknown word."""
    match provider:
        case "emnify":
            return emnify_rules.statuses_of(words)
        case "soracom":
            return soracom_moves.statuses_of(words)
        case "supersim":
            return supersim_moves.statuses_of(words)
        case _:
            raise _unknown(provider)


def _unknown(provider: str) -> UsageError:
    return UsageError(f"There are no rules for a provider “{provider}”. Choose one of: {', '.join(PROVIDERS)}.")
