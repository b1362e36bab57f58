"""What a cell of a worksheet's XML says: its kind, and its text as faithfully as the file has it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.errors import ListError
from domain.lists import KIND_TYPE, Kind

# A cell as the XML has it: `type` and `style` are its attributes t and s, `value` the text of <v> or <is>, where there
# is one, and `formula` the text of <f>, empty for a formula that is shared with another cell.
RAW = pl.Schema(
    {
        "row": pl.UInt32,
        "column": pl.UInt32,
        "type": pl.String,
        "style": pl.UInt32,
        "value": pl.String,
        "formula": pl.String,
    }
)

SERIAL_MAX = 2_958_465  # 9999-12-31 in days since 1899-12-30; a larger number is no date, whatever its format says
DAYS_1904 = 1_462  # from the epoch of 1900 to that of 1904
LEAP_SERIAL = 60  # 1900-02-29, which spreadsheets count though it never was
DAY_US = 86_400_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Meanings:
    """What cells of a workbook refer to: shared texts and styles, and its epoch."""

    texts: pl.Series
    date_styles: frozenset[int]
    from_1904: bool
    name: str

    def settle(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Add `text` and `kind` to a frame with the columns of RAW; a cell that shows nothing is null and `empty`.

        Raises ListError where a cell refers to a shared text that is not there.
        """
        settled = raw.with_columns(shared=self._shared(raw))
        value, formula, kind = pl.col("value"), pl.col("formula"), pl.col("type").fill_null("n")
        serial = value.cast(pl.Float64, strict=False)
        dated = pl.col("style").fill_null(0).is_in(list(self.date_styles)) & serial.is_between(0, SERIAL_MAX + 1)
        bare = value.is_null() | (value == "")
        told = (
            pl.when(kind == "s").then(pl.lit(Kind.TEXT))
            .when(kind == "n").then(
                pl.when(bare & formula.is_not_null()).then(pl.lit(Kind.FORMULA))
                .when(dated).then(pl.lit(Kind.DATE))
                .otherwise(pl.lit(Kind.NUMBER))
            )
            .when((kind == "b") & ~bare).then(pl.lit(Kind.BOOL))
            .when((kind == "e") & ~bare).then(pl.lit(Kind.ERROR))
            .when((kind == "d") & ~bare).then(pl.lit(Kind.DATE))
            .when(value.is_null() & formula.is_not_null()).then(pl.lit(Kind.FORMULA))
            .otherwise(pl.lit(Kind.TEXT))
        )  # fmt: skip
        text = (
            pl.when(kind == "s").then("shared")
            .when(pl.col("kind") == Kind.FORMULA).then("=" + formula)
            .when((pl.col("kind") == Kind.DATE) & (kind == "n")).then(self._date(serial))
            .when(pl.col("kind") == Kind.BOOL)
            .then(pl.when(value.is_in(["1", "true"])).then(pl.lit("TRUE")).otherwise(pl.lit("FALSE")))
            .otherwise(value)
        )  # fmt: skip
        shown = (pl.col("text").str.strip_chars() != "").fill_null(value=False)
        return (
            settled.with_columns(kind=told)
            .with_columns(text=text)
            .with_columns(
                text=pl.when(shown).then("text"),
                kind=pl.when(shown).then("kind").otherwise(pl.lit(Kind.EMPTY)).cast(KIND_TYPE),
            )
            .drop("shared")
        )

    def _shared(self, raw: pl.DataFrame) -> pl.Series:
        places = raw.select(
            pl.when(pl.col("type") == "s").then(pl.col("value").cast(pl.UInt32, strict=False)).alias("place"),
            missing=(pl.col("type") == "s")
            & (pl.col("value") != "")
            & pl.col("value").cast(pl.UInt32, strict=False).is_null(),
        )
        top = places["place"].max()
        if places["missing"].any() or (isinstance(top, int) and top >= len(self.texts)):
            raise ListError(
                f"{self.name}: the workbook is damaged (a cell refers to a text that is not there).\n"
                "Open it in Excel or LibreOffice, save it under a new name, and give that file."
            )
        return self.texts.gather(places["place"])

    def _date(self, serial: pl.Expr) -> pl.Expr:
        """A date, a time or both, as ISO 8601 has them."""
        days = serial + DAYS_1904 if self.from_1904 else serial + (serial.is_between(1, LEAP_SERIAL, closed="left"))
        moment = pl.datetime(1899, 12, 30, time_unit="us") + pl.duration(
            microseconds=(days.clip(0, SERIAL_MAX + 1) * DAY_US / 1000).round(0).cast(pl.Int64) * 1000
        )
        return (
            pl.when(serial.floor() == serial).then(moment.dt.strftime("%Y-%m-%d"))
            .when(serial < 1).then(moment.dt.strftime("%H:%M:%S"))
            .otherwise(moment.dt.strftime("%Y-%m-%d %H:%M:%S"))
        )  # fmt: skip
