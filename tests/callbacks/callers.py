"""How the two vendors sign, written a second time, and the callbacks that tests send."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from urllib.parse import urlencode

from providers.accounts import Account

TOKEN, SECRET = "marked-token-7f3a", "marked-secret-91bc"
URL = "https://hooks.example.com/supersim"
SID = "HS" + "0123456789abcdef" * 2
OTHER_SID = "HS" + "fedcba9876543210" * 2
OWNER = "AC" + "00ff" * 8
NAME = "lorry 7 & trailer"


def said(sid: str = SID, status: str = "active", **more: str) -> dict[str, str]:
    """What a callback tells."""
    return {"SimSid": sid, "SimUniqueName": NAME, "SimStatus": status, "AccountSid": OWNER} | more


def form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


def by_twilio(url: str, fields: dict[str, str] | None = None, token: str = TOKEN) -> str:
    text = url + "".join(name + (fields or {})[name] for name in sorted(fields or {}))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


def by_kore(method: str, url: str, body: bytes = b"", secret: str = SECRET) -> str:
    return hashlib.sha256(secret.encode() + method.encode() + url.encode() + body).hexdigest()


def account(folder: Path, name: str, *, provider: str = "supersim", **keys: str) -> Account:
    """An account with its secrets in files; `callback_url` and `username` are texts, everything else is a secret."""
    texts = {key: value for key, value in keys.items() if key in {"callback_url", "username"}}
    secrets = {}
    for key in sorted(set(keys) - set(texts)):
        place = folder / f"{name}-{key}"
        place.write_text(keys[key], encoding="utf-8")
        place.chmod(0o600)
        secrets[key] = f"file:{place.name}"
    return Account(name, provider, OWNER, "https://supersim.twilio.com", texts, secrets, {}, folder)
