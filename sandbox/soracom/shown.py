"""SIMs, subscribers and groups as the API shows them; what is not there is left out, or null by a switch."""

from __future__ import annotations

import orjson

from sandbox.exchange import JSON
from sandbox.soracom.parties import Group
from sandbox.soracom.service import Service
from sandbox.soracom.switches import AbsentValues
from sandbox.soracom.view import Further, Sim
from sandbox.soracom.words import NAME_TAG, Kind, Status

MAY_BE_ABSENT = ("groupId", "imeiLock", "expiryTime", "expiryAction", "serialNumber")


def sim(service: Service, found: Sim, further: list[Further]) -> dict[str, JSON]:
    """A SIM with its profiles."""
    own: dict[str, JSON] = {
        "simId": found.sim_id,
        "operatorId": service.name_of_operator(found.operator_id),
        "status": status_word(service, found.status),
        "type": found.type,
        "moduleType": found.module_type,
        "activeProfileId": found.profile_iccid,
        "profiles": _profiles(found, further),
        "capabilities": {"data": True, "sms": found.type != Kind.VIRTUAL},
        "sessionStatus": _session(found),
        "localInfo": {},
        "createdTime": found.created_ms,
        "lastModifiedTime": found.modified_ms,
    }
    return own | _settings(service, found)


def subscriber(service: Service, found: Sim, number: Further | None) -> dict[str, JSON]:
    """One IMSI of a SIM: the primary one, or a further one."""
    iccid, imsi, msisdn, subscription = (
        (found.profile_iccid, found.imsi, found.msisdn, found.subscription)
        if number is None
        else (number.iccid, number.imsi, number.msisdn, number.subscription)
    )
    own: dict[str, JSON] = {
        "imsi": imsi,
        "msisdn": msisdn,
        "iccid": iccid,
        "simId": found.sim_id,
        "operatorId": service.name_of_operator(found.operator_id),
        "status": status_word(service, found.status if number is None else number.status),
        "type": found.speed_class,
        "subscription": subscription,
        "plan": 1,
        "apn": "soracom.io",
        "bundles": [],
        "sessionStatus": _session(found),
        "createdAt": found.created_ms,
        "createdTime": found.created_ms,
        "lastModifiedAt": found.modified_ms,
        "lastModifiedTime": found.modified_ms,
    }
    if found.expiry_ms is not None:
        own["expiredAt"] = found.expiry_ms
    if number is None:
        own["moduleType"] = found.module_type
    return own | _settings(service, found)


def group(service: Service, found: Group) -> dict[str, JSON]:
    """A group; what no request here changes is always the same."""
    tags: dict[str, JSON] = {} if found.name is None else {NAME_TAG: found.name}
    return {
        "groupId": found.group_id,
        "operatorId": service.name_of_operator(found.operator_id),
        "tags": tags,
        "configuration": {},
        "createdTime": found.created_ms,
        "lastModifiedTime": found.created_ms,
    }


def status_word(service: Service, status: str) -> str:
    """The status as it goes on the wire."""
    return str(service.switches.transferring_word) if status == Status.TRANSFERRING else status


def _settings(service: Service, found: Sim) -> dict[str, JSON]:
    may_be: dict[str, JSON] = {
        "groupId": service.id_of_group(found.group_id),
        "imeiLock": None if found.imei_lock is None else {"imei": found.imei_lock},
        "expiryTime": found.expiry_ms,
        "expiryAction": found.expiry_action,
        "serialNumber": found.serial,
    }
    if service.switches.absent_values is AbsentValues.LEFT_OUT:
        may_be = {name: value for name, value in may_be.items() if value is not None}
    tags: JSON = orjson.loads(found.tags)
    return may_be | {"tags": tags, "speedClass": found.speed_class, "terminationEnabled": not found.protected}


def _profiles(found: Sim, further: list[Further]) -> dict[str, JSON]:
    """Every profile by its ICCID, the one in use first."""
    profiles = {found.profile_iccid: _profile(found.profile_iccid)}
    _add(profiles[found.profile_iccid], found.imsi, found.msisdn, found.subscription, found.status, is_primary=True)
    for one in further:
        profile = profiles.setdefault(one.iccid, _profile(one.iccid))
        _add(profile, one.imsi, one.msisdn, one.subscription, one.status, is_primary=bool(one.is_primary))
    return dict(profiles)


def _profile(iccid: str) -> dict[str, JSON]:
    return {"iccid": iccid, "otaSupported": False, "subscribers": {}}


def _add(profile: dict[str, JSON], imsi: str, msisdn: str, subscription: str, status: str, *, is_primary: bool) -> None:
    subscribers = profile["subscribers"]
    assert isinstance(subscribers, dict)
    # Which words there are for this inner status is an enumeration of its own, which not all statuses are in.
    inner = status if status in {Status.READY, Status.ACTIVE, Status.TERMINATED, "shipped", "delivered"} else "active"
    subscribers[imsi] = {
        "imsi": imsi,
        "msisdn": msisdn,
        "subscription": subscription,
        "status": "ready" if status == Status.TRANSFERRING else inner,
        "bundles": [],
        "capabilities": {"data": True, "sms": True},
    }
    if is_primary:
        profile["primaryImsi"] = imsi


def _session(found: Sim) -> dict[str, JSON]:
    session: dict[str, JSON] = {"online": bool(found.online)}
    if found.online and found.imei is not None:
        session |= {"imei": found.imei, "imsi": found.imsi, "subscription": found.subscription}
    return session
