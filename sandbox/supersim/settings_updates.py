"""`GET /v1/SettingsUpdates`: the history of a SIM's settings, which follows the SIM from account to account."""

from __future__ import annotations

from sandbox.exchange import JSON, Answer, Asked
from sandbox.supersim.asking import SID, one_of
from sandbox.supersim.pages import page_asked
from sandbox.supersim.service import Service

STATUSES = frozenset({"scheduled", "in-progress", "successful", "failed"})
PACKAGE_INFO = "https://twilio.com/docs/iot/supersim/settings-packages/"


def list_settings_updates(service: Service, asked: Asked, name: str) -> Answer:  # noqa: ARG001 - the path has no name
    """One page of the updates of SIMs that are the caller's now."""
    account = service.caller(asked).account
    page = page_asked(service, asked, account.id, ("Sim", "Status"))
    where, values = ["s.account_id = ?"], list[str | int]([account.id])
    if "Sim" in page.filters:
        wanted = page.filters["Sim"]
        where.append("s.sid = ?" if SID.fullmatch(wanted) else "s.unique_name = ?")
        values.append(wanted)
    if "Status" in page.filters:
        where.append("u.status = ?")
        values.append(one_of(page.filters["Status"], STATUSES, "Status"))
    rows = service.reading().connection.execute(
        "SELECT u.id, s.iccid, s.sid, u.status, u.package, u.created, u.completed FROM settings_update u"  # noqa: S608 - closed words
        f" JOIN sim s ON s.id = u.sim_id WHERE {' AND '.join(where)} ORDER BY u.id",
        values,
    )
    updates: list[JSON] = [
        {
            "sid": f"OB{update_id:032x}",
            "iccid": iccid,
            "sim_sid": sid,
            "status": status,
            "packages": [{"name": package, "version": "1.0.0", "more_info": PACKAGE_INFO + package}],
            "date_completed": completed,
            "date_created": created,
            "date_updated": completed or created,
        }
        for update_id, iccid, sid, status, package, created, completed in rows
    ]
    return page.of_all("settings_updates", updates)
