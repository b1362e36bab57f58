"""Soracom: SIMs handed over with all that they are set to, against a sandbox of 50 ms latency, 16 requests at once.

    .venv/bin/python -m benchmarks.transferring [--rows 20000] [--latency-ms 50] [--at-once 16] [--looped 20]

The ideal is the requests that the job needs × latency ÷ how many are under way at once: for each SIM a look, a read in
the target, the calls that set what it was set to (counted in the sandbox's record) and a read of that; for each token
an issue and an acceptance. The time is taken from the sandbox's record, from the arrival of the first of them to the
answer of the last, the canary and all recording included. The loop does the same calls one after the other, SIM by SIM,
on other SIMs of the same sandbox just before; its time is stretched to the same number of SIMs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import httpx

from benchmarks.measured import table
from benchmarks.sites import Site, prefect
from domain.orders import SIMS_PER_TOKEN
from sandbox.accounts import write_accounts
from sandbox.homes import Name
from sandbox.remote import Sent
from sandbox.serve import running
from sandbox.soracom.accounts import EAST, WEST, Operator
from sandbox.soracom.truth import Truth
from sandbox.world import Mix, seed

READS_PER_SIM = 3  # the look, in the target, and after what it was set to has been put back
CALLS_PER_TOKEN = 2
HEADINGS = (
    "",
    "SIMs",
    "requests",
    "seconds",
    "per s",
    "ideal s",
    "of ideal",
    "of served",
    "other requests",
    "refused",
    "times the loop",
    "whole s",
    "CPU s",
    "peak MB",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--looped", type=int, default=20, help="SIMs that the loop transfers")
    asked = parser.parse_args()
    with (
        prefect() as server,
        tempfile.TemporaryDirectory(prefix="simferry-transferring-") as folder,
        _site(Path(folder), server, asked.rows, asked.looped) as place,
    ):
        run = place.approved("--in-flight", str(asked.at_once), source="east", target="west")
        place.sandbox.set_latency(asked.latency_ms)
        loop_s = _loop(place, Path(folder) / "looped.txt") * asked.rows / asked.looped
        place.sandbox.forget_requests()
        whole = place.simferry("execute", run)
        span = _span(place.sandbox.requests(), asked.rows, asked.latency_ms / 1000, asked.at_once)
    print(f"{asked.latency_ms:g} ms latency, {asked.at_once} requests at once\n")
    loop = ("one after the other", f"{asked.looped:,}", "–", f"{loop_s:.0f}", f"{asked.rows / loop_s:.1f}")
    ours = (
        "simferry execute",
        f"{asked.rows:,}",
        f"{span.needed:,}",
        f"{span.seconds:.1f}",
        f"{asked.rows / span.seconds:.0f}",
        f"{span.ideal_s:.1f}",
        f"{span.ideal_s / span.seconds:.1%}",
        f"{span.served_s / span.seconds:.1%}",
        f"{span.others:,}",
        f"{span.refused:,}",
        f"{loop_s / span.seconds:.1f}",
        f"{whole.wall_s:.1f}",
        f"{whole.cpu_s:.1f}",
        f"{whole.peak_mb:,.0f}",
    )
    table(HEADINGS, [loop + ("–",) * (len(HEADINGS) - len(loop)), ours])


@dataclass(frozen=True, slots=True)
class Span:
    """Requests from the first to the last one about a SIM; `needed` by the job, `others` beside them."""

    seconds: float
    ideal_s: float
    served_s: float
    needed: int
    others: int
    refused: int


def _span(sent: Sequence[Sent], sims: int, latency_s: float, at_once: int) -> Span:
    about = [each for each in sent if each.path.startswith(("/v1/sims/", "/v1/subscribers/transfer_token"))]
    at = [datetime.fromisoformat(each.at).timestamp() for each in about]
    took = [(each.took_ms or 0.0) / 1000 for each in about]
    good = [each.status in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT} for each in about]
    sets = sum(
        fine and each.method != "GET" and each.path.startswith("/v1/sims/")
        for each, fine in zip(about, good, strict=True)
    )
    tokens = -(-sims // SIMS_PER_TOKEN) + 1  # the canary has one of its own
    needed = READS_PER_SIM * sims + sets + CALLS_PER_TOKEN * tokens
    return Span(
        max(begun + each for begun, each in zip(at, took, strict=True)) - min(at),
        needed * latency_s / at_once,
        sum(seconds for seconds, fine in zip(took, good, strict=True) if fine) / at_once,
        needed,
        len(sent) - needed,
        sum(each.status == HTTPStatus.TOO_MANY_REQUESTS for each in sent),
    )


def _loop(place: Site, listed: Path) -> float:
    """Seconds that one request after the other takes for these SIMs."""
    imsis = dict(Truth(place.sandbox.home).where().select("iccid", "imsi").iter_rows())
    with (
        httpx.Client(base_url=f"{place.sandbox.base_url}/v1", trust_env=False) as client,
    ):
        east, west = _headers(client, EAST), _headers(client, WEST)
        began = time.perf_counter()
        for sim_id in listed.read_text(encoding="utf-8").split():
            sim = client.get(f"/sims/{sim_id}", headers=east).raise_for_status().json()
            offer = {
                "transferDestinationOperatorEmail": WEST.email,
                "transferDestinationOperatorId": WEST.operator,
                "transferImsi": [imsis[sim_id]],
            }
            issued = client.post("/subscribers/transfer_token/issue", json=offer, headers=east)
            client.post("/subscribers/transfer_token/verify", json=issued.json(), headers=west).raise_for_status()
            client.get(f"/sims/{sim_id}", headers=west).raise_for_status()
            tags = [{"tagName": name, "tagValue": value} for name, value in sim["tags"].items() if name == "name"]
            client.put(f"/sims/{sim_id}/tags", json=tags, headers=west).raise_for_status()
            for action, body in _actions(sim):
                client.post(f"/sims/{sim_id}/{action}", json=body, headers=west)
            client.get(f"/sims/{sim_id}", headers=west).raise_for_status()
        return time.perf_counter() - began


def _actions(sim: dict[str, object]) -> Iterator[tuple[str, object]]:
    """What a SIM is set to, as the calls that set it."""
    if sim.get("imeiLock"):
        yield "set_imei_lock", sim["imeiLock"]
    if sim.get("speedClass"):
        yield "update_speed_class", {"speedClass": sim["speedClass"]}
    if sim.get("expiryTime"):
        yield "set_expiry_time", {"expiryTime": sim["expiryTime"], "expiryAction": sim.get("expiryAction")}
    if sim.get("groupId"):
        yield "set_group", {"groupId": sim["groupId"]}
    yield "disable_termination", {}


def _headers(client: httpx.Client, operator: Operator) -> dict[str, str]:
    keys = {"authKeyId": operator.auth_key_id, "authKey": operator.auth_key}
    let_in = client.post("/auth", json=keys).raise_for_status().json()
    return {"X-Soracom-API-Key": let_in["apiKey"], "X-Soracom-Token": let_in["token"]}


@contextmanager
def _site(folder: Path, server: str, sims: int, looped: int) -> Iterator[Site]:
    """A sandbox whose SIMs are all ready and have every setting, a list of them, and some others for the loop."""
    home = folder / "sandbox"
    seed(home, sims=sims + looped, mix=Mix.FURNISHED, provider=Name.SORACOM)
    with running(home, rate_scale=0) as sandbox:
        accounts = write_accounts(home, sandbox.base_url)
        iccids = Truth(home).where().select("iccid")
        iccids.head(sims).rename({"iccid": "ICCID"}).write_csv(folder / "list.csv")
        iccids.tail(looped).write_csv(folder / "looped.txt", include_header=False)
        env = {
            "SIMFERRY_ACCOUNTS": str(accounts),
            "SIMFERRY_HOME": str(folder / "runs"),
            "PREFECT_API_URL": server,
            "NO_PROXY": "127.0.0.1",
        }
        yield Site(sandbox, folder / "list.csv", env)


if __name__ == "__main__":
    main()
