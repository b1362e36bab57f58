"""Somebody at Super SIM's console, who changes SIMs that a run is about."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx

from sandbox.remote import Sandbox
from sandbox.supersim.accounts import Account
from sandbox.supersim.truth import Truth

WAIT_S_MAX = 10.0


@dataclass(frozen=True)
class Console:
    """Changes one SIM at a time, with the credentials of whichever account may."""

    sandbox: Sandbox

    def set(self, body: str, account: Account, **fields: str) -> None:
        """Change the SIM of that ICCID body, and wait until that is done."""
        truth = Truth(self.sandbox.home)
        (sid,) = truth.where([body])["sim_id"]
        auth = (account.sid, account.auth_token)
        with httpx.Client(base_url=self.sandbox.base_url, auth=auth, trust_env=False) as client:
            answer = client.post(f"/v1/Sims/{sid}", data=fields)
        assert answer.status_code in {200, 202}, answer.text
        deadline_s = time.monotonic() + WAIT_S_MAX
        while truth.where([body])["status"][0] == "scheduled" and time.monotonic() < deadline_s:
            time.sleep(0.01)
