"""``anonymizer methods`` tells everything that the code has."""

from __future__ import annotations

from anonymizer.cli.methods import describe_vrs, render_methods
from anonymizer.methods import METHODS
from anonymizer.methods.refusal import ALL_VRS
from anonymizer.rules.forms import SELECTOR_FORMS


def test_every_method_and_option_is_told() -> None:
    text = render_methods()
    lines = text.split("\n")
    for name, method in METHODS.items():
        assert name in lines
        for option in method.options:
            assert f"  {option.name}: " in text
            for word in option.schema.get("enum", ()):
                assert word in text


def test_every_selector_form_is_told() -> None:
    text = render_methods()
    for form, _ in SELECTOR_FORMS:
        assert f"\n{form} " in text


def test_lines_are_short() -> None:
    assert max(map(len, render_methods().split("\n"))) <= 88


def test_vrs_in_few_words() -> None:
    assert describe_vrs(ALL_VRS) == "all"
    assert describe_vrs(ALL_VRS - {"SQ"}) == "all but SQ"
    assert describe_vrs(frozenset({"DT", "DA"})) == "DA, DT"
