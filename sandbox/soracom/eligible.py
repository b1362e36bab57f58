"""Who may be offered what: the destination of a transfer, and its SIMs, all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from sandbox.soracom.ask import Ask
from sandbox.soracom.codes import Code
from sandbox.soracom.parties import Operator
from sandbox.soracom.refusals import refuse, refuse_sims
from sandbox.soracom.switches import RefusalWords
from sandbox.soracom.view import Sim
from sandbox.soracom.words import CROSSING, SIMS_PER_TOKEN_MAX, Kind, Status


def destination(ask: Ask, operator: str, email: str) -> Operator:
    """The operator of that id whose primary e-mail that is, if SIMs of the caller's can go there."""
    source, found = ask.caller.operator, ask.service.operator_of(operator)
    if found is None or found.operator != operator or found.email.lower() != email.lower() or found == source:
        refuse(Code.DESTINATION)
    if found.coverage != source.coverage:
        refuse(Code.COVERAGE)
    if {found.kind, source.kind} == CROSSING:
        refuse(Code.CROSSING)
    return found


def sims_for(ask: Ask, imsis: Sequence[str]) -> list[Sim]:
    """The SIMs of these primary IMSIs; any that cannot be transferred is the refusal of all."""
    if len(imsis) > SIMS_PER_TOKEN_MAX:
        refuse(Code.TOO_MANY_SIMS)
    if twice := [imsi for imsi, times in Counter(imsis).items() if times > 1]:
        refuse_sims(Code.NAMED_TWICE, twice, named=_naming(ask))
    view, operator = ask.service.books.view, ask.caller.operator
    found = view.by_imsis(imsis)
    absent = [imsi for imsi in imsis if imsi not in found]
    secondary = [imsi for imsi in absent if (known := view.by_imsi(imsi)) and known[0].operator_id == operator.id]
    if secondary:
        refuse_sims(Code.NOT_PRIMARY, secondary, named=_naming(ask))
    _check(ask, Code.NOT_YOURS, imsis, lambda imsi: imsi in found and found[imsi].operator_id == operator.id)
    _check(ask, Code.VIRTUAL, imsis, lambda imsi: found[imsi].type != Kind.VIRTUAL)
    _check(ask, Code.NOT_READY, imsis, lambda imsi: found[imsi].status == Status.READY)
    return [found[imsi] for imsi in imsis]


def _check(ask: Ask, code: Code, imsis: Sequence[str], fine: Callable[[str], bool]) -> None:
    if wrong := [imsi for imsi in imsis if not fine(imsi)]:
        refuse_sims(code, wrong, named=_naming(ask))


def _naming(ask: Ask) -> bool:
    return ask.service.switches.refusal_words is RefusalWords.NAMING
