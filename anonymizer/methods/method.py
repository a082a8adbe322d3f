"""What every method is: options in, one pure function from an attribute to a decision."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from typing import Any, ClassVar, Protocol, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.allocation import Allocation

    Limit = Callable[[Callable[[], list[str]]], list[str]]

    AtOnce = Callable[[bytes], bytes | None]
    """A value in, what ``decide`` would replace it with out; None where it is to be asked."""

    class Method(Protocol):
        """One treatment of attributes, with its options decided.

        ``uses`` names the fields of Context that ``decide`` reads; with the attribute, its path
        included, they determine the decision, so the engine may remember it.  A method that
        reads anything else, or draws random numbers, says ``repeatable = False``.  What the
        methods of this package decide holds wherever a value stands; those whose ``uses`` name
        "path" read the tags of the sequences around, never the numbers of items.
        ``constant`` is the decision where the value does not matter (Keep, Remove, Replace),
        else None.  A method of this package whose decision depends on the VR, not on the value,
        says ``reads_value = False``; one that reads nothing but the value may have ``at_once``,
        which for a tag gives a shorter way to the same replacement, or None.
        """

        name: ClassVar[str]
        summary: ClassVar[str]
        vrs: ClassVar[frozenset[str]]
        options: ClassVar[tuple[Option, ...]]

        @property
        def uses(self) -> frozenset[str]: ...
        @property
        def repeatable(self) -> bool: ...
        @property
        def constant(self) -> Decision | None: ...

        @classmethod
        def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
            """Raises OptionFault with every option that is wrong."""
            ...

        def decide(self, attribute: Attribute, context: Context) -> Decision:
            """Raises ValueFault where the value cannot be treated."""
            ...


class Option:
    """An option of a method: its name, its JSON Schema, its default, and what it does."""

    __slots__ = ("default", "name", "schema", "summary")

    def __init__(self, name: str, schema: dict[str, Any], default: object, summary: str) -> None:
        self.name = name
        self.schema = schema
        self.default = default
        self.summary = summary


class OptionFault(Exception):
    """Options that a method cannot work with: (option, what is wrong, hint) for each."""

    def __init__(self, *faults: tuple[str, str, str]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message, _ in faults))
        self.faults = faults


def unlimited(call: Callable[[], list[str]]) -> list[str]:
    return call()


class Secrets:
    """Keys by purpose, and the impure things a method may need, decided by the caller.

    ``key(purpose)`` gives the key named in the configuration, or one derived from the master
    key, or a random one for this run; ``drawn`` then remembers the purpose, for the warning.
    ``pseudonyms`` is the map of originals that ``--map`` names, or None; ``allocation`` gives what
    is in it, and numbers to who asks for ``sequential`` ones.  ``limited`` makes a call
    and raises ValueFault where it takes too long.
    """

    __slots__ = (
        "_allocation",
        "_given",
        "_keys",
        "_master",
        "_today",
        "drawn",
        "entropy",
        "limited",
        "pseudonyms",
        "sequential",
    )

    def __init__(
        self,
        keys: Mapping[str, bytes],
        master: bytes | None,
        entropy: Callable[[int], bytes],
        today: date | Callable[[], date],
        pseudonyms: Mapping[str, str] | None = None,
        limited: Limit | None = None,
    ) -> None:
        self._keys = dict(keys)
        self._given = tuple(keys)
        self.limited = limited or unlimited
        self.pseudonyms = pseudonyms
        self.sequential = False
        self._allocation: Allocation | None = None
        self._master = master
        self.entropy = entropy
        self._today = today
        self.drawn: set[str] = set()

    @property
    def today(self) -> date:
        """The day of the run; it is looked up where a method asks for it."""
        if callable(self._today):
            self._today = self._today()
        return self._today

    @property
    def allocation(self) -> Allocation:
        if self._allocation is None:
            from anonymizer.methods.allocation import Allocation

            self._allocation = Allocation(self.pseudonyms or {})
        return self._allocation

    def key(self, purpose: str) -> bytes:
        if purpose not in self._keys:
            self._keys[purpose] = self._derived(purpose)
        return self._keys[purpose]

    def key_of_all(self, purpose: str) -> bytes | None:
        """A key that is another where any that was given is; None where none was."""
        import hmac

        given = [] if self._master is None else [("", self._master)]
        given += sorted((name, self._keys[name]) for name in self._given)
        if not given:
            return None
        parts = (part for name, key in given for part in (name.encode(), key))
        joined = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(joined, f"anonymizer/v1/{purpose}".encode(), "sha256")

    def _derived(self, purpose: str) -> bytes:
        if self._master is None:
            self.drawn.add(purpose)
            return self.entropy(32)
        import hmac

        # HKDF-SHA256 (RFC 5869) of one block without salt; the library's takes 18 ms to import.
        extracted = hmac.digest(bytes(32), self._master, "sha256")
        return hmac.digest(extracted, f"anonymizer/v1/{purpose}\x01".encode(), "sha256")
