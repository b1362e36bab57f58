"""The judge of the chaos runs finds what is planted, and three kills of a run go by in half a minute."""

from __future__ import annotations

import io
import json
import random
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from chaos.campaign import SCRIPTS, cases, scripts_of
from chaos.command import main
from chaos.hazards import Hazard
from chaos.moments import After, drawn
from chaos.table import as_json, row_of, show
from chaos.trial import Case, Result
from chaos.verdict import Verdict
from chaos.worlds import WORLDS
from domain.errors import UsageError
from domain.events import Event, Kind
from domain.outcomes import Outcome
from sandbox.world import Name
from tests.chaos.planted import Planted, planted


@pytest.fixture(params=list(Name), ids=str)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Planted:
    return planted(request.param, tmp_path)


def case(**more: object) -> Case:
    made = Case(WORLDS[Name.EMNIFY], SCRIPTS / "emnify" / "late.toml", Hazard.KILL, 7, 10)
    return replace(made, **more)  # type: ignore[arg-type] # as named there


def test_a_report_that_is_true_is_found_true(world: Planted) -> None:
    moved = world.keys[:3]
    for key in moved:
        world.move(key)
    told = world.told(lambda key: Outcome.CONFIRMED if key in moved else Outcome.NOT_STARTED)
    assert world.books.verdict(world.steps, told) == Verdict()


def test_a_sim_said_to_be_confirmed_that_has_not_moved_is_a_lie(world: Planted) -> None:
    first, *_ = world.keys
    told = world.told(lambda key: Outcome.CONFIRMED if key == first else Outcome.NOT_STARTED)
    found = world.books.verdict(world.steps, told)
    assert (len(found.lies), found.lost, found.moved_twice) == (1, (), ())
    assert first in found.lies[0]


def test_a_status_that_was_changed_too_often_is_found_and_one_that_fell_back_was_not_changed(tmp_path: Path) -> None:
    world = planted(Name.SUPERSIM, tmp_path)
    key = world.keys[0]
    steps = world.steps.with_columns(parts=pl.lit("deactivate move activate"))
    told = world.told(lambda _: Outcome.NOT_STARTED)
    world.turn(key, "active", "scheduled", "active", request=1)  # it fell back, and nobody had heard the answer
    world.turn(key, "active", "scheduled", "inactive", request=2)
    world.turn(key, "inactive", "scheduled", "active", request=3)
    assert not world.books.verdict(steps, told).moved_twice
    world.turn(key, "active", "scheduled", request=4)
    assert world.books.verdict(steps, told).moved_twice == (f"{key}, to deactivate move activate: 0 moves, 3 turns",)


@pytest.mark.parametrize("outcome", [Outcome.NOT_STARTED, Outcome.NOT_DONE, Outcome.DECLINED])
def test_a_sim_said_not_to_have_moved_that_has_is_a_lie(world: Planted, outcome: Outcome) -> None:
    world.move(world.keys[0])
    found = world.books.verdict(world.steps, world.told(lambda _: outcome))
    assert [line.split(",")[0] for line in found.lies] == [world.keys[0]]


def test_a_sim_last_seen_where_it_is_not_is_a_lie_whatever_is_said_of_it(world: Planted) -> None:
    told = world.told(lambda _: Outcome.IN_DOUBT)
    world.move(world.keys[0])
    found = world.books.verdict(world.steps, told)
    assert (len(found.lies), "was last seen" in found.lies[0]) == (1, True)


def test_a_sim_that_changed_while_the_report_was_made_is_no_lie(world: Planted) -> None:
    told, before = world.told(lambda _: Outcome.IN_DOUBT), world.books.read()
    world.move(world.keys[0])
    assert world.books.verdict(world.steps, told, nows=(before, world.books.read())) == Verdict()


def test_a_sim_that_is_nowhere_is_lost(world: Planted) -> None:
    world.remove(world.keys[1])
    found = world.books.verdict(world.steps, world.told(lambda _: Outcome.IN_DOUBT))
    assert found.lost == (f"{world.keys[1]} is gone",)


def test_a_sim_that_is_in_a_third_account_is_lost(world: Planted) -> None:
    world.move(world.keys[1], elsewhere=True)
    (lost,) = world.books.verdict(world.steps, world.told(lambda _: Outcome.IN_DOUBT)).lost
    assert lost.startswith(f"{world.keys[1]} is in ")


def test_a_sim_that_moved_without_a_plan_is_lost(world: Planted) -> None:
    *_, refused = world.keys
    world.move(refused)
    found = world.books.verdict(world.steps, world.told(lambda _: Outcome.NOT_STARTED))
    assert found.lost == (f"{refused} has changed, and no step wanted that",)
    assert [line.split(",")[0] for line in found.lies] == [refused]


def test_a_sim_that_moved_twice_is_found(world: Planted) -> None:
    for _ in range(2):
        world.move(world.keys[0])
    told = world.told(lambda key: Outcome.CONFIRMED if key == world.keys[0] else Outcome.NOT_STARTED)
    found = world.books.verdict(world.steps, told)
    assert (len(found.moved_twice), found.lost, found.lies) == (1, (), ())


def test_a_sim_that_was_sent_again_after_it_had_moved_is_found(world: Planted) -> None:
    first, second, *_ = world.keys
    world.move(first)
    told = world.told(lambda key: Outcome.CONFIRMED if key == first else Outcome.NOT_STARTED)
    early, late = (
        Event(Kind.INTENDED, at, 1, 1, "move", (first, second))
        for at in ("2026-11-21T09:59:59.900Z", "2026-11-21T10:00:03Z")
    )
    assert world.books.verdict(world.steps, told, [early]) == Verdict()
    found = world.books.verdict(world.steps, told, [early, late])
    assert (len(found.moved_twice), first in found.moved_twice[0]) == (1, True)


def test_a_line_that_is_missing_is_a_lie(world: Planted) -> None:
    found = world.books.verdict(world.steps, world.told(lambda _: Outcome.NOT_STARTED).head(4))
    assert found.lies == ("6 steps, 4 lines of a report, 0 of them rejected",)


def test_the_table_counts_what_was_found_and_a_row_with_any_of_it_has_failed() -> None:
    good = Result(case(), strikes=9, executions=11, sims=200, reports=2, wall_s=45.0, ends={Outcome.IN_DOUBT: 3})
    bad = replace(good, verdict=Verdict(("a",), ("b", "c"), ("d", "e", "f")))
    assert not row_of([good, good]).failed
    row = row_of([good, bad])
    assert (row.kills, row.lost, row.moved_twice, row.lies, row.in_doubt, row.failed) == (18, 1, 2, 3, 6, True)
    assert row_of([replace(good, broken="a bug")]).failed
    plain = io.StringIO()
    show([row], Console(file=plain, width=160))
    heading, line = plain.getvalue().splitlines()
    assert heading.split()[-3:] == ["awaiting", "broken", "minutes"]
    assert " ".join(line.split()) == "emnify simferry killed 18 2 22 400 4 1 2 3 6 0 0 1.5"


def test_results_for_machines_hold_numbers_and_words_and_no_place_of_this_machine() -> None:
    text = as_json([Result(case(), strikes=3)], 2, 7)
    trial = json.loads(text)["trials"][0]
    assert (trial["script"], trial["seed"], trial["times"]) == ("late", 7, 3)
    assert str(Path.cwd()) not in text


def test_the_same_seed_draws_the_same_moments_and_a_trial_names_the_command_that_makes_it_again() -> None:
    first, second = ([drawn(random.Random(3)) for _ in range(1)] for _ in range(2))
    assert first == second
    assert {drawn(random.Random(at)).after for at in range(100)} == set(After)
    again = "python -m chaos emnify --script late --seed 7 --only kill --kills 10 --trials 1"
    assert case().again == again
    assert next(cases(Name.EMNIFY, Hazard.KILL, 7, "late", 10)) == case()


@pytest.mark.parametrize("name", list(Name), ids=str)
def test_every_provider_has_eight_scripts_or_more_and_another_one_is_refused(name: Name) -> None:
    assert len(scripts_of(name)) >= 8
    with pytest.raises(UsageError, match="no fault script"):
        scripts_of(name, "calm")


def test_two_kills_of_a_run_leave_nothing_lost_and_a_report_that_is_true(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    words = ["emnify", "--kills", "2", "--trials", "1", "--only", "kill", "--script", "fair"]
    assert main([*words, "--results", str(results)]) == 0
    (row,) = json.loads(results.read_text(encoding="utf-8"))["rows"]
    assert (row["kills"], row["reports"], row["lost"], row["moved_twice"], row["lies"]) == (2, 2, 0, 0, 0)
    assert "simferry killed" in capsys.readouterr().out
