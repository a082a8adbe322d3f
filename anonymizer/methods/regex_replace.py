"""Replaces what a regular expression finds in each value.

An expression that takes for ever on a value, such as ``(a+)+b`` on many a's, is ended by the limit
that the caller gives; the value then goes the way of onError.
"""

from __future__ import annotations

import re

from anonymizer.dicom.attribute import KEEP, TEXT_VRS, Replace
from anonymizer.dicom.text import encode_values, values_of
from anonymizer.methods.method import Option, unlimited
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Limit, Secrets


class RegexReplace:
    """Python's ``re.sub`` on the text of each value; a value in which nothing is found stays."""

    __slots__ = ("_find", "_limited", "_replace")

    name: ClassVar[str] = "regexReplace"
    summary: ClassVar[str] = "replaces what a regular expression (Python's re) finds in each value"
    vrs: ClassVar[frozenset[str]] = TEXT_VRS
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "find",
            {"type": "string", "minLength": 1, "format": "regex"},
            None,
            "the regular expression; required",
        ),
        Option(
            "replace",
            {"type": "string"},
            "",
            r"what comes instead; \1 or \g<name> is what a group found",
        ),
    )
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = None

    def __init__(self, find: str, replace: str, limited: Limit = unlimited) -> None:
        self._limited = limited
        self._find = re.compile(find)
        self._replace = replace
        self._find.sub(replace, "")  # reads the template, so a wrong one is known now

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        find = given.text("find") if given.has("find") else ""
        replace = given.text("replace")
        if not options.get("find"):
            given.fault("find", "is required", 'for example "find": "[0-9]{4,}"')
        given.done()
        try:
            re.compile(find)
        except re.error as error:
            given.fault("find", f"not a regular expression: {error}")
            given.done()
        try:
            return cls(find, replace, secrets.limited)
        except (re.error, IndexError) as error:
            given.fault("replace", f"not a replacement for it: {error}")
            given.done()
            raise

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if vr not in self.vrs:
            raise unsupported(self.name, vr)
        old = values_of(attribute)
        new = self._limited(lambda: [self._find.sub(self._replace, value) for value in old])
        return KEEP if new == old else Replace(encode_values(new, vr, attribute.charset))
