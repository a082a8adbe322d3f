"""Which names of files hold a removed value: (removed, name, is it found)."""

from __future__ import annotations

import pytest

from anonymizer.rules import watch as watch_module
from anonymizer.rules.watch import Watch, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Doe^Jane", ["jane"]),
        ("MÜLLER=Jürgen", ["muller", "jurgen"]),
        ("1.2.840.113619.2.1", ["1.2.840.113619.2.1"]),
        ("1.2", []),
        ("20200115", ["20200115"]),
        ("MR_Smith-42", ["smith"]),
        ("Anonymous Patient Unknown SERIES image DICOM", []),
        ("Ян Иванович", ["иванович"]),
        ("山田^太郎", []),
        ("", []),
    ],
)
def test_the_words_that_may_mean_someone(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


@pytest.mark.parametrize(
    ("removed", "path", "found"),
    [
        ("Smith^Jane", "Smith_Jane/ct.dcm", ["Smith_Jane"]),
        ("Smith^Jane", "ct/smith.dcm", ["smith.dcm"]),
        ("Smith^Jane", "SMITH", ["SMITH"]),
        ("Smith^Jane", "ct/1-jane smith.v2.dcm", ["1-jane smith.v2.dcm"]),
        ("Smith^Jane", "Smithson/janet.dcm", []),
        ("Smith^Jane", "dcm/x.smith", ["x.smith"]),
        ("Smith^Jane", "dcm/x.jan", []),
        ("Müller", "MULLER/x", ["MULLER"]),
        ("4711-0815", "study 0815/a", ["study 0815"]),
        ("1.2.3.4.5", "1.2.3.4.5/1.2.3.4.6.dcm", ["1.2.3.4.5"]),
        ("1.2.3.4.5", "1.2.3.4.5.dcm", ["1.2.3.4.5.dcm"]),
        ("42", "42/42.dcm", []),
        ("Patient", "Patient/series.dcm", []),
    ],
)
def test_names_that_hold_a_removed_word_are_found(
    removed: str, path: str, found: list[str]
) -> None:
    watch = Watch()
    assert watch.finds_in_path(path) == []
    watch.removed(removed)
    assert watch.finds_in_path(path) == found
    assert [name for name in path.split("/") if watch.finds_in(name)] == found


def test_a_removed_uid_is_found_whole() -> None:
    watch = Watch()
    watch.removed_uid("1.2.3.4.5")
    assert watch.finds_in_path("1.2.3.4.5/1.2.3.4.dcm") == ["1.2.3.4.5"]


def test_so_many_words_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "MOST", 2)
    watch = Watch()
    for word in ("first", "second", "third"):
        watch.removed(word)
        watch.removed_uid(f"{word}.uid")
    assert watch.finds_in("first")
    assert not watch.finds_in("third")


def test_names_are_remembered_within_bounds() -> None:
    watch = Watch()
    watch.removed("smith")
    for number in range(5000):
        assert not watch.finds_in(f"folder {number}")
    assert watch.finds_in("smith 1")


def test_nothing_shows_the_words() -> None:
    watch = Watch()
    watch.removed("Smith")
    assert "smith" not in repr(watch).casefold()
