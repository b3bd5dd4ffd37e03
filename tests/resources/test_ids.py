"""Ids of resources: RFC 2104's HMAC, whatever the length of the secret."""

import hmac
from uuid import UUID

import pytest

from nowrongdoor.model import Key
from nowrongdoor.resources.context import id_of


@pytest.mark.parametrize("length", [1, 32, 63, 64, 65, 200], ids="{} bytes".format)
def test_an_id_is_the_hmac_of_source_kind_and_key(length):
    """A block of SHA-256 is 64 bytes: a longer secret is hashed first, a shorter one is filled up."""
    secret = bytes(range(1, 201))[:length]
    mac = hmac.new(secret, b"here\x1fperson\x1f7", "sha256").digest()
    id_ = UUID(id_of(secret, "here", Key("person", "7")))
    assert mac[:6] == id_.bytes[:6]
    assert (8, "specified in RFC 4122") == (id_.version, id_.variant)
    assert int.from_bytes(mac[6:16]) & 0x0FFF_3FFF_FFFF_FFFF_FFFF == id_.int & 0x0FFF_3FFF_FFFF_FFFF_FFFF


def test_another_secret_source_kind_or_key_gives_another_id():
    key = Key("person", "7")
    others = [
        id_of(b"t" * 32, "here", key),
        id_of(b"s" * 32, "there", key),
        id_of(b"s" * 32, "here", Key("goal", "7")),
        id_of(b"s" * 32, "here", Key("person", "8")),
    ]
    assert 5 == len({id_of(b"s" * 32, "here", key), *others})
