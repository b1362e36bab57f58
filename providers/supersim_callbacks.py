"""Where Super SIM callbacks come and what may sign them, out of the accounts file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.errors import UsageError
from providers.accounts import Account
from providers.secrets import Places, Secret, is_reference, resolve
from providers.supersim_signatures import Keys, PublicUrl, public_url

PROVIDER = "supersim"
URL_KEY = "callback_url"
USERNAME_KEY, TOKEN_KEY, SECRET_KEY = "username", "auth_token", "callback_secret"
_API_KEY = "SK"  # a user name that begins so comes with a secret that signs nothing


@dataclass(frozen=True, slots=True)
class Desk:
    """What a receiver needs to know; accounts by name where a person is told of them."""

    urls: tuple[PublicUrl, ...]
    keys: Keys
    named: tuple[str, ...]  # accounts with a key
    unread: tuple[str, ...]  # what to say of accounts whose key could not be read


def desk(accounts: Iterable[Account], url: str | None) -> Desk:
    """The desk for `url`, or for every account's own `callback_url`; raises `UsageError` where nobody can be believed.

    Any account's key is good for any URL: parent and child sign for each other, and a callback changes nothing.
    """
    ours = [account for account in accounts if account.provider == PROVIDER]
    told = [url] if url else [account.texts[URL_KEY] for account in ours if URL_KEY in account.texts]
    if not told:
        raise UsageError(
            "No callback comes without a URL. Give the one that the provider is told: --url https://host/path, "
            f'or {URL_KEY} = "https://host/path" in the account.'
        )
    twilio, kore, named, unread = set[Secret](), set[Secret](), list[str](), list[str]()
    for account in ours:
        try:
            found = dict(_keys(account))
        except UsageError as error:
            unread.append(f"{account.name}: {error}")
            continue
        twilio |= set(found.values())
        kore |= {key for name, key in found.items() if name == SECRET_KEY}
        named += [account.name] if found else []
    if not named:
        raise UsageError(
            f"No Super SIM account has a {TOKEN_KEY} (Twilio) or {SECRET_KEY} (KORE) that can be read, so no callback "
            f"could be believed. Add one; without callbacks everything works, too. {' '.join(unread)}".rstrip()
        )
    urls = tuple({public_url(text).text: public_url(text) for text in told}.values())
    return Desk(urls, Keys(tuple(twilio), tuple(kore)), tuple(named), tuple(unread))


def _keys(account: Account) -> Iterator[tuple[str, Secret]]:
    """By name; raises `UsageError` where one is not to be had."""
    places = Places(account.folder)
    username = account.texts.get(USERNAME_KEY, "")
    user = resolve(username, places).reveal() if is_reference(username) else username
    for name in (TOKEN_KEY, SECRET_KEY):
        if name in account.secrets and not (name == TOKEN_KEY and user.startswith(_API_KEY)):
            yield name, resolve(account.secrets[name], places)
