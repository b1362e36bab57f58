"""Callbacks after an update: what they carry, how each vendor signs them, and when they go out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from sandbox.letters import Letter
from sandbox.supersim.service import Service
from sandbox.supersim.switches import CallbackSigner
from sandbox.supersim.tokens import FORM
from sandbox.supersim.words import Vendor

if TYPE_CHECKING:
    from sandbox.supersim.settling import Pending

ATTEMPTS_MAX = 2  # "one redelivery"
COLUMNS = "number, sim_id, request, method, url, form, vendor, signer_id, attempt"


def queue(service: Service, ending: Pending) -> None:
    """Write the callbacks of an update that has just ended: how the SIM is now, without error, request or fleet."""
    sim = service.books.view.by_id(ending.sim_id)
    assert sim.account_id is not None
    said = {
        "SimSid": sim.sid,
        **({} if sim.unique_name is None else {"SimUniqueName": sim.unique_name}),
        "SimStatus": sim.status,
        "AccountSid": service.accounts[sim.account_id].sid,
    }
    asker = service.switches.callback_signer is CallbackSigner.ASKER
    row = (
        service.clock.now_s() + ending.late_s,
        sim.id,
        ending.request,
        ending.callback_method,
        ending.callback_url,
        urlencode(said),
        ending.vendor,
        ending.asker_id if asker else sim.account_id,
    )
    service.books.live.executemany(
        "INSERT INTO letter (due_s, sim_id, request, method, url, form, vendor, signer_id, attempt)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
        [row] * ending.copies,
    )


def take(service: Service) -> tuple[Letter, ...]:
    """The callbacks that are due, each given out once."""
    live, now_s = service.books.live, service.clock.now_s()
    rows = live.execute(f"SELECT {COLUMNS} FROM letter WHERE due_s <= ? ORDER BY due_s", (now_s,)).fetchall()  # noqa: S608 - a constant
    if not rows:
        return ()
    with service.books.change():
        live.executemany(
            "UPDATE letter SET due_s = NULL, sent_at = ? WHERE number = ?",
            [(service.clock.stamp(), row[0]) for row in rows],
        )
    return tuple(
        signed(number, method, url, form, Vendor(vendor), service.signing_secret(signer_id, Vendor(vendor)))
        for number, _, _, method, url, form, vendor, signer_id, _ in rows
    )


def delivered(service: Service, number: int, status: int | None) -> None:
    """Write down the answer; after a failure the callback comes once more."""
    live = service.books.live
    with service.books.change():
        live.execute("UPDATE letter SET status = ? WHERE number = ?", (status, number))
        if status is None or not 200 <= status < 300:
            live.execute(
                "INSERT INTO letter (due_s, sim_id, request, method, url, form, vendor, signer_id, attempt)"
                " SELECT ?, sim_id, request, method, url, form, vendor, signer_id, attempt + 1 FROM letter"
                " WHERE number = ? AND attempt < ?",
                (service.clock.now_s() + service.switches.redelivery_s, number, ATTEMPTS_MAX),
            )


def signed(number: int, method: str, url: str, form: str, vendor: Vendor, secret: str) -> Letter:
    """The request as it goes out: a form for POST, a query for GET."""
    body, headers = b"", dict[str, str]()
    if method == "GET":
        url = f"{url}{'&' if '?' in url else '?'}{form}"
    else:
        body, headers = form.encode(), {"Content-Type": FORM}
    match vendor:
        case Vendor.TWILIO:
            posted = dict(parse_qsl(form, keep_blank_values=True)) if body else {}
            headers["X-Twilio-Signature"] = twilio_signature(secret, url, posted)
        case Vendor.KORE:
            headers["kore-signature"] = kore_signature(secret, method, url, body)
    return Letter(number, method, url, headers, body)


def twilio_signature(secret: str, url: str, posted: Mapping[str, str]) -> str:
    """Base64 of HMAC-SHA1 over the whole URL and the posted parameters, sorted, names and values run together."""
    text = url + "".join(name + posted[name] for name in sorted(posted))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def kore_signature(secret: str, method: str, url: str, body: bytes) -> str:
    """Hexadecimal SHA-256 of secret, method, URL without its query, and body."""
    return hashlib.sha256(f"{secret}{method}{url.partition('?')[0]}".encode() + body).hexdigest()
