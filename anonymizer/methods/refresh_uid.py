"""Gives every instance UID a new one, the same for the same UID wherever it stands."""

from __future__ import annotations

from anonymizer.dicom.attribute import KEEP, Replace
from anonymizer.dicom.part10 import is_uid
from anonymizer.dicom.text import encode_text, values_of
from anonymizer.errors import ValueFault
from anonymizer.methods.keyed import KeyedHash, uid_of
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import AtOnce, Method, Option, Secrets

WELL_KNOWN = "1.2.840.10008."
WELL_KNOWN_BYTES = WELL_KNOWN.encode()
"""The root of what DICOM itself registers (PS3.6 annex A); it alone proves nothing, for anybody
could write on behind it.
"""

STRUCTURAL = frozenset(
    {
        0x00000002,  # Affected SOP Class UID
        0x00000003,  # Requested SOP Class UID
        0x00020002,  # Media Storage SOP Class UID
        0x00020010,  # Transfer Syntax UID
        0x00020012,  # Implementation Class UID
        0x00020032,  # RTV Communication SOP Class UID
        0x00020100,  # Private Information Creator UID
        0x00041510,  # Referenced SOP Class UID in File
        0x00041512,  # Referenced Transfer Syntax UID in File
        0x0004151A,  # Referenced Related General SOP Class UID in File
        0x00080016,  # SOP Class UID
        0x0008001A,  # Related General SOP Class UID
        0x0008001B,  # Original Specialized SOP Class UID
        0x00080062,  # SOP Classes in Study
        0x0008010C,  # Coding Scheme UID
        0x0008010D,  # Context Group Extension Creator UID
        0x00080117,  # Context UID
        0x00080118,  # Mapping Resource UID
        0x0008040E,  # Stored Instance Transfer Syntax UID
        0x00081150,  # Referenced SOP Class UID
        0x0008115A,  # SOP Classes Supported
        0x00083002,  # Available Transfer Syntax UID
        0x00340003,  # Flow Transfer Syntax UID
        0x04000010,  # MAC Calculation Transfer Syntax UID
        0x04000510,  # Encrypted Content Transfer Syntax UID
        0x30100052,  # Pertinent SOP Classes in Study
        0x30100053,  # Pertinent SOP Classes in Series
    }
)
"""Attributes whose UIDs name classes, syntaxes and vocabularies, never an instance.

None of them is replaced by PS3.15 Table E.1-1.  A class or syntax of a newer edition, or of a
vendor, is no secret; what is no UID is none of these.
"""


def is_registered(uid: str) -> bool:
    """Whether PS3.6 annex A has this very UID."""
    if not uid.startswith(WELL_KNOWN):
        return False
    from anonymizer.dicom._uids import REGISTERED

    return uid[len(WELL_KNOWN) :] in REGISTERED


class RefreshUID:
    """2.25. and 128 bits of HMAC of the UID without padding; references follow by themselves.

    What DICOM registers and the UIDs of structural attributes stay.  Each value of a multi-valued
    attribute is on its own; text that is no UID gets one all the same, but not where a class or
    a syntax should be named: that is a fault.
    """

    __slots__ = ("_keyed",)

    name: ClassVar[str] = "refreshUID"
    summary: ClassVar[str] = (
        "a new UID by the key, the same for equal UIDs in every file; well-known ones stay"
    )
    vrs: ClassVar[frozenset[str]] = frozenset({"UI"})
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = None

    def __init__(self, key: bytes) -> None:
        self._keyed = KeyedHash(key, "refreshUID")

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        Options(options, cls.options).done()
        return cls(secrets.key("refreshUID"))

    @classmethod
    def compatible(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        return cls(secrets.key("refreshUID"))

    @classmethod
    def exact(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Method:
        from anonymizer.methods.exact.refresh_uid import ExactRefreshUID

        return ExactRefreshUID(secrets.key("refreshUID"))

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        if attribute.vr not in self.vrs:
            raise unsupported(self.name, attribute.vr)
        if attribute.tag in STRUCTURAL:
            return _structural(attribute)
        if (new_one := self._new(attribute.value)) is not None:
            return Replace(new_one)
        old = values_of(attribute)
        new = [self.refreshed(uid) for uid in old]
        if new == old:
            return KEEP
        return Replace(encode_text("\\".join(new), "UI", attribute.charset))

    def at_once(self, tag: int) -> AtOnce | None:
        return None if tag in STRUCTURAL else self._new

    def _new(self, value: bytes) -> bytes | None:
        """The new UID in the place of a single one, as almost always; None where it may stay."""
        raw = value.rstrip(b"\0 ")
        if not raw.replace(b".", b"").isdigit() or raw.startswith(WELL_KNOWN_BYTES):
            return None
        return uid_of(self._keyed.digest(raw)).encode()

    def refreshed(self, uid: str) -> str:
        """The new UID of one without padding; empty and registered ones stay."""
        if not uid or is_registered(uid):
            return uid
        return uid_of(self._keyed.digest(uid))


def _structural(attribute: Attribute) -> Decision:
    if all(not uid or is_uid(uid) for uid in values_of(attribute)):
        return KEEP
    raise ValueFault("the value is no UID")
