"""Builds attributes, secrets and methods for tests of what methods decide."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, Any

from anonymizer.dicom.attribute import KEEP, Attribute, Replace
from anonymizer.dicom.context import Context
from anonymizer.dicom.dictionary import tags_by_keyword
from anonymizer.dicom.text import character_set
from anonymizer.methods import METHODS
from anonymizer.methods.method import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anonymizer.methods.method import Method

MASTER = b"a master key of more than 32 bytes, for tests"
TODAY = date(2025, 9, 15)
UTF8 = ("ISO_IR 192",)
CONTEXT = Context(
    subject="patient\x1f1\x1f", study="1.2.1", series="1.2.2", sop="1.2.3", sop_class="1.2.840"
)


def secrets(
    *,
    keys: Mapping[str, bytes] | None = None,
    entropy: Callable[[int], bytes] = os.urandom,
    pseudonyms: Mapping[str, str] | None = None,
) -> Secrets:
    return Secrets(keys or {}, MASTER, entropy, TODAY, pseudonyms)


def method(name: str, options: Mapping[str, Any] | None = None, **given: Any) -> Method:  # noqa: ANN401
    return METHODS[name].from_options(options or {}, secrets(**given))


def attribute(
    vr: str,
    value: str | bytes,
    keyword: str = "",
    charset: tuple[str, ...] = UTF8,
    **given: Any,  # noqa: ANN401
) -> Attribute:
    """An attribute of any VR; text is encoded in the character set."""
    terms = character_set(charset)
    field = value if isinstance(value, bytes) else terms.encode(value, vr)
    return Attribute(tags_by_keyword().get(keyword, 0x00091001), vr, field, terms, **given)


def after(does: Method, before: Attribute, context: Context = CONTEXT) -> bytes:
    """The value field that the decision leaves."""
    decision = does.decide(before, context)
    if decision is KEEP:
        return before.value
    assert isinstance(decision, Replace)
    return decision.value


def text_after(does: Method, vr: str, value: str | bytes, **given: Any) -> str:  # noqa: ANN401
    before = attribute(vr, value, **given)
    return before.charset.decode(after(does, before), vr)
