"""What Super SIM answers when it says no."""

from __future__ import annotations

from typing import NoReturn

from sandbox.exchange import Answer, RefusedError
from sandbox.supersim.words import HTTP_STATUS, MESSAGES, Code

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"
RETRY_AFTER_S = 1  # where a refusal for concurrency carries the header at all


def refusal(code: int | str, message: str | None = None, status: int | None = None) -> Answer:
    """The body of both vendors; a code that is not known here is a 400, and a text is none of theirs."""
    code = int(code) if isinstance(code, int) else code  # of a `Code`, its number
    known = Code(code) if code in set(Code) else None
    status = status or (HTTP_STATUS.get(known, 400) if known else 400)
    message = message or (MESSAGES.get(known) if known else None) or f"Error {code}"
    return Answer.of(
        status, {"code": code, "message": message, "more_info": MORE_INFO.format(code=code), "status": status}
    )


def refuse(code: Code, message: str | None = None) -> NoReturn:
    """Raise the refusal."""
    raise RefusedError(refusal(code, message))


def denied() -> RefusedError:
    """KORE's gateway on a bearer that is unknown or expired: 403, and no code."""
    body = {
        "message": "User is not authorized to access this resource with an explicit deny",
        "error": "Invalid or expired token",
    }
    return RefusedError(Answer.of(403, dict(body)))


def too_many(retry_after_s: int | None) -> Answer:
    """A 429."""
    answer = refusal(Code.TOO_MANY)
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Answer(answer.status, answer.body, headers)
