"""Every request that we make is in the vendor's OpenAPI file: path, parameters, and the fields of its body."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from domain.inventory import Side
from domain.orders import Part
from domain.settings import changes_of
from providers.account_shapes import SHAPES
from providers.protocol import Crew
from providers.soracom_words import LOGIN_LIFE_S
from tests.providers.doubles import Timepiece
from tests.providers.soracom.test_soracom_putting_back import ALL, FRESH
from tests.providers.soracom_doubles import Soracom, a_sim, an_order, shown

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"
CALLS = 20  # that the story below makes, of different method and path

pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason="the vendor's OpenAPI file is not at hand (shared/specs)")


@cache
def spec() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load((SPECS / "soracom-api.en.yaml").read_text(encoding="utf-8"), Loader=loader)
    return found


def requests(crew: Crew, soracom: Soracom, time: Timepiece) -> dict[str, httpx.Request]:
    """One of each kind that the client makes, by method and path of the file."""
    reader, examiner, hands = crew.reader, crew.examiner, crew.transferor
    assert examiner is not None
    assert hands is not None
    soracom.hold(*(shown(place) for place in range(3)))
    soracom.page_size = 2
    reader.preflight()
    for side in (Side.SOURCE, Side.TARGET):
        reader.survey(side, lambda *_: None)
        reader.groups(side)
    sims = [a_sim(place) for place in range(3)]
    examiner.listed_only(Side.SOURCE, sims)
    cancelled = hands.move(an_order(*sims)).secret
    assert cancelled is not None
    hands.cancel(cancelled)
    token = hands.move(an_order(*sims)).secret
    hands.move(an_order(*sims, part=Part.ACCEPT, token=token))
    examiner.examine(Side.TARGET, sims)
    hands.restore(sims[0], changes_of(ALL, FRESH), FRESH)
    hands.restore(sims[0], changes_of({"group": ""}, ALL), ALL)
    time.now_s += LOGIN_LIFE_S - 1
    reader.groups(Side.SOURCE)
    return {template_of(request): request for request in soracom.seen}


def template_of(request: httpx.Request) -> str:
    path = request.url.path.removeprefix("/v1")
    for template, methods in spec()["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        found = re.fullmatch(pattern, path) or ("{token}" in template and re.match(pattern, path))
        if found and request.method.lower() in methods and ("{" in template) == (template != path):
            return f"{request.method} {template}"
    raise AssertionError(f"{request.method} {path} is in no specification")


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = spec()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def check(value: object, schema: dict[str, Any]) -> None:
    """The value has only fields of the schema, all that it requires, and each in its type and enumeration."""
    schema = resolved(schema)
    match schema.get("type"):
        case "object":
            assert isinstance(value, dict)
            assert set(value) <= set(schema["properties"])
            assert set(schema.get("required", ())) <= set(value)
            for name, field in value.items():
                check(field, schema["properties"][name])
        case "array":
            assert isinstance(value, list)
            for entry in value:
                check(entry, schema["items"])
        case "integer":
            assert isinstance(value, int)
            assert value <= schema.get("maximum", value)
        case "string":
            assert isinstance(value, str)
            assert value in schema.get("enum", [value])


def test_every_request_is_in_the_file_with_its_parameters_and_body(
    crew: Crew, soracom: Soracom, time: Timepiece
) -> None:
    made = requests(crew, soracom, time)
    assert len(made) == CALLS, sorted(made)
    for name, request in made.items():
        method, path = name.split(" ")
        call = spec()["paths"][path][method.lower()]
        known = {one["name"] for one in call.get("parameters", []) if one["in"] == "query"}
        assert set(request.url.params) <= known, name
        if request.content:
            assert request.headers["content-type"] == "application/json"
            check(orjson.loads(request.content), call["requestBody"]["content"]["application/json"]["schema"])
        else:
            assert not call.get("requestBody", {}).get("required"), name


def test_both_coverages_are_where_the_file_says() -> None:
    hosts = {str(server["url"]).removesuffix("/v1") for server in spec()["servers"]}
    assert set(SHAPES["soracom"].coverages.values()) == hosts


def test_every_login_is_what_the_file_knows(soracom: Soracom, crew: Crew) -> None:
    crew.reader.groups(Side.SOURCE)
    schema = resolved({"$ref": "#/components/schemas/AuthRequest"})
    for fields in ({"email", "password"}, {"authKeyId", "authKey"}, {"operatorId", "userName", "mfaOTPCode"}):
        assert fields <= set(schema["properties"])
    (login,) = soracom.asked("POST", "/auth")
    check(orjson.loads(login.content), schema)
