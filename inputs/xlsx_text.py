"""Texts of a workbook: what XML and spreadsheets escape in them, and the table of shared ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import polars as pl

from domain.errors import ListError
from inputs.limits import CELL_CHARS_MAX, ROW_BYTES_MAX, STRINGS_MAX
from inputs.markup import feed, parser
from inputs.package import Package

CHARACTER = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
SPREADSHEET_CHARACTER = re.compile(r"_x([0-9A-Fa-f]{4})_")  # ECMA-376 22.9.2.19, ST_Xstring
KNOWN_REFERENCE = r"&(?:lt|gt|quot|apos|amp|#[xX][0-9A-Fa-f]{1,6}|#[0-9]{1,7});"
XML_CHARACTERS = (
    (0x9, 0xA, 0xD), range(0x20, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000),
)  # fmt: skip
SURROGATES = re.compile("[\ud800-\udfff]")
SHARED_START = re.compile(r"(?s)(?:<\?xml[^>]*\?>)?\s*<sst(?: [^>]*)?>\s*")
STRINGS_AT_ONCE = 100_000  # of the slow reader, made into one series


class Unusual(Exception):
    """A part is not written in the form that the quick reader knows."""


def unescaped(texts: pl.Series) -> pl.Series:
    """Texts as XML means them: `&amp;` is `&`; raises Unusual where XML knows no such character or entity."""
    if not texts.str.contains("&", literal=True).any():
        return texts
    if texts.str.replace_all(KNOWN_REFERENCE, "").str.contains("&", literal=True).any():
        raise Unusual  # the exact reader says what is wrong
    if texts.str.contains("&#", literal=True).any():
        texts = _replaced(texts, CHARACTER, _character)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        texts = texts.str.replace_all(entity, character, literal=True)
    return texts


def spelled_out(texts: pl.Series) -> pl.Series:
    """Texts as the spreadsheet means them: `_x000D_` is a carriage return."""
    if not texts.str.contains("_x", literal=True).any():
        return texts
    return _replaced(texts, SPREADSHEET_CHARACTER, lambda found: chr(int(found[1], 16)))


def _character(found: re.Match[str]) -> str:
    """The character that a reference names; raises Unusual where XML has none of that number (XML 1.0, 2.2)."""
    code = int(found[1], 16) if found[1] else int(found[2])
    if any(code in each for each in XML_CHARACTERS):
        return chr(code)
    raise Unusual


def shared_texts(package: Package, part: str | None) -> pl.Series:
    """The table of shared texts, in order; raises ListError where it is broken or too long."""
    if part is None:
        return pl.Series(dtype=pl.String)
    try:
        texts = _joined(package, _quick(package, part))
    except Unusual:
        texts = _joined(package, _exact(package, part))
    return spelled_out(texts)


def whole_rows(pieces: Iterator[bytes], start: bytes, name: str) -> Iterator[bytes]:
    """Pieces cut anew so that each ends before a `start`; raises ListError where one is longer than we take."""
    carry = b""
    for piece in pieces:
        joined = carry + piece if carry else piece
        cut = joined.rfind(start)
        if cut <= 0:
            carry = joined
        else:
            carry = joined[cut:]
            yield joined[:cut]
        if len(carry) > ROW_BYTES_MAX:
            raise ListError(
                f"{name}: one row or text is longer than {ROW_BYTES_MAX:,} bytes, which no spreadsheet writes.\n"
                "Copy the list into a new workbook, or save it as CSV."
            )
    yield carry


def _joined(package: Package, parts: Iterator[pl.Series]) -> pl.Series:
    found: list[pl.Series] = []
    count = 0
    for part in parts:
        found.append(part)
        count += len(part)
        if count > STRINGS_MAX:
            raise ListError(
                f"{package.name}: more than {STRINGS_MAX:,} different texts are more than we take.\n"
                "Copy the columns with the identifiers into a new workbook, or save the list as CSV."
            )
    return pl.concat(found, rechunk=True) if found else pl.Series(dtype=pl.String)


def _quick(package: Package, part: str) -> Iterator[pl.Series]:
    """Texts by the piece; raises Unusual where the XML is not as the common writers write it."""
    piece = b""
    for count, piece in enumerate(whole_rows(package.pieces(part), b"<si>", package.name)):
        if b"\r" in piece or not is_plain(piece):
            raise Unusual
        try:
            items = pl.Series([piece.decode()]).str.split("<si>").explode()
        except UnicodeDecodeError as error:
            raise Unusual from error
        begun = items[0]
        if count == 0 and (not SHARED_START.fullmatch(begun) or not is_utf8(begun.encode())):
            raise Unusual
        texts = piece.count(b"<t>") + piece.count(b"<t ")
        if not piece.count(b"<si") == piece.count(b"</si>") == len(items) - 1 or (count > 0 and begun):
            raise Unusual
        if texts != piece.count(b"</t>"):
            raise Unusual
        yield unescaped(_texts(items.slice(1)))
    if not piece.rstrip().endswith(b"</sst>"):
        raise Unusual  # cut off: the exact reader says where


def is_plain(piece: bytes) -> bool:
    """Whether XML has no comments, no CDATA and no instructions, which could hide what is looked for."""
    # Single characters are found many times faster than pairs.
    return not (b"!" in piece and b"<!" in piece) and not (b"?" in piece and b"<?" in piece[1:])


def is_utf8(start: bytes) -> bool:
    """Whether XML does not declare another encoding than UTF-8 at its start."""
    declared = re.search(rb'encoding=["\']([\w-]+)', start)
    return declared is None or declared[1].lower() in {b"utf-8", b"us-ascii"}


def _texts(items: pl.Series) -> pl.Series:
    """Text of each item; of rich texts the runs joined, without phonetic hints."""
    texts = items.str.strip_prefix("<t>").str.strip_suffix("</t></si>")
    marked = texts.str.contains("<", literal=True).arg_true()
    if marked.is_empty():
        return texts
    rich = (
        pl.col("item")
        .str.replace_all(r"(?s)<rPh .*?</rPh>", "")
        .str.extract_all(r"<t(?: [^>]*)?>[^<]*</t>")
        .list.join("")
        .str.replace_all(r"<[^>]*>", "")
    )
    joined = items.gather(marked).to_frame("item").select(rich).to_series()
    return texts.scatter(marked, joined)


def _exact(package: Package, part: str) -> Iterator[pl.Series]:
    """Texts by any XML parser's rules."""
    texts: list[str] = []
    runs: list[str] = []
    inside: list[str] = []
    chars = 0  # of the text that is open

    def begin(name: str, _: dict[str, str]) -> None:
        inside.append(name)

    def end(name: str) -> None:
        nonlocal chars
        inside.pop()
        if name == "si":
            texts.append("".join(runs))
            runs.clear()
            chars = 0

    def text(found: str) -> None:
        nonlocal chars
        if inside[-1] == "t" and "rPh" not in inside:
            runs.append(found)
            chars += len(found)
            if chars > CELL_CHARS_MAX:
                raise ListError(package.broken(f"a text is longer than {CELL_CHARS_MAX:,} characters"))

    for _ in feed(parser(begin, end, text), package.pieces(part), package.broken):
        if len(texts) > STRINGS_AT_ONCE:
            yield pl.Series(texts, dtype=pl.String)
            texts.clear()
    yield pl.Series(texts, dtype=pl.String)


def _replaced(texts: pl.Series, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str]) -> pl.Series:
    """Texts with a pattern replaced, one by one but only those that have it: they are few.

    Two halves of a character that UTF-16 needs both of are joined; a half alone becomes U+FFFD.
    """
    places = texts.str.contains(pattern.pattern).fill_null(value=False).arg_true()
    if places.is_empty():
        return texts
    changed = [_whole(pattern.sub(by, text)) for text in texts.gather(places)]
    return texts.scatter(places, changed)


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if SURROGATES.search(text) else text
