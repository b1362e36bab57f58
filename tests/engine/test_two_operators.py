"""Two operators, two executions, two machines: one goes on, and the other is told who does and since when."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import RefusedToRun
from domain.events import Event, Kind
from domain.inventory import Side
from domain.limits import Limits
from domain.orders import Options, Order, Reply, Sim
from domain.plan import Plan, sealed, utc_text
from domain.settings import Change
from journal import lease
from journal.approval import approve
from journal.book import Journal
from journal.run_folder import RunFolder
from providers.protocol import Crew
from tasks import aboard
from tasks.aboard import attending, boarding, revisiting
from tasks.ahead import Ahead
from tasks.asked import Surroundings
from tasks.carry import carry_batch
from tasks.fenced import FencedMover, FencedTransferor, fenced
from tasks.voyage import Batch, Voyage
from tests.fakes import FakeClock, FakeProvider, fleet
from tests.journal.journal_samples import KEYS, planned, steps

SINCE = r"since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*Z"
SIMS = fleet(4)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """What every boarding is crewed by."""
    known = FakeProvider(FakeClock(), dict.fromkeys(KEYS, Side.SOURCE) | {sim.key: Side.SOURCE for sim in SIMS})

    @contextmanager
    def crewed(_around: Surroundings, _plan: Plan) -> Iterator[Crew]:
        yield Crew(known, known)

    monkeypatch.setattr(aboard, "manned", crewed)
    return known


def ready(home: Path) -> RunFolder:
    """A run whose plan was made just now, and approved."""
    folder, plan = planned(home)
    fresh = sealed(replace(plan, made_at=utc_text(datetime.now(UTC))))
    folder.save_plan(fresh, steps())
    approve(folder, fresh, 3, "ann", datetime.now(UTC))
    return folder


def around(home: Path, who: str, url: str | None = None) -> Surroundings:
    return Surroundings(home, home / "accounts.toml", url, who)


@pytest.mark.usefixtures("provider")
def test_a_sim_in_two_live_runs_is_sent_by_one_of_them(tmp_path: Path) -> None:
    home = tmp_path / "runs"
    first, second = ready(home), ready(home)
    said = rf"3 SIMs of this plan are in another live run: {first.name} \(3 SIMs, ann, {SINCE}\)"
    with boarding(around(home, "ann"), first.name, None):
        with pytest.raises(RefusedToRun, match=said) as refused, boarding(around(home, "bob"), second.name, None):
            pass
        assert refused.value.cause == "held"
    with pytest.raises(RefusedToRun, match=said), boarding(around(home, "bob"), second.name, None):
        pass  # the process is gone, and the run is not over


@pytest.mark.usefixtures("provider")
def test_a_second_execution_is_told_who_holds_the_run_and_since_when(tmp_path: Path) -> None:
    home = tmp_path / "runs"
    run = ready(home).name
    with boarding(around(home, "ann@depot"), run, None):
        for other in (boarding(around(home, "bob"), run, None), revisiting(around(home, "bob"), run)):
            said = rf"{run} is held by ann@depot, process \d+ on \S+, {SINCE}"
            with pytest.raises(RefusedToRun, match=said) as refused, other:
                pass
            assert refused.value.cause == "locked"


@pytest.mark.usefixtures("provider")
def test_an_execution_on_a_second_machine_is_told_who_has_the_run_and_since_when(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    here = ready(tmp_path / "ann" / "runs")
    there = tmp_path / "bob" / "runs"
    shutil.copytree(here.path, there / here.name)
    with boarding(around(here.path.parent, "ann@depot", url), here.name, None):
        said = rf"{here.name} is being worked on by ann@depot at \S+, {SINCE}"
        with pytest.raises(RefusedToRun, match=said) as refused, boarding(around(there, "bob", url), here.name, None):
            pass
        assert refused.value.cause == "locked"
    shutil.copy(here.begun, there / here.name)
    with boarding(around(there, "bob", url), here.name, None) as aboard_there:
        opened = [event for event in aboard_there.journal.events() if event.kind == Kind.OPENED]
    assert [event.body["who"] for event in opened] == ["ann@depot", "bob"]


@pytest.mark.usefixtures("provider")
def test_two_machines_with_runs_of_the_same_sim_are_told_apart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    homes = {who: tmp_path / who / "runs" for who in ("ann", "bob")}
    runs = {who: ready(home).name for who, home in homes.items()}
    with (
        boarding(around(homes["ann"], "ann", url), runs["ann"], None),
        pytest.raises(RefusedToRun, match=rf"\(3 SIMs, ann, {SINCE}\)"),
        boarding(around(homes["bob"], "bob", url), runs["bob"], None),
    ):
        pass


class TakenOver:
    """A journal whose run is another machine's as soon as an intent is in it."""

    def __init__(self, mine: Journal, other: Journal) -> None:
        self.mine = mine
        self.other = other

    def write(self, *events: Event) -> None:
        self.mine.write(*events)
        if events[0].kind == Kind.INTENDED:
            self.other.hold()


def test_a_process_that_wakes_between_its_intent_and_its_call_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_S", -1)  # whoever was silent for any time at all is followed
    monkeypatch.setattr(lease, "SURE_S", -1.0)  # and whoever slept knows that it did
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    folder, _ = planned(tmp_path / "runs")
    copy = RunFolder(tmp_path / "elsewhere" / folder.name)
    shutil.copytree(folder.path, copy.path)
    provider = FakeProvider(FakeClock(), {sim.key: Side.SOURCE for sim in SIMS})
    with Journal.open(url, folder, who="ann") as mine, Journal.open(url, copy, who="bob") as other:
        crew = fenced(Crew(provider, provider), mine.hold)
        log = TakenOver(mine, other)
        voyage = Voyage(folder.name, crew.reader, crew.mover, log, provider.clock, Limits(), Options(), lambda _: None)
        batch = Batch(1, SIMS)
        with ThreadPoolExecutor(1) as pool, pytest.raises(RefusedToRun, match=rf"by bob at .*, {SINCE}") as refused:
            carry_batch(voyage, batch, 4, Ahead(voyage, pool, batch), None)
        assert refused.value.cause == "locked"
        assert [event.kind for event in other.events()] == [Kind.INTENDED]
    assert provider.sent == []


@pytest.mark.usefixtures("provider")
def test_a_second_machine_is_refused_before_it_logs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    here = ready(tmp_path / "ann" / "runs")
    there = tmp_path / "bob" / "runs"
    shutil.copytree(here.path, there / here.name)
    with boarding(around(here.path.parent, "ann", url), here.name, None), monkeypatch.context() as later:
        later.setattr(aboard, "manned", lambda *_: pytest.fail("it logged in"))
        for way in (
            boarding(around(there, "bob", url), here.name, None),
            attending(around(there, "bob", url), here.name),
        ):
            with pytest.raises(RefusedToRun, match="is being worked on by ann"), way:
                pass


def test_a_boarded_crew_is_fenced(tmp_path: Path, provider: FakeProvider) -> None:
    home = tmp_path / "runs"
    with boarding(around(home, "ann"), ready(home).name, None) as boarded:
        boarded.voyage.mover.move(Order(1, 1, SIMS, Options()))
        assert isinstance(boarded.voyage.mover, FencedMover)
        assert boarded.voyage.mover._hold == boarded.journal.hold
    assert len(provider.sent) == 1


def test_hands_of_a_lost_run_do_nothing() -> None:
    def refuse() -> None:
        raise RefusedToRun("another machine has it", "locked")

    hands = FencedTransferor(Hands(), refuse)
    calls: tuple[Callable[[], object], ...] = (
        lambda: hands.move(Order(1, 1, SIMS, Options())),
        lambda: hands.cancel(b"token"),
        lambda: hands.restore(SIMS[0], (), {}),
    )
    for call in calls:
        with pytest.raises(RefusedToRun, match="another machine"):
            call()


class Hands:
    """A transferor that nothing is to reach."""

    def move(self, order: Order) -> Reply:
        raise AssertionError(order)

    def cancel(self, token: bytes) -> Reply:
        raise AssertionError(token)

    def restore(self, sim: Sim, changes: Sequence[Change], now: Mapping[str, str]) -> Reply:
        raise AssertionError(sim, changes, now)
