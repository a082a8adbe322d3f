"""A user's own method that is a plain function: an attribute and its context in, a decision out.

A function has no options and treats every VR; what it cannot treat, it says by raising ValueFault.
Nothing is known of what it reads, so it is asked about every attribute anew.
"""

from __future__ import annotations

from anonymizer.methods.options import Options
from anonymizer.methods.refusal import ALL_VRS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Method, Option, Secrets

    Function = Callable[[Attribute, Context], Decision]


def method_of(name: str, function: Function) -> type[Method]:
    """The method that a function is, under the name of its entry point."""
    first = (function.__doc__ or "a function of one's own").strip().partition("\n")[0]

    class Called(_Called):
        called = staticmethod(function)

    Called.__module__ = (
        getattr(function, "__module__", None) or "builtins"
    )  # what it raises is a user's, and its text untold
    Called.name = name
    Called.summary = first.rstrip(".")
    return Called


class _Called:
    name: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    vrs: ClassVar[frozenset[str]] = ALL_VRS
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset()
    repeatable = False
    constant: Decision | None = None
    called: ClassVar[Any]

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        Options(options, cls.options).done()
        return cls()

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        decision: Decision = self.called(attribute, context)
        return decision
