"""A plan: one step per SIM of the list, its batches, and the facts that its fingerprint covers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum

import polars as pl

from domain.limits import Limits
from domain.orders import Options

PLAN_VERSION = 2
ROWS_AT_ONCE = 100_000  # that are text in memory while a digest is made
_NESTED = ("source", "target", "list", "options", "limits", "counts", "reasons", "checked")  # objects in its JSON


class Step(StrEnum):
    """What the plan does with a SIM."""

    MOVE = "MOVE"
    LEAVE = "LEAVE"  # already where it should be
    REFUSE = "REFUSE"  # not touched, for the reason in `code`
    ASSIST = "ASSIST"  # only the provider's support can


class Reason(StrEnum):
    """Why a step is what it is; codes of rule tables and of providers stand beside these."""

    ELIGIBLE = "eligible"
    ALREADY_THERE = "already_there"
    NOT_FOUND = "not_found"
    PAIR_MISMATCH = "pair_mismatch"  # ICCID and IMSI of one row belong to different SIMs
    IMSI_SHARED = "imsi_shared"  # the row has an IMSI alone, and several SIMs have it
    SAME_SIM = "same_sim"  # another row of this list names the same SIM in another way
    HELD = "held"  # in another live run
    IN_BOTH = "in_both"  # the provider shows it in both accounts


class Basis(StrEnum):
    """What a step rests on, so that whoever reads it knows what was not looked at; details are in the plan's words."""

    HERE = "checked here"
    DRY_RUN_YES = "checked here; the provider's dry run said yes; what changes until it is sent cannot be known"
    DRY_RUN_NO = "checked here; the provider's dry run said no"
    READ_TWICE = "checked here, on two reads; the provider has no dry run, so its own answer comes with the change"
    READ_TWICE_NO = "checked here; a second read shows it otherwise"


STEP_TYPE = pl.Enum(Step)
BASIS_TYPE = pl.Enum(Basis)

# One line per SIM of an accepted row, in list order. `batch` counts from 1 (1 is the canary); null unless MOVE.
# `code` and `words` say why; `next_step` what a person can do about it. `parts` are those of its way, in their order,
# with spaces between; `group_to` the group of the target it is to be in ("" none, null nothing said).
STEPS = pl.Schema(
    {
        "line": pl.UInt32(),
        "row": pl.UInt32(),
        "step": STEP_TYPE,
        "code": pl.String(),
        "words": pl.String(),
        "next_step": pl.String(),
        "key": pl.String(),
        "iccid": pl.String(),
        "imsi": pl.String(),
        "sim_id": pl.String(),
        "status": pl.String(),
        "device_id": pl.String(),
        "device_name": pl.String(),
        "group": pl.String(),
        "group_to": pl.String(),
        "parts": pl.String(),
        "batch": pl.UInt32(),
        "basis": BASIS_TYPE,
    }
)


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a move: the account's name here, its id at the provider, and where the provider is.

    `email` is where a provider writes to it, `coverage` which of the provider's networks it is in; "" where nobody
    said, or the provider has no such thing.
    """

    name: str
    account_id: str
    base_url: str
    email: str = ""
    coverage: str = ""


def nobody(base_url: str) -> Party:
    """Where SIMs come from that no account holds: the source of a plan that registers them."""
    return Party("unregistered", "", base_url)


@dataclass(frozen=True, slots=True)
class ListFacts:
    """The list a plan was made from; `rows_*` are counts of rows, not of SIMs."""

    file: str
    sha256: str
    sheet: str
    details: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What stands behind a MOVE: sentences on what we checked, what the provider did, what nobody can know before."""

    here: tuple[str, ...] = ()
    by_provider: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a person approves; `fingerprint` covers every other field and, through `steps_sha256`, every step."""

    run: str
    made_at: str  # ISO 8601, UTC, Z
    provider: str
    source: Party
    target: Party
    list: ListFacts
    options: Options
    limits: Limits
    counts: Mapping[str, int]  # step -> SIMs
    reasons: Mapping[str, int]  # code -> SIMs that are not moved
    batches: int
    guarantee: str
    consequences: tuple[str, ...]
    checked: Checked
    preflight: tuple[str, ...]
    calls_estimated: int
    seconds_estimated: float
    steps_sha256: str
    ways: Mapping[str, int] = field(default_factory=dict)  # parts of a way, as in STEPS -> SIMs to be moved by it
    groups: tuple[str, ...] = ()  # sentences on which groups of the target they are to be in
    parent: Party | None = None  # whose credentials carry the move out, where those are neither side's
    version: int = PLAN_VERSION
    fingerprint: str = field(default="")

    @property
    def is_registration(self) -> bool:
        """Whether it registers SIMs in the target, rather than moving them there."""
        return self.source == nobody(self.source.base_url)

    @property
    def accounts(self) -> tuple[Party, ...]:
        """The accounts whose credentials it takes."""
        sides = (self.target,) if self.is_registration else (self.source, self.target)
        return (*sides, self.parent) if self.parent else sides


def steps_digest(steps: pl.DataFrame) -> str:
    """SHA-256 (hex) over every cell of the steps, in order; independent of the file format and library version."""
    digest = hashlib.sha256()
    for part in steps.select(STEPS.names()).iter_slices(ROWS_AT_ONCE):
        digest.update(part.write_csv(include_header=False, null_value="\\N", quote_style="always").encode())
    return digest.hexdigest()


def sealed(plan: Plan) -> Plan:
    """The plan with its fingerprint set."""
    return replace(plan, fingerprint=fingerprint(plan))


def fingerprint(plan: Plan) -> str:
    """SHA-256 (hex) over the plan's canonical JSON without the fingerprint itself."""
    body = asdict(replace(plan, fingerprint=""))
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def to_json(plan: Plan) -> str:
    """The plan as readable JSON."""
    return json.dumps(asdict(plan), indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Plan:
    """The plan that `to_json` wrote; raises ValueError, KeyError or TypeError for anything else."""
    raw = json.loads(text)
    if not isinstance(raw, dict) or not all(isinstance(raw.get(name), dict) for name in _NESTED):
        raise ValueError("not a plan")
    unknown = set(raw) - {f.name for f in fields(Plan)}
    if unknown or raw.get("version") != PLAN_VERSION:
        raise ValueError(f"not a plan of version {PLAN_VERSION}: {', '.join(sorted(unknown)) or raw.get('version')}")
    options = raw["options"]
    if options["allowed_statuses"] is not None:
        options["allowed_statuses"] = tuple(options["allowed_statuses"])
    checked = Checked(**{name: tuple(value) for name, value in raw["checked"].items()})
    nested = {
        "source": Party(**raw["source"]),
        "target": Party(**raw["target"]),
        "list": ListFacts(**raw["list"]),
        "options": Options(**options),
        "limits": Limits(**raw["limits"]),
        "checked": checked,
        "consequences": tuple(raw["consequences"]),
        "preflight": tuple(raw["preflight"]),
        "groups": tuple(raw["groups"]),
        "parent": Party(**raw["parent"]) if raw.get("parent") else None,
    }
    return Plan(**{**raw, **nested})


def utc_text(moment: datetime) -> str:
    """An aware instant as ISO 8601 in UTC with Z, to the microsecond."""
    return moment.astimezone(tz=UTC).isoformat().replace("+00:00", "Z")


def utc_of(text: str) -> datetime:
    """The aware instant that `utc_text` wrote."""
    return datetime.fromisoformat(text)
