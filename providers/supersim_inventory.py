"""Super SIM's Sims, from the bytes of a page or of a look-up to rows of the inventory."""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl

from domain.identifiers import BODY_DIGITS, SIM_ID
from domain.inventory import INVENTORY
from providers.bodies import Json, object_of, parsed
from providers.calls import Call, Unreadable
from providers.supersim_pages import page_of
from providers.supersim_post import Post, good, is_absent
from providers.supersim_words import SIMS_PER_PAGE_MAX, same
from providers.wire import Answer

SIMS_PATH = "/v1/Sims"
DIGITS = re.compile(rf"[0-9]{{{BODY_DIGITS},{BODY_DIGITS + 1}}}", re.ASCII)


class Listed(NamedTuple):
    """What is read of a Sim; everything else in its body is passed over."""

    sid: str
    account_sid: str
    iccid: str
    status: str
    fleet_sid: str | None
    unique_name: str | None

    @property
    def key(self) -> str:
        """What the inventory is matched by: the body of the ICCID."""
        return self.iccid[:BODY_DIGITS]


LISTED = pl.Schema(dict.fromkeys(Listed._fields, pl.String()))


def listed_of(entry: Json) -> Listed:
    """One Sim; raises `Unreadable` where something that is always there is not, or is no text."""
    body = object_of(entry)
    try:
        sure = [body[name] for name in Listed._fields[:4]]
        maybe = [body[name] for name in Listed._fields[4:]]
    except KeyError as error:
        raise Unreadable(f"a Sim has no {error.args[0]}") from error
    if not (all(map(_is_text, sure)) and all(value is None or isinstance(value, str) for value in maybe)):
        raise Unreadable("a Sim has something else than text where its sid, ICCID or status belongs")
    return Listed(*sure, *(value or None for value in maybe))  # type: ignore[arg-type] # as was just seen


def rows_of(listed: pl.DataFrame, account_sid: str) -> pl.DataFrame:
    """Rows (INVENTORY) of those Sims (LISTED) that are in the account and have an ICCID of 19 or 20 digits."""
    ours = pl.col("account_sid").str.to_lowercase() == account_sid.lower()
    return (
        listed.filter(ours, pl.col("iccid").str.contains(rf"^{DIGITS.pattern}$"))
        .select(
            pl.col("iccid").str.slice(0, BODY_DIGITS).alias("key"),
            pl.col("sid").alias("sim_id"),
            "iccid",
            pl.lit(None, pl.String).alias("imsi"),
            "status",
            pl.lit(None, pl.String).alias("device_id"),
            pl.lit(None, pl.String).alias("device_name"),
            pl.col("fleet_sid").alias("group"),
            pl.col("unique_name").alias("name"),
            pl.lit(None, pl.String).alias("type"),
        )
        .cast(INVENTORY)
    )


def sim_path(sid: str) -> str:
    """The path of one Sim; raises ValueError for what is no sid: a name may hold what a path is made of."""
    if re.fullmatch(SIM_ID, sid) is None:
        raise ValueError("a SIM is addressed by its sid")
    return f"{SIMS_PATH}/{sid}"


def by_sid(post: Post, sid: str) -> Call[Listed | None]:
    """The Sim of that sid, where these credentials see it."""

    def read(answer: Answer) -> Listed | None:
        found = read_one(answer)
        if found is not None and not same(found.sid, sid):
            raise Unreadable("it is about another SIM")
        return found

    return post.get("look-up of a SIM", sim_path(sid), read)


def by_iccid(post: Post, iccid: str) -> Call[Listed | None]:
    """The account's own Sim of that ICCID, as printed with its check digit."""

    def read(answer: Answer) -> Listed | None:
        page = page_of(answer, "sims", listed_of)
        if len(page.rows) > 1 or page.next_url:
            raise Unreadable("several Sims for one ICCID")
        found = page.rows[0] if page.rows else None
        if found is not None and found.iccid != iccid:
            raise Unreadable("it is about another ICCID")
        return found

    return post.get("look-up of an ICCID", SIMS_PATH, read, ("Iccid", iccid))


def first_page_path(size: int = SIMS_PER_PAGE_MAX) -> str:
    """Where the list of an account's Sims begins."""
    return f"{SIMS_PATH}?PageSize={size}"


def read_one(answer: Answer) -> Listed | None:
    """One Sim; None where there is none."""
    if is_absent(answer):
        return None
    return listed_of(parsed(good(answer)))


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and value != ""
