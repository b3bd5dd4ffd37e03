"""Raw files are kept once, whole, and for their owner only."""

import hashlib
import os

import pytest

from nowrongdoor.errors import Stop
from nowrongdoor.store import Vault

BODY = b"CLIENT_ID,DOB\r\n1,02/03/1980\r\n"
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def raw(tmp_path):
    path = tmp_path / "clients.csv"
    path.write_bytes(BODY)
    return path


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "vault")


def test_a_file_is_kept_byte_for_byte_under_its_digest(vault, raw):
    assert vault.path(DIGEST) == vault.keep(raw, DIGEST)
    raw.unlink()
    assert BODY == vault.path(DIGEST).read_bytes()


def test_kept_again_it_is_not_read_again(vault, raw):
    vault.keep(raw, DIGEST)
    raw.unlink()
    assert vault.path(DIGEST) == vault.keep(raw, DIGEST)


def test_a_file_that_changed_meanwhile_is_not_kept(vault, raw):
    raw.write_bytes(BODY + b"2,\r\n")
    with pytest.raises(Stop, match="changed while it was read"):
        vault.keep(raw, DIGEST)
    assert [] == list(vault.path(DIGEST).parent.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="rights are kept otherwise on Windows")
def test_only_the_owner_may_read_it(vault, raw):
    kept = vault.keep(raw, DIGEST)
    assert [0o600, 0o700, 0o700] == [at.stat().st_mode & 0o777 for at in (kept, kept.parent, kept.parent.parent)]
