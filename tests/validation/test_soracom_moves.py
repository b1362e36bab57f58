"""Which SIMs of Soracom a token transfers, which are left to its support, and what is said of all others."""

from __future__ import annotations

import polars as pl
import pytest

from domain.errors import UsageError
from domain.inventory import INVENTORY
from domain.limits import Limits
from domain.orders import Options
from domain.parts import parts_of as parts_in
from domain.plan import Step
from domain.planning import HELD, Terms, make_plan
from tests.validation.judged import sim_id, verdict
from validation.soracom_moves import BY_SUPPORT, STATUSES
from validation.tables import move_rules, parts_of, statuses_of

PLAIN = Options()
EAST, WEST, KANSAI = "OP0000000001", "OP0000000002", "OP2000000001"
STEPS = {
    "ready": ("MOVE", "eligible"),
    **dict.fromkeys(BY_SUPPORT, ("ASSIST", "by_support")),
    "terminated": ("REFUSE", "terminated"),
    "transferring": ("REFUSE", "transferring"),
}


def planned(
    *statuses: str | None,
    source_id: str = EAST,
    target_id: str = WEST,
    kind: str | None = "uicc",
    imsi: str | None = "29505091000000",
    options: Options = PLAIN,
) -> pl.DataFrame:
    """The steps of SIMs that have these statuses in the source."""
    sims = [
        dict.fromkeys(INVENTORY.names())
        | {"key": sim_id(at), "sim_id": sim_id(at), "iccid": sim_id(at), "status": status, "type": kind}
        | {"imsi": f"{imsi}{at}" if imsi is not None else None}
        for at, status in enumerate(statuses)
    ]
    terms = Terms(
        rules=move_rules("soracom", options),
        held=pl.DataFrame(schema=HELD),
        live_statuses=("active",),
        limits=Limits(),
        parts=parts_of("soracom", options),
        source_id=source_id,
        target_id=target_id,
    )
    lines = verdict(*(sim_id(at) for at in range(len(statuses))), provider="soracom").lines
    return make_plan(lines, pl.DataFrame(sims, schema=INVENTORY), pl.DataFrame(schema=INVENTORY), terms)


def answers(steps: pl.DataFrame) -> list[tuple[str, str]]:
    return [(str(step), code) for step, code in steps.select("step", "code").iter_rows()]


def test_the_status_decides_whatever_the_case_of_its_letters() -> None:
    assert set(STEPS) == set(STATUSES)
    for spelt in (str.lower, str.upper, str.title):
        assert answers(planned(*(spelt(status) for status in STATUSES))) == [STEPS[status] for status in STATUSES]


@pytest.mark.parametrize("status", ["shipped", "instock", "In Transit", "", None])
def test_an_unknown_status_is_refused_and_quoted(status: str | None) -> None:
    (step,) = planned(status).rows(named=True)
    assert (step["step"], step["code"]) == (Step.REFUSE, "status_unknown")
    assert f"“{status or ''}”" in step["words"]


def test_what_is_left_to_support_says_what_to_send_and_what_to_do_then() -> None:
    for step in planned(*BY_SUPPORT).iter_rows(named=True):
        assert step["status"] in step["words"]
        assert "support-request.xlsx" in step["next_step"]
        assert "simferry reconcile" in step["next_step"]
        assert step["batch"] is None


def test_what_is_refused_says_what_to_do() -> None:
    ended, under_way = planned("terminated", "Transferring")["next_step"]
    assert "Buy a new SIM" in ended
    assert all(word in under_way for word in ("Wait", "accepted", "hour", "simferry cancel RUN", "plan again"))


@pytest.mark.parametrize(("source_id", "target_id"), [(EAST, KANSAI), (KANSAI, EAST), ("op0000000001", KANSAI)])
def test_nothing_crosses_between_operators_of_two_kinds_whatever_its_status(source_id: str, target_id: str) -> None:
    steps = planned(*STATUSES, "odd", source_id=source_id, target_id=target_id)
    assert set(answers(steps)) == {("REFUSE", "operators_of_two_kinds")}
    assert f"from operator {source_id} to {target_id}" in steps["words"][0]


@pytest.mark.parametrize(("source_id", "target_id"), [(EAST, WEST), (KANSAI, "OP2000000002"), (EAST, "OP1000000001")])
def test_operators_of_one_kind_and_those_nothing_is_known_of_are_no_reason(source_id: str, target_id: str) -> None:
    assert answers(planned("ready", source_id=source_id, target_id=target_id)) == [("MOVE", "eligible")]


@pytest.mark.parametrize("kind", ["virtual", "Virtual"])
def test_a_virtual_sim_is_refused(kind: str) -> None:
    assert answers(planned("ready", "active", kind=kind)) == [("REFUSE", "virtual")] * 2


@pytest.mark.parametrize("kind", ["uicc", "euicc", "something new", None])
def test_every_other_kind_of_sim_moves(kind: str | None) -> None:
    assert answers(planned("ready", kind=kind)) == [("MOVE", "eligible")]


def test_a_sim_that_shows_no_imsi_cannot_be_named_to_a_token_and_support_needs_none() -> None:
    assert answers(planned("ready", "active", imsi=None)) == [("REFUSE", "imsi_missing"), ("ASSIST", "by_support")]


@pytest.mark.parametrize(("options", "wanted"), [(PLAIN, "offer"), (Options(accepts=True), "issue accept")])
def test_a_token_is_accepted_by_us_or_offered(options: Options, wanted: str) -> None:
    assert planned("ready", options=options)["parts"].to_list() == [wanted]
    assert " ".join(parts_in(wanted)) == wanted


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(detach_devices=True), "Leave out --detach-devices"),
        (Options(deactivate_first=True), "Leave out --deactivate-first"),
        (Options(reactivate=True), "--reactivate"),
        (Options(("active",)), r"no SIM that is active\. Leave out --allow-status"),
        (Options(("ready", "Suspended")), "no SIM that is suspended"),
        (Options(("redy",)), r"no SIM status “redy”\. --allow-status takes: ready"),
    ],
)
def test_an_option_that_soracom_has_no_use_for_is_a_wrong_command_line(options: Options, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        move_rules("soracom", options)


def test_ready_is_the_one_status_that_can_be_allowed() -> None:
    assert statuses_of("soracom", ("Ready", " READY ")) == ("ready",)
    assert answers(planned("ready", options=Options(("ready",)))) == [("MOVE", "eligible")]
    with pytest.raises(UsageError, match="active or standby"):
        statuses_of("soracom", ("ready", "active", "STANDBY"))


def test_every_rule_has_words_a_next_step_and_a_source() -> None:
    rules = move_rules("soracom", PLAIN)
    for rule in rules:
        assert rule.sentence.endswith(".")
        assert rule.next_step.endswith(".")
        assert rule.source
    assert len({rule.code for rule in rules}) == len(rules)
