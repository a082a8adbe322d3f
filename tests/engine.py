"""Puts images through the engine with rules written in the test.

    after(element("PatientName", "PN", "Doe^Jane"), rule("PN", "remove"))      data set to data set
    anonymized(part10(...), rule(...))                                          file to file

No mark is written unless a test asks for one, so that what changes is what the rules changed.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from image import EXPLICIT_LE, dataset_of, part10

from anonymizer.config.compile import compile_configuration
from anonymizer.config.configuration import Configuration
from anonymizer.methods.refusal import ALL_VRS
from anonymizer.pipeline import Output, Pipeline
from anonymizer.rules.rule import Rule
from anonymizer.rules.selectors import parse_selector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Method, Option, Secrets
    from anonymizer.rules.compiled import Compiled

KEY = "a key of thirty-two characters, for tests"
TODAY = date(2025, 9, 15)


def rule(path: str, method: str, **options: object) -> dict[str, object]:
    return {"dicomTagPath": path, "method": method, **options}


def compiled(*rules: dict[str, object], mark: bool = False, **more: object) -> Compiled:
    """A configuration of these rules that can run; ``more`` are keys beside ``rules``."""
    effective = {
        "version": "1.0",
        "name": "test",
        "mark": mark,
        "rules": list(rules),
        "parameters": {"key": KEY},
        **more,
    }
    configuration = Configuration(effective, "test.json", ".")
    return compile_configuration(configuration, environ={}, today=TODAY)


def output_of(file: bytes, *rules: dict[str, object], **more: Any) -> Output:  # noqa: ANN401
    return Pipeline(compiled(*rules, **more)).anonymize(file, len(file))


def anonymized(file: bytes, *rules: dict[str, object], **more: Any) -> bytes:  # noqa: ANN401
    """The output file of an input file."""
    return bytes(output_of(file, *rules, **more))


def after(
    dataset: bytes,
    *rules: dict[str, object],
    syntax: str = EXPLICIT_LE,
    **more: Any,  # noqa: ANN401
) -> bytes:
    """The output's data set, inflated, for an input data set written in a transfer syntax."""
    return dataset_of(anonymized(part10(dataset, syntax), *rules, **more))[0]


def compiled_with(path: str, method: Method, on_error: str = "redact") -> Compiled:
    """A configuration of one rule with a method that the test has made."""
    plan = compiled()
    plan.rules = (Rule(0, parse_selector(path), method, on_error),)
    return plan


class Does:
    """A user's method: does what a function does, which may raise anything."""

    name: ClassVar[str] = "does"
    summary: ClassVar[str] = "what the test says"
    vrs: ClassVar[frozenset[str]] = ALL_VRS
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset()
    repeatable = False
    constant: Decision | None = None

    def __init__(self, function: Callable[[Attribute], Any]) -> None:
        self._function = function

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        raise NotImplementedError

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        return cast("Decision", self._function(attribute))
