"""What `execute` says of tokens that the other side may still accept, and until when."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import Exit
from domain.events import Event, Json, Kind
from domain.limits import Limits
from domain.orders import Options, Part
from domain.plan import Plan, sealed, utc_text
from domain.tokens import TOKEN
from flows.commands import execute
from flows.tokens_waiting import first_deadline, tokens_waiting
from journal.book import Journal
from journal.run_folder import RunFolder
from tasks.asked import here
from tests.journal.journal_samples import KEYS, NOW, planned, steps

WAY = str(Part.OFFER)
LIFE_S = 3_600.0


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RunFolder, Plan]:
    """A run that has offered two SIMs by one token each, ten minutes apart."""
    monkeypatch.setenv("SIMFERRY_HOME", str(tmp_path / "runs"))
    folder, plan = planned(tmp_path / "runs", (WAY, WAY, WAY))
    plan = sealed(replace(plan, limits=Limits(token_life_s=LIFE_S)))
    folder.save_plan(plan, steps((WAY, WAY, WAY)))
    written(folder, *issued(KEYS[:1], 0), *issued(KEYS[1:2], 10))
    return folder, plan


def event(kind: Kind, sims: Sequence[str], minutes: float, attempt: int, **body: Json) -> Event:
    return Event(kind, utc_text(NOW + timedelta(minutes=minutes)), 1, attempt, WAY, tuple(sims), body)


def issued(sims: Sequence[str], minutes: float) -> tuple[Event, Event]:
    attempt = int(minutes) + 1
    answer = event(Kind.ANSWERED, sims, minutes, attempt, said="later", **{TOKEN: True})
    return event(Kind.INTENDED, sims, minutes, attempt), answer


def written(folder: RunFolder, *events: Event) -> None:
    with Journal.open(None, folder) as journal:
        journal.write(*events)


def test_the_soonest_deadline_is_told_with_what_to_type(offered: tuple[RunFolder, Plan]) -> None:
    _, plan = offered
    waiting = tokens_waiting(here(), plan)
    assert waiting["number"].to_list() == [1, 2]
    told = first_deadline(waiting, plan, NOW + timedelta(minutes=45))
    assert told.startswith(
        "2 tokens wait to be accepted by fleet, 2 SIMs: the first until 10:00:00 UTC, 15 min from now."
    )
    assert all(f"simferry {command} {plan.run}" in told for command in ("status", "execute", "cancel"))
    by_us = first_deadline(waiting, replace(plan, options=Options(accepts=True)), NOW)
    assert "to be accepted by us" in by_us
    assert f"Go on in time:  simferry execute {plan.run}" in by_us
    assert "until 10:00:00 UTC, which is over." in first_deadline(waiting, plan, NOW + timedelta(hours=1))


def test_a_token_whose_sims_have_left_waits_for_nobody(offered: tuple[RunFolder, Plan]) -> None:
    folder, plan = offered
    written(folder, event(Kind.SETTLED, KEYS[:1], 20, 1, stand="gone", accepted=True))
    waiting = tokens_waiting(here(), plan)
    assert waiting["number"].to_list() == [2]
    assert first_deadline(waiting, plan, NOW).startswith("1 token waits to be accepted by fleet, 1 SIM: until 10:10:00")


def test_a_token_that_was_taken_back_or_ran_out_waits_for_nobody(offered: tuple[RunFolder, Plan]) -> None:
    folder, plan = offered
    written(folder, event(Kind.CANCELLED, KEYS[:1], 20, 1))
    written(folder, event(Kind.SETTLED, KEYS[1:2], 80, 11, stand="before", accepted=True))
    assert tokens_waiting(here(), plan).is_empty()


def test_an_execution_that_leaves_tokens_open_ends_with_their_deadline(
    offered: tuple[RunFolder, Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    _, plan = offered
    assert execute.tell(argparse.Namespace(json=False), plan.run) == Exit.UNCONFIRMED
    assert "2 tokens wait to be accepted by fleet" in capsys.readouterr().out
    assert execute.tell(argparse.Namespace(json=True), plan.run) == Exit.UNCONFIRMED
    told = json.loads(capsys.readouterr().out)
    assert [token["deadline_at"][:16] for token in told["tokens"]] == ["2026-11-20T10:00", "2026-11-20T10:10"]
