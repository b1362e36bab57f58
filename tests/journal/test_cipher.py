"""Tokens encrypted in the journal, and the key that they are encrypted with."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RefusedToRun, UsageError
from domain.events import Event, Kind
from journal.book import Journal
from journal.cipher import KEY_FILE, FernetCipher, cipher_of
from tests.journal.journal_samples import planned

KEY = Fernet.generate_key().decode()
SECRET = b"abcdef00-1111-2222-3333-444444444444-a-token-of-ours"
MAKER = (
    "import sys; from pathlib import Path; from journal.cipher import cipher_of; "
    "sys.stdin.readline(); sys.stdout.write(cipher_of({}, Path(sys.argv[1])).seal(b'x').decode())"
)


@given(st.binary())
def test_what_was_sealed_is_unsealed_and_not_to_be_read_meanwhile(secret: bytes) -> None:
    cipher = FernetCipher(KEY, Path("nowhere"))
    sealed = cipher.seal(secret)
    assert cipher.unseal(sealed) == secret
    assert len(secret) < 4 or secret not in sealed


def test_the_key_file_is_made_by_the_first_token_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    cipher = cipher_of({}, tmp_path)
    assert not (tmp_path / KEY_FILE).exists()
    sealed = cipher.seal(SECRET)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert cipher_of({}, tmp_path).unseal(sealed) == SECRET
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


def test_the_environment_says_which_key_or_which_file(tmp_path: Path) -> None:
    elsewhere = tmp_path / "keys" / "own.key"
    assert cipher_of({"SIMFERRY_KEY": KEY}, tmp_path).unseal(Fernet(KEY).encrypt(SECRET)) == SECRET
    cipher_of({"SIMFERRY_KEY_FILE": str(elsewhere)}, tmp_path).seal(SECRET)
    assert elsewhere.is_file()
    assert not (tmp_path / KEY_FILE).exists()


def test_without_its_key_a_token_is_not_read_and_no_other_key_is_made(tmp_path: Path) -> None:
    with pytest.raises(RefusedToRun, match=r"is not there.*simferry reconcile"):
        cipher_of({}, tmp_path).unseal(Fernet(KEY).encrypt(SECRET))
    assert list(tmp_path.iterdir()) == []


def test_another_key_is_named_by_where_it_came_from_and_not_shown(tmp_path: Path) -> None:
    other = Fernet.generate_key().decode()
    with pytest.raises(RefusedToRun, match="another key than that of SIMFERRY_KEY") as refused:
        cipher_of({"SIMFERRY_KEY": other}, tmp_path).unseal(Fernet(KEY).encrypt(SECRET))
    assert other not in str(refused.value)


def test_what_is_no_key_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="SIMFERRY_KEY is no key: 44 characters"):
        cipher_of({"SIMFERRY_KEY": "too short"}, tmp_path).seal(SECRET)


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text(KEY)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(RefusedToRun, match=r"mode 0644.*chmod 600"):
        cipher_of({}, tmp_path).seal(SECRET)


def test_two_processes_that_need_the_first_key_at_once_end_with_one(tmp_path: Path) -> None:
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()
        )
        for _ in range(3)
    ]
    sealed = [maker.communicate(b"go\n", timeout=60)[0] for maker in makers]
    cipher = cipher_of({}, tmp_path)
    assert [cipher.unseal(each) for each in sealed] == [b"x"] * 3
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


def test_neither_repr_nor_pickle_shows_the_key(tmp_path: Path) -> None:
    cipher = cipher_of({"SIMFERRY_KEY": KEY}, tmp_path)
    cipher.seal(SECRET)
    assert KEY not in repr(cipher)
    with pytest.raises(TypeError):
        pickle.dumps(cipher)


def test_a_token_is_in_no_byte_of_the_run_and_comes_back_only_with_the_key(tmp_path: Path) -> None:
    folder, _ = planned(tmp_path / "runs", ("offer", "offer", "offer"))
    token = Event(Kind.ANSWERED, "2026-11-21T12:00:00Z", 1, 1, "offer", ("k",), {"said": "later"}, SECRET)
    with Journal.open(None, folder, cipher_of({}, tmp_path)) as journal:
        journal.write(token)
        assert next(journal.events()).secret == SECRET
    for file in (Path(at) / name for at, _, names in os.walk(tmp_path) for name in names):
        assert SECRET not in file.read_bytes(), file
    with Journal.open(None, folder) as journal:
        assert next(journal.events()).secret is None
