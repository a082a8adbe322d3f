"""A secret key and what is computed with it; the key itself is never shown."""

from __future__ import annotations

from hashlib import new

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import _Hash as Hash

_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class KeyedHash:
    """HMAC with one key (RFC 2104).  ``label`` keeps the uses of equal keys apart.

    Both hashes are begun once and copied: the ``hmac`` module takes three times as long.
    """

    __slots__ = ("_begun", "_key", "_label")

    def __init__(self, key: bytes, label: str = "") -> None:
        self._key = key
        self._label = label
        self._begun: dict[str, tuple[Hash, Hash]] = {}

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._key, self._label)

    def __repr__(self) -> str:
        return "KeyedHash(...)"

    def digest(self, message: str | bytes, algorithm: str = "sha256") -> bytes:
        data = message.encode("utf-8", "surrogatepass") if isinstance(message, str) else message
        begun = self._begun.get(algorithm)
        if begun is None:
            begun = self._begun[algorithm] = self._begin(algorithm)
        inner, outer = begun[0].copy(), begun[1].copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer.digest()

    def _begin(self, algorithm: str) -> tuple[Hash, Hash]:
        block = new(algorithm).block_size
        key = self._key if len(self._key) <= block else new(algorithm, self._key).digest()
        key = key.ljust(block, b"\0")
        inner = new(algorithm, key.translate(_INNER))
        if self._label:
            inner.update(f"{self._label}\x1f".encode())
        return inner, new(algorithm, key.translate(_OUTER))

    def number(self, message: str | bytes, below: int) -> int:
        """A number from 0, evenly spread for every ``below`` up to 2**128 or so."""
        return int.from_bytes(self.digest(message), "big") % below


UID_ROOT = "2.25."


def uid_of(digest: bytes) -> str:
    """A UID of 128 bits under the root for UUIDs (PS3.5 B.2): 44 characters at most."""
    return UID_ROOT + str(int.from_bytes(digest[:16], "big"))
