"""The world that Soracom's sandbox starts with, its accounts file, and its command."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import polars as pl
import pytest

from domain.errors import UsageError
from domain.identifiers import check_digit
from sandbox import accounts
from sandbox.homes import books_in
from sandbox.positions import names_of
from sandbox.serve import running
from sandbox.soracom.accounts import ALL, EAST, FAR, KANSAI, WEST
from sandbox.soracom.switches import Switches
from sandbox.soracom.truth import Truth
from sandbox.supersim.switches import Switches as SuperSimSwitches
from sandbox.switches import Switches as EmnifySwitches
from sandbox.world import Mix, Name, seed

ROOT = Path(__file__).resolve().parents[3]
STATUSES = {"ready", "active", "inactive", "standby", "suspended", "terminated"}
KINDS = {"tag", "group", "imei_lock", "expiry", "speed_class", "termination_protection"}


def test_a_realistic_world_has_every_status_kind_number_and_setting(tmp_path: Path) -> None:
    seed(tmp_path, 2_000, provider=Name.SORACOM)
    truth = Truth(tmp_path)
    where = truth.where()
    assert {name for _, name, sims in truth.operators() if sims >= 25} == {one.name for one in ALL}
    east = where.filter(operator_name="east")
    assert set(east["status"]) == STATUSES | {"transferring"}
    assert set(where.filter(pl.col("operator_name") != "east")["status"]) == STATUSES
    assert set(east["type"]) == {"uicc", "euicc", "virtual"}
    assert set(where.filter(type="virtual")["status"]) <= {"active", "terminated"}
    assert east.filter(pl.col("status") == "ready").height > east.height * 0.6
    settings = truth.settings()
    assert set(settings["setting"].str.split(":").list.first()) == KINDS
    ready = east.filter(status="ready")["iccid"]
    ours = settings.filter(pl.col("key").is_in(ready.implode()))
    assert set(ours["setting"].str.split(":").list.first()) == KINDS
    ends = ours.filter(setting="expiry")["value"].str.split(" ").list.last()
    assert set(ends) == {"terminate", "deactivate", "suspend", "doNothing", "none"}
    guarded = ours.filter(setting="termination_protection", value="on")["key"]
    assert ours.filter(pl.col("value").str.ends_with("terminate"), pl.col("key").is_in(guarded.implode())).height > 0
    assert not settings["setting"].is_in(["tag:DSN", "tag:soracom.gadgets"]).any()
    aliases = truth.aliases()
    assert aliases.filter(pl.col("iccid") != pl.col("key")).height > 5
    assert aliases.filter(pl.col("iccid") == pl.col("key")).height > 5


def test_sim_ids_end_in_check_digits_and_coverages_have_numbers_of_their_own(tmp_path: Path) -> None:
    seed(tmp_path, 2_000, provider=Name.SORACOM)
    where = Truth(tmp_path).where()
    for iccid in where["iccid"]:
        assert len(iccid) == 19
        assert check_digit(iccid[:-1]) == iccid[-1]
    assert set(where.select("coverage", pl.col("iccid").str.head(6), pl.col("imsi").str.head(6)).unique().rows()) == {
        ("global", "894231", "295050"),
        ("japan", "898110", "440103"),
    }
    assert where["imsi"].n_unique() == where["iccid"].n_unique() == 2_000


@pytest.mark.parametrize("mix", [Mix.PLAIN, Mix.FURNISHED])
def test_a_plain_world_can_all_be_transferred_and_a_furnished_one_has_everything_to_lose(
    tmp_path: Path, mix: Mix
) -> None:
    seed(tmp_path, 200, mix=mix, provider=Name.SORACOM)
    truth = Truth(tmp_path)
    assert truth.where().select("operator_name", "status", "type").unique().rows() == [("east", "ready", "uicc")]
    settings = truth.settings().with_columns(pl.col("setting").str.split(":").list.first())
    each = settings.unique(["key", "setting"]).group_by("setting").len().rows()
    few = {("speed_class", 200), ("termination_protection", 200)}
    assert set(each) == (few if mix is Mix.PLAIN else {(kind, 200) for kind in KINDS})
    if mix is Mix.PLAIN:
        assert set(settings["value"]) == {"s1.standard", "off"}
    with pytest.raises(UsageError, match="furnished"):
        seed(tmp_path / "other", 10, mix=Mix.FURNISHED)


def test_the_same_seed_gives_the_same_world_at_any_time(tmp_path: Path) -> None:
    for name, number, now_s in (("one", 7, 1.8e9), ("two", 7, 1.9e9), ("three", 8, 1.8e9)):
        seed(tmp_path / name, 1_000, number, provider=Name.SORACOM, now_s=now_s)
    one, two, three = (Truth(tmp_path / name) for name in ("one", "two", "three"))
    assert one.where().equals(two.where())
    assert one.settings().equals(two.settings())
    assert one.groups().equals(three.groups())
    assert not one.where().equals(three.where())


def test_a_hundred_thousand_sims_are_seeded_soon(tmp_path: Path) -> None:
    began_s = time.monotonic()
    seed(tmp_path, 100_000, provider=Name.SORACOM)
    assert time.monotonic() - began_s < 20, "some 1.5 s where nothing else runs"


def test_no_two_providers_have_a_switch_of_the_same_name() -> None:
    every = [name for kind in (EmnifySwitches, SuperSimSwitches, Switches) for name in names_of(kind)]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(("name", "value"), [("transfer_life_s", "-1"), ("imei_locks", "perhaps")])
def test_a_switch_that_has_no_such_position_is_refused(tmp_path: Path, name: str, value: str) -> None:
    seed(tmp_path, 10, provider=Name.SORACOM)
    with pytest.raises(UsageError, match=name), running(tmp_path, switches={name: value}):
        pass


def test_the_accounts_file_holds_operators_with_each_way_in_and_one_with_none(tmp_path: Path) -> None:
    seed(tmp_path, 10, provider=Name.SORACOM)
    written = accounts.write_accounts(tmp_path, "http://127.0.0.1:1")
    table = tomllib.loads(written.read_text(encoding="utf-8"))["accounts"]
    assert list(table) == ["east", "west", "far", "edo", "osaka", "kansai"]
    ways = {name: {"password", "auth_key", "user_password"} & set(account) for name, account in table.items()}
    assert ways["far"] == set()
    assert set.union(*ways.values()) == {"password", "auth_key", "user_password"}
    assert {table[one.name]["operator"] for one in (EAST, WEST, FAR, KANSAI)} == {
        one.operator for one in (EAST, WEST, FAR, KANSAI)
    }
    for name, way in ways.items():
        for key in way:
            file = tmp_path / table[name][key].removeprefix("file:")
            assert file.stat().st_mode & 0o777 == 0o600
            assert file.read_text(encoding="utf-8").strip() not in written.read_text(encoding="utf-8")


def test_the_command_serves_soracom_where_it_is_asked_for(tmp_path: Path) -> None:
    code = "import sys; from sandbox.serve import main; sys.exit(main(sys.argv[1:]))"
    with subprocess.Popen(
        [sys.executable, "-c", code, "--home", str(tmp_path / "home"), "--sims", "50", "--provider", "soracom"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as command:
        assert command.stdout is not None
        said = [command.stdout.readline()]
        while "Ctrl-C" not in said[-1]:
            said.append(command.stdout.readline())
        command.send_signal(signal.SIGINT)
        _, errors = command.communicate(timeout=20)
    assert (command.returncode, errors) == (0, "")
    assert said[0].startswith("Soracom sandbox at http://127.0.0.1:")
    assert any("--from east --to west" in line for line in said)
    assert books_in(tmp_path / "home") == [Name.SORACOM]
