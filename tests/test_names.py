"""Which names of files hold a removed value: (removed, name, is it found)."""

from __future__ import annotations

import pytest

from anonymizer import names as names_module
from anonymizer.names import Names
from anonymizer.rules.watch import words_of


def names(*removed: str, uids: tuple[str, ...] = ()) -> Names:
    mine = Names()
    for text in removed:
        mine.hear(words_of(text), ())
    mine.hear((), map(hash, uids))
    return mine


@pytest.mark.parametrize(
    ("removed", "name"),
    [
        ("Smith^Jane", "Smith_Jane"),
        ("Smith^Jane", "smith.dcm"),
        ("Smith^Jane", "1-jane smith.v2.dcm"),
        ("Smith^Jane", "x.smith"),
        ("Smith^Jane", "Smithson"),
        ("Smith^Jane", "SMITHJANE.dcm"),
        ("Doe^John", "DOEJOHN1970.dcm"),
        ("Doe^John", "doejohn"),
        ("Doe^John", "xJohnDoex.dcm"),
        ("Doe^John", "DOE1.dcm"),
        ("Devries^Jan", "de_vries"),
        ("Devries^Jan", "scan of de_vries.dcm"),
        ("Vandenberg^A", "van den berg.2.dcm"),
        ("19700102", "1970-01-02.dcm"),
        ("Li^Wu", "Li"),
        ("Li^Wu", "wu.dcm"),
        ("Li^Wu", "LiWu1970"[:4]),
        ("Müller", "MULLER"),
        ("Muller", "M\u00fcller.dcm"),
        ("M\u00fcller", "Mu\u0308ller.dcm"),
        ("4711-0815", "study 0815"),
        ("4711", "PAT4711.dcm"),
        ("19700101", "DOE19700101"),
        ("NGH-0012345", "NGH0012345.dcm"),
        ("42", "42"),
        ("山田^太郎", "20200101山田太郎様.dcm"),
        ("山田^太郎", "太郎"),
        ("李^四", "李"),
        ("李^四", "李四1.dcm"),
        ("김^희중", "김희중.dcm"),
        ("Ян^Иванович", "ИВАНОВИЧ.dcm"),
        ("see 1.2.3.4.5", "CT.1.2.3.4.5.dcm"),
    ],
)
def test_a_name_that_holds_a_removed_word_tells(removed: str, name: str) -> None:
    assert not Names().holds(name)
    assert names(removed).holds(name)


@pytest.mark.parametrize(
    ("removed", "name"),
    [
        ("Smith^Jane", "janet.dcm"),
        ("Smith^Jane", "x.jan"),
        ("Doe^John", "doeskin.dcm"),
        ("Li^Wu", "lily"),
        ("Li^Wu", "a li.dcm"),
        ("815-4711", "IM000815"),
        ("4711", "1.2.4711.5.6.dcm"),
        ("42", "IM42"),
        ("42", "4 2.dcm"),
        ("AB", "a b.dcm"),
        ("Devries^Jan", "vries de.dcm"),
        ("7", "7"),
        ("A", "a.dcm"),
        ("李^四", "李白"),
        ("Patient", "Patient"),
        ("series.dcm", "series.dcm"),
        ("Smith", ""),
    ],
)
def test_a_name_that_holds_none_does_not(removed: str, name: str) -> None:
    assert not names(removed).holds(name)


def test_a_removed_uid_is_found_whole() -> None:
    mine = names(uids=("1.2.3.4.5",))
    assert mine.holds("1.2.3.4.5.dcm")
    assert mine.holds("CT1.2.3.4.5")
    assert not mine.holds("1.2.3.4.6.dcm")


def test_files_are_counted_with_what_was_heard_after_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "AT_ONCE", 4)
    mine = Names()
    mine.remember([f"Smith/{n}" for n in range(3)])
    mine.remember(["b/smith", "b/c", "\udcff/smith", "d"])
    mine.remember(["b/smith"])
    assert mine.count() == 0
    mine.hear(["smith"], ())
    assert mine.count() == 6


def test_with_more_words_than_are_remembered_every_name_counts_as_one_that_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(names_module, "MOST_WORDS", 2)
    monkeypatch.setattr(names_module, "MOST_UIDS", 2)
    mine = names("first", uids=("1.2.3.4",))
    assert not mine.tell("x")
    assert not mine.tell("1.2.3.5")
    mine.hear(["second"], [hash("1.2.3.6")])
    assert mine.tell("x")
    assert not mine.holds("x")
    assert mine.holds("1.2.3.5")
    mine.hear(["third"], ())
    assert not mine.holds("third")


def test_where_words_are_not_known_any_more_every_name_tells() -> None:
    mine = names("first")
    assert not mine.tell("x")
    mine.forget()
    assert mine.tell("x")
    assert mine.shown("x/y") == "~withheld-1~/~withheld-2~"


def test_so_many_names_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "MOST_REMEMBERED", 2)
    mine = names("smith")
    for _ in range(3):
        mine.remember(["smith"])
    assert mine.count() == 2


def test_verdicts_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "MOST_VERDICTS", 2)
    mine = names("smith")
    assert [mine.holds(name) for name in ("a", "b", "c", "smith", "a")] == [0, 0, 0, 1, 0]


def test_nothing_shows_the_words() -> None:
    assert "smith" not in repr(names("Smith")).casefold()
