"""SIGTERM, by which schedulers and shells ask a command to end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from domain.errors import Exit
from flows import cli


@pytest.fixture
def own_signals() -> Iterator[None]:
    """The handler of this process is put back."""
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: None)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("own_signals")
def test_a_request_to_end_takes_the_same_way_as_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    def asked_to_end() -> Exit:
        os.kill(os.getpid(), signal.SIGTERM)
        return Exit.OK

    assert cli._guarded(cli.NOBODY, asked_to_end) == Exit.STOPPED
    assert "Stopped. What was sent is in the journal" in capsys.readouterr().err
