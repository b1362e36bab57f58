"""`POST /v1/Sims`: claim a SIM that nobody has registered yet."""

from __future__ import annotations

import hmac

from sandbox.exchange import Answer, Asked
from sandbox.supersim import shown
from sandbox.supersim.asking import form_of
from sandbox.supersim.ledger import Entry, write
from sandbox.supersim.refusals import refuse
from sandbox.supersim.service import Service
from sandbox.supersim.words import NAME_AT_BIRTH, Code


def register_sim(service: Service, asked: Asked, name: str) -> Answer:  # noqa: ARG001 - the path has no name
    """The SIM, now the caller's; 83001 to 83003 say why not."""
    account = service.caller(asked).account
    form = form_of(service, asked, ("Iccid", "RegistrationCode"))
    if missing := [one for one in ("Iccid", "RegistrationCode") if not form.get(one)]:
        refuse(Code.REGISTRATION_PARAMETER, f"Missing: {', '.join(missing)}")
    live = service.books.live
    sim = service.books.view.by_iccid(form["Iccid"])
    if sim is not None and sim.account_id == account.id:
        refuse(Code.ALREADY_YOURS, f"The Super SIM already belongs to this account: {sim.sid}")
    if sim is None or sim.account_id is not None:
        refuse(Code.NOT_REGISTRABLE)
    (code,) = live.execute("SELECT registration_code FROM sim WHERE id = ?", (sim.id,)).fetchone()
    if not hmac.compare_digest(str(code).encode(), form["RegistrationCode"].encode()):
        refuse(Code.NOT_REGISTRABLE)
    at = service.clock.stamp_s()
    live.execute("UPDATE sim SET account_id = ?, created = ?, updated = ? WHERE id = ?", (account.id, at, at, sim.id))
    write(service, sim.id, asked.number, Entry("account", None, account.sid))
    after = shown.sim(service, shown.base_of(asked), service.books.view.by_id(sim.id))
    return Answer.of(201, after | {"unique_name": NAME_AT_BIRTH})
