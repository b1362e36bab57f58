"""Eyes on the account that SIMs are registered in: they are there, or nowhere, and nothing but reads is sent."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from domain.errors import UsageError
from domain.inventory import GROUPS, HISTORY, Side
from domain.limits import Limits
from domain.lists import LINES
from domain.orders import Options, Order, Part, Reply, Said
from domain.planning import HELD
from domain.registering import plan_registration
from providers.accounts import Account
from providers.registry import open_registrar
from providers.supersim_registry import SuperSimRegistry
from tests.providers.supersim_doubles import NORTH, SOUTH, Books, a_post, a_sim, an_order, body_of, shown, sid


def registry(*held: int) -> tuple[SuperSimRegistry, Books]:
    account = Books([shown(number) for number in held])
    return SuperSimRegistry(a_post(account), 4), account


def claim(*numbers: int) -> Order:
    sims = (a_sim(number, parts=(Part.REGISTER,)) for number in numbers)
    return an_order(*sims, part=Part.REGISTER)


def sides(reply: Reply) -> list[Side]:
    return [sight.side for sight in reply.sights]


def test_a_sim_is_in_the_account_or_nowhere() -> None:
    eyes, account = registry(1, 2)
    there, nowhere = eyes.find(claim(2, 3).sims)
    assert (there.side, there.sim_id, there.status) == (Side.TARGET, sid(2), "new")
    assert (nowhere.side, nowhere.sim_id) == (Side.NOWHERE, None)
    assert {request.method for request in account.sent} == {"GET"}


def test_a_look_says_yes_only_where_none_is_there() -> None:
    eyes, _ = registry(1)
    assert eyes.look(claim(2, 3)).said is Said.YES
    mixed = eyes.look(claim(2, 1))
    assert (mixed.said, sides(mixed)) == (Said.NO, [Side.NOWHERE, Side.TARGET])


def test_a_dry_run_refuses_what_is_in_the_account_by_now_and_says_what_to_do() -> None:
    eyes, _ = registry(1)
    reply = eyes.dry_run(claim(1, 2))
    assert [(refusal.key, refusal.code) for refusal in reply.refusals] == [(body_of(1), "registered")]
    assert eyes.advice("registered") == "Nothing to do."
    assert "Check both numbers" in eyes.advice("83002")


def test_the_account_is_surveyed_and_a_source_is_not_asked_for() -> None:
    eyes, account = registry(1, 2)
    assert eyes.survey(Side.TARGET, lambda *_: None).sims["key"].to_list() == [body_of(1), body_of(2)]
    asked = len(account.sent)
    source = eyes.survey(Side.SOURCE, lambda *_: None)
    assert (source.sims.height, source.how) == (0, "")
    assert eyes.groups(Side.SOURCE).schema == GROUPS
    assert eyes.history(claim(1).sims).schema == HISTORY
    assert len(account.sent) == asked


def test_a_sim_that_another_account_holds_is_nowhere_to_be_seen() -> None:
    eyes = SuperSimRegistry(a_post(Books([shown(1, SOUTH)]), NORTH), 4)
    assert eyes.find(claim(1).sims)[0].side is Side.NOWHERE


def test_a_plan_says_what_becomes_of_the_sims_and_what_cannot_be_known() -> None:
    eyes, _ = registry()
    lines = pl.DataFrame([(0, 2, body_of(1), body_of(1), None, False, None)], schema=LINES, orient="row")
    steps = plan_registration(lines, eyes.survey(Side.SOURCE, print).sims, pl.DataFrame(schema=HELD), Limits())
    (words,) = eyes.consequences(steps, Options())
    assert words.startswith("1 SIM becomes the account's, new")
    assert eyes.consequences(steps.clear(), Options()) == ()
    assert any("code belongs to its ICCID" in unknown for unknown in eyes.traits.checked.unknown)


def test_an_account_of_a_provider_without_codes_is_no_place_to_register_sims(tmp_path: Path) -> None:
    account = Account("pilot", "emnify", "1", "https://host", {}, {}, {}, tmp_path)
    with pytest.raises(UsageError, match="pilot"), open_registrar(account):
        pass
