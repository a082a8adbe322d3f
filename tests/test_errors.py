"""Names that may be keys are not shown; those of the standard are."""

from __future__ import annotations

import pytest

from anonymizer.dicom.dictionary import masks_by_keyword, tags_by_keyword
from anonymizer.errors import NOT_SHOWN, Mistake, without_keys


def test_every_keyword_of_the_standard_is_shown() -> None:
    for keyword in (*tags_by_keyword(), *masks_by_keyword()):
        assert without_keys(f"rules[0].{keyword!r}") == f"rules[0].{keyword!r}"


@pytest.mark.parametrize(
    "key", ["c0ffee" * 6, "A" * 32, "a" * 32, "Aa0" * 12, "abc-" * 8, "äöü" * 11]
)
def test_what_may_be_a_key_is_shown_nowhere(key: str) -> None:
    mistake = Mistake(f"parameters.{key}", f"no method {key!r}")
    assert str(mistake) == f"parameters.{NOT_SHOWN}: no method '{NOT_SHOWN}'"


def test_what_is_shorter_is_shown() -> None:
    assert without_keys("x" * 31) == "x" * 31
    assert without_keys("a/path/of/many/short/parts/to/my_own_key_file_of_today") != NOT_SHOWN
