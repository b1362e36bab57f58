"""From accepted lines and two inventories to steps and batches: the pure middle of `simferry plan`."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from domain.inventory import ALIASES, GROUP_MAP, SIDE_TYPE, Side
from domain.limits import Limits
from domain.orders import Part
from domain.plan import BASIS_TYPE, STEP_TYPE, STEPS, Basis, Reason, Step
from domain.rules import MoveRule, fill

# (words, next step) of each reason; `_verdicts` completes some words with a column.
_NOT_FOUND = (
    "Neither account holds this SIM.",
    "Check the number against the card, or ask which account holds it; then plan again with a corrected list.",
)
_PAIR = (
    "The ICCID and the IMSI of this row belong to different SIMs.",
    "Correct one of the two in the list, then plan again.",
)
_SHARED = (
    "Several SIMs of the accounts have this IMSI, so it names none of them.",
    "Give the ICCID in the list, then plan again.",
)
_SAME = ("The same SIM is named, in another way, by row {}.", "Nothing to do: the other row carries it.")
_BOTH = (
    "The provider shows this SIM more than once: in both accounts, or twice in one.",
    "Ask the provider's support which account owns it; nothing is sent for it.",
)
_THERE = ("Already in the target account.", "Nothing to do.")
HELD_WORDS = (
    "This SIM is in another live run: ",
    "Finish that run (`simferry execute`, `simferry reconcile`), then plan again.",
)

# One line per SIM that a live run holds.
HELD = pl.Schema({"key": pl.String(), "run": pl.String()})

# One line per group that a SIM of the list may be in; what `make_plan` is told where nothing is said of groups.
NO_GROUPS = pl.DataFrame(schema=GROUP_MAP)
NO_ALIASES = pl.DataFrame(schema=ALIASES)

# One line per SIM that a provider refuses at the dry run.
REFUSALS = pl.Schema({"key": pl.String(), "code": pl.String(), "words": pl.String(), "next_step": pl.String()})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is made under.

    `rules` over the resolved SIM; `parts` the column of that name (STEPS); `held` HELD; `groups` GROUP_MAP, where
    "" stands for SIMs without a group; `names_taken` of the target; `aliases` ALIASES of either account's SIMs.
    `live_statuses` are those under which a SIM carries traffic: such SIMs, and those with a device, come last into
    the canary. `source_id` and `target_id` are the accounts', for rules about them.
    """

    rules: tuple[MoveRule, ...]
    held: pl.DataFrame
    live_statuses: tuple[str, ...]
    limits: Limits
    parts: pl.Expr = field(default_factory=lambda: pl.lit(str(Part.MOVE)))
    groups: pl.DataFrame = field(default_factory=lambda: NO_GROUPS)
    names_taken: frozenset[str] = frozenset()
    aliases: pl.DataFrame = field(default_factory=lambda: NO_ALIASES)
    source_id: str = ""
    target_id: str = ""


def make_plan(lines: pl.DataFrame, source: pl.DataFrame, target: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """One step per line (STEPS, in list order), MOVE steps numbered into batches with the canary as batch 1.

    `lines` has the schema LINES, `source` and `target` INVENTORY.
    """
    resolved = _resolve(lines, source, target, terms.aliases).join(
        terms.held.select("key", pl.col("run").alias("held_by")).unique("key"),
        on="key",
        how="left",
        maintain_order="left",
    )
    agrees = ~pl.col("mismatch")  # a row that contradicts itself does not stand for its SIM
    first_row = pl.col("row").filter(agrees).first().over("key")
    seen_before = pl.col("key").is_not_null() & (agrees.cast(pl.UInt32).cum_sum().over("key") > 1)
    judged = (
        _grouped(resolved, terms)
        .with_columns(pl.lit(terms.source_id).alias("source_id"), pl.lit(terms.target_id).alias("target_id"))
        .with_columns(first_row.alias("first_row"), seen_before.alias("seen_before"))
        .with_columns(
            *_verdicts(terms.rules), terms.parts.alias("parts"), pl.lit(Basis.HERE, BASIS_TYPE).alias("basis")
        )
    )
    return batched(judged, terms.live_statuses, terms.limits).select(STEPS.names()).cast(STEPS)


def refuse(steps: pl.DataFrame, refusals: pl.DataFrame, basis: Basis = Basis.DRY_RUN_NO) -> pl.DataFrame:
    """The steps with the MOVE steps named in `refusals` (REFUSALS) turned into REFUSE, out of their batches."""
    named = refusals.unique("key", keep="first", maintain_order=True).select(
        "key",
        pl.col("code").alias("_code"),
        pl.col("words").alias("_words"),
        pl.col("next_step").alias("_next"),
    )
    joined = steps.join(named, on="key", how="left", maintain_order="left")
    hit = pl.col("_code").is_not_null() & (pl.col("step") == Step.MOVE)
    return joined.with_columns(
        pl.when(hit).then(pl.lit(Step.REFUSE, STEP_TYPE)).otherwise("step").alias("step"),
        pl.when(hit).then("_code").otherwise("code").alias("code"),
        pl.when(hit).then("_words").otherwise("words").alias("words"),
        pl.when(hit).then("_next").otherwise("next_step").alias("next_step"),
        pl.when(hit).then(None).otherwise("batch").alias("batch"),
        pl.when(hit).then(pl.lit(basis, BASIS_TYPE)).otherwise("basis").alias("basis"),
    ).select(STEPS.names())


def passed(steps: pl.DataFrame, basis: Basis = Basis.DRY_RUN_YES) -> pl.DataFrame:
    """The steps after a dry run that took every SIM that is still to be moved."""
    yes = pl.when(pl.col("step") == Step.MOVE).then(pl.lit(basis, BASIS_TYPE)).otherwise("basis")
    return steps.with_columns(yes.alias("basis"))


def _resolve(lines: pl.DataFrame, source: pl.DataFrame, target: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """Lines joined with what the accounts hold: by key where there is one, else by the provider's id, else by IMSI.

    A SIM is known by its further numbers as well; the IMSI of a line is then the one that the accounts show.
    """
    both = pl.concat(
        [
            source.with_columns(pl.lit(Side.SOURCE, SIDE_TYPE).alias("side")),
            target.with_columns(pl.lit(Side.TARGET, SIDE_TYPE).alias("side")),
        ]
    )
    in_both = both.filter(pl.col("key").is_duplicated()).select("key").unique().with_columns(in_both=pl.lit(True))
    seen = both.unique("key", keep="first", maintain_order=True).rename({"iccid": "seen_iccid", "imsi": "seen_imsi"})
    own = seen.filter(pl.col("seen_imsi").is_not_null()).select(
        pl.col("seen_imsi").alias("imsi"), pl.col("key").alias("key_by_imsi")
    )
    further = aliases.filter(pl.col("imsi").is_not_null()).select("imsi", pl.col("key").alias("key_by_imsi"))
    by_imsi = pl.concat([own, further]).unique(maintain_order=True)
    by_iccid = (
        aliases.filter(pl.col("iccid").is_not_null() & ~pl.col("iccid").is_in(seen["key"].implode()))
        .select(pl.col("iccid").alias("key"), pl.col("key").alias("key_of"))
        .unique()  # one profile may have several subscriptions
        .unique("key", keep="none")
    )
    listed = lines.join(by_iccid, on="key", how="left", maintain_order="left").with_columns(
        pl.coalesce("key_of", "key").alias("key")
    )
    by_id = seen.select(pl.col("sim_id").str.to_lowercase().alias("_id"), pl.col("key").alias("key_by_id")).unique(
        "_id"
    )
    shared = by_imsi.filter(pl.col("imsi").is_duplicated()).select("imsi").unique().with_columns(shared=pl.lit(True))
    other_key = (pl.col("key_by_imsi") != pl.col("key")).fill_null(value=False)
    unlike = (pl.col("imsi") != pl.col("seen_imsi")).fill_null(value=False)
    other_imsi = unlike & (pl.col("key_by_imsi") != pl.col("key")).fill_null(value=True)
    return (
        listed.rename({"sim_id": "asked_id"})
        .with_columns(pl.col("asked_id").str.to_lowercase().alias("_id"))  # hexadecimal digits, in either case
        .join(by_id, on="_id", how="left", maintain_order="left")
        .join(by_imsi.unique("imsi", keep="none"), on="imsi", how="left", maintain_order="left")
        .join(shared, on="imsi", how="left", maintain_order="left")
        .with_columns(pl.coalesce("key", "key_by_id", "key_by_imsi").alias("key"))
        .join(seen, on="key", how="left", maintain_order="left")
        .join(in_both, on="key", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("seen_iccid", "iccid").alias("iccid"),
            (other_key | other_imsi).alias("mismatch"),
            (pl.col("key").is_null() & pl.col("shared")).fill_null(value=False).alias("imsi_shared"),
            pl.coalesce("seen_imsi", "imsi").alias("imsi"),
            pl.coalesce("sim_id", "asked_id").alias("sim_id"),
            pl.col("in_both").fill_null(value=False),
        )
    )


def _grouped(resolved: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Adds `group_to`, `group_mapped` (no group, or something was said of it) and `name_taken` at the target."""
    said = terms.groups.unique("group").select(pl.col("group").alias("_group"), "group_to")
    joined = resolved.with_columns(pl.col("group").fill_null("").alias("_group")).join(
        said, on="_group", how="left", maintain_order="left"
    )
    return joined.with_columns(
        (pl.col("group").is_null() | pl.col("group_to").is_not_null()).alias("group_mapped"),
        pl.col("name").is_in(sorted(terms.names_taken)).fill_null(value=False).alias("name_taken"),
    ).drop("_group")


def _verdicts(rules: tuple[MoveRule, ...]) -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
    """Columns step, code, words and next_step: the first thing that stands against a move, else MOVE."""
    row_words = pl.format(_SAME[0], pl.col("first_row"))
    held, then = pl.lit(HELD_WORDS[0]), HELD_WORDS[1]
    cases: list[tuple[pl.Expr, Step, str, pl.Expr, str]] = [
        (pl.col("mismatch"), Step.REFUSE, Reason.PAIR_MISMATCH, pl.lit(_PAIR[0]), _PAIR[1]),
        (pl.col("imsi_shared"), Step.REFUSE, Reason.IMSI_SHARED, pl.lit(_SHARED[0]), _SHARED[1]),
        (pl.col("side").is_null(), Step.REFUSE, Reason.NOT_FOUND, pl.lit(_NOT_FOUND[0]), _NOT_FOUND[1]),
        (pl.col("seen_before"), Step.REFUSE, Reason.SAME_SIM, row_words, _SAME[1]),
        (pl.col("in_both"), Step.REFUSE, Reason.IN_BOTH, pl.lit(_BOTH[0]), _BOTH[1]),
        (pl.col("side") == Side.TARGET, Step.LEAVE, Reason.ALREADY_THERE, pl.lit(_THERE[0]), _THERE[1]),
        (pl.col("held_by").is_not_null(), Step.REFUSE, Reason.HELD, held + pl.col("held_by"), then),
    ]
    cases += [
        (~rule.fine.fill_null(value=False), Step(rule.step), rule.code, fill(rule.sentence), rule.next_step)
        for rule in rules
    ]
    step, code, words, advice = (
        pl.lit(Step.MOVE, STEP_TYPE),
        pl.lit(str(Reason.ELIGIBLE)),
        pl.lit(""),
        pl.lit(""),
    )
    for against, then_step, then_code, then_words, then_advice in reversed(cases):
        step = pl.when(against).then(pl.lit(then_step, STEP_TYPE)).otherwise(step)
        code = pl.when(against).then(pl.lit(str(then_code))).otherwise(code)
        words = pl.when(against).then(then_words).otherwise(words)
        advice = pl.when(against).then(pl.lit(then_advice)).otherwise(advice)
    return step.alias("step"), code.alias("code"), words.alias("words"), advice.alias("next_step")


def batched(judged: pl.DataFrame, live_statuses: tuple[str, ...], limits: Limits) -> pl.DataFrame:
    """Adds `batch` to steps: the canary by ways and from SIMs without traffic, the rest of MOVE in order of keys."""
    moves = judged.lazy().filter(pl.col("step") == Step.MOVE)
    risk = pl.col("status").is_in(live_statuses).cast(pl.UInt8) * 2 + pl.col("device_id").is_not_null().cast(pl.UInt8)
    turn = pl.int_range(pl.len()).over("parts")  # the canary tries every way that the plan has, one SIM of each first
    ranked = (
        moves.with_columns(risk.alias("risk"))
        .sort("risk", "line")
        .with_columns(turn.alias("turn"))
        .sort("turn", "risk", "line")
        .with_row_index("rank")
        .collect()
    )
    canary = ranked.filter(pl.col("rank") < limits.canary_sims).select("line", pl.lit(1, pl.UInt32).alias("batch"))
    rest = (
        ranked.filter(pl.col("rank") >= limits.canary_sims)
        .sort("key")
        .with_row_index("place")
        .select("line", (pl.col("place") // limits.batch_sims + 2).cast(pl.UInt32).alias("batch"))
    )
    return judged.join(pl.concat([canary, rest]), on="line", how="left", maintain_order="left")
