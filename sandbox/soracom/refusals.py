"""What the sandbox answers when it says no: `{"code", "message"}`, in a code of its own that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from sandbox.exchange import Answer, RefusedError
from sandbox.soracom.codes import HTTP_STATUS, MESSAGES, OWN_WORDS, Code

NAMED_MAX = 500  # SIMs that one message names


def refusal(code: str, message: str | None = None) -> Answer:
    """The answer; a code that is not known here is a 400."""
    known = Code(code) if code in set(Code) else None
    words = message or (MESSAGES.get(known) if known else None) or f"Error {code}"
    status = HTTP_STATUS.get(known, 400) if known else 400
    return Answer.of(status, {"code": str(code), "message": f"{words} [{OWN_WORDS}]"})


def refuse(code: Code, message: str | None = None) -> NoReturn:
    """Raise the refusal."""
    raise RefusedError(refusal(code, message))


def refuse_sims(code: Code, imsis: Iterable[str], *, named: bool) -> NoReturn:
    """Raise the refusal of a transfer, with the IMSIs that are in its way where they are to be named."""
    some = list(imsis)[:NAMED_MAX]
    refuse(code, f"{MESSAGES[code]}: {', '.join(some)}" if named and some else None)
