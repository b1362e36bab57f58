"""The tables of rules: every rule has its words, its source and its say, and findings read as they should."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from domain.errors import UsageError
from domain.findings import Code
from domain.inventory import INVENTORY
from domain.lists import Kind, ListLimits
from domain.orders import Options
from domain.rules import MoveRule
from tests.validation.judged import Row, card, iccid, registration, sheet, sid, sim_id, verdict
from validation.emnify_rules import STATUSES
from validation.emnify_rules import row_rules as emnify_rules
from validation.facts import state_facts
from validation.list_rules import duplicate_rules, total_rules
from validation.schema import failures
from validation.tables import PROVIDERS, move_rules, registration_rules, row_rules

GOLDEN = Path(__file__).parent / "golden_findings.txt"
EVERY_KIND = (
    card(0),
    Row(" ", end=iccid()),
    Row("45980", Kind.DATE),
    Row("true", Kind.BOOL),
    Row("8.988303000008014E+19", Kind.NUMBER),
    Row("8.988303000008014E+19", Kind.NUMBER),
    "8,98830300000801E+18",
    Row("#REF!", Kind.ERROR),
    Row("", Kind.FORMULA),
    "8988303\u200b000008013931",
    "ICCID 8988303000008013931",
    iccid() + "-",
    "898830300000801393",
    "1234567890123456789",
    card(7)[:-1] + str((int(card(7)[-1]) + 3) % 10),
    Row(iccid(8), imsi="1010000000001", imsi_kind=Kind.NUMBER),
    Row(iccid(9), imsi="262010000000001", imsi_kind=Kind.NUMBER),
    Row(iccid(10), imsi="2620100"),
    iccid(0),
    Row(iccid(11), imsi="262010000000001"),
    Row(iccid(0), end=iccid(3)),
    f"{iccid(30)} - {iccid(20)}",
    Row(iccid(30), end=card(31)),
    "8988303000000000000 bis 8988304000000000000",
    Row(iccid(40), end=iccid(40_000)),
    Row(iccid(40), end="12"),
    sid(1),
    sid(1).lower(),
)
FOR_SUPER_SIM = (
    sid(1),
    f" {sid(2)} ",
    sid(1).replace("e", "E"),
    sid(3)[:20],
    Row(sid(4), end=iccid()),
    "262010000000001",
    Row(imsi="262010000000002"),
)
FOR_SORACOM = (
    f"{sim_id(1)}F",
    sim_id(2)[:-1] + str((int(sim_id(2)[-1]) + 1) % 10),
    sim_id(3)[:-1],
    card(4),
    "89049032" + "0" * 24,
    sim_id(5)[:-2],
    "29505091000001",
    Row(sim_id(6), imsi="2950509100000012"),
    Row(sim_id(10), end=sim_id(12)[:-1] + str((int(sim_id(12)[-1]) + 1) % 10)),
    Row(sim_id(10), end="12"),
    sid(6),
)
TO_REGISTER: tuple[tuple[Row | str, str | None, Kind], ...] = (
    (card(50), "S3CR3TC0D3", Kind.TEXT),
    (card(51), None, Kind.EMPTY),
    (card(52), "#REF!", Kind.ERROR),
    (card(53), "1234567890", Kind.NUMBER),
    (card(54), "S3CR3T-0D3", Kind.TEXT),
    (card(55), "S3CR3T", Kind.TEXT),
    ("S3CR3TC0D3", card(56), Kind.TEXT),
    (sid(5), "S3CR3TC0D3", Kind.TEXT),
    ("262010000000001", "S3CR3TC0D3", Kind.TEXT),
    (Row(card(57), end=card(58)), "S3CR3TC0D3", Kind.TEXT),
)


def told() -> str:
    odd = verdict(*EVERY_KIND)
    own = verdict(*FOR_SUPER_SIM, provider="supersim")
    soracom = verdict(*FOR_SORACOM, provider="soracom")
    registered = registration(*TO_REGISTER)
    rounded = verdict(*(iccid(step * 10**6)[:15] + "0000" for step in (0, 1, 2, 2)))
    crowded = verdict(*(Row(iccid(step), end=iccid(step + 900)) for step in (0, 1_000, 2_000)))
    verdicts = (odd, own, soracom, registered, rounded, crowded)
    found = pl.concat([answer.findings for answer in verdicts])
    lines = pl.format(
        "{} {} {} | {} | {}\n    {}\n    {}\n",
        "cell", "severity", "code", "column", pl.col("raw").fill_null("(nothing)"), "sentence", "suggestion",
    )  # fmt: skip
    return "".join(found.select(lines).to_series())


def test_findings_read_as_they_did_when_somebody_last_read_them() -> None:
    assert told() == GOLDEN.read_text(encoding="utf-8"), "read the difference, and if it is wanted write told() there"


def test_every_code_there_is_has_its_words_in_the_golden_file() -> None:
    assert {code for code in Code if f" {code} |" in GOLDEN.read_text(encoding="utf-8")} == set(Code)


def test_every_rule_has_words_a_next_step_and_a_source() -> None:
    limits = ListLimits()
    per_row = [rule for provider in (None, *PROVIDERS) for rule in row_rules(provider, limits)]
    for rule in (*per_row, *registration_rules("supersim", limits), *total_rules(limits), *duplicate_rules()):
        assert rule.sentence.endswith((".", "{shared}"))
        assert rule.suggestion.endswith(".")
        assert rule.source


def test_a_rule_that_answers_null_is_a_rule_that_fails() -> None:
    rules = row_rules(None, ListLimits())
    facts = state_facts(sheet(iccid()).rows)
    assert failures(facts, rules).is_empty()
    for unanswered in (pl.lit(None, pl.Boolean), pl.col("imsi") == "x"):
        asked = (*rules, replace(rules[0], fine=unanswered))
        assert failures(facts, asked).rows() == [(0, len(rules))]


def test_a_rule_that_cannot_be_carried_out_stops_everything() -> None:
    rule = replace(row_rules(None, ListLimits())[0], fine=pl.col("there is no such column") == 1)
    with pytest.raises(RuntimeError, match="no row was judged"):
        failures(state_facts(sheet(iccid()).rows), (rule,))


def test_a_rule_that_answers_once_for_the_whole_list_stops_everything() -> None:
    rule = replace(row_rules(None, ListLimits())[0], fine=pl.lit(False))
    with pytest.raises(RuntimeError, match="no row was judged"):
        failures(state_facts(sheet(iccid(), iccid(1)).rows), (rule,))


def test_a_frame_that_is_not_of_the_written_schema_stops_everything() -> None:
    facts = state_facts(sheet(iccid()).rows).with_columns(pl.col("row").cast(pl.Int64))
    with pytest.raises(RuntimeError, match="no row was judged"):
        failures(facts, row_rules(None, ListLimits()))


def test_failures_keep_their_rows_where_the_frame_is_a_part_of_the_list() -> None:
    facts = state_facts(sheet(iccid(), "x", iccid(1), "y", "z").rows).filter(pl.col("place") > 1)
    assert sorted(failures(facts, row_rules(None, ListLimits()))["place"]) == [3, 4]


def test_emnify_takes_nothing_that_does_not_come_down_to_19_digits() -> None:
    facts = state_facts(sheet(iccid(), card(1), "262010000000001").rows)
    assert failures(facts, emnify_rules()).is_empty()
    short = facts.with_columns(pl.col("sim_body") // 10)
    assert sorted(failures(short, emnify_rules())["place"]) == [0, 1]


def sims(**columns: list[str | None]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    return pl.DataFrame({name: columns.get(name, [None] * height) for name in INVENTORY.names()}, schema=INVENTORY)


def refused(rules: tuple[MoveRule, ...], inventory: pl.DataFrame) -> list[list[str]]:
    """Codes of the rules each SIM breaks; null is no."""
    answers = inventory.select(rule.fine.fill_null(False).alias(rule.code) for rule in rules)
    return [[code for code, fine in row.items() if not fine] for row in answers.iter_rows(named=True)]


def test_deleted_sims_and_those_of_unknown_status_do_not_move() -> None:
    seen = sims(status=[*STATUSES, "Retired", None])
    codes = refused(move_rules("emnify", Options()), seen)
    assert codes == [[], [], [], ["status_not_allowed"], [], ["status_unknown"], ["status_unknown"]]


def test_allow_status_narrows_and_widens_in_the_providers_own_words() -> None:
    rules = move_rules("emnify", Options(("issued", " Factory test", "DELETED")))
    assert refused(rules, sims(status=list(STATUSES))) == [[], ["status_not_allowed"], ["status_not_allowed"], [], []]
    assert "Issued, Factory Test or Deleted" not in rules[0].sentence
    assert "Issued, Factory Test or Deleted" in rules[1].sentence


def test_an_unknown_status_or_provider_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"“Active”\. --allow-status takes: Issued, Activated"):
        move_rules("emnify", Options(("Active",)))
    with pytest.raises(UsageError, match="“acme”"):
        move_rules("acme", Options())


def test_a_sim_in_a_device_moves_only_when_devices_may_be_detached() -> None:
    seen = sims(status=["Issued", "Issued"], device_id=["77", None])
    assert refused(move_rules("emnify", Options()), seen) == [["device_attached"], []]
    assert refused(move_rules("emnify", Options(detach_devices=True)), seen) == [[], []]
