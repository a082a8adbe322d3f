"""Gives a value a readable stand-in: computed with the key, or looked up in a map that may grow."""

from __future__ import annotations

from anonymizer.dicom.attribute import KEEP, Replace
from anonymizer.dicom.forms import fault_of_value
from anonymizer.dicom.text import encode_values, values_of
from anonymizer.errors import ValueFault
from anonymizer.methods.allocation import canonical
from anonymizer.methods.keyed import KeyedHash
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.allocation import Allocation
    from anonymizer.methods.method import Secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, which are taken for digits or make words."""

CHARACTERS = 11
"""55 bits: among a million values two are equal with a chance of 1 in 70,000."""


class Pseudonym:
    """The prefix and 11 characters of HMAC of the value; the map's entry where there is a map.

    A value that the map lacks is a fault, so that nobody is written under an invented name; with
    ``sequential`` it gets the next number, where and while the caller lets the map grow.
    """

    __slots__ = ("_keyed", "_map", "_prefix", "_sequential")

    name: ClassVar[str] = "pseudonym"
    summary: ClassVar[str] = (
        f"a stand-in for each value: a prefix and {CHARACTERS} characters by the key (two of a "
        "million values meet with a chance of 1 in 70,000), or the entry of a map of originals, "
        "which may grow by numbers"
    )
    vrs: ClassVar[frozenset[str]] = frozenset("AE CS LO LT PN SH ST UC UT".split())
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "prefix",
            {"type": "string", "pattern": r"^[^\\^=\u0000-\u001f\u007f]*$", "maxLength": 53},
            "ANON_",
            f"what stands before the {CHARACTERS} characters; at most 5 fit AE, CS and SH",
        ),
        Option(
            "sequential",
            {"type": "boolean"},
            False,
            "true: the next number, as ANON_0001, for an original that the map of --map lacks; "
            "the map grows",
        ),
    )
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = None

    def __init__(
        self, key: bytes, prefix: str, known: Allocation | None = None, *, sequential: bool = False
    ) -> None:
        self._keyed = KeyedHash(key, "pseudonym")
        self._prefix = prefix
        self._map = known
        self._sequential = sequential

    def __repr__(self) -> str:
        return "Pseudonym(...)"

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        prefix = given.text("prefix")
        if fault := fault_of_value(prefix + "0" * CHARACTERS, "LO"):
            given.fault("prefix", f"does not fit any attribute: {fault}")
        elif "^" in prefix or "=" in prefix:
            given.fault("prefix", "must not have ^ or =, which separate the parts of a name")
        sequential = given.flag("sequential")
        given.done()
        if not sequential and secrets.pseudonyms is None:
            return cls(secrets.key("pseudonym"), prefix)
        secrets.sequential = secrets.sequential or sequential
        return cls(b"", prefix, secrets.allocation, sequential=sequential)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if vr not in self.vrs:
            raise unsupported(self.name, vr)
        values = values_of(attribute)
        if not any(values):
            return KEEP
        named = [value and self._named(value) for value in map(canonical, values)]
        return Replace(encode_values(named, vr, attribute.charset))

    def _named(self, value: str) -> str:
        if self._map is None:
            number = self._keyed.number(value, 32**CHARACTERS)
            return self._prefix + in_base_32(number)
        known = self._map.of(value, self._prefix if self._sequential else None)
        if known is None:
            raise ValueFault("the map of pseudonyms has no entry for the value")
        return known


def in_base_32(number: int) -> str:
    """``CHARACTERS`` characters of ``ALPHABET``."""
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * CHARACTERS - 5, -1, -5))
