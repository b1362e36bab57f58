"""Which Super SIMs may move, in which parts, and what an operator is told of the others."""

from __future__ import annotations

import polars as pl
import pytest

from domain.errors import UsageError
from domain.inventory import INVENTORY
from domain.orders import Options
from domain.parts import parts_of as parts_in
from domain.rules import fill
from validation.supersim_moves import STATUSES
from validation.tables import move_rules, parts_of, statuses_of

PLAIN = Options()
UNLOCKED = Options(inactive_moves=True)
FIRST = Options(deactivate_first=True, inactive_moves=True)
AGAIN = Options(deactivate_first=True, reactivate=True, inactive_moves=True)
FLEET, OTHER_FLEET = "HF" + "1" * 32, "HF" + "2" * 32


def sims(
    *statuses: str | None,
    group: str | None = None,
    group_to: str | None = None,
    group_mapped: bool | None = True,
    name_taken: bool | None = False,
) -> pl.DataFrame:
    frame = pl.DataFrame({"status": statuses}, schema={"status": pl.String})
    rest = (pl.lit(None, pl.String).alias(name) for name in INVENTORY.names() if name not in {"status", "group"})
    return frame.with_columns(
        *rest,
        pl.lit(group, pl.String).alias("group"),
        pl.lit(group_to, pl.String).alias("group_to"),
        pl.lit(group_mapped, pl.Boolean).alias("group_mapped"),
        pl.lit(name_taken, pl.Boolean).alias("name_taken"),
    ).with_columns(pl.lit("pump-7").alias("name"))


def codes(options: Options, seen: pl.DataFrame) -> list[str]:
    """The first rule that each SIM breaks; nothing where it may move. Null is no."""
    rules = move_rules("supersim", options)
    answers = seen.select(rule.fine.fill_null(value=False).alias(str(at)) for at, rule in enumerate(rules))
    return [next((rules[int(at)].code for at, fine in row.items() if not fine), "") for row in answers.to_dicts()]


def told(code: str, options: Options, seen: pl.DataFrame) -> tuple[str, str]:
    """Sentence and next step of the rule for the first SIM."""
    rule = next(rule for rule in move_rules("supersim", options) if rule.code == code)
    return str(seen.select(fill(rule.sentence)).item(0, 0)), rule.next_step


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (PLAIN, ["", "in_service", "in_service", "inactive_locked", "status_scheduled"]),
        (UNLOCKED, ["", "in_service", "in_service", "", "status_scheduled"]),
        (FIRST, ["", "", "", "", "status_scheduled"]),
        (AGAIN, ["", "", "", "", "status_scheduled"]),
        (
            Options(deactivate_first=True),
            ["", "inactive_locked", "inactive_locked", "inactive_locked", "status_scheduled"],
        ),
        (
            Options(("New", " INACTIVE"), inactive_moves=True),
            ["", "status_not_allowed", "status_not_allowed", "", "status_not_allowed"],
        ),
        (
            Options(("scheduled", "active")),
            ["status_not_allowed", "status_not_allowed", "in_service", "status_not_allowed", "status_scheduled"],
        ),
    ],
)
def test_a_status_moves_as_it_is_allowed_to(options: Options, wanted: list[str]) -> None:
    assert codes(options, sims(*STATUSES, group_to=OTHER_FLEET)) == wanted


@pytest.mark.parametrize("options", [PLAIN, UNLOCKED, FIRST, AGAIN])
def test_an_unknown_status_moves_under_no_options(options: Options) -> None:
    assert codes(options, sims("Ready", "retired", "", None)) == ["status_unknown"] * 4


@pytest.mark.parametrize(
    ("options", "status", "wanted"),
    [
        *((options, status, "move") for options in (PLAIN, UNLOCKED) for status in STATUSES),
        *((options, status, "move") for options in (FIRST, AGAIN) for status in ("new", "inactive")),
        *((FIRST, status, "deactivate move") for status in ("ready", "active")),
        *((AGAIN, status, "deactivate move activate") for status in ("ready", "active")),
    ],
)
def test_only_what_the_plan_deactivates_is_activated_again(options: Options, status: str, wanted: str) -> None:
    assert sims(status).select(parts_of("supersim", options))["parts"].to_list() == [wanted]
    assert " ".join(parts_in(wanted)) == wanted


def test_emnify_moves_in_one_part_whatever_the_status() -> None:
    assert sims("Issued", "Activated", None).with_columns(parts_of("emnify", PLAIN))["parts"].to_list() == ["move"] * 3


def test_a_sim_in_a_fleet_needs_a_word_about_its_fleet() -> None:
    for mapped in (False, None):
        assert codes(PLAIN, sims("new", group=FLEET, group_mapped=mapped)) == ["fleet_unmapped"]
    assert codes(PLAIN, sims("new", group=FLEET, group_to="")) == [""]
    words, advice = told("fleet_unmapped", PLAIN, sims("new", group=FLEET))
    assert FLEET in words
    assert all(option in advice for option in ("--fleet NAME", "--fleet-map FILE", "--no-fleet"))


@pytest.mark.parametrize("group_to", ["", None])
def test_activation_without_a_fleet_is_refused_and_only_where_it_is_asked_for(group_to: str | None) -> None:
    seen = sims("active", "ready", "inactive", "new", group=FLEET, group_to=group_to)
    assert codes(AGAIN, seen) == ["fleet_missing", "fleet_missing", "", ""]
    assert codes(FIRST, seen) == ["", "", "", ""]


def test_a_name_that_the_target_has_is_refused() -> None:
    assert codes(PLAIN, sims("new", name_taken=True)) == ["name_taken"]
    assert codes(PLAIN, sims("new", name_taken=None)) == ["name_taken"]
    assert "“pump-7”" in told("name_taken", PLAIN, sims("new"))[0]


def test_what_is_refused_says_which_option_or_setting_would_help() -> None:
    assert "--deactivate-first" in told("in_service", UNLOCKED, sims("active"))[1]
    assert "inactive_moves" not in told("in_service", UNLOCKED, sims("active"))[1]
    assert "inactive_moves" in told("in_service", PLAIN, sims("active"))[1]
    words, advice = told("inactive_locked", PLAIN, sims("inactive"))
    assert "private beta" in words
    assert "inactive_moves = true" in advice
    assert "accounts.toml" in advice


def test_every_rule_has_words_a_next_step_and_a_source() -> None:
    for rule in move_rules("supersim", PLAIN):
        assert rule.sentence.endswith(".")
        assert rule.next_step.endswith(".")
        assert rule.source


@pytest.mark.parametrize(
    ("provider", "options", "words"),
    [
        ("supersim", Options(detach_devices=True), "--detach-devices"),
        ("supersim", Options(reactivate=True), "--deactivate-first"),
        ("supersim", Options(("Suspended",)), r"“Suspended”\. --allow-status takes: new, ready"),
        ("emnify", Options(deactivate_first=True), "--deactivate-first"),
        ("emnify", Options(reactivate=True), "--reactivate"),
    ],
)
def test_an_option_that_a_provider_has_no_use_for_is_a_wrong_command_line(
    provider: str, options: Options, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        move_rules(provider, options)


def test_statuses_are_put_in_the_providers_own_words_and_nobody_else_has_any() -> None:
    assert statuses_of("supersim", ("NEW", " inactive ", "new")) == ("new", "inactive")
    with pytest.raises(UsageError, match=r"“acme”.*emnify, soracom, supersim"):
        statuses_of("acme", ("new",))
    with pytest.raises(UsageError, match="“acme”"):
        parts_of("acme", PLAIN)
