"""A plan runs only on a person's word for exactly that plan."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import RefusedToRun
from domain.events import Event, Kind
from domain.plan import Step, sealed
from journal.approval import Approval, approval_of, approve, approved
from journal.book import Journal
from tests.journal.journal_samples import NOW, planned, resealed

LATE = NOW + timedelta(hours=25)


def cause_of(refused: pytest.ExceptionInfo[RefusedToRun]) -> str:
    return refused.value.cause


def test_who_names_the_number_of_sims_has_read_the_plan(tmp_path: Path) -> None:
    folder, plan = planned(tmp_path / "runs")
    given = approve(folder, plan, 3, "ann", NOW)
    assert given == Approval(plan.fingerprint, 3, "ann", "2026-11-20T09:00:00Z")
    assert approval_of(folder) == approved(folder, plan, NOW) == given


def test_another_number_approves_nothing(tmp_path: Path) -> None:
    folder, plan = planned(tmp_path / "runs")
    with pytest.raises(RefusedToRun, match="moves 3 SIMs, not 4") as refused:
        approve(folder, plan, 4, "ann", NOW)
    assert cause_of(refused) == "number"
    with pytest.raises(RefusedToRun, match=r"not approved\. Read it and approve it with:  simferry approve") as refused:
        approved(folder, plan, NOW)
    assert cause_of(refused) == "approval"


def test_an_approval_is_of_one_plan_only(tmp_path: Path) -> None:
    folder, plan = planned(tmp_path / "runs")
    approve(folder, plan, 3, "ann", NOW)
    with pytest.raises(RefusedToRun, match="is not approved"):
        approved(folder, sealed(resealed(plan, 4)), NOW)
    with pytest.raises(RefusedToRun, match="altered") as refused:
        approved(folder, resealed(plan, 4), NOW)
    assert cause_of(refused) == "altered"
    with pytest.raises(RefusedToRun, match="altered"):
        approve(folder, resealed(plan, 4), 4, "ann", NOW)


@pytest.mark.parametrize("change", [{"sims": 4}, {"fingerprint": "0"}, {"more": 1}])
def test_an_approval_changed_by_hand_is_none(tmp_path: Path, change: dict[str, object]) -> None:
    folder, plan = planned(tmp_path / "runs")
    approve(folder, plan, 3, "ann", NOW)
    folder.approval.write_text(json.dumps(json.loads(folder.approval.read_text()) | change))
    with pytest.raises(RefusedToRun, match="is not approved"):
        approved(folder, plan, NOW)


def test_a_stale_plan_is_neither_approved_nor_begun(tmp_path: Path) -> None:
    folder, plan = planned(tmp_path / "runs")
    with pytest.raises(RefusedToRun, match=r"25.0 h old, .*limit 24 h") as refused:
        approve(folder, plan, 3, "ann", LATE)
    assert cause_of(refused) == "stale"
    approve(folder, plan, 3, "ann", NOW)
    with pytest.raises(RefusedToRun, match="h old"):
        approved(folder, plan, LATE)
    with pytest.raises(RefusedToRun, match="in the future"):
        approved(folder, plan, NOW - timedelta(hours=1))


def test_what_moves_nothing_does_not_go_stale(tmp_path: Path) -> None:
    folder, plan = planned(tmp_path / "runs")
    approve(folder, plan, 3, "ann", NOW)
    assert approved(folder, plan, LATE, moves=False).by == "ann"
    left = sealed(replace(plan, counts={**plan.counts, Step.MOVE: 0}))
    folder.save_plan(left, folder.load_plan()[1])
    assert approve(folder, left, 0, "ann", LATE).sims == 0
    with pytest.raises(RefusedToRun, match="h old"):
        approved(folder, left, LATE)


def test_a_run_that_has_begun_is_taken_up_however_old_and_never_approved_again(tmp_path: Path) -> None:
    folder, plan = planned(tmp_path / "runs")
    approve(folder, plan, 3, "ann", NOW)
    with Journal.open(None, folder) as journal:
        assert approve(folder, plan, 3, "ann", NOW).sims == 3
        journal.write(Event(Kind.OPENED, "2026-11-20T09:00:00Z"))
    assert approved(folder, plan, LATE).by == "ann"
    with pytest.raises(RefusedToRun, match="already been executed") as refused:
        approve(folder, plan, 3, "ann", NOW)
    assert cause_of(refused) == "spent"
    with pytest.raises(RefusedToRun, match="already been executed"):
        folder.save_plan(plan, folder.load_plan()[1])
