"""Names are judged by keyed hashes of words as they are by the words; the hashes tell nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from study import KEY, REMOVE_NAMES, compiled

from anonymizer.distribute.gathered import Gathered
from anonymizer.distribute.words import Hasher, KeyedWords
from anonymizer.names import Names
from anonymizer.rules.watch import words_of

VALUES = (
    "Smith^Jane",
    "Li^Wu",
    "M\u00fcller^Ana",
    "4711-0815",
    "\u5c71\u7530^\u592a\u90ce",
    "AB12",
)
UIDS = ("1.2.840.99.1", "1.2.840.99.2")


def both(values: tuple[str, ...], uids: tuple[str, ...]) -> tuple[Names, Names]:
    plain, keyed = Names(), Names(KeyedWords(KEY.encode()))
    hasher = Hasher(KEY.encode())
    for value in values:
        plain.hear(words_of(value), ())
        keyed.hear(hasher.told(words_of(value)), ())
    plain.hear((), map(hash, uids))
    keyed.hear((), map(hasher.of_uid, uids))
    return plain, keyed


PLAIN, KEYED = both(VALUES, UIDS)
PIECES = st.sampled_from(
    "smith Jane li Muller M\u00dcLLER 4711 0815 ab12 \u5c71\u7530 x 9 _ - son IM 00 .dcm "
    "1.2.840.99.1 1.2.840.99.3 Smithers".split()
)


@given(st.lists(PIECES, max_size=5).map("".join))
def test_a_name_is_judged_the_same(name: str) -> None:
    assert KEYED.holds(name) == PLAIN.holds(name)


@pytest.mark.parametrize("name", ["Smithson.dcm", "muller", "1.2.840.99.2", "xJaneSmithx"])
def test_names_that_tell_are_found(name: str) -> None:
    assert KEYED.holds(name)
    assert not Names(KeyedWords(KEY.encode())).holds(name)


def test_what_is_told_of_a_word_is_another_with_another_key() -> None:
    one, other = Hasher(KEY.encode()), Hasher(KEY[::-1].encode())
    assert set(one.told(["smith"])).isdisjoint(other.told(["smith"]))
    assert one.of_uid("1.2.3.4") != other.of_uid("1.2.3.4")
    assert not any("smith" in told for told in one.told(["smith"]))


@pytest.mark.parametrize("key", [KEY.encode(), None])
def test_a_batch_tells_hashes_of_words_or_nothing(key: bytes | None) -> None:
    batch = Gathered(compiled(REMOVE_NAMES), key)
    batch.names.hear(["smith"], [7])
    told = batch.told(b"", [])
    assert told["words"] == (Hasher(key).told(["smith"]) if key else [])
    assert told["uids"] == ([7] if key else [])
