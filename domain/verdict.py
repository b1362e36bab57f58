"""What a verdict is, and the next steps that verdicts share."""

from __future__ import annotations

from domain.outcomes import Outcome

# Outcome, reason (None: the words that came with the deed), next step.
Verdict = tuple[Outcome, str | None, str]

LOOK_AGAIN = "Nothing is sent again for it. Look once more with `simferry reconcile`."
EXECUTE = "Run `simferry execute` again: it takes up what was not started."
GO_ON = "Run `simferry execute` again: it goes on with the rest of its way."
NEW_PLAN = "It is in retry.csv: make a new plan from that list when the cause is gone."
SAME_LIST = "Register the same list again when the cause is gone: what is in the account by then is left alone."
BY_HAND = "It is in restore.csv: activate it at the provider when the cause is gone."
ASK = "Find out who moved or changed it; plan again once it is where it belongs."
SUPPORT = "Only the provider's support can move it now: it is in support-request.xlsx."
REPLACE = "Nobody can move it any more: it needs a new SIM."
NOTHING = "Nothing to do."

BY_ITSELF: Verdict = (Outcome.LEFT, "It arrived in the target account without this run.", NOTHING)
