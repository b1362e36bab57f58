"""What Prefect is told: that nothing is repeated, how far a run is, and how it ended."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from tasks import artifacts, engine
from tests.prefect.prefect_desk import Desk

FAILING = """
    from tasks.engine import engine
    with engine(print):
        from prefect import flow, task
        from tasks.kinds import reading, touching
        def step(seen: list[str], name: str) -> None:
            seen.append(name)
            raise ValueError(name)
        @flow
        def carry() -> str:
            seen: list[str] = []
            for kind, name in ((touching, "touching"), (reading, "reading"), (task, "bare")):
                kind(name=name)(step)(seen, name, return_state=True)
            return " ".join(seen)
        print(carry())
"""
SHOWING = """
    from pathlib import Path
    from tasks.engine import engine
    with engine(print):
        from prefect import flow
        from tasks import artifacts
        @flow
        def carry() -> None:
            wave = artifacts.progress("SIMs carried")
            for done in range(1, 51):
                wave.update(done, 50)
            artifacts.final("2026-11-Acme", "# 50 SIMs confirmed", Path("report.html"))
        carry()
        artifacts.final("outside", "# not in a flow", Path("report.html"))
        artifacts.progress("outside").update(1, 2)
"""


def test_the_engine_repeats_neither_kind_whatever_its_settings_say(desk: Desk, server: str) -> None:
    ran = desk.run(FAILING, PREFECT_API_URL=server, PREFECT_TASKS_DEFAULT_RETRIES="3")
    assert ran.stdout.split() == ["touching", "reading", "bare", "bare", "bare", "bare"]
    assert ran.stderr == ""


def test_a_flow_run_shows_how_far_it_is_and_how_it_ended(desk: Desk, server: str) -> None:
    ran = desk.run(SHOWING, PREFECT_API_URL=server)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert desk.tried == []
    assert {(a["type"], a["key"], a["description"], a["data"]) for a in _artifacts(server)} == {
        ("progress", None, "SIMs carried: 50 of 50", 100.0),
        ("markdown", "simferry-2026-11-acme-summary", "Run 2026-11-Acme", "# 50 SIMs confirmed"),
        (
            "markdown",
            "simferry-2026-11-acme-report",
            "Run 2026-11-Acme",
            f"[report.html]({(desk.folder / 'report.html').as_uri()})",
        ),
    }


def test_progress_is_shown_now_and_then_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    seconds = iter(range(1000))
    monkeypatch.setattr(artifacts, "_in_flow_run", lambda: True)
    monkeypatch.setattr(artifacts, "create_progress_artifact", lambda *_, **__: UUID(int=1))
    monkeypatch.setattr(artifacts, "update_progress_artifact", lambda _id, _share, words: shown.append(words))
    wave = artifacts.Progress("SIMs", clock=lambda: next(seconds) / 10)
    for done in range(1, 42):
        wave.update(done, 41)
    assert len(shown) <= 5
    assert shown[-1] == "SIMs: 41 of 41"


def test_an_engine_that_is_gone_does_not_harm_a_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def gone(*_: object, **__: object) -> None:
        raise httpx.ConnectError("gone")

    monkeypatch.setattr(artifacts, "_in_flow_run", lambda: True)
    for maker in ("create_progress_artifact", "create_markdown_artifact", "create_link_artifact"):
        monkeypatch.setattr(artifacts, maker, gone)
    artifacts.progress("SIMs").update(1, 1)
    artifacts.final("run", "words", tmp_path / "report.html")


def test_what_the_operator_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    engine.quiet()
    assert os.environ["PREFECT_LOGGING_LEVEL"] == "DEBUG"
    assert os.environ["DO_NOT_TRACK"] == "1"


def _artifacts(server: str) -> list[dict[str, object]]:
    request = urllib.request.Request(f"{server}/artifacts/filter", b"{}", {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: list[dict[str, object]] = json.load(answer)
    return found
