"""SIMs and fleets as the API shows them."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.exchange import JSON, Asked
from sandbox.supersim.parties import Fleet
from sandbox.supersim.service import Service
from sandbox.supersim.view import Sim


def base_of(asked: Asked) -> str:
    """Scheme and host as the client has them."""
    return f"http://{asked.headers.get('host', '')}"


def sim(service: Service, base: str, found: Sim) -> dict[str, JSON]:
    """A SIM that is registered."""
    assert found.account_id is not None
    url = f"{base}/v1/Sims/{found.sid}"
    return {
        "sid": found.sid,
        "unique_name": found.unique_name,
        "account_sid": service.accounts[found.account_id].sid,
        "iccid": found.iccid,
        "status": found.status,
        "fleet_sid": None if found.fleet_id is None else service.fleets[found.fleet_id].sid,
        "date_created": found.created,
        "date_updated": found.updated,
        "url": url,
        "links": {"billing_periods": url + "/BillingPeriods", "sim_ip_addresses": url + "/IpAddresses"},
    }


def fleet(service: Service, base: str, found: Fleet) -> dict[str, JSON]:
    """A fleet; what no request here changes is always the same."""
    return {
        "account_sid": service.accounts[found.account_id].sid,
        "sid": found.sid,
        "unique_name": found.unique_name,
        "date_created": found.created,
        "date_updated": found.created,
        "url": f"{base}/v1/Fleets/{found.sid}",
        "data_enabled": True,
        "data_limit": found.data_limit_mb,
        "data_metering": "payg",
        "sms_commands_enabled": True,
        "sms_commands_url": None,
        "sms_commands_method": "POST",
        "network_access_profile_sid": "HA" + found.sid[2:],
        "ip_commands_url": None,
        "ip_commands_method": "POST",
    }


def instant(at_s: float) -> str:
    """Seconds since the epoch as ISO 8601 with Z, whole seconds."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
