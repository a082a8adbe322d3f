"""What goes through a scheduler: packed, and sealed with a key that the scheduler never sees.

Rules
    * The seal's key derives from the keys of the run, which each process reads for itself; so it
      is as good as they are, and another for each run.  Without any key nothing is sealed.
    * Whatever was changed on its way, or sealed with another key, is told apart from all else.
"""

from __future__ import annotations

import marshal
import os
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION_OF_MARSHAL = 4
"""The same for all versions of Python that this runs on."""

_NONCE = 12


class ParcelFault(Exception):
    """A parcel that was not packed with the same key."""


class Seal:
    """Packs and unpacks plain values; with a key nobody reads or makes them who has it not."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes | None, run: str) -> None:
        self._cipher: Any = None
        if key is None:
            return
        import hmac

        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        self._cipher = ChaCha20Poly1305(hmac.digest(key, run.encode(), "sha256"))

    def pack(self, content: Any) -> bytes:  # noqa: ANN401  plain values
        data = zlib.compress(marshal.dumps(content, VERSION_OF_MARSHAL), 1)
        if self._cipher is None:
            return data
        nonce = os.urandom(_NONCE)
        sealed: bytes = self._cipher.encrypt(nonce, data, None)
        return nonce + sealed

    def unpack(self, data: bytes) -> Any:  # noqa: ANN401  whatever was packed
        """Raises ParcelFault where that cannot be what the other side has packed."""
        from cryptography.exceptions import InvalidTag

        try:
            if self._cipher is not None:
                data = self._cipher.decrypt(data[:_NONCE], data[_NONCE:], None)
            return marshal.loads(zlib.decompress(data))  # noqa: S302  from who has the key
        except (InvalidTag, zlib.error, ValueError, EOFError, TypeError):
            raise ParcelFault from None
