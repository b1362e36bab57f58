"""Super SIM as eyes on one account, for SIMs that are in none yet and are to be registered there.

A SIM that this account does not list is nowhere, as far as anybody can see: nobody is told of other accounts' SIMs.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from domain.guarantees import Class, Guarantee
from domain.inventory import GROUPS, HISTORY, INVENTORY, Side
from domain.orders import Options, Order, Refusal, Reply, Said, Sight, Sim
from domain.plan import Basis, Checked, Step
from providers import supersim_fleets
from providers.protocol import Progress, Survey, Traits
from providers.supersim_post import Post
from providers.supersim_preflight import who
from providers.supersim_roll import Roll
from providers.supersim_words import ADVICE, COURSE, SECONDS_PER_CALL, SETTLE_S

GUARANTEE = Guarantee(
    Class.CONDITIONAL,
    "A SIM can be registered once: a second request for one that is in the account is refused, and changes nothing; "
    "still, one without an answer is not repeated until two agreeing reads show that the SIM is not there.",
)
CHECKED = Checked(
    here=(
        "on a second read, made for this alone: the SIM is not in the account yet",
        "its ICCID and its code have the form that they should have",
    ),
    by_provider=("nothing: Super SIM has no dry run; a second read of ours stands for it",),
    unknown=(
        "whether a code belongs to its ICCID, and whether the SIM may be registered: only the request itself shows it",
        "whether a SIM is another account's: the provider tells that of no account but one's own",
    ),
)
_THERE = ("registered", "a second read shows it in the account by now")


class SuperSimRegistry:
    """Eyes on the account that SIMs are to be registered in; there is no source."""

    def __init__(self, account: Post, calls_in_flight: int) -> None:
        self._post = account
        self._roll = Roll(account, calls_in_flight)
        self.traits = Traits(
            "supersim",
            sims_per_call=1,
            calls_in_flight=calls_in_flight,
            settle_s=SETTLE_S,
            guarantee=GUARANTEE,
            checked=CHECKED,
            course=COURSE,
            tried=(Basis.READ_TWICE, Basis.READ_TWICE_NO),
            seconds_per_call=SECONDS_PER_CALL,
        )

    def preflight(self) -> tuple[str, ...]:
        """As in `Reader`: the account lets us in."""
        return (who(self._post),)

    def survey(self, side: Side, progress: Progress, wanted: pl.DataFrame | None = None) -> Survey:
        """As in `Reader`; nothing is read of a source, since there is none."""
        if side is not Side.TARGET:
            return Survey(pl.DataFrame(schema=INVENTORY), "")
        return self._roll.survey(wanted, progress)

    def groups(self, side: Side) -> pl.DataFrame:
        """As in `Reader`: fleets."""
        return supersim_fleets.fleets(self._post) if side is Side.TARGET else pl.DataFrame(schema=GROUPS)

    def names_taken(self, names: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        """As in `Reader`: none that matter, since a SIM that is registered has no name."""
        return frozenset()

    def history(self, sims: Sequence[Sim]) -> pl.DataFrame:  # noqa: ARG002 - the protocol's
        """As in `Reader`: nothing is left behind."""
        return pl.DataFrame(schema=HISTORY)

    def dry_run(self, order: Order) -> Reply:
        """As in `Reader`: there is none, so the SIMs are looked for again, and refused where they are there."""
        reply = self.look(order)
        there = tuple(Refusal(sight.key, *_THERE) for sight in reply.sights if sight.side is Side.TARGET)
        return Reply(reply.said, None, reply.words, reply.sights, there)

    def look(self, order: Order) -> Reply:
        """As in `Reader`: reads alone."""
        sights = self.find(order.sims)
        absent = all(sight.side is Side.NOWHERE for sight in sights)
        return Reply(Said.YES if absent else Said.NO, None, "" if absent else "already in the account", sights)

    def find(self, sims: Sequence[Sim], first: Side = Side.TARGET) -> tuple[Sight, ...]:  # noqa: ARG002 - the protocol's
        """As in `Reader`: in the account by its ICCID, or nowhere."""
        found = self._roll.among(sims)
        return tuple(
            Sight(sim.key, Side.TARGET, known.sid, known.status, group=known.fleet_sid)
            if (known := found.get(sim.key))
            else Sight(sim.key, Side.NOWHERE)
            for sim in sims
        )

    def advice(self, code: str) -> str:
        """As in `Reader`."""
        return "Nothing to do." if code == _THERE[0] else ADVICE.get(code, "")

    def consequences(self, steps: pl.DataFrame, options: Options) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """As in `Reader`."""
        sims = steps.filter(pl.col("step") == Step.MOVE).height
        if not sims:
            return ()
        what = "1 SIM becomes" if sims == 1 else f"{sims:,} SIMs become"
        return (f"{what} the account's, new and without a fleet: nothing is activated, and new SIMs can still move.",)
