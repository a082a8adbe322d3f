"""refreshUID with the reference tool's values: every UID goes, one new one an attribute.

That tool draws them at random once a process; ours have the same shape and come from the key of
the run, so that every worker gives the same.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import Replace
from anonymizer.errors import ValueFault
from anonymizer.methods.exact.values import seen_text
from anonymizer.methods.keyed import KeyedHash, uid_of
from anonymizer.methods.refresh_uid import RefreshUID
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets


class ExactRefreshUID:
    """The whole text is the key of the mapping; an empty one is a fault."""

    __slots__ = ("_keyed",)

    name: ClassVar[str] = RefreshUID.name
    summary: ClassVar[str] = RefreshUID.summary
    vrs: ClassVar[frozenset[str]] = RefreshUID.vrs
    options: ClassVar[tuple[Option, ...]] = RefreshUID.options
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = None

    def __init__(self, key: bytes) -> None:
        self._keyed = KeyedHash(key, "exact refreshUID")

    @classmethod
    def from_options(cls, options: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        return cls(secrets.key("refreshUID"))

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        if attribute.vr not in self.vrs:
            raise unsupported(self.name, attribute.vr)
        text = seen_text(attribute)
        if not text:
            raise ValueFault("an empty UI has no new UID")
        return Replace(uid_of(as_random_uuid(self._keyed.digest(text))).encode("ascii"))


def as_random_uuid(digest: bytes) -> bytes:
    """The first 16 bytes with the version and variant of a random UUID (RFC 9562 5.4)."""
    number = bytearray(digest[:16])
    number[6] = number[6] & 0x0F | 0x40
    number[8] = number[8] & 0x3F | 0x80
    return bytes(number)
