"""Which SIMs of the source account a damaged number may have been: said as a suggestion, never acted on."""

from __future__ import annotations

import polars as pl

from domain.findings import FINDINGS, Code
from domain.identifiers import BODY_DIGITS, ISSUER_PREFIX

DIGITS_KEPT = 15  # significant digits a spreadsheet keeps of a number
DIGITS_MIN = 10  # fewer say too little
SIMS_NAMED_MAX = 5  # in one suggestion
_DAMAGED = (Code.LOST_DIGITS, Code.E_NOTATION, Code.ROUNDED)


def name_survivors(findings: pl.DataFrame, source: pl.DataFrame) -> pl.DataFrame:
    """`findings` (FINDINGS), same rows and order, those of damaged ICCIDs suggesting SIMs of `source` (INVENTORY).

    A SIM is named where its ICCID begins with the digits that survived: 15 of a number or of rounded text, and of
    text in E-notation as many as it shows, 10 at least. What a program rounded up on the way is not found.
    """
    damaged = findings.with_row_index("finding").filter(pl.col("code").is_in([code.value for code in _DAMAGED]))
    begins = damaged.select("finding", _surviving().alias("begin")).drop_nulls()
    if begins.is_empty():
        return findings
    named = begins.join(_matches(begins["begin"].unique(), source), on="begin", how="left").select(
        "finding", _suggestion().alias("survivors")
    )
    return (
        findings.with_row_index("finding")
        .join(named, on="finding", how="left", maintain_order="left")
        .with_columns(pl.concat_str("suggestion", "survivors", separator=" ", ignore_nulls=True).alias("suggestion"))
        .select(FINDINGS.names())
    )


def _surviving() -> pl.Expr:
    """Digits that survived in `raw`; null where they are too few, or begin no ICCID."""
    tight = pl.col("raw").str.replace_all(r"\s", "")
    mantissa = tight.str.replace(r"(?:[eE]|[x×*·]10).*$", "").str.replace_all("[^0-9]", "").str.head(DIGITS_KEPT)
    # a number of "8.9883E+18" is exactly that, its zeros included; as text it is only what was shown of one
    size = pl.col("raw").cast(pl.Float64, strict=False)
    in_full = (pl.col("code") == Code.LOST_DIGITS) & (size >= 10.0 ** (BODY_DIGITS - 1))
    digits = pl.when(in_full).then(mantissa.str.pad_end(DIGITS_KEPT, "0")).otherwise(mantissa)
    return pl.when(digits.str.starts_with(ISSUER_PREFIX) & (digits.str.len_bytes() >= DIGITS_MIN)).then(digits)


def _matches(begins: pl.Series, source: pl.DataFrame) -> pl.DataFrame:
    """`begin`, `sims` (how many begin so) and `named` (the first of them) for each of `begins` that any SIM matches."""
    wanted = pl.DataFrame({"begin": begins}).with_columns(pl.col("begin").str.len_bytes().alias("length"))
    iccids = source.select(pl.coalesce("iccid", "key").alias("iccid")).drop_nulls()
    found = [
        iccids.with_columns(pl.col("iccid").str.head(length).alias("begin"))
        .join(wanted.filter(pl.col("length") == length), on="begin", how="semi")
        .group_by("begin")
        .agg(pl.len().alias("sims"), pl.col("iccid").sort().head(SIMS_NAMED_MAX).alias("named"))
        for length in wanted["length"].unique()
    ]
    return pl.concat(found)


def _suggestion() -> pl.Expr:
    sims, begin, named = pl.col("sims"), pl.col("begin"), pl.col("named").list.join(", ")
    more = pl.format(" and {} more", sims - SIMS_NAMED_MAX)
    several = pl.concat_str(
        pl.format("The source account holds {} SIMs that begin with {}: {}", sims, begin, named),
        pl.when(sims > SIMS_NAMED_MAX).then(more).otherwise(pl.lit("")),
        pl.lit("."),
    )
    return (
        pl.when(sims.is_null())
        .then(pl.format("The source account holds no SIM that begins with {}.", begin))
        .when(sims == 1)
        .then(pl.format("The source account holds one SIM that begins with {}: {}.", begin, named))
        .otherwise(several)
    )
