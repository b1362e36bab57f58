"""Fleets of a Super SIM account, and which names of its SIMs are taken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

import polars as pl

from domain.inventory import GROUPS
from providers.bodies import Json, number_of, object_of
from providers.calls import Call, Unreadable
from providers.paging import at_once
from providers.supersim_inventory import SIMS_PATH, Listed, read_one
from providers.supersim_pages import whole
from providers.supersim_post import Post
from providers.supersim_words import SIMS_PER_PAGE_MAX, same

FLEETS_PATH = f"/v1/Fleets?PageSize={SIMS_PER_PAGE_MAX}"
# Names that can stand in a path; of any other, a server may make something else.
PLAIN_NAME = re.compile(r"(?!\.)[A-Za-z0-9 ._~-]{1,64}", re.ASCII)

_Row = tuple[str, str | None, int | None]


def fleets(post: Post) -> pl.DataFrame:
    """All fleets of the account (GROUPS); raises `ProviderUnavailable`."""
    rows = whole(post, FLEETS_PATH, "fleets", lambda entry: _fleet(entry, post))
    return pl.DataFrame([row for row in rows if row is not None], schema=GROUPS, orient="row")


def by_name(post: Post, name: str) -> Call[Listed | None]:
    """The account's SIM of that unique name, which `PLAIN_NAME` matches."""
    return post.get("look-up of a name", f"{SIMS_PATH}/{quote(name, safe='')}", read_one)


def taken(post: Post, names: Sequence[str], width: int) -> frozenset[str]:
    """Which of these plain names a SIM of the account has, by a look-up of each, at most `width` at once."""
    found = at_once(lambda name: post.require(by_name(post, name)), names, width)
    ours = (sim for sim in found if sim is not None and same(sim.account_sid, post.account_sid))
    return frozenset(sim.unique_name for sim in ours if sim.unique_name)


def _fleet(entry: Json, post: Post) -> _Row | None:
    """One fleet; None for one of another account; raises `Unreadable` where it has no sid."""
    body = object_of(entry)
    sid, name, account = body.get("sid"), body.get("unique_name"), body.get("account_sid")
    if not isinstance(sid, str) or not sid:
        raise Unreadable("a Fleet has no sid")
    if isinstance(account, str) and not same(account, post.account_sid):
        return None
    return sid, name if isinstance(name, str) and name else None, number_of(body.get("data_limit"))
