"""Values that carry a secret show it in no repr, and so in no traceback that lists the locals of its frames."""

from __future__ import annotations

import pytest

from domain.events import Event, Kind
from providers.secrets import Secret
from providers.wire import Answer, Request

HUSH = "hush-0123456789"

CARRIERS = [
    Event(Kind.ANSWERED, "2026-11-20T09:00:00Z", 1, 1, "issue", secret=HUSH.encode()),
    Request("POST", "/auth", body=HUSH.encode(), bearer=Secret(HUSH), basic=Secret(HUSH), path_end=Secret(HUSH)),
    Request("GET", "/sims", headers=(("X-Token", Secret(HUSH)),)),
    Answer(200, {}, f'{{"token": "{HUSH}"}}'.encode()),
]


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: type(carrier).__name__)
def test_what_carries_a_secret_does_not_show_it(carrier: object) -> None:
    assert HUSH not in repr(carrier)
    assert HUSH not in repr([{"within": (carrier,)}])
