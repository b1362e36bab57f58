"""`simferry callbacks`: hears from the provider that a SIM has changed, and wakes the polling up."""

from __future__ import annotations

import argparse
import functools
import socket
from collections import Counter

from domain.errors import Exit
from flows.arguments import accounts_asked
from flows.callbacks_server import Receiver, Verdict, listen, serve
from flows.patient import Patient
from flows.said import say, show
from journal.files import PRIVATE_FOLDER
from journal.wake import ring
from providers.accounts import read_accounts
from providers.supersim_callbacks import URL_KEY, Desk, desk
from tasks.asked import here

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_HINTS = {
    Verdict.SIGNATURE: "A callback was refused: its signature is missing or does not fit. Signed is the URL that the "
    "provider was told, letter by letter, with the account's token or callback secret: compare both.",
    Verdict.PATH: "A request came for another path than that of the URL. If it came from the provider, let the proxy "
    "pass the path on as it is.",
    Verdict.UNMARKED: "A callback came and no mark could be left: is there room in SIMFERRY_HOME, and may this user "
    "write there? Polling goes on without it.",
}


def run(asked: argparse.Namespace) -> Exit:
    """Receive callbacks until stopped, which is its good end: exit code 0."""
    around = here(accounts_asked(asked))
    known = desk(read_accounts(around.accounts).values(), asked.url)
    around.home.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    tell = functools.partial(show, console=Patient(stderr=True))
    receiver = Receiver(
        known,
        ring=functools.partial(ring, around.home),
        hint=lambda verdict: tell(f"{_HINTS[verdict]} (Said once.)") if verdict in _HINTS else None,
    )
    with listen(asked.host, asked.port) as listening:
        place = _place(listening)
        try:
            tell(_opening(known, place, asked.host))
            serve(receiver, listening)
        except KeyboardInterrupt:
            pass  # the way to end it
    say(asked, *_closing(known, place, receiver.counts))
    return Exit.OK


def _place(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _opening(known: Desk, place: str, host: str) -> str:
    """Where it listens, for which URL, whom it believes, and how it ends."""
    return "\n".join(
        [
            f"Callbacks are received at {place}",
            *(f"  the provider is told {url.text}  ({URL_KEY} in the accounts file)" for url in known.urls),
            f"  believed with the keys of {', '.join(known.named)}",
            *(f"  no key of {words}" for words in known.unread),
            *(["  anybody who can reach it may try, and it speaks plain HTTP"] if host not in _LOOPBACK else []),
            "Ctrl-C stops it.",
        ]
    )


def _closing(known: Desk, place: str, counts: Counter[Verdict]) -> tuple[str, dict[str, object]]:
    """The counts, in words and as facts."""
    refused = {str(verdict): counts[verdict] for verdict in Verdict if verdict in counts and _refuses(verdict)}
    why = f" ({', '.join(f'{reason} {count:,}' for reason, count in refused.items())})" if refused else ""
    lost = f" · {counts[Verdict.UNMARKED]:,} without a mark" if counts[Verdict.UNMARKED] else ""
    text = (
        f"Stopped. {counts.total():,} received · {counts[Verdict.WOKEN]:,} woken{lost} · "
        f"{sum(refused.values()):,} refused{why}"
    )
    facts: dict[str, object] = {
        "listened": place,
        "urls": [url.text for url in known.urls],
        "received": counts.total(),
        "woken": counts[Verdict.WOKEN],
        "unmarked": counts[Verdict.UNMARKED],
        "refused": refused,
    }
    return text, facts


def _refuses(verdict: Verdict) -> bool:
    return verdict not in {Verdict.WOKEN, Verdict.UNMARKED}
