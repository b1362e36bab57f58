"""What registers and accounts are made of, in one shape: entries, and the breaks between them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.audit.kinds import KIND_TYPE, Kind
from domain.audit.numbers import who

# One line per row of a register that names a SIM.
#   register  its name;  row  of its file
#   sim       the SIM's number (`domain.audit.numbers`); null where only an IMSI is stated that nobody holds
#   iccid, imsi  as stated, cleaned: digits alone, null where not stated
#   account   the account that the register says it is in; status as the register words it; null where it says nothing
#   price     per month, in the register's currency
BOOKED = pl.Schema(
    {
        "register": pl.String(),
        "row": pl.UInt32(),
        "sim": pl.UInt64(),
        "iccid": pl.String(),
        "imsi": pl.String(),
        "account": pl.String(),
        "status": pl.String(),
        "price": pl.Float64(),
    }
)

# One line per SIM of an account that was read.
#   status_since  the day (UTC) of the first survey without a gap that showed the SIM in this status there
HELD = pl.Schema(
    {
        "account": pl.String(),
        "sim": pl.UInt64(),
        "iccid": pl.String(),
        "imsi": pl.String(),
        "status": pl.String(),
        "group": pl.String(),
        "status_since": pl.Date(),
    }
)

# What is to be the same on both sides, of registers that carry it and of accounts: `setting` as domain.settings names
# it (tag:NAME, group by its name, imei_lock, expiry …), one line per SIM and setting.
STATED = pl.Schema(
    {"register": pl.String(), "row": pl.UInt32(), "sim": pl.UInt64(), "setting": pl.String(), "value": pl.String()}
)
SET = pl.Schema({"account": pl.String(), "sim": pl.UInt64(), "setting": pl.String(), "value": pl.String()})

# SIMs that runs have carried: the last confirmed arrival of each, and the account that it came from.
CARRIED = pl.Schema({"sim": pl.UInt64(), "run": pl.String(), "source": pl.String(), "target": pl.String()})

# One line per break.
#   who       the SIM: its 19 digits, or `imsi:` and the IMSI where only that is known, or "" for what is about no SIM
#   subject   what, beside the SIM, tells this break from others of its kind: a register, a rule, a setting
#   register  the register that says otherwise, account the account it was held against (null: all of them)
#   said, seen  what the books say, and what the provider holds, in words
#   price     per month, where a register has one
#   run       the run that explains it
BREAKS = pl.Schema(
    {
        "kind": KIND_TYPE,
        "who": pl.String(),
        "subject": pl.String(),
        "register": pl.String(),
        "row": pl.UInt32(),
        "account": pl.String(),
        "iccid": pl.String(),
        "imsi": pl.String(),
        "said": pl.String(),
        "seen": pl.String(),
        "price": pl.Float64(),
        "run": pl.String(),
    }
)

IDENTITY = ("kind", "who", "subject")  # of one break in every month


@dataclass(frozen=True, slots=True)
class Register:
    """A register as it was handed in; `whole`: every SIM of the accounts belongs into it."""

    name: str
    rows: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """An account that was to be read; `problem` says why it could not be, "" where it was."""

    name: str
    provider: str
    sims: int = 0
    problem: str = ""

    @property
    def was_read(self) -> bool:
        """Whether its SIMs are known this month."""
        return not self.problem


def break_lines(rows: pl.DataFrame, kind: Kind, **columns: pl.Expr) -> pl.DataFrame:
    """BREAKS of one kind, a line per row: columns as given, else the rows' own of that name, else null.

    `rows` has `sim` and `imsi`, which say who it is about; the subject is "" unless it is given.
    """
    said = {
        "kind": pl.lit(kind, KIND_TYPE),
        "who": who(pl.col("sim"), pl.col("imsi")),
        "subject": pl.lit(""),
        **{name: pl.col(name) for name in rows.columns if name in BREAKS and name not in {"kind", "who", "subject"}},
        **columns,
    }
    return rows.select(said.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in BREAKS.items())
