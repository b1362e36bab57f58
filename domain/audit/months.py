"""Months as the audit names them: `2026-11`."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from domain.errors import UsageError

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
MONTHS_PER_YEAR = 12


def month_of(day: date) -> str:
    """The month that a day (UTC) is in."""
    return f"{day:%Y-%m}"


def checked_month(text: str) -> str:
    """The month as it was typed; raises `UsageError` where it is none."""
    if not MONTH.fullmatch(text):
        raise UsageError(f"{text!r} is no month. Give it as year and month, like 2026-11.")
    return text


def last_day(month: str) -> date:
    """The last day of a month."""
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, monthrange(year, number)[1])


def months_between(first: str, last: str) -> int:
    """How many months `last` comes after `first`."""
    years, months = (int(last[at]) - int(first[at]) for at in (slice(0, 4), slice(5, 7)))
    return years * MONTHS_PER_YEAR + months
