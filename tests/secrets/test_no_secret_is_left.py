"""Every flow at every provider with marked credentials: none of them, and no token, is in anything that is left."""

from __future__ import annotations

import base64
import gc
import html
import json
import os
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import openpyxl
import polars as pl
import pytest

from domain.errors import Exit
from sandbox.world import Name
from tests.secrets.conftest import Scene, Stage
from tests.secrets.searching import found, written_below
from tests.secrets.stories import Story, sims_to_move

CHAOS = os.environ.get("SIMFERRY_CHAOS") == "1"
TOKENS = {  # that each provider is known to give, so that a wiretap which hears nothing is found out
    Name.EMNIFY: {"auth_token"},
    Name.SUPERSIM: {"access_token"},
    Name.SORACOM: {"apiKey", "token"},
}
PLACES = (
    "prefect.sqlite",
    "journal.sqlite",
    "claims.sqlite",
    "report.xlsx",
    "report.html",
    "simferry-bug-",
    "plan.json",
)


# Prefect's clients, in this process, leave sockets to the collector of garbage.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("provider", list(Name))
def test_no_secret_is_in_anything_that_is_written_or_said(stage: Stage, provider: Name) -> None:
    with stage(provider) as scene:
        story = Story(scene, sims_to_move(scene))
        whole_day(story)
    do = scene.operator
    written = everything(scene)
    assert {name.split(" ")[0] for name in do.tap.heard.values()} >= TOKENS[provider]
    assert all(any(place in path for path in written) for place in PLACES)
    gc.collect()
    assert found(do.tap.heard, written) == []


def whole_day(story: Story) -> None:
    do = story.scene.operator
    assert do.run("accounts", "--check")[0] == Exit.OK, do.said
    do.run("check", story.listed(2), "--provider", story.scene.provider, "--findings", do.folder / "findings.csv")
    run = story.carried_out_in_bad_weather()
    story.failing()
    match story.scene.provider:
        case Name.SUPERSIM:
            story.registered()
        case Name.SORACOM:
            story.taken_back()
    if CHAOS:
        story.worse()
    do.run("forget", run)  # refused: nobody has typed its name


def everything(scene: Scene) -> dict[str, bytes]:
    """All that is below the operator's and Prefect's folders, and what was on the screen or in any log."""
    do = scene.operator
    own = {str(path) for path in do.own}
    written = {path: held for path, held in written_below(do.folder, scene.prefect_folder) if path not in own}
    return written | {"screen": "".join(do.said).encode()}


PLANTED = 'mark-4f"/+&=ß-0123456789abcdef'


def _in_a_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["why", f"it said {PLANTED}"])
    book.save(path)


def _in_a_database(path: Path) -> None:
    """Compressed, as the journal keeps what a record names."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE journal (sims BLOB)")
    database.execute("INSERT INTO journal VALUES (?)", [zlib.compress(f'["{PLANTED}"]'.encode())])
    database.commit()
    database.close()


PLANTS: dict[str, Callable[[Path], object]] = {
    "plain.log": lambda path: path.write_text(f"sent {PLANTED}\n", encoding="utf-8"),
    "escaped.json": lambda path: path.write_text(json.dumps({"said": {"body": json.dumps([PLANTED])}})),
    "url.txt": lambda path: path.write_text(f"GET /x?{urlencode({'token': PLANTED})}"),
    "base64.txt": lambda path: path.write_bytes(base64.b64encode(f"user:{PLANTED}".encode())),
    "hex.txt": lambda path: path.write_text(PLANTED.encode().hex()),
    "page.html": lambda path: path.write_text(html.escape(PLANTED), encoding="utf-8"),
    "book.xlsx": _in_a_workbook,
    "frame.parquet": lambda path: pl.DataFrame({"words": [PLANTED] * 9}).write_parquet(path, compression="zstd"),
    "a.sqlite": _in_a_database,
}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_secret_that_was_planted_is_found(tmp_path: Path, plant: str) -> None:
    PLANTS[plant](tmp_path / plant)
    written = dict(written_below(tmp_path))
    assert found([PLANTED], written)
    assert found(["mark-of-another-secret"], written) == []
