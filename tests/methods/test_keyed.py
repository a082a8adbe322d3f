"""What is computed with a key is the HMAC of the standard library."""

from __future__ import annotations

import hmac

import pytest

from anonymizer.methods.keyed import KeyedHash


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("size", [1, 32, 63, 64, 65, 127, 128, 129, 500])
@pytest.mark.parametrize("label", ["", "a purpose"])
def test_a_keyed_hash_is_the_hmac_of_label_and_message(
    algorithm: str, size: int, label: str
) -> None:
    key = bytes(range(256))[:size] * (1 + size // 256)
    keyed = KeyedHash(key, label)
    prefix = f"{label}\x1f".encode() if label else b""
    for message in (b"", b"1.2.3", b"x" * 1000, b"1.2.3"):
        assert keyed.digest(message, algorithm) == hmac.digest(key, prefix + message, algorithm)
