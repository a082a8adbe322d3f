"""A secret key and what is computed with it; the key itself is never shown."""

from __future__ import annotations

import hmac


class KeyedHash:
    """HMAC with one key (RFC 2104).  ``label`` keeps the uses of equal keys apart."""

    __slots__ = ("_key", "_label")

    def __init__(self, key: bytes, label: str = "") -> None:
        self._key = key
        self._label = f"{label}\x1f".encode() if label else b""

    def __repr__(self) -> str:
        return "KeyedHash(...)"

    def digest(self, message: str | bytes, algorithm: str = "sha256") -> bytes:
        data = message.encode("utf-8", "surrogatepass") if isinstance(message, str) else message
        return hmac.digest(self._key, self._label + data, algorithm)

    def number(self, message: str | bytes, below: int) -> int:
        """A number from 0, evenly spread for every ``below`` up to 2**128 or so."""
        return int.from_bytes(self.digest(message), "big") % below


UID_ROOT = "2.25."


def uid_of(digest: bytes) -> str:
    """A UID of 128 bits under the root for UUIDs (PS3.5 B.2): 44 characters at most."""
    return UID_ROOT + str(int.from_bytes(digest[:16], "big"))
