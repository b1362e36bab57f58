"""What an operator does to one of its SIMs: tags, group, IMEI lock, expiry, speed class, protection, activation."""

from __future__ import annotations

import re

import orjson

from sandbox.exchange import JSON, Answer
from sandbox.soracom import shown
from sandbox.soracom.ask import Ask
from sandbox.soracom.asking import a_list, a_number, a_text, an_object, body_of, nothing, query_of
from sandbox.soracom.changing import change
from sandbox.soracom.codes import Code
from sandbox.soracom.connecting import activate
from sandbox.soracom.refusals import refuse
from sandbox.soracom.sims import own_sim
from sandbox.soracom.view import Sim
from sandbox.soracom.words import EXPIRY_ACTIONS, OWN_TAGS, SPEED_CLASSES, TERMINATE, Status

IMEI = re.compile(r"[0-9]{15}(\|ANONYMOUS)?", re.ASCII)
TIME_MS_MAX = 253_402_300_799_999  # the last millisecond of the year 9999


def put_tags(ask: Ask) -> Answer:
    """Add tags, or give those that are there another value."""
    sim = _sim(ask)
    tags: dict[str, str] = orjson.loads(sim.tags)
    for entry in a_list(body_of(ask.asked), "The body"):
        one = an_object(entry, ("tagName", "tagValue"), ("tagName", "tagValue"))
        name, value = a_text(one["tagName"], "tagName"), one["tagValue"]
        if not isinstance(value, str):
            refuse(Code.BODY, "tagValue must be a string")
        if name in OWN_TAGS:
            refuse(Code.VENDORS_TAG)
        tags[name] = value
    return _changed(ask, sim, sim._replace(tags=orjson.dumps(tags).decode()))


def delete_tag(ask: Ask) -> Answer:
    """Take one tag off; 404 where it is not there."""
    sim, name = _sim(ask), ask.names[1]
    nothing(ask.asked)
    tags: dict[str, str] = orjson.loads(sim.tags)
    if name in OWN_TAGS:
        refuse(Code.VENDORS_TAG)
    if tags.pop(name, None) is None:
        refuse(Code.TAG_NOT_FOUND)
    change(ask.service, ask.asked.number, sim, sim._replace(tags=orjson.dumps(tags).decode()))
    return Answer(204)


def set_group(ask: Ask) -> Answer:
    """Put the SIM into one of the caller's groups."""
    sim = _sim(ask)
    body = an_object(body_of(ask.asked), ("groupId",), ("groupId",))
    group = ask.service.groups_by_id.get(a_text(body["groupId"], "groupId"))
    if group is None or group.operator_id != ask.caller.operator.id:
        refuse(Code.GROUP_NOT_FOUND)
    return _changed(ask, sim, sim._replace(group_id=group.id))


def unset_group(ask: Ask) -> Answer:
    """Take the SIM out of its group, if it has one."""
    sim = _bare(ask)
    return _changed(ask, sim, sim._replace(group_id=None))


def set_imei_lock(ask: Ask) -> Answer:
    """Lock the SIM to an IMEI; to that of its session where none is given."""
    sim = _sim(ask)
    body = an_object(body_of(ask.asked), ("imei",)) if ask.asked.body else {}
    if "imei" in body:
        imei = a_text(body["imei"], "imei")
        if not IMEI.fullmatch(imei):
            refuse(Code.IMEI)
    elif sim.online and sim.imei is not None:
        imei = sim.imei
    else:
        refuse(Code.IMEI)
    return _changed(ask, sim, sim._replace(imei_lock=imei))


def unset_imei_lock(ask: Ask) -> Answer:
    """Take the lock off, if there is one."""
    sim = _bare(ask)
    return _changed(ask, sim, sim._replace(imei_lock=None))


def set_expiry_time(ask: Ask) -> Answer:
    """Let the SIM expire; an action `terminate` wants termination protection to be off."""
    sim = _sim(ask)
    body = an_object(body_of(ask.asked), ("expiryTime", "expiryAction"), ("expiryTime",))
    time_ms = a_number(body["expiryTime"], "expiryTime", 0, TIME_MS_MAX)
    action = _action(body.get("expiryAction"))
    if time_ms <= ask.service.clock.now_s() * 1000:
        refuse(Code.EXPIRY_PAST)
    if action == TERMINATE and sim.protected:
        refuse(Code.PROTECTED)
    return _changed(ask, sim, sim._replace(expiry_ms=time_ms, expiry_action=action))


def unset_expiry_time(ask: Ask) -> Answer:
    """Let the SIM expire no more; 404 where it does not."""
    sim = _bare(ask)
    if sim.expiry_ms is None:
        refuse(Code.NO_EXPIRY)
    return _changed(ask, sim, sim._replace(expiry_ms=None, expiry_action=None))


def update_speed_class(ask: Ask) -> Answer:
    """Give the SIM another speed class of its subscription's family."""
    sim = _sim(ask)
    speed = a_text(an_object(body_of(ask.asked), ("speedClass",), ("speedClass",))["speedClass"], "speedClass")
    if speed not in SPEED_CLASSES or speed[:2] != sim.speed_class[:2]:
        refuse(Code.SPEED_CLASS)
    return _changed(ask, sim, sim._replace(speed_class=speed))


def disable_termination(ask: Ask) -> Answer:
    """Switch termination protection on."""
    sim = _bare(ask)
    return _changed(ask, sim, sim._replace(protected=1))


def enable_termination(ask: Ask) -> Answer:
    """Switch termination protection off."""
    sim = _bare(ask)
    return _changed(ask, sim, sim._replace(protected=0))


def activate_sim(ask: Ask) -> Answer:
    """Make the SIM active; one that is transferring is out of its transfer by that."""
    sim = activate(ask.service, ask.asked.number, _bare(ask))
    return Answer.of(200, shown.sim(ask.service, sim, ask.service.books.view.further(sim)))


def _sim(ask: Ask) -> Sim:
    """The caller's SIM, if there is anything left to set on it."""
    query_of(ask.asked)
    sim = own_sim(ask, ask.service.books.view)
    if sim.status == Status.TERMINATED:
        refuse(Code.TERMINATED)
    return sim


def _bare(ask: Ask) -> Sim:
    """The same, where no body goes with it."""
    nothing(ask.asked)
    return _sim(ask)


def _changed(ask: Ask, before: Sim, after: Sim) -> Answer:
    now = change(ask.service, ask.asked.number, before, after)
    return Answer.of(200, shown.sim(ask.service, now, ask.service.books.view.further(now)))


def _action(value: JSON) -> str | None:
    if value is None:
        return None
    action = a_text(value, "expiryAction")
    if action not in EXPIRY_ACTIONS:
        refuse(Code.BODY, f"expiryAction must be one of {', '.join(sorted(EXPIRY_ACTIONS))}, or null")
    return action
