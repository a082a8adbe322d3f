"""Replaces a value by its keyed hash, in a form that its value representation allows."""

from __future__ import annotations

from anonymizer.dicom.attribute import KEEP, TEXT_VRS, Replace
from anonymizer.dicom.text import encode_text, encode_values, values_of
from anonymizer.methods.hash_forms import formed, matching_digits
from anonymizer.methods.keyed import KeyedHash
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Method, Secrets

    Matcher = Callable[[bytes, str, str], str]
    """(digest, value, VR) to digits of the value's length."""

ALGORITHMS = {"Sha256": "sha256", "Sha384": "sha384", "Sha512": "sha512"}


class CryptoHash:
    """HMAC of each value's text in UTF-8, padding left out; raw digests in OB and UN.

    ``truncate=False`` gives all hexadecimal digits whatever the VR allows.  Empty values stay.
    """

    __slots__ = ("_algorithm", "_keyed", "_match", "_truncate")

    name: ClassVar[str] = "cryptoHash"
    summary: ClassVar[str] = (
        "the keyed hash of each value, as hexadecimal digits cut to what the VR holds: "
        "64 in LO, PN and UR, 16 in SH and AE, 16 capitals in CS; all of them in LT, ST, UC "
        "and UT; a UID of 128 bits in UI; 15 decimal digits in DS, a number of 31 bits in IS; "
        "an invented date, time or age in DA, DT, TM and AS; the raw digest in OB, UN and "
        "encapsulated pixel data"
    )
    vrs: ClassVar[frozenset[str]] = TEXT_VRS | {"OB", "UN"}
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "cryptoHashType",
            {"type": "string", "enum": [*ALGORITHMS]},
            "Sha256",
            "the hash function of the HMAC",
        ),
        Option(
            "matchInputStringLength",
            {"type": "boolean"},
            False,
            "as many decimal digits as the value has characters",
        ),
        Option(
            "truncate",
            {"type": "boolean"},
            True,
            "false: all hexadecimal digits, even where the VR does not allow them",
        ),
    )
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = None

    def __init__(
        self,
        key: bytes,
        algorithm: str = "sha256",
        *,
        truncate: bool = True,
        match: Matcher | None = None,
    ) -> None:
        self._keyed = KeyedHash(key)
        self._algorithm = algorithm
        self._truncate = truncate
        self._match = match

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        algorithm = ALGORITHMS[given.choice("cryptoHashType")]
        match = given.flag("matchInputStringLength")
        truncate = given.flag("truncate")
        given.done()
        key = secrets.key("cryptoHash")
        return cls(key, algorithm, truncate=truncate, match=matching_digits if match else None)

    @classmethod
    def compatible(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        from anonymizer.methods.microsoft import hash_settings, matching_digits_as_theirs

        key, algorithm, match = hash_settings(settings)
        if key is None:
            key = secrets.key("cryptoHash")
        return cls(key, algorithm, match=matching_digits_as_theirs if match else None)

    @classmethod
    def exact(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Method:
        from anonymizer.methods.exact.crypto_hash import ExactCryptoHash

        return ExactCryptoHash.from_options(settings, secrets)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if attribute.encapsulated:
            return self._hashed_fragments(attribute.value)
        if vr not in self.vrs:
            raise unsupported(self.name, vr)
        if vr not in TEXT_VRS:
            return Replace(self._digest(attribute.value)) if attribute.value else KEEP
        values = values_of(attribute)
        if not any(values):
            return KEEP
        hashed = [value and self._hashed(value, vr) for value in values]
        if not self._truncate:
            return Replace(encode_text("\\".join(hashed), vr, attribute.charset))
        return Replace(encode_values(hashed, vr, attribute.charset))

    def _digest(self, message: str | bytes) -> bytes:
        return self._keyed.digest(message, self._algorithm)

    def _hashed(self, value: str, vr: str) -> str:
        digest = self._digest(value)
        if self._match:
            return self._match(digest, value, vr)
        return formed(digest, vr) if self._truncate else digest.hex()

    def _hashed_fragments(self, run: bytes) -> Decision:
        from anonymizer.dicom.fragments import join_items, split_items

        digests = (self._digest(item) for item in split_items(run)[1:])
        return Replace(join_items([b"", *digests]), encapsulated=True)
