"""emnify's list of SIMs, from the bytes of a page to rows of the inventory, by column."""

from __future__ import annotations

import io
from http import HTTPStatus

import polars as pl

from domain.identifiers import with_check_digit
from domain.inventory import INVENTORY, Side
from domain.orders import Sight, Sim
from providers.bodies import parsed
from providers.calls import Call, Unreadable
from providers.emnify_words import (
    ICCID_DIGITS,
    SIMS_PER_PAGE_MAX,
    STATUSES,
    Kind,
    complaint_of,
    status_word,
)
from providers.paging import Page, marks_of
from providers.wire import Answer, Request

LIST_PATH = "/api/v1/sim"

NAMED = pl.Struct({"id": pl.Int64, "description": pl.String})
# What is read of a SIM of the list; everything else in the body is passed over.
LISTED = pl.Schema(
    {
        "id": pl.Int64(),
        "iccid": pl.String(),
        "iccid_with_luhn": pl.String(),
        "imsi": pl.String(),
        "status": NAMED,
        "customer_org": pl.Struct({"id": pl.Int64}),
        "endpoint": pl.Struct({"id": pl.Int64, "name": pl.String}),
    }
)


def list_call(number: int, workspace: int, per_page: int = SIMS_PER_PAGE_MAX) -> Call[Page]:
    """Page `number` (from 1) of a workspace's SIMs."""
    query = (("page", str(number)), ("per_page", str(per_page)))
    return Call(
        "emnify list of SIMs",
        Request("GET", LIST_PATH, query),
        lambda answer: _read_page(answer, workspace),
        repeatable=True,
        pace=Kind.LISTS,
    )


def lookup_call(sim: Sim, workspace: int, side: Side) -> Call[Sight | None]:
    """The SIM as the workspace shows it; None where it is not there."""
    return Call(
        "emnify look-up of a SIM",
        Request("GET", f"{LIST_PATH}/{int(sim.sim_id)}"),
        lambda answer: _read_sim(answer, sim, workspace, side),
        repeatable=True,
        pace=Kind.LOOKUPS,
    )


def inventory_of(body: bytes, workspace: int) -> tuple[pl.DataFrame, int]:
    """The page's rows (INVENTORY) and how many it held; raises `Unreadable`.

    Rows of another workspace than the token's, and SIMs that have no ICCID, are held but not returned.
    """
    if not body.lstrip().startswith(b"["):
        raise Unreadable("the body is no list")
    try:
        listed = pl.read_json(io.BytesIO(body), schema=LISTED)
    except pl.exceptions.PolarsError as error:
        raise Unreadable("the body is no list of SIMs") from error
    if listed.get_column("id").null_count() or listed.get_column("status").null_count():
        raise Unreadable("a SIM of the list has no id or no status")
    organisation = pl.col("customer_org").struct.field("id")
    rows = listed.filter(
        organisation.is_null() | (organisation == workspace),
        pl.col("iccid").is_not_null() | pl.col("iccid_with_luhn").is_not_null(),
    ).select(_COLUMNS)
    return rows.cast(INVENTORY), listed.height


_BODY = pl.coalesce("iccid", pl.col("iccid_with_luhn").str.slice(0, ICCID_DIGITS))
_PRINTED = pl.when(_BODY.str.len_chars() == ICCID_DIGITS).then(with_check_digit(_BODY))
_STATUS = pl.col("status").struct
_COLUMNS = (
    _BODY.alias("key"),
    pl.col("id").cast(pl.String).alias("sim_id"),
    pl.coalesce("iccid_with_luhn", _PRINTED, _BODY).alias("iccid"),
    "imsi",
    pl.coalesce(
        _STATUS.field("id").replace_strict(STATUSES, default=None, return_dtype=pl.String),
        _STATUS.field("description"),
        pl.format("status {}", _STATUS.field("id")),
    ).alias("status"),
    pl.col("endpoint").struct.field("id").cast(pl.String).alias("device_id"),
    pl.col("endpoint").struct.field("name").alias("device_name"),
    pl.lit(None, pl.String).alias("group"),
    pl.lit(None, pl.String).alias("name"),
    pl.lit(None, pl.String).alias("type"),
)


def _read_page(answer: Answer, workspace: int) -> Page:
    if answer.status != HTTPStatus.OK:
        raise Unreadable(complaint_of(answer).words)
    marks = marks_of(answer)
    frame, rows_held = inventory_of(answer.body, workspace)
    return Page(marks, frame, rows_held)


def _read_sim(answer: Answer, sim: Sim, workspace: int, side: Side) -> Sight | None:
    """One SIM by the rules of the list; an answer about another SIM is none."""
    if answer.status == HTTPStatus.NOT_FOUND:
        return None
    if answer.status != HTTPStatus.OK:
        raise Unreadable(complaint_of(answer).words)
    body = parsed(answer)
    if not isinstance(body, dict):
        raise Unreadable("the body is no SIM")
    organisation = body.get("customer_org")
    if isinstance(organisation, dict) and organisation.get("id") not in {None, workspace}:
        return None
    printed, status, device = body.get("iccid_with_luhn"), body.get("status"), body.get("endpoint")
    key = body.get("iccid") or (printed[:ICCID_DIGITS] if isinstance(printed, str) else None)
    if str(body.get("id")) != sim.sim_id or key != sim.key or not isinstance(status, dict):
        raise Unreadable("it is about another SIM")
    number, words = status.get("id"), status.get("description")
    word = status_word(number if isinstance(number, int) else None, words if isinstance(words, str) else None)
    device_id = device.get("id") if isinstance(device, dict) else None
    return Sight(sim.key, side, sim.sim_id, word, None if device_id is None else str(device_id))
