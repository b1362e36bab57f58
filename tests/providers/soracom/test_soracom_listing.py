"""A SIM's JSON becomes a row, settings and further numbers; pages follow each other by their keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import ALIASES, INVENTORY
from domain.settings import SETTINGS
from providers.bodies import Json
from providers.calls import Unreadable
from providers.soracom_columns import aliases_of, rows_of, settings_of
from providers.soracom_pages import first_page_of, next_key_of, page_of
from providers.soracom_sims import shown_of
from providers.wire import Answer
from tests.providers.doubles import answer
from tests.providers.soracom_doubles import imsi_of, no, number, shown

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def settings(**changes: object) -> dict[str, str]:
    return dict(shown_of(shown(1) | changes).settings)


def test_a_row_has_the_sims_numbers_status_group_name_and_type() -> None:
    sim = shown_of(shown(7, status="Ready", groupId="g-1", tags={"name": "van 7"}, type="euicc"))
    (row,) = rows_of([sim]).rows(named=True)
    assert rows_of([sim]).schema == INVENTORY
    assert row == {
        "key": number(7),
        "sim_id": number(7),
        "iccid": number(7),
        "imsi": imsi_of(7),
        "status": "ready",
        "device_id": None,
        "device_name": None,
        "group": "g-1",
        "name": "van 7",
        "type": "euicc",
    }


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("Transferring", "transferring"),
        ("ACTIVE", "active"),
        ("Under Repair", "Under Repair"),
        ("inTransfer", "transferring"),
        ("Transferred", "Transferred"),
    ],
)
def test_statuses_are_one_in_any_case_and_unknown_ones_pass_through(given: str, read: str) -> None:
    assert shown_of(shown(1, status=given)).status == read


def test_settings_are_named_as_the_domain_names_them() -> None:
    assert settings(
        tags={"name": "van 1", "site": " north ", "soracom.gadgets": "x", "DSN": "y", "empty": ""},
        groupId="g-1",
        imeiLock={"imei": "354678901234567|ANONYMOUS"},
        expiryTime=1798761600000,
        expiryAction="deactivate",
        speedClass="s1.fast",
        terminationEnabled=False,
    ) == {
        "tag:name": "van 1",
        "tag:site": " north ",
        "group": "g-1",
        "imei_lock": "354678901234567|ANONYMOUS",
        "expiry": "2027-01-01T00:00:00.000Z deactivate",
        "speed_class": "s1.fast",
        "termination_protection": "on",
    }


def test_what_a_sim_has_not_is_no_setting() -> None:
    bare: dict[str, object] = {"speedClass": None, "terminationEnabled": None, "tags": None, "imeiLock": {}}
    assert settings(**bare) == {}
    assert settings(**bare, expiryTime=1798761600123) == {"expiry": "2027-01-01T00:00:00.123Z none"}
    assert settings()["termination_protection"] == "off"
    lines = settings_of([shown_of(shown(1))])
    assert lines.schema == SETTINGS
    assert lines["value"].null_count() == 0


def test_the_primary_imsi_is_that_of_the_profile_in_use_and_the_others_are_further_numbers() -> None:
    profiles = {
        number(1): {"iccid": number(1), "primaryImsi": "1", "subscribers": {"1": {}, "2": {}}},
        number(2): {"iccid": number(2), "primaryImsi": "3", "subscribers": {"3": {}}},
    }
    active = shown_of(shown(1, profiles=profiles, activeProfileId=number(2)))
    assert active.imsi == "3"
    assert active.aliases == ((number(1), "1"), (number(1), "2"), (number(2), "3"))
    unsaid = shown_of(shown(1, profiles=profiles, activeProfileId=None))
    assert unsaid.imsi == "1"
    assert unsaid.aliases == ((number(1), "2"), (number(2), "3"))
    frame = aliases_of([unsaid])
    assert frame.schema == ALIASES
    assert frame.rows() == [(number(1), number(1), "2"), (number(1), number(2), "3")]


def test_a_sim_whose_profile_in_use_is_not_told_has_no_primary_imsi() -> None:
    others = {number(2): {"primaryImsi": "2"}, number(3): {"primaryImsi": "3"}}
    sim = shown_of(shown(1, profiles=others, activeProfileId=None))
    assert sim.imsi is None
    assert len(sim.aliases) == 2
    only = shown_of(shown(1, profiles={number(2): {"subscribers": {"2": {}}}}, activeProfileId=None))
    assert only.imsi == "2"
    assert shown_of(shown(1, profiles=None)).imsi is None


@pytest.mark.parametrize("changes", [{"simId": None}, {"status": None}, {"expiryTime": 10**18}])
def test_a_sim_that_cannot_be_one_is_not_read(changes: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        shown_of(shown(1) | changes)


@given(st.dictionaries(st.sampled_from(sorted(shown(1))), JSON), JSON)
def test_no_body_whatever_is_more_than_unreadable(changes: dict[str, Json], other: Json) -> None:
    for body in ({**shown(1), **changes}, other):
        try:
            sim = shown_of(body)
        except Unreadable:
            continue
        assert rows_of([sim]).schema == INVENTORY
        assert settings_of([sim])["value"].null_count() == 0
        assert aliases_of([sim]).schema == ALIASES


def paged(**headers: str) -> Answer:
    return answer(200, [], **headers)


def test_the_next_page_is_known_by_its_header_or_by_its_link() -> None:
    link = '<https://elsewhere.test/v1/sims?last_evaluated_key=a%2Fb&limit=100>; rel="next"'
    assert next_key_of(paged(x_soracom_next_key="k1", link=link)) == "k1"
    assert next_key_of(paged(link=link)) == "a/b"
    assert next_key_of(paged(link=f"</v1/sims>; rel=prev, {link}")) == "a/b"
    assert next_key_of(paged(link="</v1/sims?last_evaluated_key=k>; rel=prev")) == ""
    assert next_key_of(paged(link="nonsense")) == next_key_of(paged()) == ""
    with pytest.raises(Unreadable):
        next_key_of(paged(link="</v1/sims?limit=100>; rel=next"))


def test_a_list_without_sims_may_be_a_404_and_a_page_without_a_list_is_none() -> None:
    assert first_page_of(no(404), shown_of).rows == []
    assert page_of(paged(x_soracom_next_key="k"), shown_of).next_key == "k"
    for wrong in (no(404), answer(200, {"sims": []}), Answer(200, {}, b"<html>"), Answer(200, {}, b"")):
        with pytest.raises(Unreadable):
            page_of(wrong, shown_of)
    with pytest.raises(Unreadable):
        first_page_of(Answer(404, {}, b"<html>no such host</html>"), shown_of)
