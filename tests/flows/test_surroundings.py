"""What the environment says about where runs lie, which accounts count, and who asks."""

from __future__ import annotations

from pathlib import Path

from tasks.asked import surroundings

NAMES = ("SIMFERRY_HOME", "SIMFERRY_ACCOUNTS", "SIMFERRY_JOURNAL_URL", "SIMFERRY_BY")


def test_the_environment_is_believed() -> None:
    around = surroundings(dict(zip(NAMES, ("/runs", "/a.toml", "postgresql://db", "ann"), strict=True)))
    assert (around.home, around.accounts) == (Path("/runs"), Path("/a.toml"))
    assert (around.journal_url, around.who) == ("postgresql://db", "ann")


def test_a_variable_that_is_empty_is_as_one_that_is_not_set() -> None:
    assert surroundings(dict.fromkeys(NAMES, "")) == surroundings({})


def test_an_accounts_file_that_was_typed_goes_before_the_environment() -> None:
    assert surroundings({"SIMFERRY_ACCOUNTS": "/a.toml"}, Path("/b.toml")).accounts == Path("/b.toml")
