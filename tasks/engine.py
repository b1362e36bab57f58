"""Prefect, kept in its place: quiet, private, and with at most one server of its own per command.

Nothing here imports Prefect before its environment is prepared.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from urllib.request import getproxies

import httpx

from domain.errors import ProviderUnavailable
from tasks.engine_own import own_server

STARTING = "Starting Prefect's own server for this command (3 to 10 s; set PREFECT_API_URL to use a running one) …"
REACH_S_MAX = 5.0  # for the answer of a server that the operator named
OWN_TRIES_MORE = "3"  # of a call to our own server, 14 s in all: once gone it does not come back

# Defaults, never overriding what the operator has set. What would leave the machine is off.
QUIET = {
    "DO_NOT_TRACK": "1",  # Amplitude, from the client
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # the server's heartbeat to its vendor
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",  # Prefect would start servers of its own, one per process
}

# The command line says what went wrong, once; Prefect would print a traceback per task and flow around it. Its server
# still gets every line. Left alone where the operator asks Prefect for a level.
CONSOLE = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL", "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL"}


def quiet() -> None:
    """Set what Prefect reads when it is imported; call it before anything that imports Prefect."""
    for name, value in (QUIET if "PREFECT_LOGGING_LEVEL" in os.environ else QUIET | CONSOLE).items():
        os.environ.setdefault(name, value)


def import_prefect() -> None:
    """Import what a flow needs of Prefect, so that it happens while a server starts."""
    for name in ("prefect.main", "prefect.flow_engine", "prefect.task_engine", "prefect.artifacts"):
        import_module(name)


@contextmanager
def engine(say: Callable[[str], None], meanwhile: Callable[[], object] = import_prefect) -> Iterator[None]:
    """Within the block flows run: on the server the operator named, else on one that ends with the block.

    `meanwhile` runs while a server of our own starts; let it import the flows. ProviderUnavailable where the named
    server does not answer or either stops answering, UsageError where our own does not start.
    """
    quiet()
    named = os.environ.get("PREFECT_API_URL") or (_configured_url() if _may_be_configured() else None)
    with ExitStack() as stack:
        if named:
            _reach(named)
        else:
            say(STARTING)
            url = stack.enter_context(own_server(QUIET, meanwhile))
            stack.enter_context(_environment(_for_own(url)))
            stack.callback(_drain)
        stack.enter_context(_without_heartbeats())
        try:
            yield
        except httpx.HTTPError as trouble:  # a provider's have become outcomes or errors of ours long before
            raise ProviderUnavailable(
                f"Prefect's server stopped answering: {type(trouble).__name__}. What was done is in the run's journal, "
                "not in Prefect. Run the same command again."
            ) from trouble


def _may_be_configured() -> bool:
    """Whether a file exists in which Prefect might find an API URL; asking it costs a second, so not without need."""
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    profiles = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml")
    here = Path("pyproject.toml")
    return (
        "PREFECT_PROFILE" in os.environ
        or any(path.exists() for path in (profiles, Path(".env"), Path("prefect.toml")))
        or (here.exists() and "[tool.prefect" in here.read_text(encoding="utf-8", errors="replace"))
    )


def _configured_url() -> str | None:
    """The API URL of Prefect's active profile or settings files."""
    from prefect.settings import get_current_settings  # noqa: PLC0415  # only after the environment is prepared

    return get_current_settings().api.url


def _reach(url: str) -> None:
    """Return when the server answers; raises `ProviderUnavailable` where it does not."""
    try:
        httpx.get(f"{url.rstrip('/')}/health", timeout=REACH_S_MAX)
    except httpx.HTTPError as trouble:
        if _reached_by_prefect():  # whose settings may name a certificate that this first knock knows nothing of
            return
        raise ProviderUnavailable(
            f"Prefect's server at {url} does not answer: {type(trouble).__name__}. Nothing was sent. Start it with "
            "`prefect server start`, or unset PREFECT_API_URL to let the command start one of its own."
        ) from trouble


def _reached_by_prefect() -> bool:
    """Whether Prefect's own client gets an answer; making settings for it costs 0.1 s, so it is not asked first."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415  # only after the environment is prepared
    from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings  # noqa: PLC0415  # likewise

    with (
        temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
        get_client(httpx_settings={"timeout": REACH_S_MAX}, sync_client=True) as client,
    ):
        return client.api_healthcheck() is None


def _for_own(url: str) -> dict[str, str]:
    """The environment of a client of our own server: no log shipping, since nobody reads it, and no proxy."""
    values = {
        "PREFECT_API_URL": url,
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_CLIENT_MAX_RETRIES": OWN_TRIES_MORE,
    }
    if getproxies():
        for name in ("NO_PROXY", "no_proxy"):
            values[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
    return values


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Within the block the process and Prefect's settings have these values."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    _refresh()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        _refresh()


def _refresh() -> None:
    """Let Prefect read the environment again."""
    from prefect.context import refresh_global_settings_context  # noqa: PLC0415  # only once it is prepared

    refresh_global_settings_context()


def _drain() -> None:
    """Send what waits to be sent to our own server before it goes, so that nothing complains about its absence."""
    from prefect.events.worker import EventsWorker  # noqa: PLC0415  # only after the environment is prepared

    EventsWorker.drain_all(timeout=REACH_S_MAX)


@contextmanager
def _without_heartbeats() -> Iterator[None]:
    """Within the block flows send no heartbeats, unless asked for: each would hold a finished flow for up to a second.

    An environment variable can set their interval and cannot switch them off.
    """
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: PLC0415  # see above

    asked = "PREFECT_FLOWS_HEARTBEAT_FREQUENCY" in os.environ
    with temporary_settings({} if asked else {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield
