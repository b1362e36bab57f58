"""Every act of the one vocabulary at every provider, over HTTP: what it does to the answer and to the books.

The table in docs/faults.md says where an act changes nothing; this holds it to that.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import orjson
import polars as pl
import pytest

from sandbox import accounts
from sandbox.exchange import JSON
from sandbox.faults import AROUND, Act
from sandbox.homes import Name
from sandbox.remote import Sandbox
from sandbox.serve import running
from sandbox.soracom.accounts import EAST
from sandbox.soracom.truth import Truth as SoracomTruth
from sandbox.supersim.truth import Truth as SuperSimTruth
from sandbox.truth import Truth
from sandbox.world import Mix, seed
from tests.sandbox.fault_desks import Desk, Desks, SuperSim, desks

TABLE = Path(__file__).parents[2] / "docs" / "faults.md"
SIMS = 600
SOON_S, WAIT_S_MAX = 0.15, 10.0
NO_EFFECT = "–"
NOWHERE_CALLED = "http://127.0.0.1:9/"  # the discard port: nobody listens


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("vocabulary")
    for name in Name:
        seed(home, SIMS, mix=Mix.PLAIN, provider=name)
    with running(home, rate_scale=0, switches={"done_after_s": "0.05"}) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def left(world: Sandbox) -> dict[Name, Iterator[str]]:
    """SIMs that no test has touched."""
    at_source = Truth(world.home).where().filter(workspace_id=accounts.SOURCE)
    ready = SoracomTruth(world.home).where().filter(operator=EAST.operator, status="ready")
    return {
        Name.EMNIFY: iter(at_source.filter(pl.col("status") != 1)["iccid"].to_list()),
        Name.SUPERSIM: iter(SuperSimTruth(world.home).where()["iccid"].to_list()),
        Name.SORACOM: iter(ready["iccid"].to_list()),
    }


@pytest.fixture
def opened(world: Sandbox) -> Iterator[Desks]:
    world.set_faults([])
    with desks(world) as made:
        yield made
    world.set_faults([])


@pytest.fixture(params=list(Name), ids=str)
def desk(request: pytest.FixtureRequest, opened: Desks, left: dict[Name, Iterator[str]]) -> Desk:
    name: Name = request.param
    makers: dict[Name, Callable[[Iterator[str]], Desk]] = {
        Name.EMNIFY: opened.emnify,
        Name.SUPERSIM: opened.supersim,
        Name.SORACOM: opened.soracom,
    }
    return makers[name](left[name])


@pytest.fixture
def sandbox(world: Sandbox) -> Sandbox:
    return world


def cells() -> dict[str, list[str]]:
    """What the table says of each act at each provider, by the act's name and `, word` behind it."""
    lines = [line.strip("| ").split(" | ") for line in TABLE.read_text(encoding="utf-8").splitlines()]
    rows = [line for line in lines if len(line) == 1 + len(Name) and line[0].startswith("`")]
    return {row[0].replace("`", "").removesuffix(" ○"): row[1:] for row in rows}


def changes_nothing(act: Act, name: Name) -> bool:
    return cells()[act][list(Name).index(name)].startswith(NO_EFFECT)


def fault(sandbox: Sandbox, desk: Desk, act: Act, **more: JSON) -> None:
    sandbox.set_faults([{"act": act, "method": "POST", "path": desk.path, **more}])


def moved(desk: Desk, sims: list[str]) -> int:
    """How many are in the target; none has been moved more than once."""
    places = desk.place(sims)
    assert all(moves == (place == desk.target) for place, _, moves in places), places
    return sum(place == desk.target for place, _, _ in places)


def soon(reached: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_S_MAX
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.01)
    return reached()


def test_the_table_has_a_line_for_every_act_and_marks_those_that_surround() -> None:
    rows = {name.partition(",")[0] for name in cells()}
    assert rows == set(Act)
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    tried = Path(__file__).read_text(encoding="utf-8")
    assert [act for act in Act if f"Act.{act.name}" not in tried] == [], "nobody has looked at its effect"
    marked = {line.split("`")[1] for line in lines if line.startswith("| `") and "` ○ |" in line}
    assert marked == set(AROUND)


@pytest.mark.parametrize("act", list(Act), ids=str)
def test_an_act_that_changes_nothing_somewhere_is_one_that_the_table_says_so_of(
    act: Act, desk: Desk, sandbox: Sandbox
) -> None:
    if not changes_nothing(act, desk.name):
        return  # its effect is looked at below
    order = desk.order()
    fault(sandbox, desk, act)
    assert order.send().status_code == 200
    assert moved(desk, order.sims) == desk.at_once
    assert sandbox.requests()[-1].acts == (act,), "it went off"


def test_throttle(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.THROTTLE)
    plain = order.send()
    fault(sandbox, desk, Act.THROTTLE, retry_after_s=7)
    assert (plain.status_code, plain.headers.get("Retry-After")) == (429, None)
    assert order.send().headers["Retry-After"] == "7"
    assert moved(desk, order.sims) == 0


@pytest.mark.parametrize("code", [1207, "SEM0123"], ids=str)
def test_refuse(desk: Desk, sandbox: Sandbox, code: int | str) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.REFUSE, code=code)
    answer = order.send()
    expected = "SBX1207" if desk.name is Name.SORACOM and code == 1207 else code
    assert (answer.status_code, answer.json()[desk.code_key]) == (desk.refusal_status, expected)
    assert moved(desk, order.sims) == 0


@pytest.mark.parametrize(("act", "share"), [(Act.ERROR_BEFORE, 0), (Act.ERROR_AFTER, 1)], ids=str)
def test_an_error(desk: Desk, sandbox: Sandbox, act: Act, share: int) -> None:
    order = desk.order()
    fault(sandbox, desk, act)
    assert order.send().status_code == 500
    assert moved(desk, order.sims) == share * desk.at_once


@pytest.mark.parametrize(("act", "share"), [(Act.DROP_BEFORE, 0), (Act.DROP_AFTER, 1)], ids=str)
def test_a_drop(desk: Desk, sandbox: Sandbox, act: Act, share: int) -> None:
    order = desk.order()
    fault(sandbox, desk, act)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        order.send()
    assert moved(desk, order.sims) == share * desk.at_once


def test_slow(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.SLOW, seconds=SOON_S)
    began_s = time.monotonic()
    assert order.send().status_code == 200
    assert time.monotonic() - began_s >= SOON_S
    assert moved(desk, order.sims) == desk.at_once


@pytest.mark.parametrize("drop", [False, True], ids=["500", "cut"])
def test_late(desk: Desk, sandbox: Sandbox, *, drop: bool) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.LATE, seconds=SOON_S * 2, drop=drop)
    if drop:
        with pytest.raises(httpx.TransportError):
            order.send()
    else:
        assert order.send().status_code == 500
    assert moved(desk, order.sims) == 0
    assert soon(lambda: moved(desk, order.sims) == desk.at_once)


def test_done_late(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.DONE_LATE, seconds=SOON_S * 2)
    answer = order.send()
    assert answer.status_code == 200
    assert sorted(desk.named(answer)) == sorted(desk.ids(order.sims)), "a yes like any other"
    assert moved(desk, order.sims) == 0
    assert soon(lambda: moved(desk, order.sims) == desk.at_once)


@pytest.mark.parametrize("act", [Act.TRUNCATE, Act.NOT_JSON], ids=str)
def test_a_body_that_is_no_json(desk: Desk, sandbox: Sandbox, act: Act) -> None:
    order = desk.order()
    fault(sandbox, desk, act)
    answer = order.send()
    assert answer.status_code == 200
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(answer.content)
    assert moved(desk, order.sims) == desk.at_once


def test_keyless(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.KEYLESS)
    assert order.send().json() == {}
    assert moved(desk, order.sims) == desk.at_once


def test_lie(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.LIE)
    assert sorted(desk.named(order.send())) == sorted(desk.ids(order.sims))
    assert moved(desk, order.sims) == 0


def test_partial(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.PARTIAL, count=1)
    assert order.send().status_code == 500
    assert moved(desk, order.sims) == 1


def test_partial_of_one_sim_is_a_part_of_its_changes(
    opened: Desks, left: dict[Name, Iterator[str]], sandbox: Sandbox
) -> None:
    desk = opened.supersim(left[Name.SUPERSIM])
    order = desk.update({"AccountSid": desk.target, "Fleet": "Rollout", "UniqueName": "half done"})
    fault(sandbox, desk, Act.PARTIAL, count=2)
    assert order.send().status_code == 500
    where = desk.truth.where(order.sims).select("account", "fleet_name", "name", "moves").row(0)
    assert where == (desk.target, "Rollout", None, 1)


def test_item_errors(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.ITEM_ERRORS, count=1)
    answer = order.send()
    assert answer.status_code == 200
    assert f'"{desk.code_key}"' in answer.text
    assert set(desk.named(answer)) == {
        name
        for name, (place, _, _) in zip(desk.ids(order.sims), desk.place(order.sims), strict=True)
        if place == desk.target
    }
    assert moved(desk, order.sims) == desk.at_once - 1


def test_arrive_twice(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.ARRIVE_TWICE)
    assert order.send().status_code == desk.twice_status
    assert moved(desk, order.sims) == desk.at_once


def test_answer_twice(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.ANSWER_TWICE)
    said = on_the_wire(sandbox, order.request)
    assert said[: len(said) // 2] == said[len(said) // 2 :]
    assert said.startswith(b"HTTP/1.1 200")
    assert moved(desk, order.sims) == desk.at_once


def test_omit_and_foreign(desk: Desk, sandbox: Sandbox) -> None:
    orders = [desk.order(), desk.order()]
    fault(sandbox, desk, Act.OMIT)
    missing = desk.named(orders[0].send())
    assert len(missing) == desk.at_once - 1
    assert set(missing) < set(desk.ids(orders[0].sims))
    fault(sandbox, desk, Act.FOREIGN)
    strange = desk.named(orders[1].send())
    assert len(strange) == desk.at_once
    assert len(set(strange) - set(desk.ids(orders[1].sims))) == 1
    assert [moved(desk, order.sims) for order in orders] == [desk.at_once] * 2


def test_lag(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.LAG, seconds=60)
    assert order.send().status_code == 200
    assert moved(desk, order.sims) == desk.at_once
    assert desk.read(order.sims[0]).status_code == 200, "as its source had it before"
    sandbox.advance_clock(61)
    assert desk.read(order.sims[0]).status_code == 404


def test_expire(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.EXPIRE, nth=1)
    assert [order.send().status_code for _ in range(2)] == [desk.expired_status] * 2
    assert moved(desk, order.sims) == 0


def test_changes(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    fault(sandbox, desk, Act.CHANGES, count=1)
    order.send()
    assert desk.by_others(order.sims) == ["status"]
    reached = moved(desk, order.sims)
    kept = {Name.EMNIFY: desk.at_once, Name.SUPERSIM: 0, Name.SORACOM: desk.at_once - 1}
    assert reached == kept[desk.name], "emnify moves SIMs of any status, Super SIM none on air, Soracom ready ones"


def test_vanishes(desk: Desk, sandbox: Sandbox) -> None:
    order = desk.order()
    home = desk.place(order.sims)[0][0]
    fault(sandbox, desk, Act.VANISHES, count=1)
    order.send()
    assert desk.read(order.sims[0]).status_code == 404
    assert desk.place(order.sims)[0][0] not in {home, desk.target}
    assert desk.place(order.sims)[0][2] == 0
    assert [change for change in desk.by_others(order.sims) if change != "status"] != []


def test_wrong_pages(desk: Desk, sandbox: Sandbox) -> None:
    first = desk.page()
    second = desk.page(first)
    rule: dict[str, JSON] = {"act": Act.WRONG_PAGES, "method": "GET", "path": desk.pages}
    sandbox.set_faults([rule])
    wrong = desk.page(first)
    if desk.name is Name.EMNIFY:
        assert int(wrong.headers["X-Total-Count"]) == int(second.headers["X-Total-Count"]) + 1
    else:
        assert desk.rows(wrong) == []
    sandbox.set_faults([rule | {"empty": True}])
    empty = desk.page(first)
    assert desk.rows(empty) == []
    sandbox.set_faults([])
    assert desk.rows(desk.page(empty)) == desk.rows(desk.page(second)), "and there is a next one"


def test_repeated_pages(desk: Desk, sandbox: Sandbox) -> None:
    first = desk.page()
    sandbox.set_faults([{"act": Act.WRONG_PAGES, "method": "GET", "path": desk.pages, "repeat": True}])
    again = desk.page(first)
    leads_on = desk.page(again)
    assert desk.rows(again) in (desk.rows(first), desk.rows(leads_on)), "a page that was there before"


@pytest.mark.parametrize(
    ("act", "scheduled", "ends"),
    [(Act.NEVER_DONE, "scheduled", None), (Act.FALL_BACK, None, "new"), (Act.DONE_LATE, "scheduled", "active")],
    ids=str,
)
def test_what_comes_of_an_update_that_was_accepted(
    opened: Desks, left: dict[Name, Iterator[str]], sandbox: Sandbox, act: Act, scheduled: str | None, ends: str | None
) -> None:
    desk = opened.supersim(left[Name.SUPERSIM])
    order = desk.update({"Status": "active", "Fleet": "Pilot"})
    fault(sandbox, desk, act, seconds=60)
    assert order.send().status_code == 202
    if scheduled:
        sandbox.advance_clock(30)
        assert status_of(desk, order.sims) == scheduled
    sandbox.advance_clock(61)
    assert soon(lambda: status_of(desk, order.sims) == (ends or scheduled))


@pytest.mark.parametrize(
    ("act", "calls"), [(Act.CALLBACK_TWICE, 2), (Act.CALLBACK_LATE, 1), (Act.CALLBACK_NEVER, 0)], ids=str
)
def test_callbacks(opened: Desks, left: dict[Name, Iterator[str]], sandbox: Sandbox, act: Act, calls: int) -> None:
    desk = opened.supersim(left[Name.SUPERSIM])
    order = desk.update({"Status": "active", "Fleet": "Pilot", "CallbackUrl": NOWHERE_CALLED})
    fault(sandbox, desk, act, seconds=3_600)
    assert order.send().status_code == 202
    assert soon(lambda: status_of(desk, order.sims) == "active")
    letters = desk.truth.callbacks().filter(pl.col("sim_id") == desk.sid(order.sims[0]), attempt=1)
    assert letters.height == calls
    if act is Act.CALLBACK_LATE:
        assert letters["sent_at"].is_null().all()


def test_goes_active(opened: Desks, left: dict[Name, Iterator[str]], sandbox: Sandbox) -> None:
    desk = opened.soracom(left[Name.SORACOM])
    order = desk.order()
    fault(sandbox, desk, Act.GOES_ACTIVE, count=2)
    assert desk.named(order.send()) == desk.ids(order.sims[2:])
    assert [status for _, status, _ in desk.place(order.sims)] == ["active", "active", "ready"]


def status_of(desk: SuperSim, sims: list[str]) -> str:
    return desk.place(sims)[0][1]


def on_the_wire(sandbox: Sandbox, request: httpx.Request) -> bytes:
    """Everything that comes back on one connection until nothing has come for a moment."""
    place = urlsplit(sandbox.base_url)
    head = f"{request.method} {request.url.raw_path.decode()} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    with socket.create_connection((str(place.hostname), place.port or 0), timeout=WAIT_S_MAX) as line:
        line.sendall(head.encode() + b"\r\n" + request.read())
        said = line.recv(65_536)
        line.settimeout(SOON_S)
        try:
            while piece := line.recv(65_536):
                said += piece
        except TimeoutError:
            pass
    return said
