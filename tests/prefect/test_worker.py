"""The whole way under a Prefect server and a process worker, as docs/prefect.md tells it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.accounts import MOVER, TARGET, write_accounts
from sandbox.serve import running
from sandbox.truth import Truth
from sandbox.world import Mix, seed
from tests.prefect.prefect_desk import ROOT, Desk
from tests.prefect.worker_site import site

SIMS = 20
MARKED = [MOVER.password, MOVER.password_sha1, str(MOVER.fingerprint), MOVER.refresh_token, "eyJ"]


@pytest.mark.timeout(240)
def test_a_plan_and_its_execution_run_on_a_worker_and_show_what_they_did(
    desk: Desk, blank: Path, tmp_path: Path
) -> None:
    books = tmp_path / "sandbox"
    seed(books, 200, mix=Mix.PLAIN)
    bodies = Truth(books).where()["iccid"].to_list()[:SIMS]
    fleet = tmp_path / "fleet.csv"
    fleet.write_text("\n".join(["iccid", *bodies]), encoding="utf-8")
    with running(books) as sandbox, site(tmp_path, desk.environment, blank) as prefect:
        accounts = str(write_accounts(books, sandbox.base_url))
        planned = prefect.run("plan/plan", list_path=str(fleet), source="pilot", target="fleet", accounts=accounts)
        assert planned["state_type"] == "COMPLETED", (tmp_path / "worker.log").read_text()
        [run] = [plan.parent.name for plan in Path(desk.environment["SIMFERRY_HOME"]).glob("*/plan.json")]
        _approve(run, prefect.environment)
        executed = prefect.run("execute/execute", run=run, accounts=accounts)
        assert executed["state_type"] == "COMPLETED", (tmp_path / "worker.log").read_text()
        settings = tmp_path / "audit.toml"
        settings.write_text('currency = "EUR"\n', encoding="utf-8")
        asked = {"registers": [f"assets={fleet}"], "accounts": ["pilot", "fleet"], "month": "2026-10", "retries": 1}
        asked |= {"settings": str(settings)}
        audited = prefect.run("audit/audit", asked=asked, month="2026-10", accounts=accounts)
        assert audited["state_type"] == "COMPLETED", (tmp_path / "worker.log").read_text()
        assert "2026-10" in str(audited["state"]), "an automation has something to send"
        assert (tmp_path / "audits" / "2026-10" / "audit.xlsx").exists()
        for flow_run in (planned, executed):
            kinds = {artifact["type"] for artifact in prefect.artifacts(flow_run)}
            assert kinds == {"markdown", "progress"}, kinds  # a link is a markdown artifact too
    assert set(Truth(books).where(bodies)["workspace_id"]) == {TARGET}
    assert desk.tried == []
    assert _found(MARKED, [Path(desk.environment["PREFECT_HOME"]), *tmp_path.glob("*.log")]) == []


def _approve(run: str, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flows.cli", "approve", run, "--sims", str(SIMS), "--by", "a test"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _found(secrets: list[str], places: list[Path]) -> list[tuple[str, str]]:
    """Which secret is in which file below these places."""
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*")) if file.is_file()]
    assert any(file.name.startswith("prefect.db") for file in files)
    return [(secret, os.fspath(file)) for file in files for secret in secrets if secret.encode() in file.read_bytes()]
