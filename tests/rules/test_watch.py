"""Words of removed values, and how they are told."""

from __future__ import annotations

import pytest

from anonymizer.rules import watch as watch_module
from anonymizer.rules.watch import Watch, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Doe^Jane", {"doe", "jane", "doejane", "janedoe"}),
        ("Doe^Jane^M", {"doe", "jane", "m", "doejanem", "doejane", "janedoe"}),
        ("MÜLLER=Jürgen", {"muller", "jurgen"}),
        ("1.2.840.113619.2.1", {"1.2.840.113619.2.1"}),
        ("20200115", {"20200115"}),
        ("NGH-0012345", {"ngh", "0012345", "ngh0012345", "0012345ngh"}),
        ("Anonymous Patient Unknown SERIES image DICOM", set()),
        ("Ян Ив", {"ян", "ив", "янив", "ивян"}),
        ("山田^太郎", {"山田", "太郎", "山田太郎", "太郎山田"}),
        ("ﾔﾏﾀﾞ", {"ヤマタ"}),
        ("김\\이", {"김", "이"}),
        ("one two three four five six", {"one", "two", "three", "four", "five", "six"}),
        ("No 7 to Bo", {"no7tobo", "no7", "7no"}),
        ("MR", set()),
        ("", set()),
    ],
)
def test_the_words_that_may_mean_someone(text: str, words: set[str]) -> None:
    assert set(words_of(text)) == words


def test_a_word_is_told_once_and_a_uid_by_its_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    watch.removed("Smith")
    watch.removed("SMITH")
    watch.removed_uid("1.2.3")
    assert watch.take() == (["smith"], [hash("1.2.3")])
    assert watch.take() == ([], [])
    watch.removed("smith")
    assert watch.take() == ([], [])
    monkeypatch.setattr(watch_module, "MOST_TOLD", 0)
    watch.take()
    watch.removed("smith")
    assert watch.take() == (["smith"], [])


def test_nothing_shows_the_words() -> None:
    watch = Watch()
    watch.removed("Smith")
    assert "smith" not in repr(watch).casefold()
