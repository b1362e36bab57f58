"""What the accounts of a plan hold, when it is made and when it is reconciled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from domain.inventory import INVENTORY, Side
from providers.protocol import Reader, Survey
from tasks import artifacts
from tasks.kinds import reading
from tasks.voice import voice

NO_SOURCE = Survey(pl.DataFrame(schema=INVENTORY), "")


@dataclass(frozen=True, slots=True)
class Seen:
    """What both accounts held when the plan was made, and sentences on what was checked before they were read."""

    source: Survey
    target: Survey
    preflight: tuple[str, ...]


@reading(name="survey both accounts")
def survey(reader: Reader, lines: pl.DataFrame) -> Seen:
    """What source and target hold of these lines (LINES) at least, after the provider has said who we are."""
    preflight = reader.preflight()
    return Seen(*both_accounts(reader, lines), preflight)


def both_accounts(reader: Reader, wanted: pl.DataFrame) -> tuple[Survey, Survey]:
    """Source and target, read side by side: whole, or as far as `wanted` (LINES or STEPS) needs."""
    heard = voice()
    titles = {side: f"Survey of the {side}, SIMs" for side in (Side.SOURCE, Side.TARGET)}
    bars = {side: artifacts.progress(title) for side, title in titles.items()}

    def look(side: Side) -> Survey:
        def tell(done: int, of: int) -> None:
            heard.progress(titles[side], done, of)
            bars[side].update(done, of)

        return reader.survey(side, tell, wanted)

    heard.say("Surveying both accounts …")
    with ThreadPoolExecutor(max_workers=2) as pool:
        source, target = pool.map(look, (Side.SOURCE, Side.TARGET))
    heard.say(f"Read {source.sims.height:,} SIMs of the source and {target.sims.height:,} of the target.")
    return source, target


@reading(name="survey the account")
def survey_account(reader: Reader, lines: pl.DataFrame) -> Seen:
    """What the account holds of these lines (LINES) at least, after the provider has said who we are."""
    preflight = reader.preflight()
    return Seen(NO_SOURCE, account_now(reader, lines), preflight)


def account_now(reader: Reader, wanted: pl.DataFrame) -> Survey:
    """The account, whole or as far as `wanted` (LINES or STEPS) needs."""
    heard, title = voice(), "Survey of the account, SIMs"
    bar = artifacts.progress(title)

    def tell(done: int, of: int) -> None:
        heard.progress(title, done, of)
        bar.update(done, of)

    heard.say("Surveying the account …")
    found = reader.survey(Side.TARGET, tell, wanted)
    heard.say(f"Read {found.sims.height:,} SIMs of the account.")
    return found
