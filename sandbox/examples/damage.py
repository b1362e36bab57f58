"""Rows as they go wrong in real lists: by spreadsheets, by hand, and because the SIM is elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from domain.identifiers import check_digit, printed
from sandbox.accounts import OBSERVED, SOURCE, TARGET
from sandbox.emnify.words import Status
from sandbox.examples.rows import CONFIRMED, Row, Stock, refused, rejected
from sandbox.population import GAP


def damaged(stock: Stock) -> Iterator[Row]:
    """Rows that something is wrong with, or that need a second look."""
    yield from _spoiled_by_spreadsheets(stock)
    yield from _mistyped(stock)
    yield from _in_ranges(stock)
    yield from _imsis(stock)
    yield from _elsewhere(stock)


def _spoiled_by_spreadsheets(stock: Stock) -> Iterator[Row]:
    whole = printed(stock.take()["iccid"])
    for _ in range(3):
        yield rejected(
            float(whole[:15] + "00000"), "lost_digits", "a number of 20 digits; three rows share what is left of it"
        )
    for _ in range(5):
        yield rejected(float(stock.take()["iccid"][:15] + "0000"), "lost_digits", "a number of 19 digits")
    yield rejected(float(stock.take()["iccid"]), "lost_digits", "a number of 19 digits, all of which were typed")
    yield rejected("8.98830300001E+18", "e_notation", "text in E-notation")
    yield rejected("8,988303E+19", "e_notation", "text in E-notation with a comma")
    yield rejected(f'="{whole}"', "formula", "a formula without a stored result")
    yield rejected("=VLOOKUP(A9,Contacts!A:C,2,FALSE)", "formula", "a formula without a stored result")
    yield rejected("#N/A", "formula", "an error value")
    yield rejected(datetime(2026, 3, 8), "not_text", "a date")  # noqa: DTZ001 - workbooks keep times without a zone
    yield rejected(True, "not_text", "a truth value")


def _mistyped(stock: Stock) -> Iterator[Row]:
    for _ in range(6):
        whole = printed(stock.take()["iccid"])
        yield rejected(whole[:-1] + str((int(whole[-1]) + 3) % 10), "check_digit", "a wrong check digit")
    for _ in range(2):
        whole = printed(stock.take()["iccid"])
        mistyped = whole[:17] + str((int(whole[17]) + 1) % 10) + whole[18:]
        yield rejected(mistyped, "check_digit", "one digit mistyped")
    yield rejected(stock.take()["iccid"][:-1], "length", "18 digits")
    yield rejected(printed(stock.take()["iccid"]) + "4", "length", "21 digits")
    yield rejected("8988303", "length", "seven digits")
    body = "77" + stock.take()["iccid"][2:]
    yield rejected(body + check_digit(body), "issuer", "20 digits that do not begin with 89")
    yield rejected("898830300001O000A12", "characters", "letters between the digits")
    yield rejected("see delivery note", "characters", "words")
    yield rejected("n/a", "characters", "a word for nothing")
    yield rejected(None, "empty", "no identifier")
    yield rejected("", "empty", "no identifier either")
    yield rejected("  ", "empty", "spaces")


def _in_ranges(stock: Stock) -> Iterator[Row]:
    runs: list[list[dict[str, str]]] = []
    while len(runs) < 4:
        run = [stock.take()]
        while len(run) < 8 and int((following := stock.take())["iccid"]) == int(run[-1]["iccid"]) + 1:
            run.append(following)
        runs += [run] if len(run) == 8 else []
    ends = [(run[0]["iccid"], run[-1]["iccid"]) for run in runs]
    eight = {"confirmed/eligible": 8}
    yield Row("-".join(ends[0]), "a range of 8 bodies in one cell", eight)
    yield Row(f"{printed(ends[1][0])} - {printed(ends[1][1])}", "a range of 8 with check digits", eight)
    yield rejected(f"{ends[2][1]}-{ends[2][0]}", "range_reversed", "a range from its end to its start")
    yield rejected(f"{ends[2][0]}-{int(ends[2][0]) + 400_000}", "range_too_long", "a range of 400,001")
    yield rejected(f"{printed(ends[3][0])}-{ends[3][1]}", "range_length", "a range with a check digit at one end alone")
    yield rejected(f"{ends[3][0]}-8988399{ends[3][1][7:]}", "range_issuer", "a range from one issuer to another")


def _imsis(stock: Stock) -> Iterator[Row]:
    for _ in range(3):
        sim = stock.take()
        while sim["imsi"].startswith("0"):
            sim = stock.take()
        yield Row(None, "an IMSI of 15 digits as a number", imsi=float(sim["imsi"]), warning="numeric_imsi")
    yield rejected(None, "leading_zeros", "a test IMSI as a number: two zeros are gone", float("1010000000014"))
    yield rejected(None, "length", "an IMSI of 12 digits", "901430000012")
    one, other = stock.take(), stock.take()
    yield refused(printed(one["iccid"]), "pair_mismatch", "the IMSI of another SIM", other["imsi"])


def _elsewhere(stock: Stock) -> Iterator[Row]:
    for sim in stock.others(TARGET)[:12]:
        yield Row(printed(sim["iccid"]), "already in the target", {"left/already_there": 1})
    for sim in stock.others(OBSERVED)[:6]:
        yield refused(printed(sim["iccid"]), "not_found", "in a workspace of somebody else")
    for number in range(3):
        body = str(int(stock.frame["iccid"][0]) - GAP + number)
        yield refused(printed(body), "not_found", "a number that belongs to no SIM")
    for sim in stock.others(SOURCE, pl.col("status") == Status.DELETED)[:8]:
        yield refused(printed(sim["iccid"]), "status_not_allowed", "a deleted SIM")
    for sim in stock.others(SOURCE, pl.col("endpoint_id").is_not_null())[:20]:
        held = {"refused/device_attached": 1}
        yield Row(printed(sim["iccid"]), "attached to a device", held, detached=dict(CONFIRMED))


def afterthoughts(stock: Stock, rows: list[Row]) -> Iterator[Row]:
    """Rows at the end that come back to SIMs named before."""
    plain = [row.sim for row in rows if row.words == "20 digits"]
    for sim in plain[100:106]:
        yield rejected(str(sim), "duplicate", "the same ICCID as above")
    yield rejected(str(plain[200])[:-1], "duplicate", "the same SIM as above, without its check digit")
    body = str(plain[300])[:-1]
    imsi = stock.frame.filter(pl.col("iccid") == body)["imsi"].item()
    yield refused(None, "same_sim", "the IMSI of a SIM that a row above names by its ICCID", imsi)
