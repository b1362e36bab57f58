"""CSV files whose cells are meant to mislead: a person, a terminal, a spreadsheet or an arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

from domain.identifiers import printed
from tests.hostile.cases import FIVE, ONE, Case, Judged, Refused, iccid, of_text, rejected

FORMULAS = (
    ("cmd", "=cmd|' /C calc'!A0"),
    ("plus", "+1+cmd|' /C calc'!A0"),
    ("minus", "-2+3"),
    ("at", "@SUM(1+9)*cmd|' /C calc'!A0"),
    ("hyperlink", '=HYPERLINK(""http://127.0.0.1/?x=""&A2,""see"")'),
    ("webservice", '=WEBSERVICE(""http://127.0.0.1/""&A2)'),
    ("dde", '=DDE(""cmd"";""/C calc"";""x"")'),
    ("importxml", '=IMPORTXML(CONCAT(""http://127.0.0.1/"",A2),""//a"")'),
    ("tab", "\t=1+1"),
    ("full-width", "＝1+1"),
)
FOREIGN = (
    ("rtl-mark", "\u200f{}"),
    ("rtl-override", "\u202e{}\u202c"),
    ("rtl-isolate", "\u2067{}\u2069"),
    ("zero-width-space", "{}\u200b"),
    ("zero-width-joiner", "8\u200d{}"),
    ("word-joiner", "{}\u2060"),
    ("soft-hyphen", "8\u00ad{}"),
    ("combining", "{}\u0301"),
    ("tag-letters", "{}\U000e0031"),
    ("private-use", "{}\ue000"),
    ("not-a-character", "{}\uffff"),
    ("replacement", "{}\ufffd"),
)
ESCAPES = (
    ("clear", "\x1b[2J\x1b[H"),
    ("title", "\x1b]0;owned\x07"),
    ("link", "\x1b]8;;http://127.0.0.1\x1b\\x\x1b]8;;\x1b\\"),
    ("clipboard", "\x1b]52;c;cm0gLXJmIH4=\x07"),
    ("c1", "\x9b31m"),
    ("backspace", "\b" * 30),
    ("bell", "\x07"),
    ("delete", "\x7f"),
    ("vertical", "\x0b\x0c"),
)
NUMBERS = (
    ("thousands-dot", "89.883.030.000.080.139.311", "characters"),
    ("thousands-comma", '"89,883,030,000,080,139,311"', "characters"),
    ("thousands-apostrophe", "89'883'030'000'080'139'311", "characters"),
    ("decimal-comma", '"1.234,00"', "characters"),
    ("e-comma", '"8,94E+19"', "e_notation"),
    ("e-dot", "8.94E+19", "e_notation"),
    ("e-small", "8.9e-3", "e_notation"),
    ("e-huge", "9e999", "e_notation"),
    ("times-ten", "8.9×10^19", "e_notation"),
    ("minus", "-89883030000080139311", "characters"),
    ("plus", "+89883030000080139311", "characters"),
    ("decimals", "89883030000080139311.0", "characters"),
    ("hex", "0x8988303000008013", "characters"),
    ("infinity", "inf", "characters"),
    ("nan", "NaN", "characters"),
    ("date", "2026-11-21", "length"),
    ("date-german", "21.11.2026", "characters"),
    ("null", "NULL", "characters"),
    ("percent", "8988%", "characters"),
    ("currency", "€89883030000080139311", "characters"),
)
DIGITS = (
    ("arabic-indic", 0x0660),
    ("persian", 0x06F0),
    ("devanagari", 0x0966),
    ("full-width", 0xFF10),
    ("bold", 0x1D7CE),
    ("superscript", None),
)


def cell_texts() -> Iterator[Case]:
    for name, text in FORMULAS:
        content = f'ICCID;Name\n{ONE};x\n"{text}";y\n'
        yield of_text(f"formula-{name}.csv", f"a formula ({name}) for an ICCID", content, rejected("characters", 1, 2))
    for name, text in FOREIGN:
        content = f"ICCID\n{text.format(ONE)}\n{FIVE[1]}\n"
        yield of_text(f"foreign-{name}.csv", f"{name} in an ICCID", content, rejected("characters", 1, 2))
    for name, text in ESCAPES:
        content = f'ICCID;"Na{text}me"\n"{ONE[:9]}{text}{ONE[9:]}";"{text}"\n'
        expected = Judged(1) if text.isspace() else rejected("characters")
        yield of_text(f"escape-{name}.csv", f"terminal escapes ({name}) in cells and headings", content, expected)
        heading = f'"ICCID {text}";"Na{text}me"\n{ONE};x\n'
        yield of_text(
            f"escape-head-{name}.csv", f"escapes ({name}) in headings alone", heading, Judged(1), "--column", "A"
        )
        nothing = f'"{text}Karte";"Na{text}me"\n"{text}";x\n'
        yield of_text(f"escape-asked-{name}.csv", f"escapes ({name}) in a question back", nothing, Refused("no column"))
    for name, text, code in NUMBERS:
        content = f"ICCID;Name\n{FIVE[0]};x\n{text};y\n"
        yield of_text(f"number-{name}.csv", f"a number ({name}) for an ICCID", content, rejected(code, 1, 2))
    for name, zero in DIGITS:
        digits = "⁰¹²³⁴⁵⁶⁷⁸⁹" if zero is None else "".join(chr(zero + each) for each in range(10))
        content = LINE.format(ONE.translate({ord(str(at)): digit for at, digit in enumerate(digits)}))
        yield of_text(f"digits-{name}.csv", f"{name} digits", content, rejected("characters", 1, 2))
    yield from _ranges()


LINE = f"ICCID\n{FIVE[1]}\n{{}}\n"
FIRST, LAST = iccid(0), iccid(99_999_999)


def _ranges() -> Iterator[Case]:
    first, last = (printed(f"8988303{digit * 12}") for digit in "09")

    def apart(check_digits: int) -> Judged:
        return Judged(1, 1, (("check_digit", check_digits), ("range_issuer", 1)))

    whole = "89000000000000000004"
    rows: tuple[tuple[str, str, str, Judged], ...] = (
        ("huge", whole, "89" + "9" * 17 + "8", apart(1)),
        ("quintillion", "89000000000000000005", "89999999999999999998", apart(2)),
        ("trillion", first, last, rejected("range_too_long")),
        ("inverted", FIVE[3], FIVE[0], rejected("range_reversed")),
        ("lengths", FIVE[0], FIVE[3][:19], rejected("range_length")),
        ("no-end", FIVE[0], "", Judged(1)),
        ("no-start", "", FIVE[0], rejected("empty")),
        ("too-long", FIRST, LAST, rejected("range_too_long")),
        ("negative", FIVE[0], "-1", rejected("characters")),
        ("alike", FIVE[0], FIVE[0], Judged(1)),
    )
    for name, first, last, expected in rows:
        content = f"Start ICCID;End ICCID\n{first};{last}\n"
        yield of_text(f"range-{name}.csv", f"a range ({name})", content, expected)
    overlap = f"Start ICCID;End ICCID\n{iccid(1)};{iccid(9)}\n{iccid(5)};{iccid(20)}\n"
    yield of_text("range-overlap.csv", "two ranges that overlap", overlap, rejected("duplicate", 1, 2))
    many = "Start ICCID;End ICCID\n" + "".join(
        f"{iccid(at * 100_000)};{iccid(at * 100_000 + 99_999)}\n" for at in range(40)
    )
    yield of_text("range-many.csv", "40 ranges of 100,000", many, rejected("range_too_long", 30, 40))
    told = (("length", 1), ("range_reversed", 1), ("range_too_long", 1))
    one_cell = f"ICCID\n{FIRST}-{LAST}\n{LAST}-{FIRST}\n{FIRST}--{FIRST}-{LAST}\n"
    yield of_text("range-in-cell.csv", "ranges in single cells", one_cell, Judged(3, 3, told))
    yield of_text(
        "duplicates.csv",
        "one ICCID 10,000 times",
        "ICCID\n" + f"{ONE}\n" * 10_000,
        rejected("duplicate", 9_999, 10_000),
    )
