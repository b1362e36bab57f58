"""Soracom as eyes: two operators, each read with its own credentials, or a target that nobody here can read."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from domain.inventory import GROUPS, HISTORY, INVENTORY, Side
from domain.orders import Options, Order, Refusal, Reply, Said, Sight, Sim
from domain.plan import Basis
from domain.settings import SETTINGS
from providers.protocol import Examined, Progress, Survey, Traits
from providers.soracom_beside import Beside
from providers.soracom_columns import settings_of
from providers.soracom_consequences import consequences_of
from providers.soracom_destination import Destination
from providers.soracom_operator import groups
from providers.soracom_post import Post
from providers.soracom_preflight import preflight
from providers.soracom_roll import Roll
from providers.soracom_sims import Shown
from providers.soracom_words import (
    ACTIVE,
    ADVICE,
    CHECKED,
    COURSE,
    GUARANTEE,
    SECONDS_PER_CALL,
    SETTLE_S,
    SIMS_PER_TOKEN_MAX,
    TOKEN_LIFE_S,
    TRANSFERRING,
)


class SoracomReader:
    """Eyes, also for what SIMs are set to (`Examiner`)."""

    def __init__(self, source: Post, target: Destination, coverage: str, most: int, token_life_s: float) -> None:
        self._source = source
        self._target = target
        self._coverage = coverage
        posts = {Side.SOURCE: source, Side.TARGET: target.post}
        self._rolls = {side: Roll(post, side, most) for side, post in posts.items() if post is not None}
        self._beside = {side: Beside(roll.post) for side, roll in self._rolls.items()}
        self._settings = pl.DataFrame(schema=SETTINGS)  # of the source's SIMs, as last surveyed
        self.traits = Traits(
            "soracom",
            sims_per_call=SIMS_PER_TOKEN_MAX,
            calls_in_flight=most,
            settle_s=SETTLE_S,
            guarantee=GUARANTEE,
            checked=CHECKED,
            live_statuses=(ACTIVE,),
            course=COURSE,
            tried=(Basis.READ_TWICE, Basis.READ_TWICE_NO),
            seconds_per_call=SECONDS_PER_CALL,
            token_life_s=token_life_s,
            await_s=0.0,
            group_noun="group",
            groups_by_name=True,
        )

    def preflight(self) -> tuple[str, ...]:
        """As in `Reader`: both operators, and whether the target can accept, as far as it lets us in."""
        unseen = self._beside[Side.SOURCE].unseen()
        return preflight(self._source, self._target, self._coverage, unseen)

    def survey(self, side: Side, progress: Progress, wanted: pl.DataFrame | None = None) -> Survey:
        """As in `Reader`; a target without credentials cannot be read, and nothing is known of it."""
        if side not in self._rolls:
            how = f"{self._target.name}: not read, since the accounts file has no credentials of it."
            return Survey(pl.DataFrame(schema=INVENTORY), how, whole=False)
        found = self._rolls[side].survey(wanted, progress)
        if side is Side.SOURCE:
            self._settings = found.settings
        return found

    def groups(self, side: Side) -> pl.DataFrame:
        """As in `Reader`."""
        return groups(self._rolls[side].post) if side in self._rolls else pl.DataFrame(schema=GROUPS)

    def names_taken(self, names: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        """As in `Reader`: none, since several SIMs may have one name."""
        return frozenset()

    def history(self, sims: Sequence[Sim]) -> pl.DataFrame:  # noqa: ARG002 - the protocol's
        """As in `Reader`: none; what SIMs are set to is saved by itself."""
        return pl.DataFrame(schema=HISTORY)

    def dry_run(self, order: Order) -> Reply:
        """As in `Reader`: there is none, so the SIMs are read again, and refused where they are not as planned."""
        seen = {row["key"]: row for row in self._rolls[Side.SOURCE].glanced(order.sims).iter_rows(named=True)}
        sights = tuple(
            Sight(sim.key, Side.SOURCE, row["sim_id"], row["status"], group=row["group"])
            if (row := seen.get(sim.key))
            else Sight(sim.key, Side.NOWHERE)
            for sim in order.sims
        )
        refusals = tuple(
            Refusal(sim.key, *why)
            for sim, sight in zip(order.sims, sights, strict=True)
            if (why := _differs(sim, sight, seen.get(sim.key, {}).get("imsi")))
        )
        said = Said.NO if refusals else Said.YES
        return Reply(said, None, "a second read shows it otherwise" if refusals else "", sights, refusals)

    def look(self, order: Order) -> Reply:
        """As in `Reader`: each SIM read afresh, since one that connects cannot be transferred any more."""
        goal = COURSE.goals[order.part]
        sights = self.find(order.sims, goal.before)
        ready = all(sight.side is goal.before and sight.status in goal.starts for sight in sights)
        return Reply(Said.YES if ready else Said.NO, None, "" if ready else "not as it was", sights)

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:
        """As in `Reader`: where it is likely, elsewhere, and again where it is likely, since it may be on its way."""
        other = Side.SOURCE if first is Side.TARGET else Side.TARGET
        known: dict[str, Sight] = {}
        for side in (first, other, first) if len(self._rolls) > 1 else (Side.SOURCE,):
            missing = [sim for sim in sims if sim.key not in known]
            known |= {key: _sight(key, side, shown) for key, shown in self._rolls[side].asked(missing).items()}
        return tuple(known.get(sim.key, Sight(sim.key, Side.NOWHERE)) for sim in sims)

    def examine(self, side: Side, sims: Sequence[Sim]) -> Examined:
        """As in `Examiner`."""
        found = self._rolls[side].asked(sims) if side in self._rolls else {}
        sights = tuple(
            _sight(sim.key, side, found[sim.key]) if sim.key in found else Sight(sim.key, Side.NOWHERE) for sim in sims
        )
        return Examined(sights, settings_of(found.values()))

    def listed_only(self, side: Side, sims: Sequence[Sim]) -> pl.DataFrame:
        """As in `Examiner`: event handlers and port mappings."""
        return self._beside[side].of(sims) if side in self._beside else pl.DataFrame(schema=SETTINGS)

    def advice(self, code: str) -> str:
        """As in `Reader`."""
        return ADVICE.get(code, "")

    def consequences(self, steps: pl.DataFrame, options: Options) -> tuple[str, ...]:
        """As in `Reader`; what is dropped is counted in the last survey of the source."""
        return consequences_of(steps, options, self._settings, self.traits.token_life_s or TOKEN_LIFE_S)


def _sight(key: str, side: Side, shown: Shown) -> Sight:
    return Sight(key, side, shown.sim_id, shown.status, group=shown.group)


def _differs(sim: Sim, sight: Sight, imsi: str | None) -> tuple[str, str] | None:
    """Code and words where a SIM is not, before its first part, as the plan has it; None where it is."""
    if sight.side is not Side.SOURCE:
        return "moved", "a second read does not show it in the source operator"
    tests = (
        (sight.status == TRANSFERRING, ("under_way", "a second read shows a transfer of it under way")),
        (
            sim.status is not None and sight.status != sim.status,
            ("status_changed", f"its status was {sim.status}, a second read shows {sight.status}"),
        ),
        (imsi != sim.imsi, ("imsi_changed", "a second read shows another primary IMSI of it")),
        (sight.group != sim.group, ("group_changed", "a second read shows it in another group, or in none")),
    )
    return next((why for wrong, why in tests if wrong), None)
