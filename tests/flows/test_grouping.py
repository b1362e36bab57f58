"""Fleets as asked for: what becomes of those that SIMs are in, and what is said of them before anybody approves."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from domain.errors import UsageError
from domain.inventory import GROUPS, INVENTORY, Side
from domain.lists import LINES
from tasks.asked import GroupsAsked
from tasks.grouping import Grouping, grouped, ungrouped
from tests.fakes import FakeClock, FakeProvider

WEST, EAST, NORTH, SOUTH = (f"HF{place:032x}" for place in range(4))
OURS = {WEST: "West", EAST: "East"}
THEIRS = {NORTH: "North", SOUTH: None}


@dataclass
class Fleets(FakeProvider):
    """A provider whose accounts have fleets, by id."""

    ours: dict[str, str | None] = field(default_factory=lambda: dict(OURS))
    theirs: dict[str, str | None] = field(default_factory=lambda: dict(THEIRS))
    asked: list[Side] = field(default_factory=list)

    def groups(self, side: Side) -> pl.DataFrame:
        self.asked.append(side)
        named = self.ours if side == Side.SOURCE else self.theirs
        return pl.DataFrame([(group, name, None) for group, name in named.items()], schema=GROUPS, orient="row")


def provider(ours: dict[str, str | None] | None = None, theirs: dict[str, str | None] | None = None) -> Fleets:
    return Fleets(FakeClock(), {}, ours=dict(OURS if ours is None else ours), theirs=dict(theirs or THEIRS))


def source(*groups: str | None) -> pl.DataFrame:
    """SIMs of the source, one per group."""
    sims = {"key": [str(at) for at in range(len(groups))], "sim_id": [f"HS{at}" for at in range(len(groups))]}
    nothing = {name: [None] * len(groups) for name in INVENTORY.names() if name not in {*sims, "group"}}
    return pl.DataFrame({**sims, "group": list(groups), **nothing}, schema_overrides=INVENTORY).select(
        INVENTORY.names()
    )


def lines(keys: tuple[str, ...] = (), ids: tuple[str, ...] = ()) -> pl.DataFrame:
    named = [(at, at, key, None, None, False, None) for at, key in enumerate(keys)]
    by_id = [(at, at, None, None, None, False, sim_id) for at, sim_id in enumerate(ids, len(keys))]
    return pl.DataFrame([*named, *by_id], schema=LINES, orient="row")


def mapped(made: Grouping) -> dict[str, str]:
    return dict(made.groups.iter_rows())


def by_map(text: str, folder: Path, reader: FakeProvider, sims: pl.DataFrame, listed: pl.DataFrame) -> Grouping:
    file = folder / "fleets.csv"
    file.write_text(text, encoding="utf-8")
    return grouped(reader, GroupsAsked(group_map=str(file)), sims, listed)


def test_where_nothing_was_asked_nothing_is_mapped_and_the_sims_in_fleets_are_counted() -> None:
    made = grouped(provider(), GroupsAsked(), source(WEST, WEST, EAST, None, WEST), lines(("0", "1", "3"), ("HS2",)))
    assert mapped(made) == {}
    assert made.words == (
        "3 SIMs of the list are in 2 fleets that nothing was said of, and cannot move: West 2, East 1.",
    )
    assert made.hindrances == made.words  # of use also where no SIM moves, unlike how they arrive
    everyone = grouped(provider(), GroupsAsked(no_group=True), source(WEST), lines(("0",)))
    assert (len(everyone.words), everyone.hindrances) == (1, ())


def test_where_no_sim_has_a_fleet_nobody_is_asked() -> None:
    reader = provider()
    assert grouped(reader, GroupsAsked(), source(None, None), lines(("0", "1"))).words == ()
    assert reader.asked == []


def test_one_fleet_for_all_is_also_for_those_without() -> None:
    made = grouped(provider(), GroupsAsked(group="North"), source(WEST, None, EAST), lines(("0",)))
    assert mapped(made) == {WEST: NORTH, EAST: NORTH, "": NORTH}
    assert made.words == (f"Every SIM arrives in the fleet North ({NORTH}).",)


def test_a_fleet_without_a_name_is_named_by_its_sid() -> None:
    made = grouped(provider(), GroupsAsked(group=SOUTH), source(WEST), lines())
    assert (mapped(made)[WEST], made.words) == (SOUTH, (f"Every SIM arrives in the fleet {SOUTH}.",))


def test_no_fleet_leaves_sims_alone_that_have_none() -> None:
    made = grouped(provider(), GroupsAsked(no_group=True), source(WEST, None, EAST), lines(("0", "1")))
    assert mapped(made) == {WEST: "", EAST: ""}
    assert made.words == ("Every SIM arrives without a fleet; 1 of the list is in one now.",)


@pytest.mark.parametrize(
    ("asked", "flags"),
    [
        (GroupsAsked("North", "fleets.csv"), "--fleet and --fleet-map exclude"),
        (GroupsAsked("North", None, no_group=True), "--fleet and --no-fleet exclude"),
        (GroupsAsked("", "", no_group=True), "--fleet and --fleet-map and --no-fleet exclude"),
    ],
)
def test_only_one_way_is_taken(asked: GroupsAsked, flags: str) -> None:
    with pytest.raises(UsageError, match=flags):
        grouped(provider(), asked, source(), lines())


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("north", f"“north”. Capitals count. It has: {SOUTH}, North."),
        ("Nort", "“Nort”. Did you mean North?"),
        ("West", f"--fleet: the target account has no fleet “West”. It has: {SOUTH}, North."),
        ("", "has no fleet “”"),
    ],
)
def test_a_fleet_that_the_target_lacks_is_an_error_that_names_what_there_is(named: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        grouped(provider(), GroupsAsked(group=named), source(), lines())
    assert words in str(raised.value)


def test_a_map_takes_names_and_sids_and_no_fleet_on_either_side(tmp_path: Path) -> None:
    text = f"from,to\nWest,{SOUTH}\n{EAST},\n,North\n"
    made = by_map(text, tmp_path, provider(), source(WEST, EAST, None), lines(("0", "1", "2")))
    assert mapped(made) == {WEST: SOUTH, EAST: "", "": NORTH}
    assert made.words == (f"Fleets by fleets.csv: West → {SOUTH}; East → no fleet; no fleet → North.",)


def test_a_map_may_name_fleets_that_the_source_does_not_have(tmp_path: Path) -> None:
    made = by_map("from,to\nWest,North\nwest,North\nOld,North\n", tmp_path, provider(), source(WEST), lines(("0",)))
    assert mapped(made) == {WEST: NORTH}
    assert made.words[1] == "Not used, since the source account has no such fleet: west (row 3), Old (row 4)."


def test_a_map_may_not_name_fleets_that_the_target_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"fleets\.csv, row 3: the target account has no fleet “North2”"):
        by_map("from,to\nWest,North\nOld,North2\n", tmp_path, provider(), source(WEST), lines())


def test_fleets_in_use_that_a_map_leaves_out_are_counted(tmp_path: Path) -> None:
    sims = source(WEST, EAST, None, EAST)
    made = by_map("from,to\nWest,North\n", tmp_path, provider(), sims, lines(("0", "1", "2")))
    assert made.words[-1] == ("1 SIM of the list is in 1 fleet that nothing was said of, and cannot move: East 1.")


def test_a_fleet_mapped_by_its_name_and_by_its_sid_is_mapped_twice(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"rows 2 and 4 both map the fleet West, as “West” and “{WEST}”"):
        by_map(f"from,to\nWest,North\nEast,North\n{WEST},North\n", tmp_path, provider(), source(WEST), lines())


def test_a_sid_goes_before_a_fleet_that_is_called_so() -> None:
    reader = provider(theirs={NORTH: SOUTH, SOUTH: "South"})
    assert mapped(grouped(reader, GroupsAsked(group=SOUTH), source(WEST), lines()))[WEST] == SOUTH
    assert mapped(grouped(reader, GroupsAsked(group=NORTH), source(WEST), lines()))[WEST] == NORTH


def test_several_fleets_of_one_name_are_told_apart_by_their_sids() -> None:
    reader = provider(theirs={NORTH: "Same", SOUTH: "Same"})
    with pytest.raises(UsageError, match=r"several fleets are called “Same”.*id of the one"):
        grouped(reader, GroupsAsked(group="Same"), source(WEST), lines())


def test_long_maps_are_told_in_part_and_the_accounts_are_read_once(tmp_path: Path) -> None:
    many: dict[str, str | None] = {f"HF{at}": f"fleet {at}" for at in range(20)}
    reader = provider(many, many)
    text = "from,to\n" + "".join(f"fleet {at},fleet {at}\n" for at in range(20))
    made = by_map(text, tmp_path, reader, source(*many), lines())
    assert len(mapped(made)) == 20
    assert made.words[0].endswith("fleet 7 → fleet 7; and 12 more.")
    assert sorted(reader.asked) == [Side.SOURCE, Side.TARGET]


def test_groups_of_a_target_that_nobody_here_can_look_into_are_not_said_to_be_missing() -> None:
    (words,) = ungrouped("far", GroupsAsked(), "group").words
    assert words == "SIMs arrive in no group: nobody here can look into far, or set one there."
    assert ungrouped("far", GroupsAsked(no_group=True), "group").groups.is_empty()


def test_a_group_of_a_target_that_nobody_here_can_look_into_is_refused() -> None:
    with pytest.raises(UsageError, match=r"far has no credentials.*leave out --group"):
        ungrouped("far", GroupsAsked(group="Meters"), "group")
