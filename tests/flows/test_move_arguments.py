"""What is asked of a move: how it is typed, what goes together, and which of it a provider knows."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from domain.errors import Exit, UsageError
from flows.arguments import parser
from flows.cli import main
from flows.move_arguments import AWAIT_S_MAX, move_asked
from tasks.asked import MoveAsked, NumbersAsked
from tasks.suiting import UNKNOWN, refuse_unsuited
from validation.tables import PROVIDERS

ACCOUNTS = """
[accounts.here]
provider = "emnify"
workspace = 1
application_token = "env:NOBODY"
[accounts.there]
provider = "emnify"
workspace = 2
application_token = "env:NOBODY"
"""


def typed(*more: str, command: str = "plan") -> MoveAsked:
    return move_asked(parser().parse_args([command, "list.csv", "--from", "a", "--to", "b", *more]))


@pytest.mark.parametrize("command", ["plan", "migrate"])
def test_what_is_not_typed_is_not_asked(command: str) -> None:
    assert typed(command=command) == MoveAsked()


@pytest.mark.parametrize("command", ["plan", "migrate"])
def test_everything_that_is_typed_is_asked(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = "--deactivate-first --reactivate --fleet-map maps/f.csv --await 90 --settle 5 --in-flight 8"
    assert typed(*options.split(), command=command) == MoveAsked(
        deactivate_first=True,
        reactivate=True,
        group_map=str(tmp_path / "maps" / "f.csv"),
        numbers=NumbersAsked(await_s=90.0, settle_s=5.0, calls_in_flight=8),
    )
    assert typed("--fleet", "West", "--detach-devices") == MoveAsked(group="West", detach_devices=True)
    assert typed("--no-fleet") == MoveAsked(no_group=True)
    assert typed("--sims-per-token", "1", "--no-restore") == MoveAsked(sims_per_token=1, no_restore=True)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (["--fleet", "West"], ["--group", "West"]),
        (["--fleet-map", "f.csv"], ["--group-map", "f.csv"]),
        (["--no-fleet"], ["--no-group"]),
    ],
)
def test_fleets_and_groups_are_two_words_for_one_thing(ours: list[str], theirs: list[str]) -> None:
    assert typed(*ours) == typed(*theirs) != MoveAsked()


@pytest.mark.parametrize(
    "options",
    [
        ["--await", "-1"],
        ["--await", str(AWAIT_S_MAX + 1)],
        ["--await", "nan"],
        ["--settle", "3601"],
        ["--await", "soon"],
        ["--fleet", "a", "--no-fleet"],
        ["--fleet-map", "a", "--fleet", "b"],
        ["--group", "a", "--no-fleet"],
        ["--sims-per-token", "0"],
        ["--sims-per-token", "501"],
        ["--sims-per-token", "few"],
    ],
)
def test_what_cannot_be_is_a_wrong_command_line(options: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        typed(*options)
    assert raised.value.code == Exit.USAGE


@pytest.mark.parametrize("await_s", ["0", "86400"])
def test_waiting_may_last_from_nothing_to_a_day(await_s: str) -> None:
    assert typed("--await", await_s).numbers.await_s == float(await_s)


def test_there_is_an_option_for_all_that_can_be_asked() -> None:
    options = "--allow-status new --batch 2 --canary 2 --spot 1 --in-flight 2 --settle 1 --await 1 --detach-devices"
    asked = (
        typed(*options.split(), "--deactivate-first", "--reactivate", "--fleet", "West"),
        typed("--fleet-map", "f"),
        typed("--no-fleet"),
        typed("--sims-per-token", "1", "--no-restore"),
    )
    for usual, given in ((MoveAsked(), asked), (NumbersAsked(), tuple(each.numbers for each in asked))):
        for field in fields(usual):
            assert any(getattr(each, field.name) != getattr(usual, field.name) for each in given), field.name


@pytest.mark.parametrize("provider", sorted(UNKNOWN))
def test_a_provider_refuses_what_it_has_no_use_for_and_takes_the_rest(provider: str, tmp_path: Path) -> None:
    file = tmp_path / "fleets.csv"
    file.write_text("from,to\nWest,East\n")
    named = {
        "--detach-devices": MoveAsked(detach_devices=True),
        "--deactivate-first": MoveAsked(deactivate_first=True),
        "--reactivate": MoveAsked(deactivate_first=True, reactivate=True),
        "--fleet/--group": MoveAsked(group="West"),
        "--fleet-map/--group-map": MoveAsked(group_map=str(file)),
        "--no-fleet/--no-group": MoveAsked(no_group=True),
        "--await": MoveAsked(numbers=NumbersAsked(await_s=0.0)),
        "--sims-per-token": MoveAsked(sims_per_token=1),
        "--no-restore": MoveAsked(no_restore=True),
    }
    assert set(UNKNOWN[provider]) <= set(named)
    for flag, moving in named.items():
        if flag not in UNKNOWN[provider]:
            refuse_unsuited(provider, moving)
            continue
        with pytest.raises(UsageError, match=rf"is not for {provider}: .* Leave it out\.$"):
            refuse_unsuited(provider, moving)


def test_every_provider_is_in_the_table() -> None:
    assert set(UNKNOWN) == set(PROVIDERS)


@pytest.mark.parametrize("provider", sorted(UNKNOWN))
def test_what_every_provider_knows_is_never_refused(provider: str) -> None:
    numbers = NumbersAsked(batch_sims=1, canary_sims=1, settle_s=1.0)
    refuse_unsuited(provider, MoveAsked(allowed_statuses=("x",), numbers=numbers))


@pytest.mark.parametrize(
    ("moving", "words"),
    [
        (MoveAsked(reactivate=True), "Give --deactivate-first with it"),
        (MoveAsked(group="West", no_group=True), "--fleet and --no-fleet exclude each other"),
        (MoveAsked(group=" "), "give --no-fleet"),
        (MoveAsked(group_map="none.csv"), "There is no file none.csv"),
    ],
)
def test_what_does_not_go_together_is_said(moving: MoveAsked, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        refuse_unsuited("supersim", moving)


@pytest.mark.parametrize(
    ("moving", "words"),
    [
        (MoveAsked(group="West", no_group=True), "--group and --no-group exclude each other"),
        (MoveAsked(group=" "), "--group names a group of the target account. .* give --no-group"),
        (MoveAsked(group_map="none.csv"), "There is no file none.csv. Name a CSV or xlsx with groups"),
        (MoveAsked(sims_per_token=0), "--sims-per-token 0: a token is for 1 to 500 SIMs"),
        (MoveAsked(sims_per_token=501), "--sims-per-token 501: a token is for 1 to 500 SIMs"),
    ],
)
def test_soracom_is_spoken_of_in_groups_and_tokens(moving: MoveAsked, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        refuse_unsuited("soracom", moving)


@pytest.mark.parametrize("sims", [1, 500])
def test_a_token_may_be_for_one_sim_or_for_five_hundred(sims: int) -> None:
    refuse_unsuited("soracom", MoveAsked(sims_per_token=sims))


@pytest.mark.parametrize("command", ["plan", "migrate"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--fleet", "West"], "--fleet/--group is not for emnify: emnify has no fleets"),
        (["--group-map", "none.csv"], "--fleet-map/--group-map is not for emnify"),
        (["--sims-per-token", "1"], "--sims-per-token is not for emnify: only Soracom transfers SIMs by tokens"),
        (["--reactivate"], "--reactivate is not for emnify"),
    ],
)
def test_the_command_line_refuses_before_anybody_waits_for_the_engine(
    command: str, options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = tmp_path / "accounts.toml"
    accounts.write_text(ACCOUNTS)
    given = [command, "none.csv", "--from", "here", "--to", "there", "--accounts", str(accounts), *options]
    assert main(given) == Exit.USAGE
    assert words in capsys.readouterr().err
