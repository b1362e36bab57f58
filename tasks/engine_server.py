"""The process that is a command's own Prefect server: `python -m tasks.engine_server FOLDER PARENT_PID`.

It binds a free loopback port, writes the port to FOLDER/port when it answers, and ends, taking FOLDER with it, as soon
as its standard input closes or its parent is gone, however that came about. Its database is a private copy in FOLDER,
so that two commands never share one.
"""

from __future__ import annotations

import importlib.metadata
import os
import select
import shutil
import socket
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

LOOK_S = 1.0  # between two looks whether the parent lives, where its end did not close our standard input
PORT_FILE = "port"
DATABASE_FILE = "prefect.sqlite"


def main(folder: Path, parent: int) -> None:
    """Serve until the parent is gone; never returns."""
    threading.Thread(target=_end_with, args=(parent, folder), daemon=True).start()
    database = folder / DATABASE_FILE
    blank = blank_database()
    fresh = not _copy(blank, database)
    os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{database}"
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    _serve(listener, folder, database if fresh else None, blank)
    _end(folder)


def blank_database() -> Path:
    """Where a database with Prefect's tables and no rows is kept, which saves its migrations on every start."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "simferry" / f"prefect-{importlib.metadata.version('prefect')}.sqlite"


def _serve(listener: socket.socket, folder: Path, fresh: Path | None, blank: Path) -> None:
    """Run the server until it is told to stop; a fresh database becomes the blank one for the next start."""
    import uvicorn  # noqa: PLC0415  # importing Prefect reads the environment that main has just completed
    from prefect.server.api.server import create_app  # noqa: PLC0415  # likewise

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if fresh is not None:
                _keep(fresh, blank)
            arriving = folder / "port.tmp"
            arriving.write_text(str(listener.getsockname()[1]), encoding="ascii")
            arriving.replace(folder / PORT_FILE)

    # webserver_only: no scheduler, no triggers, no event store: nobody reads them, and the database ends with us
    app = create_app(webserver_only=True, final=True)
    Server(uvicorn.Config(app, log_level="error", lifespan="on")).run(sockets=[listener])


def _copy(blank: Path, database: Path) -> bool:
    """Whether the blank database could be copied and reads as one."""
    try:
        shutil.copyfile(blank, database)
        with closing(sqlite3.connect(database)) as connection:
            whole = bool(connection.execute("PRAGMA quick_check").fetchone() == ("ok",))
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except (OSError, sqlite3.DatabaseError):
        whole = False
    if not whole:
        database.unlink(missing_ok=True)
    return whole


def _keep(database: Path, blank: Path) -> None:
    """Keep a copy for the next start; where there is no place for it, the next start is as slow as this one."""
    arriving = blank.with_suffix(f".{os.getpid()}.tmp")
    try:
        blank.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(arriving)) as target:
            source.backup(target)
        arriving.replace(blank)
    except (OSError, sqlite3.Error):
        arriving.unlink(missing_ok=True)


def _end_with(parent: int, folder: Path) -> None:
    """End this process once its standard input closes or its parent is another."""
    while os.getppid() == parent and not select.select([sys.stdin], [], [], LOOK_S)[0]:
        pass
    _end(folder)


def _end(folder: Path) -> None:
    """End at once: nothing here outlives the command, so there is nothing to put in order."""
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
