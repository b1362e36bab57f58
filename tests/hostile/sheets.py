"""Workbooks that open well, and whose sheets and cells are wrong, odd or hostile."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.cases import FIVE, ONE, Case, Judged, Refused, of_bytes, rejected
from tests.hostile.zips import GOOD_ROWS, SHEET, STRINGS, Parts, book, rows, text_cell
from tests.inputs.sheet_xml import BOOK, BOOK_RELATIONS, MAIN, OFFICE, RELATIONS, TYPES, shared, worksheet

DAMAGED = Refused("damaged")
HEADING = f'<row r="1">{text_cell("A1", "ICCID")}{text_cell("B1", "Name")}</row>'


def sheets() -> Iterator[Case]:
    yield from _cells()
    yield from _references()
    yield from _texts()
    yield from _books()
    yield from _attachments()


def of_rows(
    name: str, what: str, sheet_rows: str, expected: Refused | Judged, strings: str = "", after: str = ""
) -> Case:
    sheet = worksheet(sheet_rows, after=after)
    return of_bytes(f"{name}.xlsx", what, book(**{SHEET: sheet, STRINGS: strings or shared()}), expected)


def below(cell: str) -> str:
    """A heading, a good row, and a row with that cell."""
    return f'{HEADING}<row r="2">{text_cell("A2", ONE)}</row><row r="3">{cell}{text_cell("B3", "x")}</row>'


def _cells() -> Iterator[Case]:
    for name, cell, code in (
        ("number", '<c r="A3"><v>8.98830300000802E+19</v></c>', "lost_digits"),
        ("number-exact", '<c r="A3"><v>89883030000080139311</v></c>', "lost_digits"),
        ("number-small", '<c r="A3"><v>7</v></c>', "not_text"),
        ("number-infinite", '<c r="A3"><v>1E999</v></c>', "not_text"),
        ("number-nan", '<c r="A3"><v>NaN</v></c>', "not_text"),
        ("number-words", '<c r="A3"><v>words</v></c>', "not_text"),
        ("boolean", '<c r="A3" t="b"><v>1</v></c>', "not_text"),
        ("error-na", '<c r="A3" t="e"><v>#N/A</v></c>', "formula"),
        ("error-ref", '<c r="A3" t="e"><v>#REF!</v></c>', "formula"),
        ("date-iso", '<c r="A3" t="d"><v>2026-11-21T00:00:00</v></c>', "not_text"),
        ("formula-bare", '<c r="A3"><f>A2&amp;"1"</f></c>', "formula"),
        ("formula-dde", "<c r=\"A3\"><f>cmd|'/C calc'!A0</f></c>", "formula"),
        ("formula-web", '<c r="A3"><f>WEBSERVICE("http://127.0.0.1:9/"&amp;A2)</f></c>', "formula"),
        ("formula-cached", '<c r="A3" t="str"><f>HYPERLINK("http://127.0.0.1:9/","8988")</f><v>8988</v></c>', "length"),
        ("type-unknown", '<c r="A3" t="quux"><v>8988</v></c>', "length"),
        ("empty", '<c r="A3"/>', "empty"),
        ("empty-text", '<c r="A3" t="inlineStr"><is><t></t></is></c>', "empty"),
    ):
        yield of_rows(f"cell-{name}", f"a cell that is {name}", below(cell), rejected(code, 1, 2))
    values = f'<c r="A3" t="str"><v>{ONE}</v><v>{FIVE[1]}</v></c>'
    yield of_rows("cell-two-values", "one cell with two ICCIDs", below(values), Refused("has two values"))
    rich = f'<c r="A3" t="inlineStr"><is><r><t>{FIVE[1][:9]}</t></r><r><rPr><b/></rPr><t>{FIVE[1][9:]}</t></r></is></c>'
    yield of_rows("cell-rich", "an ICCID in two formats", below(rich), Judged(2))
    phonetic = rich.replace("</is>", '<rPh sb="0" eb="1"><t>89</t></rPh></is>')
    yield of_rows("cell-phonetic", "an ICCID with a phonetic hint", below(phonetic), Judged(2))
    for name, style in (
        ("huge", "99999999999"),
        ("words", "x"),
        ("negative", "-1"),
        ("arabic", "١"),
        ("long", "9" * 5_000),
    ):
        yield of_rows(
            f"style-{name}",
            f"a style ({name}) that is not there",
            below(text_cell("A3", FIVE[1]).replace(" t=", f' s="{style}" t=')),
            Judged(2),
        )
    injected = below(text_cell("A3", "=cmd|&apos;/C calc&apos;!A0"))
    yield of_rows("cell-injection", "a text that would be a formula", injected, rejected("characters", 1, 2))
    escapes = below(text_cell("A3", "_x001B_[2J_x009B_31m")).replace("Name", "Na_x001B_]0;x_x0007_me")
    yield of_rows("cell-escapes", "terminal escapes as spreadsheets spell them", escapes, rejected("characters", 1, 2))
    yield of_rows(
        "cell-c1", "a C1 control in a heading", below("").replace("ICCID", "ICCID &#155;31m"), rejected("empty", 1, 2)
    )


def _references() -> Iterator[Case]:
    for name, reference in (
        ("far-column", "XFE1"),
        ("far-row", "A1048577"),
        ("row-0", "A0"),
        ("no-row", "A"),
        ("no-column", "7"),
        ("r1c1", "R1C1"),
        ("arabic", "A١"),
        ("negative", "A-1"),
        ("long", "A" * 5_000 + "1"),
        ("empty", ""),
    ):
        yield of_rows(
            f"reference-{name}", f"a cell at {name}", rows("ICCID", *FIVE).replace('"A4"', f'"{reference}"'), DAMAGED
        )
    for name, row in (
        ("huge", "9" * 30),
        ("long", "9" * 5_000),
        ("negative", "-4"),
        ("zero", "0"),
        ("words", "x"),
        ("arabic", "٤٤٤٤٤٤٤٤"),
    ):
        yield of_rows(
            f"row-{name}", f"a row that is {name}", GOOD_ROWS.replace('<row r="4"', f'<row r="{row}"'), DAMAGED
        )
    yield of_rows("lower-case", "references in lower case", GOOD_ROWS.replace('"A', '"a'), Judged(5))
    yield of_rows("dollars", "absolute references", GOOD_ROWS.replace('"A4"', '"$A$4"'), Judged(5))
    bare = GOOD_ROWS
    for at in range(1, 7):
        bare = bare.replace(f' r="A{at}"', "").replace(f' r="{at}"', "")
    yield of_rows("no-references", "cells without references", bare, Judged(5))
    disordered = "".join(reversed(GOOD_ROWS.replace("</row>", "</row>|").split("|")))
    yield of_rows("disordered", "rows from the last to the first", disordered, Judged(5))
    yield of_rows("row-twice", "one row twice", GOOD_ROWS + GOOD_ROWS, Refused("twice"))
    doubled = GOOD_ROWS.replace('<c r="A3"', f'{text_cell("A3", FIVE[4])}<c r="A3"', 1)
    yield of_rows("cell-twice", "one cell twice, with two ICCIDs", doubled, Refused("twice"))
    elsewhere = GOOD_ROWS.replace('"A4"', '"A9"')
    yield of_rows("cell-elsewhere", "a cell that says another row", elsewhere, Judged(5))
    last = GOOD_ROWS.replace('r="6"', 'r="1048576"').replace('"A6"', '"A1048576"')
    yield of_rows("last-row", "an ICCID in the last row there is", last, Judged(5))
    wide = GOOD_ROWS.replace("</row>", f"{text_cell('XFD1', 'x')}</row>", 1)
    yield of_rows("last-column", "a heading in the last column there is", wide, Judged(5))
    for lie in ("A1:A2", "A1:XFD1048576", "A1:ZZZZ99999999", "nonsense"):
        sheet = worksheet(GOOD_ROWS, before=f'<dimension ref="{lie}"/>')
        yield of_bytes(
            f"dimension-{lie.replace(':', '-')}.xlsx", f"a dimension of {lie}", book(**{SHEET: sheet}), Judged(5)
        )
    columns = "".join(f'<row r="{at}" spans="1:99999999999"/>' for at in range(7, 30_000))
    yield of_rows("hollow", "30,000 rows without cells", GOOD_ROWS + columns, Judged(5))


def _texts() -> Iterator[Case]:
    for index in ("7", "-1", "4294967296", "1e3", "x", "١", "9" * 5_000):
        cell = f'<c r="A3" t="s"><v>{index}</v></c>'
        shown = index if len(index) < 20 else "long"
        yield of_rows(
            f"shared-{shown}",
            f"the shared text number {shown} of one",
            below(cell),
            DAMAGED,
            shared("<si><t>a</t></si>"),
        )
    for name, text in (
        ("escaped-surrogate", "_xD800_"),
        ("escaped-pair", "_xD83D__xDE00_"),
        ("escaped-nul", "_x0000_"),
        ("escaped-ffff", "_xFFFF_"),
    ):
        broken = below(text_cell("A3", text))
        yield of_rows(f"text-{name}", f"an inline text with {name}", broken, rejected("characters", 1, 2))
        item = shared(f"<si><t>{text}</t></si>")
        cell = below('<c r="A3" t="s"><v>0</v></c>')
        yield of_rows(f"shared-{name}", f"a shared text with {name}", cell, rejected("characters", 1, 2), item)
    for name, text in (("surrogate", "&#xD800;"), ("beyond", "&#9999999;"), ("nul", "&#0;"), ("entity", "&nope;")):
        cell = below('<c r="A3" t="s"><v>0</v></c>')
        yield of_rows(
            f"shared-{name}",
            f"a reference to {name} in a shared text",
            cell,
            DAMAGED,
            shared(f"<si><t>{text}</t></si>"),
        )
        late = rows("ICCID", *(FIVE * 300)) + f'<row r="1502">{text_cell("A1502", text)}</row>'
        yield of_rows(f"late-{name}", f"a reference to {name} behind the first rows", late, DAMAGED)
    yield of_rows(
        "shared-unclosed",
        "shared texts that are cut",
        below('<c r="A3" t="s"><v>0</v></c>'),
        DAMAGED,
        shared("<si><t>a"),
    )
    yield of_rows(
        "shared-garbage", "shared texts that are none", below('<c r="A3" t="s"><v>0</v></c>'), DAMAGED, "garbage"
    )
    yield of_rows(
        "merged", "merged cells", GOOD_ROWS, Judged(5), after='<mergeCells><mergeCell ref="A1:A1048576"/></mergeCells>'
    )


def with_sheets(*names: str, state: str = "visible") -> str:
    made = "".join(
        f'<sheet name="{name}" sheetId="{at}" state="{state}" r:id="rId1"/>' for at, name in enumerate(names, 1)
    )
    return f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{made}</sheets></workbook>'


def _books() -> Iterator[Case]:
    parts = "xl/workbook.xml"
    for state in ("hidden", "veryHidden", "nonsense"):
        content = book(**{parts: with_sheets("Fleet", state=state)})
        yield of_bytes(f"sheet-{state}.xlsx", f"a {state} sheet alone", content, Judged(5))
    yield of_bytes(
        "sheet-names.xlsx",
        "two sheets of one name",
        book(**{parts: with_sheets("Fleet", "Fleet")}),
        Refused("several sheets"),
    )
    hostile = with_sheets("Fl&#155;31meet", "_x001B_[2J")
    yield of_bytes(
        "sheet-escape.xlsx", "terminal escapes in names of sheets", book(**{parts: hostile}), Refused("several sheets")
    )
    asked = of_bytes(
        "sheet-asked.xlsx", "a sheet that is not there", book(), Refused("there is no sheet"), "--sheet", "Gone"
    )
    yield asked
    yield of_bytes(
        "sheet-number.xlsx",
        "a sheet number of 5,000 digits",
        book(),
        Refused("there is no sheet"),
        "--sheet",
        "9" * 5_000,
    )
    yield of_bytes(
        "sheet-square.xlsx", "a sheet number that is a square", book(), Refused("there is no sheet"), "--sheet", "²"
    )
    yield of_bytes(
        "sheet-none.xlsx", "a workbook of no sheets", book(**{parts: with_sheets()}), Refused("no worksheet")
    )
    many = book(**{parts: with_sheets(*(f"s{at}" for at in range(500)))})
    yield of_bytes("sheet-most.xlsx", "500 sheets", many, Refused("several sheets"))
    gone = book(**{"xl/_rels/workbook.xml.rels": BOOK_RELATIONS.replace("sheet1", "sheet7")})
    yield of_bytes("sheet-gone.xlsx", "a sheet whose part is missing", gone, DAMAGED)
    unrelated = book(**{"xl/_rels/workbook.xml.rels": "<Relationships/>"})
    yield of_bytes("sheet-unrelated.xlsx", "a sheet without a relation", unrelated, Refused("no worksheet"))
    yield of_bytes("book-garbage.xlsx", "a workbook part of garbage", book(**{parts: b"\0\x01garbage"}), DAMAGED)
    for name, style in (("square", "²"), ("long", "9" * 5_000), ("words", "x"), ("arabic", "١٤")):
        styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="{style}"/></cellXfs></styleSheet>'
        yield of_bytes(f"format-{name}.xlsx", f"a number format ({name})", styled(styles), Judged(5))
    pattern = (
        f'<numFmt numFmtId="200" formatCode="{"[" * 50_000}"/><numFmt numFmtId="201" formatCode="{chr(92) * 50_001}"/>'
    )
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{pattern}</numFmts>'
        '<cellXfs><xf numFmtId="200"/><xf numFmtId="201"/></cellXfs></styleSheet>'
    )
    yield of_bytes("format-brackets.xlsx", "a number format of 50,000 brackets", styled(styles), Judged(5))
    dated = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    for name, value in (("1904", "45000"), ("nan", "NaN"), ("negative", "-5"), ("far", "1e300"), ("infinite", "inf")):
        cells = below(f'<c r="A3" s="1"><v>{value}</v></c>')
        epoch = BOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
        expected = rejected("not_text" if name in {"1904", "nan", "negative", "infinite"} else "lost_digits", 1, 2)
        content = styled(dated, **{SHEET: worksheet(cells), parts: epoch})
        yield of_bytes(f"date-{name}.xlsx", f"a date ({name}) in a workbook of 1904", content, expected)


def styled(styles: str, **parts: str) -> bytes:
    relation = f'<Relationship Id="rId9" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    related = BOOK_RELATIONS.replace("</Relationships>", relation)
    return book(**{"xl/_rels/workbook.xml.rels": related, "xl/styles.xml": styles, **parts})


def _attachments() -> Iterator[Case]:
    macros = TYPES.replace("sheet.main+xml", "sheet.macroEnabled.main+xml")
    project: Parts = {"[Content_Types].xml": macros, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(4_000)}
    content = book(**project)
    yield of_bytes("macros.xlsm", "a workbook with macros", content, Judged(5))
    yield of_bytes("macros.xlsx", "macros under another name", content, Judged(5))
    link = f'<externalLink xmlns="{MAIN}"><externalBook r:id="rId1"/></externalLink>'
    target = (
        f'<Relationships><Relationship Id="rId1" Type="{OFFICE}/externalLinkPath" '
        'Target="http://127.0.0.1:9/b.xlsx" TargetMode="External"/></Relationships>'
    )
    links: Parts = {"xl/externalLinks/externalLink1.xml": link, "xl/externalLinks/_rels/externalLink1.xml.rels": target}
    yield of_bytes("external-links.xlsx", "links to another workbook", book(**links), Judged(5))
    database = '<connection id="1" type="5"><dbPr connection="x" command="calc"/></connection>'
    connection = {"xl/connections.xml": f'<connections xmlns="{MAIN}">{database}</connections>'}
    yield of_bytes("connections.xlsx", "a connection to a database", book(**connection), Judged(5))
    service = '<ddeLink ddeService="cmd" ddeTopic="/C calc"/>'
    dde = {"xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}">{service}</externalLink>'}
    yield of_bytes("dde.xlsx", "a DDE link", book(**dde), Judged(5))
    yield of_bytes("types-missing.xlsx", "no list of content types", book(**{"[Content_Types].xml": ""}), Judged(5))
    binary = RELATIONS.replace("workbook.xml", "workbook.bin")
    yield of_bytes("binary.xlsb", "a binary workbook", book(**{"_rels/.rels": binary}), Refused("binary workbook"))
    document = RELATIONS.replace("xl/workbook.xml", "word/document.xml")
    yield of_bytes("letter.docx", "a letter", book(**{"_rels/.rels": document}), DAMAGED)
