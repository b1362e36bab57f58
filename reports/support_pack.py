"""`support-request.xlsx` and `support-request.txt`: what a person sends to the provider's support."""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter

from reports.data_sheet import empty_sheet
from reports.files import replacing
from reports.filled import write_filled
from reports.headings import Heading, Look
from reports.sheet_styles import Styles
from reports.support_letter import letter, subject
from reports.support_request import SupportRequest
from reports.support_settings import lots_of
from reports.support_sheet import write_request
from reports.tables import Table, split

WORKBOOK, TEXT = "support-request.xlsx", "support-request.txt"
_HEADINGS = (
    Heading("status", "Status", 14),
    Heading("iccid", "ICCID (SIM id)", 22),
    Heading("imsi", "IMSI", 18),
    Heading("name", "Name", 24),
    Heading("group", "Group", 20),
    Heading("kept", "Kept", 44, Look.WORDS),
    Heading("lost", "Lost", 44, Look.WORDS),
    Heading("unsaid", "Not known: please tell us", 36, Look.WORDS),
    Heading("row", "Row", 8, Look.COUNT),
)


def write_support_pack(request: SupportRequest, folder: Path) -> tuple[Path, Path]:
    """Write both files into `folder` and give their paths, the workbook first; each appears whole or not at all."""
    table = Table("SIMs", _HEADINGS, lots_of(request), "No SIM is left to the provider's support.", 8)
    sheets = list(split(table))
    skeleton = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(skeleton, options) as book:
        book.set_custom_property("simferry_run", request.run)
        book.set_properties({"title": subject(request)})
        styles = Styles(book)
        write_request(book, styles, request)
        for sheet in sheets:
            empty_sheet(book, styles, sheet)
    workbook = write_filled(skeleton.getvalue(), sheets, folder / WORKBOOK)
    with replacing(folder / TEXT) as temporary:
        temporary.write_text(letter(request), "utf-8")
    return workbook, folder / TEXT


def remove_support_pack(folder: Path) -> None:
    """Take away a request that there is nothing to ask by any more."""
    for name in (WORKBOOK, TEXT):
        (folder / name).unlink(missing_ok=True)
