"""A dry run finds whoever would be refused, named or not, and leaves every other SIM in the plan."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CredentialsRefused, ProviderUnavailable
from domain.inventory import Side
from domain.orders import Options, Order, Reply, Said
from domain.plan import STEPS, Basis, Step
from tasks.dry_run import BISECTION_CALLS_MAX, dry_run
from tests.fakes import FakeClock, FakeProvider, fleet

SIMS = fleet(64)
KEYS = [sim.key for sim in SIMS]


class Answering(FakeProvider):
    """A provider that answers every dry run alike."""

    reply = Reply(Said.YES, 200)

    def dry_run(self, order: Order) -> Reply:  # noqa: ARG002 - it answers whatever it is asked
        self.dry_runs += 1
        return self.reply


def provider(**more: object) -> FakeProvider:
    return FakeProvider(FakeClock(), dict.fromkeys(KEYS, Side.SOURCE), **more)  # type: ignore[arg-type] # test data


def steps(batch_sims: int = 64) -> pl.DataFrame:
    rows = [
        {"line": at, "row": at + 2, "step": Step.MOVE, "code": "eligible", "batch": at // batch_sims + 1}
        | {"key": sim.key, "sim_id": sim.sim_id, "iccid": sim.iccid, "status": sim.status}
        for at, sim in enumerate(SIMS)
    ]
    return pl.DataFrame(rows, schema=STEPS)


def refused(tried: pl.DataFrame) -> dict[str, str]:
    return dict(tried.filter(pl.col("step") == Step.REFUSE).select("key", "code").iter_rows())


def test_a_plan_that_nobody_objects_to_stays_as_it_is() -> None:
    asked = provider()
    tried, before = dry_run(asked, steps(batch_sims=16), Options()), steps(batch_sims=16)
    assert tried.drop("basis").equals(before.drop("basis"))
    assert asked.dry_runs == 4


def test_whoever_is_named_leaves_its_batch_and_the_rest_is_asked_again() -> None:
    asked = provider(refuses={KEYS[3]: "1503", KEYS[9]: "1502"})
    tried = dry_run(asked, steps(), Options())
    assert refused(tried) == {KEYS[3]: "1503", KEYS[9]: "1502"}
    out = tried.filter(pl.col("step") == Step.REFUSE)
    assert out["batch"].null_count() == 2
    assert out["words"].to_list() == ["not this one", "not this one"]
    assert out["next_step"].to_list() == ["mend 1503", "mend 1502"]
    assert asked.dry_runs == 2


def test_a_sim_that_left_the_source_is_found_behind_a_refusal_that_names_nobody() -> None:
    asked = provider(unnamed={KEYS[5]})
    asked.where[KEYS[5]] = Side.TARGET
    tried = dry_run(asked, steps(), Options())
    assert refused(tried) == {KEYS[5]: "404"}
    assert asked.dry_runs == 2


@given(st.sets(st.sampled_from(KEYS), max_size=4))
def test_unnamed_offenders_are_found_by_halves_and_nobody_else_suffers(offenders: set[str]) -> None:
    assert set(refused(dry_run(provider(unnamed=offenders), steps(), Options()))) == offenders


def test_where_all_are_refused_without_a_name_asking_has_an_end_and_says_so() -> None:
    asked = Answering(FakeClock(), dict.fromkeys(KEYS, Side.SOURCE))
    asked.reply = Reply(Said.NO, 404, words="not found")
    tried = dry_run(asked, steps(), Options())
    assert set(refused(tried)) == set(KEYS)
    assert asked.dry_runs <= BISECTION_CALLS_MAX + 2
    assert tried["words"].str.contains("SIMs together", literal=True).any()


def test_a_dry_run_that_cannot_be_finished_makes_no_plan() -> None:
    asked = Answering(FakeClock(), dict.fromkeys(KEYS, Side.SOURCE))
    asked.reply = Reply(Said.UNHEARD, 502, words="HTTP 502")
    with pytest.raises(ProviderUnavailable, match="run `simferry plan` again"):
        dry_run(asked, steps(), Options())


def test_credentials_refused_at_a_dry_run_are_named_as_that() -> None:
    asked = Answering(FakeClock(), dict.fromkeys(KEYS, Side.SOURCE))
    asked.reply = Reply(Said.UNSENT, 401, words="HTTP 401", credentials_refused=True)
    with pytest.raises(CredentialsRefused, match="accounts --check"):
        dry_run(asked, steps(), Options())


def test_every_step_says_what_it_rests_on() -> None:
    tried = dry_run(provider(refuses={KEYS[3]: "1503"}), steps(), Options())
    said = {(step, basis): sims for step, basis, sims in tried.group_by("step", "basis").len().iter_rows()}
    assert said == {(Step.MOVE, Basis.DRY_RUN_YES): len(SIMS) - 1, (Step.REFUSE, Basis.DRY_RUN_NO): 1}


def test_a_refusal_of_the_accounts_is_not_looked_for_in_every_batch() -> None:
    against_all = provider(unnamed=set(KEYS))
    tried = dry_run(against_all, steps(batch_sims=4), Options())
    assert (tried["step"] == Step.REFUSE).all()
    halved, asked_once = 2, len(SIMS) // 4 - 2
    assert against_all.dry_runs == halved * 7 + asked_once
