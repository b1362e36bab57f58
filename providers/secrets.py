"""Secrets as values that cannot be shown, and the references that accounts keep in their place."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from domain.errors import UsageError

SECRET_BYTES_MAX = 16 * 1024
SCHEMES = ("env", "file", "prefect")

# Text of a Prefect secret block, by its name; raises `UsageError` where there is none.
Blocks = Callable[[str], str]


class Secret:
    """Text that shows in no repr, log, exception or pickle; `reveal` is where it leaves for the provider."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the request that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret stays in the process that resolved it; pass its reference instead.")


@dataclass(frozen=True, slots=True)
class Places:
    """Where references are looked up: the folder that `file:` is relative to, the environment, Prefect's blocks."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    blocks: Blocks | None = None


def is_reference(text: str) -> bool:
    """Whether the text points to a secret rather than being one."""
    scheme, colon, rest = text.partition(":")
    return bool(colon and rest.strip()) and scheme in SCHEMES


def resolve(reference: str, places: Places) -> Secret:
    """The secret behind `env:NAME`, `file:PATH` or `prefect:BLOCK`; raises `UsageError` that says what to set."""
    scheme, _, rest = reference.partition(":")
    match scheme:
        case "env":
            text = _from_environment(rest, places.environ)
        case "file":
            text = _from_file(places.folder / Path(rest).expanduser())
        case "prefect":
            text = _from_block(rest, places.blocks)
        case _:
            raise UsageError("A secret is given as env:NAME, file:PATH or prefect:BLOCK, never as itself.")
    if not text:
        raise UsageError(f"The secret behind {reference} is empty. Put the secret there and start again.")
    return Secret(text)


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise UsageError(f"The environment variable {name} is not set. Export it, or point the account elsewhere.")
    return environ[name].strip()


def _from_file(path: Path) -> str:
    """First 16 KiB of text at most; anything that everybody on the machine may read is no secret."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(SECRET_BYTES_MAX + 1)
    except OSError as error:
        raise UsageError(f"The secret file {path} cannot be read: {error.strerror}. Make it, with mode 600.") from error
    if os.name == "posix" and mode & stat.S_IRWXO:
        raise UsageError(f"Every user of this machine may open the secret file {path}. Close it:  chmod 600 {path}")
    if len(raw) > SECRET_BYTES_MAX:
        raise UsageError(f"The secret file {path} is longer than {SECRET_BYTES_MAX} bytes. It should hold one secret.")
    try:
        return raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise UsageError(f"The secret file {path} is not UTF-8 text. Write the secret as plain text.") from error


def _from_block(name: str, blocks: Blocks | None) -> str:
    if blocks is None:
        raise UsageError(f"The Prefect block {name} is read by commands under Prefect alone. Use env: or file:.")
    return blocks(name).strip()
