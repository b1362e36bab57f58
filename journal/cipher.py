"""Transfer tokens encrypted with a key that only this installation has: from the environment, or from a key file.

SIMFERRY_KEY ──────────────────────────► the key
SIMFERRY_KEY_FILE, else <home>/journal.key ──► read, or made (0600) when the first token has to be kept
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from cryptography.fernet import Fernet, InvalidToken

from domain.errors import RefusedToRun, UsageError
from journal.files import PRIVATE, PRIVATE_FOLDER, flush

KEY_FILE = "journal.key"
KEY_BYTES_MAX = 1024
_LOST = (
    "Put the key back (SIMFERRY_KEY, or the key file), or wait until the tokens have run out and look with "
    "`simferry reconcile`."
)


class FernetCipher:
    """Seals and unseals with one key (Fernet: AES-128-CBC and HMAC-SHA-256), which no repr and no pickle shows.

    The key is looked for when it is first needed; only sealing makes one where there is none.
    """

    def __init__(self, given: str | None, file: Path) -> None:
        self._given = given
        self._file = file
        self._fernet: Fernet | None = None

    def seal(self, secret: bytes) -> bytes:
        """The secret, encrypted; raises `UsageError` or `RefusedToRun` where the key is none, or cannot be kept."""
        return self._with(makes=True).encrypt(secret)

    def unseal(self, sealed: bytes) -> bytes:
        """What `seal` was given; raises `RefusedToRun` where the key is not the one that it was sealed with."""
        try:
            return self._with(makes=False).decrypt(sealed)
        except InvalidToken as error:
            raise RefusedToRun(
                f"A transfer token of the journal was encrypted with another key than {self._place}. {_LOST}", "key"
            ) from error

    @property
    def _place(self) -> str:
        return "that of SIMFERRY_KEY" if self._given is not None else f"that in {self._file}"

    def _with(self, *, makes: bool) -> Fernet:
        if self._fernet is None:
            key = self._given.encode() if self._given is not None else self._from_file(makes=makes)
            try:
                self._fernet = Fernet(key)
            except ValueError as error:
                raise UsageError(
                    f"{'SIMFERRY_KEY' if self._given is not None else self._file} is no key: 44 characters of URL-safe "
                    f"base64 are. {_LOST}"
                ) from error
        return self._fernet

    def _from_file(self, *, makes: bool) -> bytes:
        try:
            return self._read()
        except FileNotFoundError as error:
            if not makes:
                raise RefusedToRun(f"The key file {self._file} is not there. {_LOST}", "key") from error
        self._make()
        return self._read()

    def _read(self) -> bytes:
        with self._file.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise RefusedToRun(
                    f"The key file {self._file} can be read by others (mode {mode:04o}). Run:  chmod 600 {self._file}",
                    "key",
                )
            return file.read(KEY_BYTES_MAX).strip()

    def _make(self) -> None:
        """Put a new key into the file, whole or not at all; of two who do so at once, one wins."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        fresh = self._file.with_name(f".{self._file.name}.{os.getpid()}.{os.urandom(4).hex()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
            flush(fresh)
            os.link(fresh, self._file)
            flush(self._file.parent)
        except FileExistsError:
            return
        finally:
            fresh.unlink(missing_ok=True)

    def __repr__(self) -> str:
        return "FernetCipher(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("The key stays in the process that has read it.")


def cipher_of(environ: Mapping[str, str], home: Path) -> FernetCipher:
    """The cipher of this installation; nothing is read or made before it is needed."""
    return FernetCipher(environ.get("SIMFERRY_KEY") or None, Path(environ.get("SIMFERRY_KEY_FILE") or home / KEY_FILE))
