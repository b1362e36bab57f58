"""Workbooks whose XML is an attack on its parser."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.cases import MIB, ONE, Case, Judged, Refused, of_bytes
from tests.hostile.zips import GOOD_ROWS, SHEET, STRINGS, book, of_pieces, rows, text_cell
from tests.inputs.sheet_xml import BOOK, MAIN, shared, worksheet

DOCTYPE = Refused("document type")
TOO_LONG = Refused("longer than")
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    + "]>"
)
QUADRATIC = f'<!DOCTYPE q [<!ENTITY a "{"a" * 100_000}">]>'
DOCUMENT_TYPES = (
    ("laughs", LAUGHS, "&l9;"),
    ("quadratic", QUADRATIC, "&a;" * 10_000),
    ("external-file", '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;"),
    ("external-http", '<!DOCTYPE x [<!ENTITY f SYSTEM "http://127.0.0.1:9/x">]>', "&f;"),
    ("dtd-file", '<!DOCTYPE x SYSTEM "file:///etc/passwd">', ""),
    ("dtd-http", '<!DOCTYPE x PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd">', ""),
    ("parameter", '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>', ""),
    ("recursive", '<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"),
    ("defaults", '<!DOCTYPE x [<!ATTLIST c t CDATA "b">]>', ""),
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def xml_parts() -> Iterator[Case]:
    for name, declared, used in DOCUMENT_TYPES:
        sheet = worksheet(rows(f"{ONE}{used}")).replace("<worksheet", f"{declared}<worksheet")
        yield of_bytes(f"xml-{name}.xlsx", f"a document type ({name}) in a sheet", book(**{SHEET: sheet}), DOCTYPE)
    for part, text in (("xl/workbook.xml", BOOK), (STRINGS, shared()), ("_rels/.rels", "<Relationships/>")):
        where = part.rpartition("/")[2].removesuffix(".xml")
        content = book(**{part: LAUGHS + text.removeprefix(HEAD + "\n")})
        yield of_bytes(f"xml-in-{where}.xlsx", f"a billion laughs in {part}", content, DOCTYPE)
    custom = book(**{"docProps/custom.xml": LAUGHS + "<Properties>&l9;</Properties>"})
    yield of_bytes("xml-in-custom.xlsx", "a billion laughs in the properties", custom, DOCTYPE)
    include = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>{GOOD_ROWS}'
    yield of_bytes("xml-include.xlsx", "an XInclude of a file", book(**{SHEET: worksheet(include)}), Judged(5))
    sheet = worksheet(rows(ONE)).replace("<worksheet", '<?xml-stylesheet href="http://127.0.0.1:9/"?><worksheet')
    yield of_bytes("xml-stylesheet.xlsx", "a style sheet on the network", book(**{SHEET: sheet}), Judged(1))
    yield from _encodings()
    yield from _large()


def _encodings() -> Iterator[Case]:
    sheet = worksheet(GOOD_ROWS)
    for name, encoding, declared in (
        ("utf16", "utf-16", "UTF-16"),
        ("latin1", "latin-1", "ISO-8859-1"),
    ):
        content = book(**{SHEET: sheet.replace("UTF-8", declared).encode(encoding)})
        yield of_bytes(f"xml-{name}.xlsx", f"a sheet in {encoding}", content, Judged(5))
    for name, raw in (
        ("lie", sheet.replace("UTF-8", "UTF-16").encode()),
        ("unknown", sheet.replace("UTF-8", "klingon").encode()),
        ("utf7", sheet.replace("UTF-8", "UTF-7").encode()),
        ("broken-utf8", sheet.encode().replace(b"ICCID", b"IC\xff\xfeID")),
        ("nul", sheet.encode().replace(b"ICCID", b"IC\0ID")),
        ("control", sheet.replace("ICCID", "IC&#27;ID").encode()),
        ("surrogate", sheet.replace("ICCID", "IC&#xD800;ID").encode()),
        ("entity", sheet.replace("ICCID", "IC&nbsp;ID").encode()),
        ("unclosed", sheet.replace("</row>", "").encode()),
        ("two-roots", (sheet + "<worksheet/>").encode()),
        ("empty", b""),
        ("twice-attribute", sheet.replace('r="2"', 'r="2" r="3"', 1).encode()),
    ):
        yield of_bytes(
            f"xml-{name}.xlsx", f"a sheet with broken XML ({name})", book(**{SHEET: raw}), Refused("damaged")
        )


def _large() -> Iterator[Case]:
    start, end = (side.encode() for side in worksheet("|").split("|"))

    def sheet(before: bytes, filling: bytes, after: bytes, times: int) -> Iterator[bytes]:
        yield start + GOOD_ROWS.encode() + before
        for _ in range(times):
            yield filling
        yield after + end

    noise = bytes(97 + (at * at // 7) % 26 for at in range(MIB))  # packs to less, but to no bomb's share
    long_cell = b'<row r="9"><c r="A9" t="str"><v>'
    yield of_pieces(
        "xml-long-cell.xlsx",
        "a cell of 100 MB",
        SHEET,
        lambda: sheet(long_cell, noise, b"</v></c></row>", 100),
        TOO_LONG,
    )
    yield of_pieces(
        "xml-long-comment.xlsx", "a comment of 40 MB", SHEET, lambda: sheet(b"<!--", noise, b"-->", 40), TOO_LONG
    )
    yield of_pieces(
        "xml-long-tag.xlsx", "an attribute of 40 MB", SHEET, lambda: sheet(b'<row r="', noise, b'"/>', 40), TOO_LONG
    )
    deep = b"<a>" * 300_000
    yield of_pieces(
        "xml-deep.xlsx", "600,000 elements in each other", SHEET, lambda: sheet(b"", deep, b"", 2), Refused("damaged")
    )

    def strings(filling: bytes, times: int) -> Iterator[bytes]:
        yield shared("|").partition("|")[0].encode() + b"<si><t>"
        for _ in range(times):
            yield filling
        yield b"</t></si></sst>"

    yield of_pieces("xml-long-shared.xlsx", "a shared text of 100 MB", STRINGS, lambda: strings(noise, 100), TOO_LONG)
    yield of_pieces(
        "xml-long-rich.xlsx", "a shared text of many runs", STRINGS, lambda: strings(b"</t>\r<t>" + noise, 40), TOO_LONG
    )
    relations = f"<Relationships>{'<a/>' * 3_000_000}</Relationships>"
    yield of_bytes(
        "xml-many-elements.xlsx",
        "three million elements in the relations",
        book(**{"_rels/.rels": relations}),
        Refused("elements"),
    )
    attributes = " ".join(f'a{at}="1"' for at in range(200_000))
    content = book(**{SHEET: worksheet(f"<row {attributes}/>{GOOD_ROWS}")})
    yield of_bytes("xml-attributes.xlsx", "200,000 attributes of a row", content, Judged(5))
    wide = f'<row r="1">{"".join(text_cell("A1", "x") for _ in range(3))}</row>'
    yield of_bytes(
        "xml-cell-thrice.xlsx", "a cell three times", book(**{SHEET: worksheet(wide)}), Refused("is there twice")
    )
    sheets = "".join(f'<sheet name="s{at}" sheetId="{at}" r:id="rId1"/>' for at in range(1, 100_001))
    text = f'<workbook xmlns="{MAIN}" xmlns:r="r"><sheets>{sheets}</sheets></workbook>'
    yield of_bytes("sheets.xlsx", "100,000 sheets", book(**{"xl/workbook.xml": text}), Refused("sheets are more than"))
