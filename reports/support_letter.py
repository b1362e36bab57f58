"""`support-request.txt`: a request that a person at the provider's support can act on, and a checklist before it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from reports.support_calendar import LAST_DAY, in_words, next_turns
from reports.support_request import SupportRequest
from reports.support_settings import CONTAINERS, Lot, Total, totals_of
from reports.words import plural

LISTED_MAX = 500  # SIMs that the text names itself; the workbook has all
WIDTH = 92  # characters of a line
CUT = "-" * 20 + " above: for support · below: for you, before you send it " + "-" * 16


def letter(request: SupportRequest) -> str:
    """The whole text, ending in a newline."""
    return "\n".join(["Subject: " + subject(request), "", *_message(request), "", CUT, "", *_for_us(request)]) + "\n"


def subject(request: SupportRequest) -> str:
    """The one line that support sorts its requests by."""
    return (
        f"Transfer of {plural(request.sims.height, 'SIM')} from {request.source.account_id} "
        f"to {request.target.account_id} ({coverage(request)} coverage)"
    )


def coverage(request: SupportRequest) -> str:
    """The coverage as the provider's console writes it."""
    return request.coverage.capitalize()


def by_status(request: SupportRequest) -> tuple[tuple[str, int], ...]:
    """SIMs per status, the most coming first."""
    counted = (
        request.sims.group_by("status", maintain_order=True).len().sort("len", descending=True, maintain_order=True)
    )
    return tuple((status, sims) for status, sims in counted.iter_rows())


def calendar(request: SupportRequest) -> tuple[str, str]:
    """The next two days on which it can be done, in sentences."""
    soon, later = next_turns(request.made_at)
    return (
        f"If the destination confirms by {in_words(soon.confirmed_by)}: on {in_words(soon.done_on)}.",
        f"If it confirms after that, by {in_words(later.confirmed_by)}: on {in_words(later.done_on)}.",
    )


def fee() -> str:
    """Who pays; how much is the provider's to say."""
    return (
        "We understand that a transfer fee is charged to the source operator once the request is processed, by your "
        "price list. The SIMs' own fees are the source's until the transfer is done, and the destination's after."
    )


def fates(request: SupportRequest) -> tuple[tuple[Lot, str], ...]:
    """What is kept, what is lost and what is not known, in a sentence each."""
    totals = totals_of(request)
    kept = ", ".join([*_counted(totals, Lot.KEPT), CONTAINERS])
    lost = ", ".join(_counted(totals, Lot.LOST)) or "nothing that these SIMs have"
    unsaid = ", ".join(_counted(totals, Lot.UNSAID))
    sentences = [(Lot.KEPT, f"Kept: {kept}."), (Lot.LOST, f"Lost, and set anew by the destination: {lost}.")]
    if unsaid:
        sentences.append((Lot.UNSAID, f"Your documents do not say, please tell us: {unsaid}."))
    return tuple(sentences)


def conditions(request: SupportRequest) -> tuple[str, ...]:
    """What has to be so, as sentences to tick off."""
    target, email = request.target.account_id, request.target_email or "its primary address"
    return (
        f"{target} has a valid payment method for {coverage(request)} coverage (each coverage has its own).",
        f"{request.source.account_id}, the source operator, sends the request, by its own login at the support site.",
        f"The terms for these SIMs are accepted in {target}.",
        f"Somebody reads the mail of {email} and confirms there what the provider asks: else nothing happens.",
        "Devices that open no new data session by themselves can be restarted after the day of the transfer.",
        "Whoever has the destination knows what is lost (the workbook names it per SIM), and who sets it anew.",
    )


def _message(request: SupportRequest) -> Iterator[str]:
    yield "Hello,"
    yield ""
    yield from _wrapped(
        f"please transfer {plural(request.sims.height, 'SIM')} from one operator account to another. "
        "We can't transfer them ourselves, since their status is no longer “ready”."
    )
    yield ""
    email = request.target_email or "_______________ (please fill in)"
    facts = (
        ("Source operator", request.source.account_id),
        ("Destination operator", request.target.account_id),
        ("Its primary e-mail", email),
        ("Coverage", coverage(request)),
        ("Our reference", request.run),
    )
    yield from (f"  {name:<22}{value}" for name, value in facts)
    yield ""
    yield "SIMs by status"
    yield from (f"  {status:<22}{sims:>7,}" for status, sims in by_status(request))
    yield f"  {'in all':<22}{request.sims.height:>7,}"
    yield ""
    yield "What we expect to become of their settings"
    for _, sentence in fates(request):
        yield from _wrapped(sentence, "- ")
    yield ""
    yield "When"
    for sentence in calendar(request):
        yield from _wrapped(sentence, "- ")
    yield ""
    yield "Fee"
    yield from _wrapped(fee(), "- ")
    yield ""
    yield from _wrapped(
        f"Please send your confirmation e-mail to the destination operator{_at(request)}, and tell us if anything is "
        "missing. Thank you."
    )
    yield ""
    yield from _listed(request)


def _listed(request: SupportRequest) -> Iterator[str]:
    """The SIMs by status, or where they are, if they are many."""
    if request.sims.height > LISTED_MAX:
        yield from _wrapped("All SIMs are in the attached support-request.xlsx, with ICCID (SIM id) and IMSI.")
        return
    yield "The SIMs, also in the attached support-request.xlsx"
    for status, sims in by_status(request):
        yield f"  {status} ({sims:,}): ICCID (SIM id), IMSI"
        of_it = request.sims.filter(pl.col("status") == status)
        for iccid, imsi in of_it.select("iccid", "imsi").iter_rows():
            yield f"    {iccid or '–':<22}{imsi or '–'}".rstrip()


def _for_us(request: SupportRequest) -> Iterator[str]:
    yield "What has to be so"
    for sentence in conditions(request):
        yield from _wrapped(sentence, "[ ] ")
    yield ""
    yield from _wrapped(
        f"Attach support-request.xlsx. Run `simferry reconcile {request.run}` after the day of the transfer: it finds "
        "those that have arrived, and makes this request anew for the rest. The dates above are counted from "
        f"{in_words(request.made_at)} (UTC): confirmations up to day {LAST_DAY} of a month count for the first of the "
        "next one."
    )


def _counted(totals: tuple[Total, ...], lot: Lot) -> Iterator[str]:
    return (f"{total.name} ({plural(total.sims, 'SIM')})" for total in totals if total.lot is lot)


def _at(request: SupportRequest) -> str:
    return f" ({request.target_email})" if request.target_email else ""


def _wrapped(text: str, mark: str = "") -> list[str]:
    """Lines of a paragraph, hanging behind its mark; an address or a command is never broken."""
    lines, line = [], mark
    for word in text.split(" "):
        if len(line) + len(word) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = " " * len(mark)
        line += word + " "
    return [*lines, line.rstrip()]
