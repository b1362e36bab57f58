"""How large a list may be, each limit with its unit."""

from __future__ import annotations

FILE_BYTES_MAX = 2 * 1024**3  # ten million rows of CSV are about 0.7 GiB
PART_BYTES_MAX = 6 * 1024**3  # unpacked bytes of one part of a workbook; a million rows × 50 columns are about 2.5 GiB
SMALL_PART_BYTES_MAX = 64 * 1024**2  # unpacked bytes of styles, relations, properties: parts that are read whole
ROW_BYTES_MAX = 16 * 1024**2  # XML of one row or one shared string; Excel's longest cell has 32,767 characters
PIECE_BYTES = 8 * 1024**2  # unpacked bytes that are looked at in one go
STRINGS_MAX = 50_000_000  # shared strings of a workbook
SHEETS_MAX = 500
ROWS_MAX_EXCEL = 1_048_576  # ECMA-376: rows of a worksheet
COLUMNS_MAX = 16_384  # ECMA-376: columns of a worksheet; the same for the other formats
ROWS_MAX = 20_000_000  # rows of a CSV or Parquet list
RATIO_MAX = 200  # unpacked bytes of a part to packed ones: sheets have about 10 to 30, blanks 1,000
RATIO_FREE_BYTES = 64 * 1024**2  # unpacked bytes of a part that may be packed however tightly
ELEMENTS_MAX = 1_000_000  # of a part that is read whole; 64,000 cell formats (ECMA-376) are about 200,000
DEPTH_MAX = 1_000  # elements in each other
CELL_CHARS_MAX = 131_072  # Excel's longest cell has 32,767
CSV_FIELD_CHARS_MAX = 131_072  # a longer field is a quote that was never closed
HEAD_ROWS = 1_000  # rows looked at to find the heading and the columns
HEAD_BYTES = 1024**2  # bytes of a CSV looked at for the same
HEADING_ROWS_MAX = 50  # rows among which the heading is looked for
CANDIDATES_SHOWN_MAX = 20  # columns or sheets that a message lists
ZIP_ENTRIES_MAX = 10_000
