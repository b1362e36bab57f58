"""Two operators of Soracom in memory, answering as the vendor's pages say; and SIMs and orders for them."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from domain.orders import Options, Order, Part, Sim
from providers.accounts import Account
from providers.wire import Answer
from tests.providers.doubles import answer

EAST, WEST = "OP0000000001", "OP0000000002"
HOST = "https://soracom.test"
NAMES = {EAST: "east", WEST: "west"}
WAY = (Part.ISSUE, Part.ACCEPT)
DROPPED = ("tags", "groupId", "imeiLock", "expiryTime", "expiryAction", "speedClass")

Body = dict[str, Any]  # JSON, as whoever reads it has to find out
Fault = Callable[[httpx.Request], httpx.Response | Exception | None]


def number(place: int) -> str:
    return str(8942310022000000000 + place)


def imsi_of(place: int) -> str:
    return str(295050910000000 + place)


def shown(place: int, operator: str = EAST, **changes: object) -> Body:
    """A SIM as the provider shows it."""
    return {
        "simId": number(place),
        "operatorId": operator,
        "status": "ready",
        "type": "uicc",
        "groupId": None,
        "tags": {"name": ""},
        "speedClass": "s1.standard",
        "imeiLock": None,
        "expiryTime": None,
        "expiryAction": None,
        "terminationEnabled": True,
        "activeProfileId": number(place),
        "profiles": {number(place): {"iccid": number(place), "primaryImsi": imsi_of(place), "subscribers": {}}},
    } | changes


def a_sim(place: int, **more: object) -> Sim:
    known: dict[str, object] = {"status": "ready", "parts": WAY} | more
    return Sim(number(place), number(place), number(place), imsi_of(place), **known)  # type: ignore[arg-type] # as said


def an_order(*sims: Sim, part: Part = Part.ISSUE, token: bytes | None = None) -> Order:
    return Order(1, 1, sims, Options(), part, token=token)


def no(status: int, code: str = "SEM0001", message: str = "no") -> Answer:
    return answer(status, {"code": code, "message": message})


@dataclass
class Soracom:
    """Operators with their SIMs. `faults` are asked before each request, and may answer in its place."""

    sims: dict[str, Body] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=lambda: {op: f"{NAMES[op]}@acme.example" for op in NAMES})
    groups: dict[str, list[Body]] = field(default_factory=dict)
    handlers: list[Body] = field(default_factory=list)
    mappings: list[Body] = field(default_factory=list)
    payment: httpx.Response = field(default_factory=lambda: httpx.Response(200, json={"errorCode": "success"}))
    page_size: int = 100
    login_as: dict[str, str] = field(default_factory=dict)  # e-mail → operator, where it is not the e-mail's own
    mfa: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    seen: list[httpx.Request] = field(default_factory=list)
    tokens: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of transfers → IMSIs
    logged_in: dict[str, str] = field(default_factory=dict)  # token → operator
    _counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, *sims: Body) -> None:
        self.sims |= {str(sim["simId"]): sim for sim in sims}

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def asked(self, method: str, path: str = "") -> list[httpx.Request]:
        return [one for one in self.seen if one.method == method and re.search(path, one.url.path)]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.seen.append(request)
            for fault in self.faults:
                instead = fault(request)
                if isinstance(instead, Exception):
                    raise instead
                if instead is not None:
                    return instead
            response = self._route(request)
        response.headers.update(self.headers)
        return response

    def _route(self, request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content) if request.content else {}
        if request.url.path == "/v1/auth":
            return self._log_in(body)
        assert "authorization" not in request.headers
        operator = self.logged_in.get(request.headers.get("x-soracom-token", ""))
        if operator is None or request.headers.get("x-soracom-api-key") != f"api-{operator}":
            return httpx.Response(401, json={"code": "AUM0002", "message": "invalid token"})
        assert request.headers["x-soracom-lang"] == "en"
        for pattern, handle in _ROUTES.items():
            match = re.fullmatch(pattern, f"{request.method} {request.url.path}")
            if match:
                return handle(self, operator, request, body, *match.groups())
        raise AssertionError(f"nobody answers {request.method} {request.url.path}")

    def _log_in(self, body: Body) -> httpx.Response:
        if body.get("password") == "wrong":
            return httpx.Response(401, json={"code": "AUM0001", "message": "wrong s3cret"})
        if self.mfa and body.get("mfaOTPCode") != self.mfa:
            return httpx.Response(401, json={"code": "AUM0003", "message": "MFA OTP code is required"})
        by_mail = {email: operator for operator, email in self.emails.items()} | self.login_as
        email = str(body.get("email", ""))
        operator = by_mail.get(email) or str(body.get("operatorId", EAST))
        return httpx.Response(200, json=self._granted(operator) | {"apiKey": f"api-{operator}", "operatorId": operator})

    def _granted(self, operator: str) -> Body:
        token = f"t0ken-{next(self._counter)}"
        self.logged_in[token] = operator
        return {"token": token}

    def _renew(self, operator: str, _request: httpx.Request, _body: Body, _id: str) -> httpx.Response:
        return httpx.Response(200, json=self._granted(operator))

    def _operator(self, operator: str, _request: httpx.Request, _body: Body, asked: str) -> httpx.Response:
        assert operator == asked
        return httpx.Response(200, json={"operatorId": operator, "email": self.emails[operator], "description": ""})

    def _pay(self, _operator: str, _request: httpx.Request, _body: Body) -> httpx.Response:
        return httpx.Response(self.payment.status_code, content=self.payment.content)

    def _list(self, operator: str, request: httpx.Request, _body: Body, what: str) -> httpx.Response:
        rows = {
            "sims": [sim for sim in self.sims.values() if sim["operatorId"] == operator],
            "groups": self.groups.get(operator, []),
            "event_handlers": self.handlers,
            "port_mappings": self.mappings,
        }[what]
        start = int(request.url.params.get("last_evaluated_key", "0"))
        end = start + self.page_size
        headers = {"x-soracom-next-key": str(end)} if end < len(rows) else {}
        return httpx.Response(200, json=rows[start:end], headers=headers)

    def _sim(self, operator: str, _request: httpx.Request, _body: Body, sim_id: str) -> httpx.Response:
        sim = self.sims.get(sim_id)
        if sim is None or sim["operatorId"] != operator:
            return httpx.Response(404, json={"code": "SEM0004", "message": "no such SIM"})
        return httpx.Response(200, json=sim)

    def _set(self, operator: str, request: httpx.Request, body: Body, sim_id: str, action: str) -> httpx.Response:
        sim = self.sims[sim_id]
        assert sim["operatorId"] == operator
        match action:
            case "tags":
                tags: list[Body] = list(body)  # type: ignore[arg-type] # the one body that is a list
                sim["tags"] |= {tag["tagName"]: tag["tagValue"] for tag in tags}
            case "set_group":
                sim["groupId"] = body["groupId"]
            case "set_imei_lock":
                sim["imeiLock"] = body
            case "update_speed_class":
                sim["speedClass"] = body["speedClass"]
            case "set_expiry_time" if body.get("expiryAction") == "terminate" and sim["terminationEnabled"] is False:
                return httpx.Response(400, json={"code": "SEM0099", "message": "termination protection is on"})
            case "set_expiry_time":
                sim.update(body)
            case "enable_termination" | "disable_termination":
                sim["terminationEnabled"] = action == "enable_termination"
            case "unset_group":
                sim["groupId"] = None
            case _:
                raise AssertionError(f"nobody does {action}")
        return self._sim(operator, request, body, sim_id)

    def _issue(self, operator: str, _request: httpx.Request, body: Body) -> httpx.Response:
        wanted: list[str] = body["transferImsi"]
        assert body["transferDestinationOperatorEmail"] == self.emails[str(body["transferDestinationOperatorId"])]
        for sim in self._of(wanted):
            if sim["status"] != "ready" or sim["operatorId"] != operator:
                words = f"SIM {sim['simId']} is not ready"
                return httpx.Response(400, json={"code": "SEM0098", "message": words})
        for sim in self._of(wanted):
            sim["status"] = "transferring"
        token = f"transfer-{next(self._counter)}/s3cret"
        self.tokens[token] = tuple(wanted)
        return httpx.Response(200, json={"token": token})

    def _verify(self, operator: str, _request: httpx.Request, body: Body) -> httpx.Response:
        imsis = self.tokens.pop(str(body["token"]), None)
        if imsis is None:
            return httpx.Response(400, json={"code": "SEM0097", "message": f"no token {body['token']}"})
        for sim in self._of(imsis):
            sim.update(dict.fromkeys(DROPPED), status="ready", operatorId=operator, tags={}, terminationEnabled=True)
        return httpx.Response(200, json={"transferredImsi": list(imsis)})

    def _cancel(self, _operator: str, request: httpx.Request, _body: Body, _rest: str) -> httpx.Response:
        token = request.url.raw_path.decode().rpartition("/")[2].replace("%2F", "/")
        imsis = self.tokens.pop(token, None)
        if imsis is None:
            return httpx.Response(404)
        for sim in self._of(imsis):
            sim["status"] = "ready"
        return httpx.Response(204)

    def _of(self, imsis: list[str] | tuple[str, ...]) -> list[Body]:
        known = {imsi_of(int(sim_id) - int(number(0))): sim for sim_id, sim in self.sims.items()}
        return [known[imsi] for imsi in imsis]


_ROUTES: dict[str, Callable[..., httpx.Response]] = {
    r"POST /v1/operators/(\w+)/token": Soracom._renew,
    r"GET /v1/operators/(\w+)": Soracom._operator,
    r"GET /v1/payment_methods/current": Soracom._pay,
    r"GET /v1/(sims|groups|event_handlers|port_mappings)": Soracom._list,
    r"GET /v1/sims/(\d+)": Soracom._sim,
    r"(?:POST|PUT) /v1/sims/(\d+)/(\w+)": Soracom._set,
    r"POST /v1/subscribers/transfer_token/issue": Soracom._issue,
    r"POST /v1/subscribers/transfer_token/verify": Soracom._verify,
    r"DELETE /v1/subscribers/transfer_token/(.+)": Soracom._cancel,
}


def an_account(folder: Path, operator: str, **more: str) -> Account:
    """An account whose secret is a file made here; without a secret it is a blind one."""
    texts = {"coverage": "global", "email": f"{NAMES[operator]}@acme.example"}
    secrets = {}
    for name, text in more.items():
        if name in {"password", "auth_key", "user_password"}:
            file = folder / f"{operator}.{name}"
            file.write_text(text, encoding="utf-8")
            file.chmod(0o600)
            secrets[name] = f"file:{file.name}"
        else:
            texts[name] = text
    return Account(
        name=NAMES[operator],
        provider="soracom",
        account_id=operator,
        base_url=HOST,
        texts={name: text for name, text in texts.items() if text},
        secrets=secrets,
        numbers={"calls_in_flight": 4},
        folder=folder,
    )
