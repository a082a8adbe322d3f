"""encrypt with the reference tool's values: ``?`` for what is not ASCII, any length."""

from __future__ import annotations

from binascii import b2a_base64

from anonymizer.dicom.attribute import KEEP, TEXT_VRS, Replace
from anonymizer.dicom.fragments import join_items, split_items
from anonymizer.methods.encrypt import BLOCK, Encrypt, encrypt_bytes
from anonymizer.methods.exact.values import seen_values, written
from anonymizer.methods.microsoft import encryption_key
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets


class ExactEncrypt:
    """Empty components vanish; where nothing else is there, the attribute stays."""

    __slots__ = ("_entropy", "_key")

    name: ClassVar[str] = Encrypt.name
    summary: ClassVar[str] = Encrypt.summary
    vrs: ClassVar[frozenset[str]] = Encrypt.vrs
    options: ClassVar[tuple[Option, ...]] = Encrypt.options
    uses: frozenset[str] = frozenset()
    repeatable = False
    constant: Decision | None = None

    def __init__(self, key: bytes, entropy: Callable[[int], bytes]) -> None:
        self._key = key
        self._entropy = entropy

    @classmethod
    def from_options(cls, options: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        return cls(encryption_key(options) or secrets.entropy(32), secrets.entropy)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if attribute.encapsulated:
            blobs = (self._encrypted(item) for item in split_items(attribute.value)[1:])
            return Replace(join_items([b"", *blobs]), encapsulated=True)
        if vr not in self.vrs:
            raise unsupported(self.name, vr)
        if vr not in TEXT_VRS:
            return Replace(self._encrypted(attribute.value))
        values = [value for value in seen_values(attribute) if value]
        return written(map(self._text, values), attribute) if values else KEEP

    def _encrypted(self, plain: bytes) -> bytes:
        return encrypt_bytes(plain, self._key, self._entropy(BLOCK))

    def _text(self, value: str) -> str:
        units = "".join("??" if ord(c) > 0xFFFF else c for c in value)
        blob = self._encrypted(units.encode("ascii", "replace"))
        return b2a_base64(blob, newline=False).decode("ascii")
