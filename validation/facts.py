"""What the rules look at: rows of a list with their numbers taken apart, once for all rules.

place                      running number of the row, from 0
<role>_form, <role>_digits what the cell is, and its digits (validation.cells)
<role>_length              count of those digits
sim_id                     the provider's own id of the SIM, where the cell has that
is_range, in_cell          the row stands for a range; written in one cell
sim_body, end_body         first 19 digits of an ICCID (UInt64); null where there is none
<role>_expected            the check digit a 20-digit ICCID should have
range_sims                 SIMs in the range, where it can be counted
rounded                    the whole column went through a float
known_imsi                 the IMSI the row gives, in whichever column
"""

from __future__ import annotations

import polars as pl

from domain.identifiers import BODY_DIGITS, IMSI_DIGITS_MAX, IMSI_DIGITS_MIN, PRINTED_DIGITS, luhn_digit
from domain.lists import IDENTIFIERS, Role
from validation.cells import FORM_TYPE, Form, with_cells
from validation.damage import went_through_a_float
from validation.numbering import Numbering, counted


def state_facts(rows: pl.DataFrame, numbering: Numbering = Numbering.BODY) -> pl.DataFrame:
    """`rows` (ROWS) with the columns named in this module's docstring."""
    frame = rows.with_row_index("place")
    for role in IDENTIFIERS:
        frame = with_cells(frame, role)
    frame = _with_ranges(frame)
    frame = frame.with_columns(_body(Role.SIM), _body(Role.END))
    frame = frame.with_columns(_expected(frame, Role.SIM), _expected(frame, Role.END))
    return frame.with_columns(
        _range_sims(numbering).alias("range_sims"),
        _known_imsi().alias("known_imsi"),
        went_through_a_float(frame).alias("rounded"),
    )


def form_is_not(role: Role, *forms: Form) -> pl.Expr:
    """True where the cell of `role` is none of `forms`."""
    return pl.all_horizontal(*(pl.col(f"{role.value}_form") != form for form in forms))


def is_iccid(role: Role) -> pl.Expr:
    """True where the cell's digits are as many as an ICCID has; null where it has no digits."""
    return pl.col(f"{role.value}_length").is_between(BODY_DIGITS, PRINTED_DIGITS)


def sim_is_imsi() -> pl.Expr:
    """True where the SIM cell itself holds an IMSI: its length, no range, and no other IMSI beside it."""
    length = pl.col("sim_length").is_between(IMSI_DIGITS_MIN, IMSI_DIGITS_MAX)
    alone = (pl.col("imsi_form") == Form.EMPTY) | (pl.col("imsi_digits") == pl.col("sim_digits")).fill_null(False)
    return length & ~pl.col("is_range") & alone


def _with_ranges(frame: pl.DataFrame) -> pl.DataFrame:
    """A range in one cell gives its second half to END; where END has a cell of its own, it is no identifier at all."""
    halved = pl.col("range_end").is_not_null()
    in_cell = halved & (pl.col("end_form") == Form.EMPTY)
    twice = halved & (pl.col("end_form") != Form.EMPTY)
    return (
        frame.with_columns(
            in_cell.alias("in_cell"),
            pl.when(twice).then(pl.lit(Form.ALIEN, FORM_TYPE)).otherwise("sim_form").alias("sim_form"),
            pl.when(~twice).then("sim_digits").alias("sim_digits"),
            pl.when(in_cell).then("range_end").otherwise("end_digits").alias("end_digits"),
            pl.when(in_cell).then(pl.lit(Form.DIGITS, FORM_TYPE)).otherwise("end_form").alias("end_form"),
        )
        .drop("range_end")
        .with_columns(
            (pl.col("end_form") != Form.EMPTY).alias("is_range"),
            *(pl.col(f"{role.value}_digits").str.len_bytes().alias(f"{role.value}_length") for role in IDENTIFIERS),
        )
    )


def _body(role: Role) -> pl.Expr:
    digits = pl.when(is_iccid(role)).then(f"{role.value}_digits")
    return digits.str.head(BODY_DIGITS).cast(pl.UInt64, strict=False).alias(f"{role.value}_body")


def _expected(frame: pl.DataFrame, role: Role) -> pl.Expr:
    """Check digits, worked out only for lists that have any."""
    name = f"{role.value}_expected"
    printed = pl.col(f"{role.value}_length") == PRINTED_DIGITS
    if not frame.select(printed.any()).item():
        return pl.lit(None, pl.String).alias(name)
    return pl.when(printed).then(luhn_digit(pl.col(f"{role.value}_body"), BODY_DIGITS)).alias(name)


def _range_sims(numbering: Numbering) -> pl.Expr:
    start, end = (counted(pl.col(body), numbering) for body in ("sim_body", "end_body"))
    return pl.when(end >= start).then(end - start + 1)


def _known_imsi() -> pl.Expr:
    """A range has no IMSI of its own: one beside it belongs to one of its SIMs at most, and is only looked at."""
    single = pl.when(sim_is_imsi()).then("sim_digits").otherwise("imsi_digits")
    return pl.when(~pl.col("is_range")).then(single)
