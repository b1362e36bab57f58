"""What a workbook says about itself: its sheets, which styles are dates, its epoch, and whether we wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.errors import ListError
from inputs.limits import SHEETS_MAX
from inputs.markup import Element, elements
from inputs.package import Package, beside, relations_of

RUN_PROPERTY = "simferry_run"  # custom property of workbooks that our reports write
BUILT_IN_DATES = frozenset(
    map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
)  # ECMA-376 18.8.30
FORMAT_CHARS_MAX = 255  # of a number format in Excel
NOT_OF_THE_DATE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet: its name, the part that holds it, and whether it is shown."""

    name: str
    part: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What is needed to read a workbook's sheets."""

    sheets: tuple[SheetPart, ...]
    strings_part: str | None
    date_styles: frozenset[int]
    from_1904: bool
    ours: bool


def read_book(package: Package) -> Book:
    """What a workbook says about itself; raises ListError where it is none, or a binary one."""
    main = _main_part(package)
    if main.lower().endswith(".bin"):
        raise ListError(f"{package.name}: this is a binary workbook (xlsb).\nSave it as .xlsx and give that file.")
    relations = _relations(package, main)
    styles = next((target for kind, target in relations.values() if kind == "styles"), None)
    strings = next((target for kind, target in relations.values() if kind == "sharedStrings"), None)
    book = elements(package.small(main), package.broken)
    sheets = tuple(_sheets(book, relations))
    if len(sheets) > SHEETS_MAX:
        raise ListError(
            f"{package.name}: {len(sheets):,} sheets are more than the {SHEETS_MAX:,} we take.\n"
            "Copy the list into a new workbook."
        )
    return Book(
        sheets=sheets,
        strings_part=strings if strings is not None and strings in package else None,
        date_styles=_date_styles(package, styles),
        from_1904=any(each.name == "workbookPr" and each.attributes.get("date1904") in {"1", "true"} for each in book),
        ours=_ours(package),
    )


def is_date(code: str) -> bool:
    """Whether a number format shows a date or a time: it has a letter of d, m, h, y, s outside of literals."""
    first = code[:FORMAT_CHARS_MAX].partition(";")[0]
    return re.search(r"[dmhysDMHYS]", NOT_OF_THE_DATE.sub("", first)) is not None


def _main_part(package: Package) -> str:
    if "_rels/.rels" in package:
        for kind, target in _relations(package, "").values():
            if kind == "officeDocument":
                return target
    if "xl/workbook.xml" in package:
        return "xl/workbook.xml"
    if "mimetype" in package and b"opendocument" in package.small("mimetype"):
        raise ListError(f"{package.name}: this is an OpenDocument file.\nSave it as .xlsx or CSV and give that file.")
    raise ListError(
        f"{package.name}: this is a zip archive, and not a workbook.\nUnpack it, and give the list that is inside."
    )


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relations of a part by id: the last word of the type, and the part pointed to."""
    where = relations_of(part)
    if where not in package:
        return {}
    return {
        each.attributes.get("Id", ""): (
            each.attributes.get("Type", "").rpartition("/")[2],
            beside(part, each.attributes.get("Target", "")),
        )
        for each in elements(package.small(where), package.broken)
        if each.name == "Relationship" and each.attributes.get("TargetMode") != "External"
    }


def _sheets(book: list[Element], relations: dict[str, tuple[str, str]]) -> list[SheetPart]:
    found = []
    for each in book:
        if each.name == "sheet":
            kind, target = relations.get(each.attributes.get("id", ""), ("", ""))
            if kind == "worksheet":
                shown = each.attributes.get("state", "visible") == "visible"
                found.append(SheetPart(each.attributes.get("name", ""), target, shown))
    return found


def _date_styles(package: Package, part: str | None) -> frozenset[int]:
    """Indices of the cell formats (`cellXfs`) that show a number as a date."""
    if part is None or part not in package:
        return frozenset()
    codes: dict[str, str] = {}
    formats: list[str] = []
    inside = ""
    for each in elements(package.small(part), package.broken):
        if each.name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside = each.name
        elif each.name == "numFmt" and inside == "":
            codes[each.attributes.get("numFmtId", "")] = each.attributes.get("formatCode", "")
        elif each.name == "xf" and inside == "cellXfs":
            formats.append(each.attributes.get("numFmtId", "0"))
    return frozenset(
        index
        for index, code in enumerate(formats)
        if (is_date(codes[code]) if code in codes else code in BUILT_IN_DATES)
    )


def _ours(package: Package) -> bool:
    part = "docProps/custom.xml"
    if part not in package:
        return False
    return any(
        each.name == "property" and each.attributes.get("name") == RUN_PROPERTY
        for each in elements(package.small(part), package.broken)
    )
