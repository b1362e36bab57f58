"""What the headings of lists mean, in the languages they come in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from itertools import product

OURS = "simferry "  # headings of columns that our own reports add begin so
OUTCOME_HEADING = "simferry outcome"  # and a list that has this one is a report of ours that came back


class Meaning(StrEnum):
    """What a heading says its column holds."""

    ICCID = "iccid"
    SIM = "sim"  # likely an ICCID; the cells must agree
    IMSI = "imsi"
    START = "start"  # of a range; says what of
    END = "end"
    FROM = "from"  # a bare word, which may as well be about dates; the cells must agree
    UNTIL = "until"
    CODE = "code"  # a registration code
    FOREIGN = "foreign"  # other long numbers that are not what we look for
    OURS = "ours"


# Names that leave no doubt, the best one first: where a list has two of them, the first is taken.
ICCIDS = (
    *("iccid with luhn", "iccid luhn", "full iccid", "iccid 20", "iccid"),
    *("icc id", "iccid number", "iccid no", "iccid nr", "iccid nummer", "numero iccid", "numero de iccid"),
    *("numero d iccid", "no iccid", "iccid sim", "sim iccid", "sim card iccid", "iccid des sim", "icc", "icc number"),
    *(
        "iccid num",
        "iccids",
        "iccid code",
        "codice iccid",
        "codigo iccid",
        "iccid 19",
        "iccid号",
        "iccid码",
        "iccid番号",
    ),
)

# A card (left) and a word for its number (right), in either order; the card alone will do as well.
CARDS = (
    *("sim", "sims", "sim card", "simcard", "sim cards", "simkarte", "sim karte", "carte sim", "tarjeta sim", "sim id"),
    *("scheda sim", "cartao sim", "simkaart", "sim kort", "simkort", "karta sim", "sim karta", "sim kart", "sim卡"),
)
NUMBERS = (
    *("number", "no", "nr", "num", "id", "serial", "serial number", "serial no", "identifier", "code"),
    *("nummer", "kennung", "seriennummer", "numero", "numero de", "numero de serie", "numero da", "numero della"),
    *("numero di", "numer", "cislo", "numara", "nomor", "номер", "号", "号码", "番号"),
)
CARD_NUMBERS = (
    *("kartennummer", "karten nr", "kartennr", "card number", "card no", "card id", "numero de carte", "no de carte"),
    *("numero de tarjeta", "numero carta", "numero do cartao", "kaartnummer", "kortnummer", "numer karty"),
    *("sim kartennummer", "no de sim", "nos de sim", "n de sim", "numero do cartao sim", "numero de la sim", "n sim"),
    *("ssn", "sim serial", "serial number sim", "卡号", "sim卡号", "カード番号", "номер карты", "номер sim карты"),
)

SIM_IDS = (
    *("sid", "sids", "sim sid", "sim sids", "super sim sid", "sid sim"),  # ids that Super SIM gives
    *("sim ids", "soracom sim id", "soracom sim ids"),  # what Soracom calls ICCIDs of cards
)

IMSIS = (
    *("imsi", "imsi number", "imsi no", "imsi nr", "imsi nummer", "numero imsi", "numero de imsi", "numero d imsi"),
    *(
        "imsi num",
        "sim imsi",
        "imsi号",
        "imsi号码",
        "imsi码",
        "imsis",
        "primary imsi",
        "transfer imsi",
        "international mobile subscriber identity",
    ),
)

STARTS = (
    *("start", "from", "first", "begin", "low", "lower", "min"),
    *("von", "erste", "erster", "ab", "anfang", "beginn"),
    *("de", "du", "debut", "premier", "premiere", "desde", "inicio", "primero", "primera", "inicial"),
    *("da", "inizio", "primo", "prima", "van", "eerste", "od", "开始", "起始", "起"),
)
ENDS = (
    *("end", "to", "last", "until", "high", "upper", "max", "through"),
    *("bis", "letzte", "letzter", "ende"),
    *("a", "au", "fin", "dernier", "derniere", "hasta", "ultimo", "ultima", "final"),
    *("fine", "tot", "laatste", "do", "结束", "终止", "止"),
)
RANGED = (
    "iccid",
    "icc",
    "sim",
    "imsi",
    "range",
    "iccid range",
    "sim range",
    "card",
    "karte",
    "kartennummer",
    "bereich",
)

# The best one first, as with ICCIDs.
CODES = (
    *("registration code", "registration codes", "sim registration code", "super sim registration code"),
    *("reg code", "reg codes", "regcode", "registrationcode", "registrierungscode", "registriercode"),
    *("code d enregistrement", "code enregistrement", "codigo de registro", "codice di registrazione"),
    *("registratiecode", "codigo registro", "registreringskod", "kod rejestracyjny", "注册码", "登録コード"),
    "code",
)

FOREIGN = (
    *(
        "imei",
        "imeisv",
        "imei number",
        "imei lock",
        "eid",
        "euicc id",
        "msisdn",
        "phone",
        "phone number",
        "telefon",
        "telephone",
    ),
    *("telefonnummer", "rufnummer", "telefono", "mobile number", "gtin", "ean", "barcode", "order number", "iban"),
    *("invoice", "invoice number", "tracking number", "device id", "account number", "timestamp", "date", "datum"),
    *("puk", "puk1", "puk2", "pin", "pin1", "pin2", "ki", "opc", "手机号"),
)


def meaning(heading: str) -> Meaning | None:
    """What a heading says, regardless of case, accents, punctuation and what stands in brackets; None if unknown."""
    if heading.strip().casefold().startswith(OURS):
        return Meaning.OURS
    return TABLE.get(compact(heading)) or TABLE.get(compact(BRACKETS.sub(" ", heading)))


def rank(heading: str) -> int:
    """Place of a heading among the names of an ICCID or of a code, 0 for the best; a number past all for any other."""
    return RANKS.get(compact(heading), len(RANKS))


def compact(heading: str) -> str:
    """A heading without case, accents, punctuation and spaces: `N° de SIM` is `node sim` and so `nodesim`."""
    plain = unicodedata.normalize("NFKD", heading.replace("°", "o ").replace("#", " no ")).casefold()
    return "".join(character for character in plain if character.isalnum())


BRACKETS = re.compile(r"[(\[{].*?[)\]}]")


def _both_ways(left: Iterable[str], right: Iterable[str]) -> Iterable[str]:
    for one, other in product(left, right):
        yield one + other
        yield other + one


def _table() -> dict[str, Meaning]:
    """Every name we know, compact; where one name has two meanings, the later entry here wins."""
    names: tuple[tuple[Meaning, Iterable[str]], ...] = (
        (Meaning.FROM, STARTS),
        (Meaning.UNTIL, ENDS),
        (Meaning.START, _both_ways(RANGED, STARTS)),
        (Meaning.END, _both_ways(RANGED, ENDS)),
        (Meaning.SIM, _both_ways(CARDS, NUMBERS)),
        (Meaning.SIM, (*CARDS, *CARD_NUMBERS, *SIM_IDS)),
        (Meaning.CODE, CODES),
        (Meaning.FOREIGN, FOREIGN),
        (Meaning.IMSI, IMSIS),
        (Meaning.ICCID, ICCIDS),
    )
    return {compact(name): what for what, group in names for name in group}


TABLE = _table()
RANKS = {compact(name): place for names in (ICCIDS, CODES) for place, name in reversed(list(enumerate(names)))}
