"""`GET /v1/groups`."""

from __future__ import annotations

from sandbox.exchange import Answer
from sandbox.soracom import shown
from sandbox.soracom.ask import Ask
from sandbox.soracom.asking import one_of
from sandbox.soracom.pages import page_asked
from sandbox.soracom.parties import Group

GROUP_FILTERS = ("tag_name", "tag_value", "tag_value_match_mode")


def list_groups(ask: Ask) -> Answer:
    """One page of the caller's groups."""
    page = page_asked(ask.service, ask.asked, GROUP_FILTERS)
    own = [one for one in ask.service.groups.values() if one.operator_id == ask.caller.operator.id]
    own = sorted((one for one in own if _is_sought(ask, one)), key=lambda one: one.group_id)
    found = [one for one in own if one.group_id > page.key]
    return page.of(found[: page.rows + 1], lambda one: shown.group(ask.service, one), lambda one: one.group_id)


def _is_sought(ask: Ask, group: Group) -> bool:
    query = ask.asked.query
    mode = one_of(query, "tag_value_match_mode", {"exact", "prefix"}, "exact")
    if "tag_name" not in query:
        return True
    value, name = query.get("tag_value"), group.name
    if query["tag_name"] != "name" or name is None:
        return False
    return value is None or (name == value if mode == "exact" else name.startswith(value))
