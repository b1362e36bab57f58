"""The columns of a report's tables: what they are called, how wide they are, how their cells look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Look(StrEnum):
    """How the cells of a column look."""

    TEXT = "text"  # format @: Excel leaves it alone
    WORDS = "words"  # the same, in several lines where the table is not long
    COUNT = "count"
    SECONDS = "seconds"
    MEGABYTES = "megabytes"
    SHARE = "share"  # per cent, coloured where it is high
    OUTCOME = "outcome"  # its label on its colour
    STATE = "state"  # of a setting, likewise


NUMBERS = (Look.COUNT, Look.SECONDS, Look.MEGABYTES, Look.SHARE)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a table: its name in the frame, its heading, its width in characters and its look."""

    name: str
    heading: str
    width: int
    look: Look = Look.TEXT


OUTCOME_HEADINGS = (
    Heading("row", "Row", 8, Look.COUNT),
    Heading("outcome", "Outcome", 13, Look.OUTCOME),
    Heading("iccid", "ICCID", 22),
    Heading("imsi", "IMSI", 17),
    Heading("reason", "Reason", 52, Look.WORDS),
    Heading("next_step", "Next step", 52, Look.WORDS),
    Heading("code", "Code", 16),
    Heading("raw", "As in the list", 22),
    Heading("sim_id", "Provider's id", 16),
    Heading("batch", "Batch", 8, Look.COUNT),
    Heading("part", "Part", 12),
    Heading("attempts", "Attempts", 10, Look.COUNT),
    Heading("status_before", "Status before", 14),
    Heading("status_now", "Status now", 14),
    Heading("device_name", "Device before", 20),
    Heading("device_id", "Its id", 14),
    Heading("device_now", "Device now", 14),
    Heading("side_now", "Seen in", 10),
    Heading("last_at", "Last record", 28),
)
ALWAYS = ("row", "outcome", "iccid", "reason", "next_step")  # of outcomes, also where no SIM has them
FINDING_HEADINGS = (
    Heading("row", "Row", 8, Look.COUNT),
    Heading("cell", "Cell", 9),
    Heading("column", "Column", 16),
    Heading("raw", "As in the list", 26),
    Heading("sentence", "What is wrong", 64, Look.WORDS),
    Heading("suggestion", "What to do", 64, Look.WORDS),
    Heading("code", "Code", 16),
    Heading("sheet", "Sheet", 14),
    Heading("file", "File", 22),
)
BATCH_HEADINGS = (
    Heading("batch", "Batch", 8, Look.COUNT),
    Heading("part", "Part", 12),
    Heading("attempt", "Attempt", 9, Look.COUNT),
    Heading("sims", "SIMs", 8, Look.COUNT),
    Heading("said", "Answer", 22),
    Heading("http", "HTTP", 8, Look.COUNT),
    Heading("code", "Code", 14),
    Heading("words", "Provider's words", 60, Look.WORDS),
    Heading("seen", "Read back", 11, Look.COUNT),
    Heading("settled", "Settled", 10, Look.COUNT),
    Heading("seconds", "Seconds", 10, Look.SECONDS),
    Heading("intended_at", "Intended", 28),
    Heading("answered_at", "Answered", 28),
)
USAGE_HEADINGS = (
    Heading("row", "Row", 8, Look.COUNT),
    Heading("outcome", "Outcome", 13, Look.OUTCOME),
    Heading("iccid", "ICCID", 22),
    Heading("used_mb", "Used (MB)", 12, Look.MEGABYTES),
    Heading("share", "Share of limit", 15, Look.SHARE),
    Heading("limit_mb", "Limit (MB)", 14, Look.MEGABYTES),
    Heading("group_named", "New group", 24),
    Heading("period_type", "Period", 9),
    Heading("starts", "Starts (UTC)", 18),
    Heading("ends", "Ends (UTC)", 18),
    Heading("read", "Read (UTC)", 18),
    Heading("sim_id", "Provider's id", 38),
)
SIM_SETTING_HEADINGS = (
    Heading("row", "Row", 8, Look.COUNT),
    Heading("state", "Result", 14, Look.STATE),
    Heading("iccid", "ICCID", 22),
    Heading("setting", "Setting", 24),
    Heading("before", "Before", 36, Look.WORDS),
    Heading("wanted", "Wanted", 36, Look.WORDS),
    Heading("after", "Now", 36, Look.WORDS),
)
TOKEN_HEADINGS = (
    Heading("number", "Token", 8, Look.COUNT),
    Heading("deadline", "Accept until (UTC)", 21),
    Heading("sims", "SIMs", 8, Look.COUNT),
    Heading("waiting", "Waiting", 10, Look.COUNT),
    Heading("accepted", "Accepted", 10, Look.COUNT),
    Heading("cancelled", "Cancelled", 11, Look.COUNT),
    Heading("back", "Back", 8, Look.COUNT),
    Heading("now", "What now", 72, Look.WORDS),
    Heading("asked", "Asked (UTC)", 21),
    Heading("batch", "Batch", 8, Look.COUNT),
)
RUN_SETTING_HEADINGS = (Heading("name", "Setting", 36), Heading("value", "Value", 80, Look.WORDS))
