"""When a run stops by itself: breakers as a function of what was attempted and declined so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.limits import Limits


class Cause(StrEnum):
    """Why a run stopped; the word an operator gives to `--resume-after` once the cause is gone."""

    CREDENTIALS = "credentials"
    DECLINED_SHARE = "declined-share"
    DECLINED_IN_A_ROW = "declined-in-a-row"
    DRIFT_SHARE = "drift-share"
    NO_EFFECT = "no-effect"
    CANARY = "canary"
    IN_VAIN = "in-vain"


@dataclass(frozen=True, slots=True)
class Tally:
    """SIMs so far in this execution, and how many batches in a row were declined for one cause.

    `in_vain` are those of waves that have ended, of which nothing came, whatever the provider had said.
    """

    attempted: int = 0
    declined: int = 0
    held_back: int = 0
    in_vain: int = 0
    in_a_row: int = 0
    row_code: str = ""

    def after(self, attempted: int, declined: int, held_back: int, code: str) -> Tally:
        """The tally after one more batch; `code` is the provider's where it declined the whole batch, else ''."""
        same = code != "" and code == self.row_code
        return replace(
            self,
            attempted=self.attempted + attempted,
            declined=self.declined + declined,
            held_back=self.held_back + held_back,
            in_a_row=self.in_a_row + 1 if same else int(code != ""),
            row_code=code,
        )


def tripped(tally: Tally, limits: Limits) -> tuple[Cause, str] | None:
    """The breaker that opens at this tally, with the words for it; None while the run may go on."""
    looked_at = tally.attempted + tally.held_back
    if tally.in_a_row >= limits.breaker_batches_in_a_row:
        return Cause.DECLINED_IN_A_ROW, (
            f"{tally.in_a_row} batches in a row were declined for one cause ({tally.row_code})"
        )
    if tally.attempted >= limits.breaker_attempted_min and (
        tally.declined > tally.attempted * limits.breaker_declined_share
    ):
        return Cause.DECLINED_SHARE, f"the provider declined {tally.declined} of {tally.attempted} SIMs asked for"
    if tally.attempted >= limits.breaker_attempted_min and (
        tally.in_vain > tally.attempted * limits.breaker_declined_share
    ):
        return Cause.IN_VAIN, (
            f"{tally.in_vain} SIMs were left without an answer, as they were, or not done in time, "
            f"by {tally.attempted} requests"
        )
    if looked_at >= limits.breaker_attempted_min and tally.held_back > looked_at * limits.breaker_declined_share:
        return Cause.DRIFT_SHARE, f"{tally.held_back} of {looked_at} SIMs are no longer as the plan saw them"
    return None
