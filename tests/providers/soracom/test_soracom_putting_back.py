"""What SIMs were set to is put back in an order that works, and what is declined does not stop the rest."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import orjson
import pytest

from domain.inventory import Side
from domain.orders import Said
from domain.settings import Change, changes_of
from providers.protocol import Crew
from providers.soracom_restore import settings_of
from tests.providers.soracom_doubles import WEST, Soracom, a_sim, number, shown

SIM = a_sim(1)
ALL = {
    "tag:name": "van 1",
    "tag:site": "north",
    "group": "g-9",
    "imei_lock": "354678901234567",
    "speed_class": "s1.fast",
    "expiry": "2027-01-01T00:00:00.123Z terminate",
    "termination_protection": "on",
}
FRESH = {"speed_class": "s1.standard", "termination_protection": "off"}


def calls(wanted: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, object]]:
    """Last pieces of the paths in their order, with what is sent."""
    made = []
    for setting in settings_of(SIM, changes_of(wanted, now), now):
        assert setting.call is not None
        request = setting.call.request
        assert setting.call.repeatable
        assert request.path.startswith(f"/v1/sims/{number(1)}/")
        action = request.path.removeprefix(f"/v1/sims/{number(1)}/")
        made.append((f"{request.method} {action}", orjson.loads(request.body) if request.body else None))
    return made


def test_everything_is_set_in_the_order_that_works() -> None:
    assert calls(ALL, FRESH) == [
        (
            "PUT tags",
            [{"tagName": "name", "tagValue": "van 1"}, {"tagName": "site", "tagValue": "north"}],
        ),
        ("POST set_group", {"groupId": "g-9"}),
        ("POST set_imei_lock", {"imei": "354678901234567"}),
        ("POST update_speed_class", {"speedClass": "s1.fast"}),
        ("POST enable_termination", None),
        ("POST set_expiry_time", {"expiryTime": 1798761600123, "expiryAction": "terminate"}),
        ("POST disable_termination", None),
    ]


@pytest.mark.parametrize(
    ("wanted", "now", "expected"),
    [
        ({"expiry": "2027-01-01T00:00:00.000Z none"}, {}, ["POST set_expiry_time"]),
        (
            {"expiry": "2027-01-01T00:00:00.000Z terminate"},
            {"termination_protection": "on"},
            ["POST enable_termination", "POST set_expiry_time", "POST disable_termination"],
        ),
        (
            {"expiry": "2027-01-01T00:00:00.000Z suspend", "termination_protection": "off"},
            {"termination_protection": "on"},
            ["POST enable_termination", "POST set_expiry_time"],
        ),
        (
            {"expiry": "2027-01-01T00:00:00.000Z terminate", "termination_protection": "on"},
            {},
            ["POST enable_termination", "POST set_expiry_time", "POST disable_termination"],
        ),
        (
            {"group": "", "imei_lock": "", "expiry": "", "tag:a b": ""},
            {"group": "g", "imei_lock": "1", "expiry": "2027-01-01T00:00:00.000Z none", "tag:a b": "c"},
            ["DELETE tags/a%20b", "POST unset_group", "POST unset_imei_lock", "POST unset_expiry_time"],
        ),
        (FRESH, FRESH, []),
    ],
)
def test_only_what_differs_is_set(wanted: dict[str, str], now: dict[str, str], expected: list[str]) -> None:
    assert [action for action, _ in calls(wanted, now)] == expected


def restored(crew: Crew, wanted: Mapping[str, str] = ALL) -> tuple[Said, list[str]]:
    assert crew.transferor is not None
    reply = crew.transferor.restore(SIM, changes_of(wanted, FRESH), FRESH)
    return reply.said, [refusal.words.partition(":")[0] for refusal in reply.refusals]


def settings_at_target(crew: Crew) -> dict[str, str]:
    assert crew.examiner is not None
    return {setting: value for _, setting, value in crew.examiner.examine(Side.TARGET, [SIM]).settings.iter_rows()}


def test_what_is_put_back_is_read_back_the_same(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(shown(1, WEST))
    assert settings_at_target(crew) == FRESH
    assert restored(crew) == (Said.YES, [])
    assert settings_at_target(crew) == ALL
    assert restored(crew) == (Said.YES, [])  # a second time does no harm
    assert settings_at_target(crew) == ALL


def test_what_is_declined_is_named_and_the_rest_is_done(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(shown(1, WEST))

    def refuse(request: httpx.Request) -> httpx.Response | None:
        gone = request.url.path.endswith(("set_group", "tags"))
        return httpx.Response(404, json={"code": "SEM0013", "message": "no such group"}) if gone else None

    soracom.faults = [refuse]
    assert restored(crew) == (Said.NO, ["tag", "tag", "group"])
    done = settings_at_target(crew)
    assert done == {name: value for name, value in ALL.items() if name not in {"tag:name", "tag:site", "group"}}


def test_a_setting_that_no_call_makes_is_named(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(shown(1, WEST))
    assert crew.transferor is not None
    reply = crew.transferor.restore(SIM, (Change("event_handler:x", "active"),), FRESH)
    assert (reply.said, reply.refusals[0].code) == (Said.NO, "not_settable")


def test_a_call_that_broke_is_repeated_and_silence_is_told(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(shown(1, WEST))
    left: list[httpx.Response | Exception] = [
        httpx.Response(502, text="bad gateway"),
        httpx.ReadTimeout("slow"),
        httpx.Response(400, text="<html>"),
    ]
    left.append(httpx.Response(200, text="<html>maintenance</html>"))
    soracom.faults = [lambda request: left.pop() if left and request.method == "PUT" else None]
    assert restored(crew) == (Said.YES, [])
    soracom.faults = [lambda request: httpx.Response(503) if request.method == "PUT" else None]
    assert restored(crew) == (Said.UNHEARD, [])


def test_a_403_is_about_us(crew: Crew, soracom: Soracom) -> None:
    soracom.hold(shown(1, WEST))
    body = {"code": "SEM0049", "message": "no permission"}
    soracom.faults = [lambda request: httpx.Response(403, json=body) if request.method == "PUT" else None]
    assert crew.transferor is not None
    assert crew.transferor.restore(SIM, changes_of(ALL, FRESH), FRESH).credentials_refused


def test_nothing_is_set_where_nobody_can_log_in(blind: Crew) -> None:
    assert blind.transferor is not None
    reply = blind.transferor.restore(SIM, changes_of(ALL, FRESH), FRESH)
    assert (reply.said, reply.credentials_refused) == (Said.UNSENT, True)
