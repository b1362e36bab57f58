"""XML as events for small handlers: expat, without document types, with damage told as a ListError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from xml.parsers import expat  # entities expand only by a document type, which is refused below

from domain.errors import ListError
from inputs.limits import DEPTH_MAX, ELEMENTS_MAX, ROW_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Element:
    """An element that begins: local name and attributes by local name."""

    name: str
    attributes: dict[str, str]


class DoctypeError(Exception):
    """The XML has a document type; no part of a workbook has one (ECMA-376 part 2, 6.2.5)."""


class DepthError(Exception):
    """The XML has more elements in each other than any workbook."""


def parser(
    begin: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """Parser that calls back with local names; give it pieces with `feed`."""
    made = expat.ParserCreate()
    made.buffer_text = True

    def refuse(*_: object) -> None:
        raise DoctypeError

    depth = 0

    def down(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise DepthError
        begin(local(name), attributes)

    def up(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(local(name))

    made.StartDoctypeDeclHandler = refuse
    made.StartElementHandler = down
    made.EndElementHandler = up
    if text is not None:
        made.CharacterDataHandler = text
    return made


def feed(made: expat.XMLParserType, pieces: Iterable[bytes], broken: Callable[[str], str]) -> Iterator[None]:
    """Feed pieces to a parser, giving the turn back after each; raises ListError with `broken(why)`."""
    fed = 0
    try:
        for piece in pieces:
            made.Parse(piece, False)
            fed += len(piece)
            if fed - made.CurrentByteIndex > ROW_BYTES_MAX + len(piece):  # the parser keeps what it has no end of
                raise ListError(broken(f"XML with a mark that is longer than {ROW_BYTES_MAX:,} bytes"))
            yield
        made.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two for encodings that Python lacks
        raise ListError(broken(f"XML: {error}")) from error
    except DoctypeError as error:
        raise ListError(broken("XML with a document type")) from error
    except DepthError as error:
        raise ListError(broken(f"XML with more than {DEPTH_MAX:,} elements in each other")) from error
    yield


def elements(whole: bytes, broken: Callable[[str], str]) -> list[Element]:
    """All elements of a small part in the order they begin."""
    found: list[Element] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(found) >= ELEMENTS_MAX:
            raise ListError(broken(f"more than {ELEMENTS_MAX:,} elements in a part that describes the others"))
        found.append(Element(name, {local(key): value for key, value in attributes.items()}))

    for _ in feed(parser(begin), [whole], broken):
        pass
    return found


def local(name: str) -> str:
    """Name without its namespace prefix."""
    return name.rpartition(":")[2]
