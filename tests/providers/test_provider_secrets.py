"""Secrets stay secret, and references say what to do where they lead nowhere."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from domain.errors import UsageError
from providers.secrets import SECRET_BYTES_MAX, Places, Secret, is_reference, resolve

HUSH = "correct-horse-battery"


def test_a_secret_shows_in_no_text_that_python_makes_of_it() -> None:
    secret = Secret(HUSH)
    for text in (repr(secret), str(secret), f"{secret}", f"{secret!r}", f"{[secret]}"):
        assert HUSH not in text
    assert repr(secret) == "Secret(…)"


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_can_be_neither_pickled_nor_copied(leak: object) -> None:
    with pytest.raises(TypeError, match="stays in the process"):
        leak(Secret(HUSH))  # type: ignore[operator] # one of three functions


def test_a_secret_comes_from_the_environment_a_file_or_a_block(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(HUSH + "\n")
    file.chmod(0o600)
    places = Places(tmp_path, {"PASS": HUSH}, lambda name: f"block {name}")
    assert resolve("env:PASS", places).reveal() == HUSH
    assert resolve("file:password", places).reveal() == HUSH
    assert resolve(f"file:{file}", places).reveal() == HUSH
    assert resolve("prefect:emnify", places).reveal() == "block emnify"


def test_a_secret_file_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(HUSH)
    file.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600") as caught:
        resolve("file:password", Places(tmp_path))
    assert HUSH not in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("env:NOT_THERE", "NOT_THERE is not set. Export it"),
        ("env:EMPTY", "is empty"),
        ("file:absent", "cannot be read"),
        ("file:long", "longer than"),
        ("file:binary", "not UTF-8"),
        ("prefect:block", "under Prefect alone"),
        (HUSH, "env:NAME, file:PATH or prefect:BLOCK"),
    ],
)
def test_a_reference_that_leads_nowhere_says_what_to_do(tmp_path: Path, reference: str, words: str) -> None:
    for name, raw in {"long": b"x" * (SECRET_BYTES_MAX + 1), "binary": b"\xff\xfe\xff"}.items():
        (tmp_path / name).write_bytes(raw)
        (tmp_path / name).chmod(0o600)
    with pytest.raises(UsageError, match=words) as caught:
        resolve(reference, Places(tmp_path, {"EMPTY": " "}))
    assert HUSH not in str(caught.value)


def test_only_the_three_schemes_are_references() -> None:
    assert is_reference("env:A")
    assert is_reference("file:a b")
    assert is_reference("prefect:x")
    assert not is_reference("hunter2")
    assert not is_reference("env:")
    assert not is_reference("pass:word")
