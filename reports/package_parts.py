"""Small parts of a workbook's package, as text to text: styles, columns, custom properties, relations.

Elements keep their namespace prefix (`x:` for some writers). ECMA-376 part 1 names all of them.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.palette import COLOURS

PROPERTY = "simferry_run"
CUSTOM_PART = "docProps/custom.xml"
_FMTID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # of every custom property: [MS-OSHARED] 2.3.3.2.2
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CONTENT = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_PREFIX = re.compile(r"<((?:[A-Za-z_][\w.-]*:)?)(?:styleSheet|worksheet|Types|Relationships|Properties)\b")


@dataclass(frozen=True, slots=True)
class CellStyles:
    """Numbers of the cell formats that were added to a workbook: for our heading, for text, and per outcome."""

    heading: int = 0
    text: int = 0
    outcomes: Mapping[str, int] | None = None


def prefix_of(xml: str) -> str:
    """The namespace prefix of the root element, with its colon; mostly empty."""
    found = _PREFIX.search(xml)
    return found.group(1) if found else ""


def attribute(tag: str, name: str) -> str | None:
    """Value of an attribute of one start tag, or None; `name` may be a pattern."""
    found = re.search(rf"""\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return None if found is None else html.unescape(found.group(1) or found.group(2) or "")


def with_styles(xml: str) -> tuple[str, CellStyles]:
    """Styles with our fonts, fills and cell formats behind those that are there, and the new formats' numbers."""
    p = prefix_of(xml)
    first = re.search(rf"<{p}fonts\b.*?<{p}font>(.*?)</{p}font>", xml, re.DOTALL)
    kept = "".join(re.findall(rf"<{p}(?:name|family|charset)\b[^>]*/>", first.group(1)) if first else [])
    size = "".join(re.findall(rf"<{p}sz\b[^>]*/>", first.group(1))[:1] if first else [])
    inks = [("FFFFFF", "1F242B"), *((c.ink[1:], c.fill[1:]) for c in COLOURS.values())]
    fonts = [f'<{p}font><{p}b/>{size}<{p}color rgb="FF{ink}"/>{kept}</{p}font>' for ink, _ in inks]
    fills = [
        f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="FF{fill}"/><{p}bgColor indexed="64"/>'
        f"</{p}patternFill></{p}fill>"
        for _, fill in inks
    ]
    if not all(f"</{p}{parent}>" in xml for parent in ("fonts", "fills", "cellXfs")):
        return xml, CellStyles()  # a writer that states no formats: our cells look like its own
    xml, font = _appended(xml, f"{p}fonts", f"{p}font", fonts)
    xml, fill_first = _appended(xml, f"{p}fills", f"{p}fill", fills)
    text_format = 'numFmtId="49" borderId="0" xfId="0" applyNumberFormat="1"'  # 49 is @, text
    formats = [f'<{p}xf {text_format} fontId="0" fillId="0"/>'] + [
        f'<{p}xf {text_format} fontId="{font + at}" fillId="{fill_first + at}" applyFont="1" applyFill="1"/>'
        for at in range(len(inks))
    ]
    xml, number = _appended(xml, f"{p}cellXfs", f"{p}xf", formats)
    return xml, CellStyles(number + 1, number, {str(o): number + 2 + at for at, o in enumerate(COLOURS)})


def _appended(xml: str, parent: str, child: str, items: Sequence[str]) -> tuple[str, int]:
    """The XML with `items` as last children of `parent`, and the number of the first of them."""
    found = re.search(rf"<{parent}\b([^>]*?)>(.*?)</{parent}>", xml, re.DOTALL)
    assert found is not None, f"no {parent}"
    count = len(re.findall(rf"<{child}[\s/>]", found.group(2)))
    attributes = re.sub(r'\bcount="\d*"', f'count="{count + len(items)}"', found.group(1))
    grown = f"<{parent}{attributes}>{found.group(2)}{''.join(items)}</{parent}>"
    return xml[: found.start()] + grown + xml[found.end() :], count


def with_wide_columns(head: str, prefix: str, first: int, widths: Sequence[int]) -> str:
    """A worksheet's head with the widths (characters) of columns `first`… (1-based) set, and its dimension grown.

    A definition that spans our columns (such as `hidden` to the last one) is split around them.
    """
    last = first + len(widths) - 1
    ours = [
        (at, f'<{prefix}col min="{at}" max="{at}" width="{w}" customWidth="1"/>') for at, w in enumerate(widths, first)
    ]
    found = re.search(rf"<{prefix}cols>(.*?)</{prefix}cols>", head, re.DOTALL)
    if found is None:
        at = head.rindex(f"<{prefix}sheetData")
        return f"{head[:at]}<{prefix}cols>{''.join(xml for _, xml in ours)}</{prefix}cols>{head[at:]}"
    for tag in re.findall(rf"<{prefix}col\b[^>]*>", found.group(1)):
        low, high = int(attribute(tag, "min") or 1), int(attribute(tag, "max") or 1)
        for start, end in ((low, min(high, first - 1)), (max(low, last + 1), high)):
            if start <= end:
                spanned = re.sub(r'\bmin="\d+"', f'min="{start}"', re.sub(r'\bmax="\d+"', f'max="{end}"', tag))
                ours.append((start, spanned if spanned.endswith("/>") else spanned[:-1] + "/>"))
    body = "".join(xml for _, xml in sorted(ours))
    return f"{head[: found.start(1)]}{body}{head[found.end(1) :]}"


def with_property(xml: str | None, run: str) -> str:
    """Custom properties, made anew where there are none, with the name of the run."""
    if xml is None:
        declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        xml = f'{declaration}<Properties xmlns="{_CUSTOM}" xmlns:vt="{_TYPES}"></Properties>'
    p = prefix_of(xml)
    xml = re.sub(rf'<{p}property\b[^>]*\sname="{PROPERTY}".*?</{p}property>', "", xml, flags=re.DOTALL)
    xml = re.sub(rf"<{p}Properties\b([^>]*?)/>", rf"<{p}Properties\1></{p}Properties>", xml)
    pid = max((int(pid) for pid in re.findall(r'\spid="(\d+)"', xml)), default=1) + 1
    ours = (
        f'<property xmlns="{_CUSTOM}" fmtid="{_FMTID}" pid="{pid}" name="{PROPERTY}">'
        f'<vt:lpwstr xmlns:vt="{_TYPES}">{html.escape(run)}</vt:lpwstr></property>'
    )
    at = xml.rindex(f"</{p}Properties>")
    return xml[:at] + ours + xml[at:]


def with_custom_type(xml: str) -> str:
    """Content types that know the custom properties."""
    p = prefix_of(xml)
    at = xml.rindex(f"</{p}Types>")
    return f'{xml[:at]}<{p}Override PartName="/{CUSTOM_PART}" ContentType="{_CONTENT}"/>{xml[at:]}'


def with_custom_relation(xml: str) -> str:
    """The package's relations with one to the custom properties."""
    p = prefix_of(xml)
    at = xml.rindex(f"</{p}Relationships>")
    return f'{xml[:at]}<{p}Relationship Id="simferryRun" Type="{_RELATION}" Target="{CUSTOM_PART}"/>{xml[at:]}'


def relation(xml: str, base: str, *, kind: str = "", name: str = "") -> str | None:
    """Part that a relation of a type ending in `kind`, or with id `name`, leads to; None where there is none."""
    for tag in re.findall(r"<(?:[\w.-]+:)?Relationship\b[^>]*>", xml):
        if (kind and (attribute(tag, "Type") or "").endswith(kind)) or (name and attribute(tag, "Id") == name):
            target = attribute(tag, "Target") or ""
            return target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))
    return None
