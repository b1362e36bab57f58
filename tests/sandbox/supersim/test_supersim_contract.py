"""Every documented answer of the sandbox is one by the vendors' own OpenAPI files, where those are at hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from sandbox.remote import Sandbox
from sandbox.supersim import order, pages, usage
from sandbox.supersim.accounts import NORTH, SOUTH
from sandbox.supersim.truth import Truth
from tests.sandbox.supersim.conftest import Take, in_fleet

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"
FILES = ("twilio_supersim_v1.json", "kore-supersim-v1.json")
pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason=f"the vendors' OpenAPI files are not at hand ({SPECS.parent.name}/{SPECS.name})"
)


class Contract:
    """One vendor's file, its answers' schemas turned into what a JSON Schema validator understands."""

    def __init__(self, file: str) -> None:
        self.spec: dict[str, Any] = json.loads((SPECS / file).read_text(encoding="utf-8"))

    def errors(self, answer: httpx.Response) -> list[str]:
        return [error.message for error in Draft202012Validator(self._schema(answer)).iter_errors(answer.json())]

    def unknown(self, answer: httpx.Response) -> set[str]:
        """Names in the answer that the schema does not have, at the first two levels."""
        schema, body = self._schema(answer), answer.json()
        extra = set(body) - set(schema["properties"])
        for name, value in body.items():
            if isinstance(value, list) and value:
                extra |= set(value[0]) - set(schema["properties"][name]["items"]["properties"])
        return extra

    def _schema(self, answer: httpx.Response) -> Any:  # noqa: ANN401 - a schema is any JSON
        method, path = answer.request.method.lower(), answer.request.url.path
        template = next(one for one in self.spec["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path))
        documented = self.spec["paths"][template][method]["responses"][str(answer.status_code)]
        return self._plain(documented["content"]["application/json"]["schema"])

    def _plain(self, schema: Any) -> Any:  # noqa: ANN401 - a schema is any JSON
        if isinstance(schema, list):
            return [self._plain(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            named = self.spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            return self._plain(named)
        plain = {name: self._plain(value) for name, value in schema.items() if name != "nullable"}
        if schema.get("nullable") and "type" in plain:
            plain["type"] = [plain["type"], "null"]
            if "enum" in plain:
                plain["enum"] = [*plain["enum"], None]
        return plain


def conversation(
    sandbox: Sandbox, north: httpx.Client, depot: httpx.Client, take: Take, truth: Truth
) -> list[httpx.Response]:
    """One answer of every call and status that the documents know."""
    active, new, ready = take("active"), take("new", in_fleet(None)), take("ready")
    iccid = north.get(f"/v1/Sims/{ready}").json()["iccid"]
    sandbox.use_data(iccid, 5_000)
    free = truth.unregistered().row(0, named=True)
    form = {"Iccid": free["iccid"] + free["check_digit"], "RegistrationCode": free["code"]}
    return [
        north.get("/v1/Sims?PageSize=1000"),
        north.get("/v1/Sims?Status=scheduled"),
        north.get("/v1/Sims?PageSize=3&Page=0"),
        north.get(f"/v1/Sims?Iccid={iccid}"),
        north.get(north.get("/v1/Sims?PageSize=3").json()["meta"]["next_page_url"]),
        north.get(f"/v1/Sims/{new}"),
        north.post("/v1/Sims", data=form),
        north.post(f"/v1/Sims/{new}", data={"UniqueName": f"by contract {new[-6:]}", "Fleet": "Pilot"}),
        depot.post(f"/v1/Sims/{new}", data={"AccountSid": SOUTH.sid, "Fleet": ""}),
        north.post(f"/v1/Sims/{active}", data={"Status": "inactive"}),
        north.get(f"/v1/Sims/{ready}/BillingPeriods"),
        north.get(f"/v1/Sims/{active}/BillingPeriods"),
        north.get("/v1/UsageRecords"),
        north.get("/v1/UsageRecords?Granularity=day&Group=sim&PageSize=1000"),
        north.get(f"/v1/UsageRecords?Granularity=hour&Sim={ready}"),
        north.get("/v1/UsageRecords?Group=fleet"),
        north.get("/v1/Fleets"),
        north.get("/v1/Fleets/Pilot"),
        north.get("/v1/SettingsUpdates?PageSize=1000"),
    ]


@pytest.mark.parametrize("file", FILES)
def test_answers_are_what_the_vendors_file_says(
    sandbox: Sandbox, north: httpx.Client, depot: httpx.Client, take: Take, truth: Truth, file: str
) -> None:
    contract = Contract(file)
    answers = conversation(sandbox, north, depot, take, truth)
    assert {answer.status_code for answer in answers} == {200, 201, 202}
    for answer in answers:
        assert contract.errors(answer) == []
        assert contract.unknown(answer) == set()
        assert NORTH.sid in answer.text or SOUTH.sid in answer.text or "settings_updates" in answer.text


@pytest.mark.parametrize("file", FILES)
def test_the_contract_would_find_a_wrong_answer(north: httpx.Client, file: str) -> None:
    contract = Contract(file)
    answer = north.get("/v1/Sims?PageSize=1")
    body = answer.json()
    for name, value in (("sid", "HSnothex"), ("status", "gone"), ("fleet_sid", 7), ("date_created", 5)):
        spoiled = body | {"sims": [body["sims"][0] | {name: value}]}
        assert contract.errors(httpx.Response(200, json=spoiled, request=answer.request)), name


@pytest.mark.parametrize("file", FILES)
def test_the_sandbox_knows_each_parameter_that_the_files_have_and_no_other(file: str) -> None:
    spec = Contract(file).spec["paths"]
    form = spec["/v1/Sims/{Sid}"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert set(form["properties"]) == order.PARAMETERS
    for path, filters in (
        ("/v1/Sims", ("Status", "Fleet", "Iccid")),
        ("/v1/UsageRecords", usage.FILTERS),
        ("/v1/SettingsUpdates", ("Sim", "Status")),
        ("/v1/Fleets", ("NetworkAccessProfile",)),
    ):
        documented = {one["name"] for one in spec[path]["get"]["parameters"]}
        assert documented == {*filters, *pages.PAGING}, path
