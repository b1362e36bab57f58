"""When the provider's support moves SIMs: on the first of a month, by the day on which the other side confirms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LAST_DAY = 20  # of a month on which a confirmation counts for the first of the next one


@dataclass(frozen=True, slots=True)
class Turn:
    """What is confirmed up to a day, that one included, is done on another."""

    confirmed_by: date
    done_on: date


def done_on(confirmed_on: date) -> date:
    """The day on which a transfer is done that the other side confirms on this one."""
    return _first_of_month(confirmed_on, 1 if confirmed_on.day <= LAST_DAY else 2)


def next_turns(today: date) -> tuple[Turn, Turn]:
    """The next two turns for what has not been confirmed yet today."""
    last = today.replace(day=LAST_DAY)
    soon = last if today <= last else _first_of_month(today, 1).replace(day=LAST_DAY)
    later = _first_of_month(soon, 1).replace(day=LAST_DAY)
    return Turn(soon, done_on(soon)), Turn(later, done_on(later))


def in_words(day: date) -> str:
    """A day as everybody reads it alike: `1 December 2026`."""
    return f"{day.day} {day:%B %Y}"


def _first_of_month(day: date, months: int) -> date:
    """The first of the month that comes so many months after the day's."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)
