"""Super SIM's error bodies, by either vendor, and what their codes come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.orders import Fate
from providers.supersim_words import ADVICE, WORDS_MAX, Complaint, complaint_of, fate_of, token_refused
from providers.wire import Answer
from tests.providers.doubles import answer
from tests.providers.supersim_doubles import refusal

DENIED = answer(403, {"message": "User is not authorized with an explicit deny", "error": "Invalid or expired token"})


@pytest.mark.parametrize(
    ("got", "fate"),
    [
        (answer(200, {}), Fate.ANSWERED),
        (answer(202, {}), Fate.ANSWERED),
        (answer(301), Fate.SILENT),
        (refusal(429, 20429), Fate.THROTTLED),
        (refusal(400, 20429), Fate.THROTTLED),
        (refusal(503, 20429), Fate.THROTTLED),
        (answer(429), Fate.THROTTLED),
        (refusal(500, 20500), Fate.BROKEN),
        (refusal(400, 20503), Fate.BROKEN),
        (refusal(400, 83004), Fate.BROKEN),
        (refusal(400, 83000), Fate.BROKEN),
        (answer(502), Fate.BROKEN),
        (Answer(503, {}, b"<html>"), Fate.BROKEN),
        (refusal(404, 83005), Fate.ANSWERED),
        (refusal(500, 83009), Fate.ANSWERED),
        (refusal(500, 99999), Fate.BROKEN),  # a code that nobody knows is no proof that nothing was done
        (refusal(429, 99999), Fate.THROTTLED),
        (refusal(400, 99999), Fate.ANSWERED),
        (refusal(429, 83011), Fate.ANSWERED),
        (answer(408), Fate.SILENT),
        (answer(404), Fate.ANSWERED),
    ],
)
def test_the_code_decides_and_the_status_only_where_there_is_none(got: Answer, fate: Fate) -> None:
    assert fate_of(got) is fate


def test_only_a_403_that_speaks_of_the_token_is_about_the_token() -> None:
    assert token_refused(DENIED)
    assert token_refused(answer(401))
    assert not token_refused(refusal(403, 20006, "explicit deny"))
    assert not token_refused(answer(403, {"message": "Forbidden"}))
    assert not token_refused(refusal(404, 20404, "expired token"))


@pytest.mark.parametrize(
    ("got", "complaint"),
    [
        (refusal(400, 83011, "Taken"), Complaint("83011", "Taken")),
        (answer(400, {"code": "20001", "message": "x", "info": "https://"}), Complaint("20001", "x")),
        (DENIED, Complaint("", "User is not authorized with an explicit deny: Invalid or expired token")),
        (answer(404), Complaint("", "HTTP 404 without words")),
        (answer(404, []), Complaint("", "HTTP 404 without words")),
        (answer(404, {"code": None}), Complaint("", "HTTP 404 without words")),
        (Answer(502, {}, b"<html>"), Complaint("", "HTTP 502 with a body that is not JSON")),
    ],
)
def test_every_error_body_has_a_code_or_none_and_words(got: Answer, complaint: Complaint) -> None:
    assert complaint_of(got) == complaint


@given(st.binary(max_size=60), st.integers(400, 599))
def test_any_body_at_all_is_read(body: bytes, status: int) -> None:
    complaint = complaint_of(Answer(status, {}, body))
    assert complaint.words
    assert len(complaint.words) <= WORDS_MAX
    assert fate_of(Answer(status, {}, body)) in set(Fate)


def test_every_documented_code_of_a_sim_has_advice() -> None:
    codes = {"20404", *(str(83000 + number) for number in range(12)), "83600"}
    assert codes <= set(ADVICE)
    assert all(words.endswith((".", "--check")) for words in ADVICE.values())
