"""Every documented answer of the sandbox is one by the vendor's own OpenAPI file, where that is at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from sandbox.soracom import groups, login, subscribers, transfer
from sandbox.soracom.accounts import EAST, USER
from sandbox.soracom.pages import PAGING
from sandbox.soracom.routes import HANDLERS, OPENERS
from sandbox.soracom.truth import Truth
from sandbox.soracom.words import EXPIRY_ACTIONS, SPEED_CLASSES, TOKEN_LIFE_S, TOKEN_LIFE_S_MAX
from tests.sandbox.soracom.conftest import ISSUE, TRANSFER, VERIFY, Take, issued, offer

SPEC = Path(__file__).resolve().parents[4] / "shared" / "specs" / "soracom-api.en.yaml"
pytestmark = pytest.mark.skipif(not SPEC.is_file(), reason=f"the vendor's OpenAPI file is not at hand ({SPEC.name})")
yaml = pytest.importorskip("yaml", reason="nothing here reads YAML")
BASE = "/v1"  # of the file's servers


class Contract:
    """The vendor's file, its answers' schemas turned into what a JSON Schema validator understands."""

    def __init__(self) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.spec: dict[str, Any] = yaml.load(SPEC.read_text(encoding="utf-8"), Loader=loader)

    def call(self, request: httpx.Request) -> dict[str, Any]:
        """The documented call that a request is."""
        path = request.url.path.removeprefix(BASE)
        fits = [one for one in self.spec["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path)]
        template = min(fits, key=lambda one: one.count("{"))
        return dict(self.spec["paths"][template][request.method.lower()])

    def errors(self, answer: httpx.Response) -> list[str]:
        documented = self.call(answer.request)["responses"][str(answer.status_code)]
        if "content" not in documented:
            return ["a body where none is documented"] if answer.content else []
        schema = self.plain(documented["content"]["application/json"]["schema"])
        return [error.message for error in Draft202012Validator(schema).iter_errors(answer.json())]

    def unknown(self, answer: httpx.Response) -> set[str]:
        """Names in the answer, or in the first row of it, that the schema does not have."""
        content = self.call(answer.request)["responses"][str(answer.status_code)].get("content")
        if content is None:
            return set()
        schema, body = self.plain(content["application/json"]["schema"]), answer.json()
        if isinstance(body, list):
            schema, body = schema["items"], body[0] if body else {}
        return set(body) - set(schema["properties"])

    def plain(self, schema: Any) -> Any:  # noqa: ANN401 - a schema is any JSON
        """The schema with what it refers to in its place, and no unknown names anywhere in it."""
        if isinstance(schema, list):
            return [self.plain(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self.plain(self.spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        plain = {name: self.plain(value) for name, value in schema.items() if name != "example"}
        if isinstance(plain.get("properties"), dict) and "additionalProperties" not in plain:
            plain["additionalProperties"] = False
        return plain

    def query(self, path: str) -> set[str]:
        parameters = self.spec["paths"][path]["get"].get("parameters") or []
        return {one["name"] for one in parameters if one["in"] == "query"}

    def body(self, schema: str) -> set[str]:
        return set(self.spec["components"]["schemas"][schema]["properties"])


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


def conversation(
    anonymous: httpx.Client, east: httpx.Client, west: httpx.Client, take: Take, truth: Truth
) -> Iterator[httpx.Response]:
    """One answer of every call and status that the documents know."""
    user = {"operatorId": EAST.operator, "userName": USER, "password": EAST.user_password}
    for body in ({"email": EAST.email, "password": EAST.password}, user, user | {"password": "x"}):
        yield anonymous.post("/v1/auth", json=body)
    yield east.post(f"/v1/operators/{EAST.operator}/token", json={"tokenTimeoutSeconds": 600})
    first, second, third, fourth = take(4)
    token, other = issued(east, [first]), issued(east, [second])
    yield east.post(ISSUE, json=offer([third]))
    yield west.post(VERIFY, json={"token": token})
    yield east.delete(f"{TRANSFER}/{other}")
    yield east.delete(f"{TRANSFER}/{other}")
    handled = next(row["targetImsi"] for row in east.get("/v1/event_handlers").json() if "targetImsi" in row)
    mapped = east.get("/v1/port_mappings").json()[0]["simId"]
    for path in (
        f"operators/{EAST.operator}",
        "payment_methods/current",
        "groups",
        "event_handlers",
        f"event_handlers/subscribers/{handled}",
        "port_mappings",
        f"port_mappings/sims/{mapped}",
        f"sims/{fourth.sim_id}",
        "sims/8942310710000000000",
        f"sims/{fourth.sim_id}/statuses/history",
        f"subscribers/{fourth.imsi}",
        "subscribers?status_filter=ready",
        "subscribers?status_filter=suspended",
    ):
        yield east.get(f"/v1/{path}")
    yield from settings(east, fourth.sim_id, truth)


def settings(east: httpx.Client, sim_id: str, truth: Truth) -> Iterator[httpx.Response]:
    path = f"/v1/sims/{sim_id}"
    group = truth.groups().filter(operator=EAST.operator)["group"][0]
    yield east.put(f"{path}/tags", json=[{"tagName": "x", "tagValue": "y"}])
    yield east.delete(f"{path}/tags/x")
    yield east.post(f"{path}/set_group", json={"groupId": group})
    yield east.post(f"{path}/set_imei_lock", json={"imei": "356938035643809"})
    yield east.post(f"{path}/set_expiry_time", json={"expiryTime": 1_900_000_000_000, "expiryAction": "suspend"})
    yield east.post(f"{path}/update_speed_class", json={"speedClass": "s1.fast"})
    for call in (
        "disable_termination",
        "enable_termination",
        "unset_group",
        "unset_imei_lock",
        "unset_expiry_time",
        "unset_expiry_time",
        "activate",
    ):
        yield east.post(f"{path}/{call}")


def test_answers_are_what_the_vendors_file_says(
    contract: Contract, anonymous: httpx.Client, east: httpx.Client, west: httpx.Client, take: Take, truth: Truth
) -> None:
    answers = list(conversation(anonymous, east, west, take, truth))
    assert {answer.status_code for answer in answers} == {200, 204, 401, 404}
    asked = {re.sub(r"[0-9a-f-]{15,}|OP\d+", "*", answer.request.url.path) for answer in answers}
    assert len(asked) == len(HANDLERS) + len(OPENERS) - 1, "all calls but the list of SIMs, which is tried below"
    for answer in answers:
        documented = contract.call(answer.request)["responses"][str(answer.status_code)]
        if "content" in documented:
            assert contract.errors(answer) == [], answer.request.url
            assert contract.unknown(answer) == set()
        elif answer.status_code < 300:
            assert answer.content == b""
        else:
            assert set(answer.json()) == {"code", "message"}, "the shape of every refusal"


def test_each_sim_and_subscriber_of_the_list_is_one_by_the_file(contract: Contract, edo: httpx.Client) -> None:
    for path in ("/v1/sims", "/v1/subscribers"):
        answer = edo.get(path)
        while "x-soracom-next-key" in answer.headers:
            assert contract.errors(answer) == []
            answer = edo.get(path, params={"last_evaluated_key": answer.headers["x-soracom-next-key"]})


def test_a_transferring_sim_is_by_the_file_but_for_that_word(
    contract: Contract, east: httpx.Client, take: Take
) -> None:
    (sim,) = take(1)
    issued(east, [sim])
    errors = contract.errors(east.get(f"/v1/sims/{sim.sim_id}"))
    assert [error.split(" ")[0] for error in errors] == ["'transferring'"]


def test_the_contract_would_find_a_wrong_answer(contract: Contract, east: httpx.Client, take: Take) -> None:
    answer = east.get(f"/v1/sims/{take(1)[0].sim_id}")
    for name, value in (("status", "gone"), ("groupId", None), ("terminationEnabled", 1), ("colour", "red")):
        spoiled = httpx.Response(200, json=answer.json() | {name: value}, request=answer.request)
        assert contract.errors(spoiled), name


def test_the_sandbox_knows_each_parameter_that_the_file_has_and_no_other(contract: Contract) -> None:
    assert contract.query("/sims") == set(PAGING)
    assert contract.query("/subscribers") == {*PAGING, *subscribers.FILTERS}
    assert contract.query("/groups") == {*PAGING, *groups.GROUP_FILTERS}
    assert contract.query("/port_mappings") == set(PAGING)
    assert contract.query("/event_handlers") == {"target"}
    assert contract.query("/sims/{sim_id}/statuses/history") == {*PAGING, "from", "to", "sort"}
    assert contract.body("AuthRequest") == login.FIELDS
    assert contract.body("IssueSubscriberTransferTokenRequest") == set(transfer.FIELDS)
    for name in (*OPENERS, *HANDLERS):
        method, path = name.split(" ")
        assert method.lower() in contract.spec["paths"][path.removeprefix(BASE)], name


def test_the_sandbox_knows_each_word_that_the_file_has(contract: Contract) -> None:
    schemas = contract.spec["components"]["schemas"]
    assert set(schemas["UpdateSpeedClassRequest"]["properties"]["speedClass"]["enum"]) == SPEED_CLASSES
    assert set(schemas["ExpiryTime"]["properties"]["expiryAction"]["enum"]) - {"(null value)"} == EXPIRY_ACTIONS
    life = schemas["AuthRequest"]["properties"]["tokenTimeoutSeconds"]
    assert (life["default"], life["maximum"]) == (TOKEN_LIFE_S, TOKEN_LIFE_S_MAX)
