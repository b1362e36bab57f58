"""emnify's own words: bodies of errors, whatever they look like, and statuses that are new to us."""

from __future__ import annotations

import pytest

from providers.emnify_words import Complaint, complaint_of, status_word
from providers.wire import Answer


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b'{"error_code":1201,"error_token":"NotFound","message":"gone"}', Complaint("1201", "gone")),
        (b'{"error_code":"1201","error_token":"NotFound"}', Complaint("1201", "NotFound")),
        (b'{"message":"Limit Exceeded"}', Complaint("", "Limit Exceeded")),
        (b"", Complaint("", "HTTP 404 without words")),
        (b"  \n", Complaint("", "HTTP 404 without words")),
        (b"[]", Complaint("", "HTTP 404 without words")),
        (b"null", Complaint("", "HTTP 404 without words")),
        (b'{"error_code":true,"message":{"a":1}}', Complaint("", "HTTP 404 without words")),
        (b"<html><h1>502</h1>", Complaint("", "HTTP 404 with a body that is not JSON")),
        (b"\xff\xfe", Complaint("", "HTTP 404 with a body that is not JSON")),
    ],
)
def test_every_kind_of_error_body_is_read(body: bytes, complaint: Complaint) -> None:
    assert complaint_of(Answer(404, {}, body)) == complaint


def test_an_unknown_status_keeps_the_providers_word() -> None:
    assert status_word(1, "ACTIVATED") == "Activated"
    assert status_word(9, "Stolen") == "Stolen"
    assert status_word(9, None) == "status 9"
    assert status_word(None, None) is None
