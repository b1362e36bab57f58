"""Registration codes of SIMs: secrets that a list brings, kept apart from its rows."""

from __future__ import annotations

from typing import NoReturn

import polars as pl

from domain.lists import KIND_TYPE, Kind

CODE_CHARS = 10  # Super SIM API, Sim resource, RegistrationCode
HIDDEN = "(not shown)"  # stands for a code wherever a cell's text is shown

# One line per row of the list that is not blank.
CODES = pl.Schema({"row": pl.UInt32(), "code": pl.String(), "code_kind": KIND_TYPE})

# What may be told of a code: `code` is HIDDEN, or null where the cell is empty.
CODE_SHAPES = pl.Schema(
    {
        "row": pl.UInt32(),
        "code": pl.String(),
        "code_kind": KIND_TYPE,
        "code_length": pl.UInt32(),
        "code_plain": pl.Boolean(),  # letters A to Z and digits, nothing else
    }
)

_PLAIN = "^[0-9A-Za-z]+$"
_ASIDE = "\0code"  # a name that no column of a list has


class Codes:
    """The codes of a list by its rows; they show in no repr, log, exception or pickle.

    White space around a code is taken off and nothing else is changed: the vendor's examples have capitals and digits,
    and whether a small letter is as good is not documented. A code in a numeric cell is none, not even one of ten
    digits: `12345678E2` typed into a spreadsheet is such a number, too.
    """

    __slots__ = ("_by_row", "_frame")

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame.with_columns(pl.col("code").str.strip_chars()).match_to_schema(CODES)
        self._by_row: dict[int, str] | None = None

    def of(self, row: int) -> str:
        """The code of a row of the list, for the request that needs it; raises KeyError where it has no good one."""
        if self._by_row is None:
            self._by_row = dict(self._good().iter_rows())
        return self._by_row[row]

    def hidden_in(self, texts: pl.DataFrame) -> pl.DataFrame:
        """The same `row` and columns of text, in which a cell that holds the code of its row is not shown."""
        codes = self._good().select("row", pl.col("code").str.to_uppercase().alias(_ASIDE))
        cells = pl.exclude("row", _ASIDE)
        holds = cells.str.to_uppercase().str.contains(pl.col(_ASIDE), literal=True)
        joined = texts.join(codes, on="row", how="left", maintain_order="left")
        return joined.with_columns(pl.when(holds).then(pl.lit(HIDDEN)).otherwise(cells).name.keep()).drop(_ASIDE)

    def shapes(self) -> pl.DataFrame:
        """What may be told of the codes (CODE_SHAPES), one line per row."""
        empty = pl.col("code_kind").is_null() | (_length().fill_null(0) == 0) & (pl.col("code_kind") == Kind.TEXT)
        kind = pl.when(empty).then(pl.lit(Kind.EMPTY, KIND_TYPE)).otherwise("code_kind")
        return self._frame.select(
            "row",
            pl.when(kind != Kind.EMPTY).then(pl.lit(HIDDEN)).alias("code"),
            kind.alias("code_kind"),
            _length().alias("code_length"),
            pl.col("code").str.contains(_PLAIN).alias("code_plain"),
        ).match_to_schema(CODE_SHAPES)

    def _good(self) -> pl.DataFrame:
        """`row` and `code` of those that are text of the right length and characters."""
        good = (pl.col("code_kind") == Kind.TEXT) & pl.col("code").str.contains(_PLAIN) & (_length() == CODE_CHARS)
        return self._frame.filter(good).select("row", "code")

    def __len__(self) -> int:
        return self._frame.height

    def __repr__(self) -> str:
        return f"Codes(… {len(self)} rows)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Registration codes stay in the process that read them; read the list again instead.")


def hidden_codes(text: pl.Expr) -> pl.Expr:
    """Cells as they may be shown: one that is or holds what may be a code is replaced, digits of ICCIDs stay.

    A code can stand in the wrong column, and findings quote cells. Ten letters and digits alone are one; between other
    things they are where there is a letter that is no filler of an ICCID.
    """
    alone = text.str.contains(rf"^\s*[0-9A-Za-z]{{{CODE_CHARS}}}\s*$")
    within = text.str.contains(rf"(?:^|[^0-9A-Za-z])[0-9A-Za-z]{{{CODE_CHARS}}}(?:$|[^0-9A-Za-z])")
    lettered = text.str.contains("[A-EG-Za-eg-z]")
    return pl.when(alone | (within & lettered)).then(pl.lit(_LOOKS_SO)).otherwise(text)


_LOOKS_SO = "(not shown: it looks like a registration code)"


def _length() -> pl.Expr:
    return pl.col("code").str.len_chars()
