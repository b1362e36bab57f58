"""Which group of the target account stands for which of the source: as asked for, and checked against both accounts."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import UsageError
from domain.inventory import GROUP_MAP, Side
from inputs.group_pairs import GroupPair, read_group_pairs
from providers.protocol import Reader
from tasks.asked import GroupsAsked

NO_GROUP = ""
NAMED_MAX = 8  # groups that a message names
_KNOWN_BY = ("key", "sim_id", "imsi")


@dataclass(frozen=True, slots=True)
class Grouping:
    """GROUP_MAP for `make_plan`, and sentences on it for whoever approves the plan.

    `hindrances` are those that say why SIMs cannot move; the others say how SIMs arrive.
    """

    groups: pl.DataFrame
    words: tuple[str, ...] = ()
    hindrances: tuple[str, ...] = ()


def refuse_several(asked: GroupsAsked, noun: str = "fleet") -> None:
    """Raise `UsageError` where more than one way was asked for."""
    ways = {
        f"--{noun}": asked.group is not None,
        f"--{noun}-map": asked.group_map is not None,
        f"--no-{noun}": asked.no_group,
    }
    given = [flag for flag, said in ways.items() if said]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other. Say once what becomes of {noun}s.")


def grouped(reader: Reader, asked: GroupsAsked, source: pl.DataFrame, lines: pl.DataFrame) -> Grouping:
    """What becomes of the groups that SIMs of `source` (INVENTORY) are in; its words are on those that `lines` name.

    Raises `UsageError` where several ways were asked for at once, where the target has no such group, and where a
    name or a row leaves open which group is meant.
    """
    noun = reader.traits.group_noun
    refuse_several(asked, noun)
    present = source["group"].drop_nulls().unique().sort().to_list()
    listed = _listed(source, lines)
    if asked.no_group:
        now = listed["group"].count()
        words = f"Every SIM arrives without a {noun}; {now:,} of the list {'is' if now == 1 else 'are'} in one now."
        return Grouping(_frame(dict.fromkeys(present, NO_GROUP)), (words,))
    if asked.group is not None:
        group_to, name = _in_target(reader.groups(Side.TARGET), asked.group, f"--{noun}", noun)
        words = f"Every SIM arrives in the {noun} {name}{'' if name == group_to else f' ({group_to})'}."
        return Grouping(_frame(dict.fromkeys([*present, NO_GROUP], group_to)), (words,))
    if asked.group_map is not None:
        return _by_pairs(reader, Path(asked.group_map), listed)
    return _by_names(reader, listed, {}) if reader.traits.groups_by_name else _rest(reader, listed, {})


def ungrouped(target: str, asked: GroupsAsked, noun: str) -> Grouping:
    """What becomes of groups where nobody here can look into the target; raises `UsageError` where one was named."""
    if asked.group is not None or asked.group_map is not None:
        raise UsageError(
            f"{target} has no credentials in the accounts file, so no {noun} can be looked up or set there. Add them, "
            f"or leave out --{noun} and --{noun}-map."
        )
    return Grouping(_frame({}), (f"SIMs arrive in no {noun}: nobody here can look into {target}, or set one there.",))


def _by_pairs(reader: Reader, file: Path, listed: pl.DataFrame) -> Grouping:
    """The pairs of a file; one whose group the source does not have is left out, since maps serve several moves."""
    noun = reader.traits.group_noun
    ours, theirs = reader.groups(Side.SOURCE), reader.groups(Side.TARGET)
    mapped: dict[str, str] = {}
    rows: dict[str, GroupPair] = {}
    words, unused = [], []
    for pair in read_group_pairs(file, noun):
        where = f"{file.name}, row {pair.row}"
        group_to, after = _in_target(theirs, pair.target, where, noun) if pair.target else (NO_GROUP, f"no {noun}")
        found = _found(ours, pair.source, where, noun) if pair.source else (NO_GROUP, f"no {noun}")
        if found is None:
            unused.append(f"{pair.source} (row {pair.row})")
            continue
        group, before = found
        if group in rows:
            raise UsageError(
                f"{file.name}: rows {rows[group].row} and {pair.row} both map the {noun} {before}, as "
                f"“{rows[group].source}” and “{pair.source}”. Keep one of them; then plan again."
            )
        rows[group], mapped[group] = pair, group_to
        words.append(f"{before} → {after}")
    said = [f"{noun.capitalize()}s by {file.name}: {_some(words, '; ')}."] if words else []
    if unused:
        said.append(f"Not used, since the source account has no such {noun}: {_some(unused)}.")
    rest = _by_names(reader, listed, mapped) if reader.traits.groups_by_name else _rest(reader, listed, mapped)
    return Grouping(rest.groups, (*said, *rest.words), rest.hindrances)


def _by_names(reader: Reader, listed: pl.DataFrame, mapped: dict[str, str]) -> Grouping:
    """The groups that are `mapped`, and those of the list that one group of the target has the same name as."""
    named = pl.col("name").fill_null("") != ""
    ours = reader.groups(Side.SOURCE).filter(named, pl.col("group").is_in(listed["group"].drop_nulls().implode()))
    theirs = reader.groups(Side.TARGET).filter(named).unique("name", keep="none")
    same = ours.filter(~pl.col("group").is_in(list(mapped))).join(
        theirs.select("name", pl.col("group").alias("group_to")), on="name", maintain_order="left"
    )
    by_name = dict(same.select("group", "group_to").iter_rows())
    noun, names = reader.traits.group_noun, same["name"].to_list()
    words = (f"{noun.capitalize()}s of the same name in the target: {_some(names)}.",) if names else ()
    rest = _rest(reader, listed, mapped | by_name)
    return Grouping(rest.groups, (*words, *rest.words), rest.hindrances)


def _rest(reader: Reader, listed: pl.DataFrame, mapped: dict[str, str]) -> Grouping:
    """The groups that are `mapped`, with a sentence on SIMs of the list whose group nothing was said of."""
    left = listed.filter(pl.col("group").is_not_null() & ~pl.col("group").is_in(list(mapped)))
    if left.is_empty():
        return Grouping(_frame(mapped))
    noun = reader.traits.group_noun
    counted = (
        left.group_by("group").len("sims")
        .join(reader.groups(Side.SOURCE).select("group", pl.col("name").alias("_name")), on="group", how="left")
        .select(pl.coalesce("_name", "group").alias("name"), "sims")
        .sort("sims", "name", descending=[True, False])
    )  # fmt: skip
    are = "SIM of the list is" if left.height == 1 else "SIMs of the list are"
    groups = noun if counted.height == 1 else f"{noun}s"
    named = _some([f"{name} {sims:,}" for name, sims in counted.iter_rows()])
    whose = f"{left.height:,} {are} in {counted.height:,} {groups} that"
    if reader.traits.groups_by_name:
        words = (
            f"{whose} the target does not have by that name, and arrive without one: {named}. Make the {noun} there, "
            f"or give --{noun}-map FILE, and plan again."
        )
        return Grouping(_frame(mapped), (words,))
    words = f"{whose} nothing was said of, and cannot move: {named}."
    return Grouping(_frame(mapped), (words,), (words,))


def _listed(source: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The SIMs of the source that a line of the list names."""
    named = [
        pl.col(name).is_in(lines[name].drop_nulls().unique().implode()).fill_null(value=False) for name in _KNOWN_BY
    ]
    return source.filter(pl.any_horizontal(named))


def _in_target(groups: pl.DataFrame, named: str, where: str, noun: str) -> tuple[str, str]:
    """Id and name of the target's group; raises `UsageError` that names what there is."""
    found = _found(groups, named, where, noun)
    if found is not None:
        return found
    there = groups.select(pl.coalesce("name", "group"))["name"].sort().to_list()
    known = {*there, *groups["group"]}
    if any(name.casefold() == named.casefold() for name in known):
        hint = " Capitals count."
    else:
        hint = "".join(f" Did you mean {near}?" for near in difflib.get_close_matches(named, there, n=1))
    raise UsageError(
        f"{where}: the target account has no {noun} “{named}”.{hint} It has: {_some(there) or 'none'}. "
        f"Correct the name, or make the {noun} first; then plan again."
    )


def _found(groups: pl.DataFrame, named: str, where: str, noun: str) -> tuple[str, str] | None:
    """Id and name of the group with that id, else with that name; None where there is none.

    An id goes before a name that reads the same, since the group of that name can be given by its own id. Raises
    `UsageError` where several have the name.
    """
    ids, names = groups.filter(pl.col("group") == named), groups.filter(pl.col("name") == named)
    found = names if ids.is_empty() else ids
    if found.is_empty():
        return None
    if found.height > 1:
        raise UsageError(
            f"{where}: several {noun}s are called “{named}”: {_some(found['group'].sort().to_list())}. "
            "Give the id of the one that is meant."
        )
    return str(found["group"][0]), str(found["name"][0] or found["group"][0])


def _some(words: list[str], between: str = ", ") -> str:
    more = [f"and {len(words) - NAMED_MAX:,} more"] if len(words) > NAMED_MAX else []
    return between.join([*words[:NAMED_MAX], *more])


def _frame(mapped: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(mapped.items()), schema=GROUP_MAP, orient="row")
