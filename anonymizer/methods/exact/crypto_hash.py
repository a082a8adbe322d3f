"""cryptoHash with the reference tool's values: every hexadecimal digit, whatever the VR."""

from __future__ import annotations

from anonymizer.dicom.attribute import ONE_VALUE_VRS, TEXT_VRS, Replace
from anonymizer.dicom.fragments import join_items, split_items
from anonymizer.errors import ValueFault
from anonymizer.methods.crypto_hash import CryptoHash
from anonymizer.methods.exact.values import seen_values, written
from anonymizer.methods.keyed import KeyedHash
from anonymizer.methods.microsoft import digits_as_theirs, hash_settings
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets


class ExactCryptoHash:
    """Empty components and empty binary values are hashed, too; an empty LT is a fault."""

    __slots__ = ("_algorithm", "_keyed", "_match")

    name: ClassVar[str] = CryptoHash.name
    summary: ClassVar[str] = CryptoHash.summary
    vrs: ClassVar[frozenset[str]] = CryptoHash.vrs
    options: ClassVar[tuple[Option, ...]] = CryptoHash.options
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = None

    def __init__(self, key: bytes, algorithm: str, *, match: bool) -> None:
        self._keyed = KeyedHash(key)
        self._algorithm = algorithm
        self._match = match

    @classmethod
    def from_options(cls, options: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        key, algorithm, match = hash_settings(options)
        return cls(secrets.entropy(32) if key is None else key, algorithm, match=match)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if attribute.encapsulated:
            digests = (self.digest(item) for item in split_items(attribute.value)[1:])
            return Replace(join_items([b"", *digests]), encapsulated=True)
        if vr not in self.vrs:
            raise unsupported(self.name, vr)
        if vr not in TEXT_VRS:
            return Replace(self.digest(attribute.value))
        values = seen_values(attribute)
        if not values and vr in ONE_VALUE_VRS:
            raise ValueFault(f"an empty {vr} has no hash")
        return written((self.hashed(value) for value in values), attribute)

    def digest(self, message: str | bytes) -> bytes:
        return self._keyed.digest(message, self._algorithm)

    def hashed(self, value: str) -> str:
        digest = self.digest(value)
        return digits_as_theirs(digest, value) if self._match else digest.hex()
