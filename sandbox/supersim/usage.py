"""`GET /v1/UsageRecords`: added up by time and perhaps by SIM or fleet; what a SIM used stays where it used it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.exchange import JSON, Answer, Asked
from sandbox.supersim import shown
from sandbox.supersim.asking import SID, one_of
from sandbox.supersim.pages import page_asked
from sandbox.supersim.parties import Account
from sandbox.supersim.refusals import refuse
from sandbox.supersim.service import Service
from sandbox.supersim.switches import NoUsage
from sandbox.supersim.words import PRICE_PER_MB_USD, USAGE_DAYS_DEFAULT, Code

FILTERS = ("Sim", "Fleet", "Network", "IsoCountry", "Group", "Granularity", "StartTime", "EndTime")
BUCKET_S = {"hour": 3_600, "day": 86_400}
GRANULARITIES = frozenset({*BUCKET_S, "all"})
GROUPS = {"sim": "sim_id", "fleet": "fleet_id", "network": "NULL", "isoCountry": "NULL"}
MISALIGNED = {"hour": Code.NOT_WHOLE_HOURS, "day": Code.NOT_WHOLE_DAYS}
NOBODY = -1  # the id of a SIM or fleet that is not there


@dataclass(frozen=True, slots=True)
class Span:
    """Whose usage, from when to when (exclusive), and how it is added up."""

    account: Account
    start_s: float
    end_s: float
    granularity: str


def list_usage(service: Service, asked: Asked, name: str) -> Answer:  # noqa: ARG001 - the path has no name
    """Records of the caller's own account, the latest first."""
    account = service.caller(asked).account
    page = page_asked(service, asked, account.id, FILTERS)
    span = _span(service, account, page.filters)
    return page.of_all("usage_records", list(_records(service, span, page.filters)))


def _span(service: Service, account: Account, given: Mapping[str, str]) -> Span:
    granularity = one_of(given.get("Granularity", "all"), GRANULARITIES, "Granularity")
    end_s = _instant(given["EndTime"], "EndTime") if "EndTime" in given else service.clock.now_s()
    start_s = _instant(given["StartTime"], "StartTime") if "StartTime" in given else end_s - USAGE_DAYS_DEFAULT * 86_400
    if start_s >= end_s:
        refuse(Code.INVALID_VALUE, "StartTime must be before EndTime")
    if bucket_s := BUCKET_S.get(granularity):
        for at_s, name in ((start_s, "StartTime"), (end_s, "EndTime")):
            if name in given and at_s % bucket_s:
                refuse(MISALIGNED[granularity])
    return Span(account, start_s, end_s, granularity)


def _records(service: Service, span: Span, given: Mapping[str, str]) -> Iterator[JSON]:
    group = GROUPS[one_of(given["Group"], GROUPS, "Group")] if "Group" in given else "NULL"
    where, values = ["account_id = ?", "hour_s >= ?", "hour_s < ?"], [span.account.id, span.start_s, span.end_s]
    if "Sim" in given:
        where.append("sim_id = ?")
        values.append(_sim_id(service, span.account, given["Sim"]))
    if "Fleet" in given:
        fleet = service.fleet_of(span.account.id, given["Fleet"])
        where.append("fleet_id = ?")
        values.append(NOBODY if fleet is None else fleet.id)
    width_s = BUCKET_S.get(span.granularity)
    bucket = f"hour_s / {width_s} * {width_s}" if width_s else "NULL"
    rows = (
        service.reading()
        .connection.execute(
            f"SELECT {bucket} AS start_s, {group} AS whose, sum(upload), sum(download) FROM usage"  # noqa: S608 - closed words
            f" WHERE {' AND '.join(where)} GROUP BY 1, 2 ORDER BY 1 DESC, 2",
            values,
        )
        .fetchall()
    )
    if not rows and width_s is None and "Group" not in given and service.switches.no_usage is NoUsage.ZERO:
        rows = [(None, None, 0, 0)]
    for start_s, whose, upload, download in rows:
        start, end = (span.start_s, span.end_s) if width_s is None else (start_s, start_s + width_s)
        yield _record(span.account.sid, start, end, upload, download) | _whose(service, group, whose, given)


def _record(account_sid: str, start_s: float, end_s: float, upload: int, download: int) -> dict[str, JSON]:
    return {
        "period": {"start_time": shown.instant(start_s), "end_time": shown.instant(end_s)},
        "account_sid": account_sid,
        "sim_sid": None,
        "fleet_sid": None,
        "network_sid": None,
        "iso_country": None,
        "data_upload": upload,
        "data_download": download,
        "data_total": upload + download,
        "data_total_billed": round((upload + download) / 1e6 * PRICE_PER_MB_USD, 4),
        "billed_unit": "USD",
    }


def _whose(service: Service, group: str, whose: int | None, given: Mapping[str, str]) -> dict[str, JSON]:
    """The dimension that is grouped by, or filtered for by its sid."""
    named: dict[str, JSON] = {}
    if SID.fullmatch(given.get("Sim", "")):
        named["sim_sid"] = given["Sim"]
    if SID.fullmatch(given.get("Fleet", "")):
        named["fleet_sid"] = given["Fleet"]
    if group == "sim_id" and whose is not None:
        named["sim_sid"] = service.books.view.by_id(whose).sid
    if group == "fleet_id":
        named["fleet_sid"] = service.sid_of_fleet(whose)
    return named


def _sim_id(service: Service, account: Account, name: str) -> int:
    """By sid wherever the SIM is now, because its usage stays behind; by unique name the account's own."""
    view = service.reading()
    sim = view.by_sid(name) if SID.fullmatch(name) else view.by_name(account.id, name)
    return NOBODY if sim is None else sim.id


def _instant(text: str, name: str) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        refuse(Code.INVALID_VALUE, f"{name} must be an ISO 8601 time")
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
