"""Methods that users register: classes, functions, and what cannot be taken for a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from image import element, item, part10, sequence

from anonymizer.cli.methods import render_methods
from anonymizer.config import known_methods
from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.dicom.attribute import KEEP, REMOVE, Attribute, Replace
from anonymizer.errors import ConfigurationError, ValueFault
from anonymizer.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.dicom.attribute import Decision
    from anonymizer.dicom.context import Context

NAME = element("PatientName", "PN", "Canary^Jane")
AGE = element("PatientAge", "AS", "041Y")


def upper(attribute: Attribute, context: Context) -> Decision:
    """Writes everything in capitals.

    More about it.
    """
    return Replace(attribute.value.upper())


def breaks(attribute: Attribute, context: Context) -> Decision:
    raise ValueFault(f"cannot treat {attribute.value!r}")


class Point:
    group = known_methods.GROUP

    def __init__(self, name: str, loaded: object) -> None:
        self.name = name
        self._loaded = loaded

    def load(self) -> object:
        if isinstance(self._loaded, Exception):
            raise self._loaded
        return self._loaded


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def registers(**methods: object) -> None:
        points = [Point(name, loaded) for name, loaded in methods.items()]

        def entry_points(group: str, name: str | None = None) -> list[Point]:
            return [p for p in points if p.group == group and name in (None, p.name)]

        monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
        known_methods.class_of.cache_clear()

    yield registers
    known_methods.class_of.cache_clear()


def compiled(path: str, method: str, **options: Any) -> Any:  # noqa: ANN401
    rules = [{"dicomTagPath": path, "method": method, **options}]
    content = {"rules": rules, "mark": False}
    return compile_configuration(configuration_of(content, source="t", folder="."), environ={})


def test_a_function_is_a_method(register: Callable[..., None]) -> None:
    register(upper=upper)
    file = part10(NAME)
    output = Pipeline(compiled("PatientName", "upper")).anonymize(file, len(file))
    assert b"CANARY^JANE" in bytes(output)


def test_a_function_has_no_options(register: Callable[..., None]) -> None:
    register(upper=upper)
    with pytest.raises(ConfigurationError, match=r"rules\[0\]\.much: unknown key"):
        compiled("PatientName", "upper", much=1)


def test_what_a_function_raises_is_not_told(register: Callable[..., None]) -> None:
    register(breaks=breaks)
    file = part10(NAME)
    output = Pipeline(compiled("PatientName", "breaks")).anonymize(file, len(file))
    assert b"Canary" not in bytes(output)
    ((_, _, why),) = output.tally.fault_counts()
    assert "Canary" not in why


@pytest.mark.parametrize(
    ("loaded", "why"),
    [
        (ImportError("secret"), r"the entry point 'mine' cannot be loaded \(ImportError\)"),
        (42, "the entry point 'mine' is neither a class nor a function"),
        (dict, "the entry point 'mine' has no name, summary, vrs, options"),
    ],
)
def test_a_broken_entry_point_is_a_mistake(
    register: Callable[..., None], loaded: object, why: str
) -> None:
    register(mine=loaded)
    with pytest.raises(ConfigurationError, match=rf"rules\[0\]\.method: {why}") as caught:
        compiled("PatientName", "mine")
    assert "secret" not in str(caught.value)


def test_methods_lists_what_users_have_registered(register: Callable[..., None]) -> None:
    register(upper=upper, bad=ImportError("x"))
    listed = render_methods()
    assert "upper\n  Writes everything in capitals\n" in listed
    assert "bad cannot be loaded (ImportError)" in listed


def test_a_near_miss_of_a_users_method_is_hinted_at(register: Callable[..., None]) -> None:
    register(upper=upper)
    with pytest.raises(ConfigurationError, match="did you mean 'upper'"):
        compiled("PatientName", "uper")


# What a method says of a sequence as a whole.

OTHERS = sequence("OtherPatientIDsSequence", item(element("PatientID", "LO", "Canary")))


def decided(**options: Any) -> tuple[bytes, dict[Any, int]]:  # noqa: ANN401
    file = part10(OTHERS + AGE)
    plan = compiled("OtherPatientIDsSequence", "redact", onError="refuse", **options)
    output = Pipeline(plan).anonymize(file, len(file))
    return bytes(output), output.tally.fault_counts()


@pytest.mark.parametrize("options", [{}, {"enablePartialDatesForRedact": True}])
def test_redact_leaves_a_sequence_without_items(options: dict[str, Any]) -> None:
    output, faults = decided(**options)
    assert output.endswith(sequence("OtherPatientIDsSequence") + AGE)
    assert not faults


@pytest.mark.parametrize(
    ("decision", "expected"),
    [(KEEP, OTHERS + AGE), (REMOVE, AGE), (Replace(b"no items"), AGE)],
    ids=["keep", "remove", "a value"],
)
def test_a_function_decides_about_a_sequence(
    register: Callable[..., None], decision: Decision, expected: bytes
) -> None:
    register(mine=lambda attribute, context: decision)
    file = part10(OTHERS + AGE)
    plan = compiled("OtherPatientIDsSequence", "mine", onError="remove")
    assert bytes(Pipeline(plan).anonymize(file, len(file))).endswith(expected)
    assert (b"Canary" in expected) == (decision is KEEP)


class FirstItemOnly:
    """Empties in every item but the first; says that it is repeatable, as it is."""

    name, summary, vrs, options = "firstOnly", "", frozenset({"LO"}), ()
    uses: frozenset[str] = frozenset()
    repeatable, constant = True, None

    @classmethod
    def from_options(cls, options: object, secrets: object) -> FirstItemOnly:
        return cls()

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        return KEEP if attribute.path[-1][1] == 0 else Replace(b"")


def test_what_a_repeatable_method_decides_may_depend_on_the_place(
    register: Callable[..., None],
) -> None:
    register(firstOnly=FirstItemOnly)
    same = element("PatientID", "LO", "4711")
    file = part10(sequence("OtherPatientIDsSequence", item(same), item(same), item(same)))
    pipeline = Pipeline(compiled("PatientID", "firstOnly"))
    for _ in range(4):  # a series takes the short way soon
        assert bytes(pipeline.anonymize(file, len(file))).count(b"4711") == 1
