"""The parts of a workbook file, unpacked by the piece and counted while they are."""

from __future__ import annotations

import lzma
import posixpath
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from domain.errors import ListError
from inputs.limits import (
    PART_BYTES_MAX,
    PIECE_BYTES,
    RATIO_FREE_BYTES,
    RATIO_MAX,
    SMALL_PART_BYTES_MAX,
    ZIP_ENTRIES_MAX,
)

DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OverflowError,
    EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip
# what zipfile raises for broken, cut, exotically packed (NotImplementedError) and encrypted (RuntimeError) entries


class Package:
    """A zip of XML parts. What is unpacked is counted, since the sizes a zip states can be wrong both ways."""

    def __init__(self, path: Path, name: str) -> None:
        """Open the package; raises ListError where it is no zip, or one with too many entries."""
        self.name = name
        # The file is ours to close: a zip keeps it open for as long as any of its entries is.
        self._file = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
        except DAMAGE as error:
            self._file.close()
            raise ListError(self.broken(str(error))) from error
        if len(self._zip.filelist) > ZIP_ENTRIES_MAX:
            self._file.close()
            raise ListError(
                f"{name}: {len(self._zip.filelist):,} entries inside are more than the {ZIP_ENTRIES_MAX:,} we take.\n"
                "Copy the list into a new workbook."
            )
        # Some writers use backslashes, and part names are not case-sensitive (ECMA-376 part 2, 6.2.2).
        named = [(info.filename.replace("\\", "/").lower(), info) for info in self._zip.filelist]
        self._entries = dict(named)
        self._times = Counter(part for part, _ in named)
        self._bytes = path.stat().st_size

    def __contains__(self, part: object) -> bool:
        return isinstance(part, str) and part.lower() in self._entries

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def pieces(self, part: str, piece_bytes: int = PIECE_BYTES, bytes_max: int = PART_BYTES_MAX) -> Iterator[bytes]:
        """Unpacked bytes of a part, by the piece; raises ListError where it is missing, broken or too large."""
        entry = self._entries.get(part.lower())
        if entry is None:
            raise ListError(self.broken(f"the part {part} is missing"))
        if self._times[part.lower()] > 1:
            raise ListError(self.broken(f"the part {part} is there twice"))
        packed = min(entry.compress_size, self._bytes)  # of which the first is but stated
        bytes_max = min(bytes_max, max(RATIO_FREE_BYTES, packed * RATIO_MAX))
        total = 0
        try:
            with self._zip.open(entry) as stream:
                while piece := _filled(stream, piece_bytes):
                    total += len(piece)
                    if total > bytes_max:
                        break
                    yield piece
        except DAMAGE as error:
            raise ListError(self.broken(f"{part}: {error}")) from error
        if total > bytes_max:
            raise ListError(
                f"{self.name}: {part} unpacks to more than {bytes_max:,} bytes, which is more than we take.\n"
                "Copy the columns with the identifiers into a new workbook, or save the list as CSV."
            )

    def small(self, part: str) -> bytes:
        """A small part as a whole."""
        return b"".join(self.pieces(part, bytes_max=SMALL_PART_BYTES_MAX))

    def broken(self, why: str) -> str:
        """Message for a package that cannot be read."""
        return (
            f"{self.name}: the workbook is damaged ({why}).\n"
            "Open it in Excel or LibreOffice, save it under a new name, and give that file."
        )


def beside(part: str, target: str) -> str:
    """Name of the part that a relation of `part` points to."""
    if target.startswith("/"):
        return posixpath.normpath(target).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def relations_of(part: str) -> str:
    """Name of the part that holds the relations of `part`."""
    return posixpath.join(posixpath.dirname(part), "_rels", posixpath.basename(part) + ".rels")


def _filled(stream: IO[bytes], size: int) -> bytes:
    """Up to `size` bytes: zipfile may give fewer at a time than it was asked for."""
    return stream.read(size)
