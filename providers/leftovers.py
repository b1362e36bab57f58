"""Bytes that came behind an answer: whoever reads on would take them for the answer to the next request.

A server or something in between that answers twice makes every later answer of a connection one too old. The
library (httpx 0.28 over httpcore 1.0 and h11) drops a connection on which bytes wait in the socket, but not one whose
bytes were read together with the end of an answer; it has no public way to ask for these, so this looks inside.
"""

from __future__ import annotations

import httpx

PARSER, WITHIN = "_h11_state", "_connection"  # a connection's parser, and the connection that a wrapper holds


def left_over(client: httpx.Client, url: str) -> bool:
    """Whether any connection of the client's to this place has read more than its answer."""
    pool = getattr(client._transport_for_url(httpx.URL(url)), "_pool", None)  # noqa: SLF001 - see above
    return any(_has_more(connection) for connection in getattr(pool, "connections", ()))


def _has_more(connection: object) -> bool:
    """Wrappers stand around the one connection that has a parser, more of them where a proxy is between."""
    inner: object | None = connection
    while inner is not None and not hasattr(inner, PARSER):
        inner = getattr(inner, WITHIN, None)
    parser = getattr(inner, PARSER, None)
    return parser is not None and bool(parser.trailing_data[0])
