"""Whether a Super SIM callback comes from who it says, and which SIM it names.

Twilio: base64 of HMAC-SHA1, keyed with the auth token, over the URL and the sorted form parameters; a GET is signed
with its query. KORE: hex of SHA-256 over secret, method, URL without query, and body. Either is of the URL that the
provider was told, whatever a proxy made of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from domain.errors import UsageError
from providers.secrets import Secret

TWILIO_HEADER, KORE_HEADER = "x-twilio-signature", "kore-signature"
METHODS = ("POST", "GET")

_SID = re.compile(r"HS[0-9a-fA-F]{32}")
_FORM = re.compile(rb"[ -~]*")  # what a form may consist of on the wire
_FIELDS_MAX = 100  # of a form; a callback has four
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it arrived, byte for byte; a signature that was not sent is empty."""

    method: str
    query: str  # without its question mark
    body: bytes
    twilio: str
    kore: str


@dataclass(frozen=True, slots=True)
class Keys:
    """What callbacks may be signed with."""

    twilio: tuple[Secret, ...]
    kore: tuple[Secret, ...]


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """The URL that a provider was told to call; a fragment never leaves the caller and is not part of it."""

    text: str

    @property
    def path(self) -> str:
        """Its path, decoded, as a server sees it."""
        return unquote(urlsplit(self.text).path) or "/"

    @property
    def bare(self) -> str:
        """Without its query."""
        return self.text.partition("?")[0]


def public_url(text: str) -> PublicUrl:
    """The URL; raises `UsageError` where no provider could call it."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not text.isascii() or any(letter.isspace() for letter in text):
        raise UsageError(f"{text!r} is no URL that a provider can call. Write it as https://host/path.")
    if "@" in parts.netloc:
        raise UsageError(
            "A callback's URL holds no user and password; its signature is what is checked. Leave them out."
        )
    return PublicUrl(urlunsplit(parts._replace(fragment="")))


def is_signed(arrived: Arrived, url: PublicUrl, keys: Keys) -> bool:
    """Whether one of the keys signed this for that URL; how long it takes says nothing of how near a wrong one was."""
    if not _FORM.fullmatch(arrived.body) or (arrived.method == "GET" and arrived.body):
        # KORE's is a plain hash that begins with the secret. Whoever has seen one can compute that of a longer message
        # without the secret, but only of one that goes on with the hash's own padding: a byte 0x80, which no form has
        return False
    pairs = [*_by_twilio(arrived, url, keys.twilio), *_by_kore(arrived, url, keys.kore)]
    return any(hmac.compare_digest(right.encode(), given.encode()) for right, given in pairs)


def sim_of(arrived: Arrived) -> str | None:
    """The sid of the one SIM that it names; None where it names none, or more.

    KORE's signature of a GET does not cover the query, so this is a hint and never more.
    """
    named = [value for name, value in _fields(_said(arrived)) if name == "SimSid"]
    return named[0] if len(named) == 1 and _SID.fullmatch(named[0]) else None


def _by_twilio(arrived: Arrived, url: PublicUrl, tokens: tuple[Secret, ...]) -> Iterator[tuple[str, str]]:
    """Expected and given signature, by token and by spelling of the URL: with its port or without is not documented."""
    if not arrived.twilio:
        return
    get = arrived.method == "GET"
    fields = "" if get else "".join(name + value for name, value in sorted(set(_fields(_said(arrived)))))
    for address in _spellings(f"{url.bare}?{arrived.query}" if get else url.text):
        for token in tokens:
            made = hmac.new(token.reveal().encode(), (address + fields).encode(), hashlib.sha1).digest()
            yield base64.b64encode(made).decode(), arrived.twilio


def _by_kore(arrived: Arrived, url: PublicUrl, secrets: tuple[Secret, ...]) -> Iterator[tuple[str, str]]:
    if not arrived.kore:
        return
    for secret in secrets:
        signed = f"{secret.reveal()}{arrived.method}{url.bare}".encode() + arrived.body
        yield hashlib.sha256(signed).hexdigest(), arrived.kore


def _said(arrived: Arrived) -> str:
    """The form, wherever it came."""
    return arrived.query if arrived.method == "GET" else arrived.body.decode("latin-1")


def _fields(form: str) -> list[tuple[str, str]]:
    """Names and values in their order; none where it is no form of UTF-8."""
    try:
        return parse_qsl(form, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_MAX)
    except ValueError:
        return []


def _spellings(url: str) -> Iterator[str]:
    """The URL as it is, and where that differs, without its port and with it."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    yield from {url, _at(parts, f"{host}"), _at(parts, f"{host}:{parts.port or _PORTS[parts.scheme]}")}


def _at(parts: SplitResult, place: str) -> str:
    return urlunsplit(parts._replace(netloc=place))
