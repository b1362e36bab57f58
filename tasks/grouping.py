"""Which group of the target account stands for which of the source: as asked for, and checked against both accounts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
from inputs.group_pairs import GroupPair, read_group_pairs

from domain.errors import UsageError
from domain.inventory import GROUP_MAP, Side
from domain.planning import NO_GROUPS
from providers.protocol import Reader
from tasks.asked import GroupsAsked

NO_GROUP = ""
NAMED_MAX = 8  # groups that a message names


@dataclass(frozen=True, slots=True)
class Grouping:
    """GROUP_MAP for `make_plan`, and sentences on it for whoever approves the plan."""

    groups: pl.DataFrame
    words: tuple[str, ...] = ()


def grouped(reader: Reader, asked: GroupsAsked, source: pl.DataFrame) -> Grouping:
    """What becomes of the groups that SIMs of `source` (INVENTORY) are in.

    Raises `UsageError` where two ways were asked for at once, and where the target has no such group.
    """
    ways = [flag for flag, given in (("--fleet", asked.group), ("--fleet-map", asked.group_map)) if given is not None]
    if len(ways) + asked.no_group > 1:
        raise UsageError(f"Say once what becomes of fleets: {', '.join([*ways, '--no-fleet'][:3])} exclude each other.")
    present = [*source["group"].drop_nulls().unique().sort(), NO_GROUP]
    if asked.no_group:
        return Grouping(_frame(dict.fromkeys(present, NO_GROUP)), ("Every SIM arrives without a fleet.",))
    if asked.group is not None:
        group_to, name = _find(reader, Side.TARGET, asked.group, "--fleet")
        return Grouping(_frame(dict.fromkeys(present, group_to)), (f"Every SIM arrives in the fleet {name}.",))
    if asked.group_map is not None:
        return _by_pairs(reader, Path(asked.group_map))
    return Grouping(NO_GROUPS)


def _by_pairs(reader: Reader, file: Path) -> Grouping:
    """The pairs of a file, each checked where it stands."""
    mapped: dict[str, str] = {}
    words = []
    for pair in read_group_pairs(file):
        group, before = _of_pair(reader, Side.SOURCE, pair, pair.source, file)
        group_to, after = _of_pair(reader, Side.TARGET, pair, pair.target, file)
        if group in mapped:
            raise UsageError(f"{file.name}, row {pair.row}: {before} is mapped twice. Keep one of the rows.")
        mapped[group] = group_to
        words.append(f"{before} → {after}")
    shown = "; ".join(words[:NAMED_MAX]) + (f"; and {len(words) - NAMED_MAX} more" if len(words) > NAMED_MAX else "")
    return Grouping(_frame(mapped), (f"Fleets by {file.name}: {shown}.",))


def _of_pair(reader: Reader, side: Side, pair: GroupPair, named: str, file: Path) -> tuple[str, str]:
    if not named:
        return NO_GROUP, "no fleet"
    return _find(reader, side, named, f"{file.name}, row {pair.row}")


def _find(reader: Reader, side: Side, named: str, where: str) -> tuple[str, str]:
    """Id and name of the group of that name or id; raises `UsageError` that names what there is."""
    groups = reader.groups(side)
    found = groups.filter((pl.col("group") == named) | (pl.col("name") == named))
    if found.height == 1:
        return str(found["group"][0]), str(found["name"][0] or found["group"][0])
    there = groups.select(pl.coalesce("name", "group"))["name"].sort().to_list()
    known = ", ".join(there[:NAMED_MAX]) + (" …" if len(there) > NAMED_MAX else "") or "none"
    raise UsageError(
        f"{where}: the {side} account has no fleet “{named}”. It has: {known}. Correct the name, or make the fleet "
        "first; then plan again."
    )


def _frame(mapped: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(mapped.items()), schema=GROUP_MAP, orient="row")
