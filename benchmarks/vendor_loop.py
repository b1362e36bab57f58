"""The loop that people write with the vendor's own library: find each SIM by its ICCID, then set its account.

    .venv/bin/python -m benchmarks.vendor_loop BASE_URL PARENT AUTH_TOKEN SOURCE SOURCE_TOKEN TARGET LIST

Prints the seconds that the loop took; nothing is checked, as nobody does.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

HOST = "https://supersim.twilio.com"


class Redirected(TwilioHttpClient):  # type: ignore[misc] # the library has no types
    """The library's own client, with another host in front of its paths."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def request(self, method: str, url: str, *more: object, **named: object) -> Response:
        """One request, as the library would send it."""
        return super().request(method, url.replace(HOST, self._base_url), *more, **named)


def main() -> None:
    base_url, parent, token, source, source_token, target, path = sys.argv[1:]
    iccids = Path(path).read_text(encoding="utf-8").split()
    hands = Client(parent, token, http_client=Redirected(base_url))
    eyes = Client(source, source_token, http_client=Redirected(base_url))
    began = time.perf_counter()
    for iccid in iccids:
        (sim,) = eyes.supersim.v1.sims.list(iccid=iccid)
        hands.supersim.v1.sims(sim.sid).update(account_sid=target)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
