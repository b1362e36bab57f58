"""XML as events for small handlers: expat, without document types, with damage told as a ListError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from xml.parsers import expat  # entities expand only by a document type, which is refused below

from domain.errors import ListError


@dataclass(frozen=True, slots=True)
class Element:
    """An element that begins: local name and attributes by local name."""

    name: str
    attributes: dict[str, str]


class DoctypeError(Exception):
    """The XML has a document type; no part of a workbook has one (ECMA-376 part 2, 6.2.5)."""


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

    made.StartDoctypeDeclHandler = refuse
    made.StartElementHandler = lambda name, attributes: begin(local(name), attributes)
    if end is not None:
        made.EndElementHandler = lambda name: end(local(name))
    if text is not None:
        made.CharacterDataHandler = text
    return made


def feed(made: expat.XMLParserType, pieces: Iterable[bytes], broken: Callable[[str], str]) -> Iterator[None]:
    """Feed pieces to a parser, giving the turn back after each; raises ListError with `broken(why)`."""
    try:
        for piece in pieces:
            made.Parse(piece, False)
            yield
        made.Parse(b"", True)
    except expat.ExpatError as error:
        raise ListError(broken(f"XML: {error}")) from error
    except DoctypeError as error:
        raise ListError(broken("XML with a document type")) from error
    yield


def elements(whole: bytes, broken: Callable[[str], str]) -> list[Element]:
    """All elements of a small part in the order they begin."""
    found: list[Element] = []
    made = parser(
        lambda name, attributes: found.append(Element(name, {local(key): value for key, value in attributes.items()}))
    )
    for _ in feed(made, [whole], broken):
        pass
    return found


def local(name: str) -> str:
    """Name without its namespace prefix."""
    return name.rpartition(":")[2]
