"""What is wrong with a row of a list, as a closed set of codes and one written schema."""

from __future__ import annotations

from enum import StrEnum

import polars as pl


class Severity(StrEnum):
    """How much a finding weighs: an error rejects its row, a warning travels with it."""

    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    """Every kind of finding there is."""

    EMPTY = "empty"
    NOT_TEXT = "not_text"  # a number, date or truth value where text belongs
    LOST_DIGITS = "lost_digits"  # a numeric cell of 16 or more digits: Excel kept 15
    E_NOTATION = "e_notation"  # text such as 8.98E+18
    FORMULA = "formula"  # a formula without a cached value, or an error value
    CHARACTERS = "characters"
    LENGTH = "length"
    ISSUER = "issuer"
    CHECK_DIGIT = "check_digit"
    LEADING_ZEROS = "leading_zeros"  # a numeric IMSI shorter than 15 digits
    NUMERIC_IMSI = "numeric_imsi"  # a numeric IMSI of exactly 15 digits: accepted, warned of
    ROUNDED = "rounded"  # every value of the column is a multiple of a power of two: it went through a float
    DUPLICATE = "duplicate"
    RANGE_REVERSED = "range_reversed"
    RANGE_LENGTH = "range_length"  # start and end of different lengths
    RANGE_ISSUER = "range_issuer"
    RANGE_TOO_LONG = "range_too_long"
    RANGE = "range"  # a range where each SIM needs a row of its own
    SIM_ID = "sim_id"  # a provider's own id of a SIM: not written as one, or of no use here
    IMSI_ALONE = "imsi_alone"  # where nobody is known by an IMSI


SEVERITY_TYPE = pl.Enum(Severity)
CODE_TYPE = pl.Enum(Code)

# One line per finding; a row may have several. `row` is as the spreadsheet shows it (1-based).
FINDINGS = pl.Schema(
    {
        "row": pl.UInt32(),
        "code": CODE_TYPE,
        "severity": SEVERITY_TYPE,
        "file": pl.String(),
        "sheet": pl.String(),
        "column": pl.String(),
        "cell": pl.String(),
        "raw": pl.String(),
        "sentence": pl.String(),
        "suggestion": pl.String(),
    }
)


def reasons_of(findings: pl.DataFrame) -> pl.DataFrame:
    """The first error of each rejected row (of FINDINGS), as `row`, `code`, `reason` and `next_step`."""
    return (
        findings.filter(pl.col("severity") == Severity.ERROR)
        .group_by("row", maintain_order=True)
        .first()
        .select(
            "row",
            pl.col("code").cast(pl.String),
            pl.col("sentence").alias("reason"),
            pl.col("suggestion").alias("next_step"),
        )
    )
