"""A zip made from a zip: parts copied as they are, rewritten as streams, or added."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PIECE_BYTES = 8 * 1024**2  # read, rewritten and compressed in one go
WHOLE_PART_BYTES_MAX = 64 * 1024**2  # unpacked bytes of a part that is held in memory whole
PART_BYTES_MAX = 8 * 1024**3  # unpacked bytes of any part; lists of a million rows × 50 columns have about 2.5 GiB
DEFLATE_LEVEL = 1  # level 6 takes four times as long for a file smaller by a fifth

Pieces = Iterator[bytes]


class PartTooLarge(ValueError):
    """A part unpacks to more bytes than we take."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """How one part changes: a stream to a stream; `bytes_expected` decides whether its entry needs ZIP64."""

    stream: Callable[[Pieces], Iterable[bytes]]
    bytes_expected: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs in the new package: parts rewritten, and parts added with their bytes."""

    rewritten: Mapping[str, Rewrite] = field(default_factory=dict)
    added: Mapping[str, bytes] = field(default_factory=dict)


def write_package(source: Path | IO[bytes], target: Path, changes: Changes) -> None:
    """Write `target`: every part of `source` in its order, with its name, date and method; see Changes."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            info = _like(entry)
            rewrite = changes.rewritten.get(entry.filename)
            if rewrite:
                info.file_size = max(entry.file_size, rewrite.bytes_expected)
            with new.open(info, "w") as out:
                pieces = part_pieces(old, entry)
                for piece in rewrite.stream(pieces) if rewrite else pieces:
                    out.write(piece)
        for name, body in changes.added.items():
            new.writestr(name, body, zipfile.ZIP_DEFLATED)


def part_pieces(package: zipfile.ZipFile, entry: zipfile.ZipInfo | str) -> Pieces:
    """Unpacked bytes of a part, piece by piece; raises PartTooLarge when more come than we take."""
    total = 0
    with package.open(entry) as part:
        while piece := part.read(PIECE_BYTES):
            total += len(piece)
            if total > PART_BYTES_MAX:
                raise PartTooLarge(f"{part.name} unpacks to more than {PART_BYTES_MAX // 1024**3} GiB")
            yield piece


def whole_part(package: zipfile.ZipFile, name: str) -> str:
    """Text of a small part; raises KeyError where there is none, PartTooLarge where it is not small."""
    with package.open(name) as part:
        body = part.read(WHOLE_PART_BYTES_MAX + 1)
    if len(body) > WHOLE_PART_BYTES_MAX:
        raise PartTooLarge(f"{name} unpacks to more than {WHOLE_PART_BYTES_MAX // 1024**2} MiB")
    return body.decode("utf-8-sig")


def _like(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """A new entry with what can be kept of an old one."""
    info = zipfile.ZipInfo(entry.filename, entry.date_time)
    info.compress_type = entry.compress_type
    info.external_attr, info.create_system, info.comment = entry.external_attr, entry.create_system, entry.comment
    info.file_size = entry.file_size
    info._compresslevel = DEFLATE_LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - public from Python 3.13 on
    return info
