"""How the values that identify somebody may be written in a text: keys to search for.

    names   by component, joined in any order, with initials
    ids     whole, and their digits
    places  whole, and each word that is not in every address

Keys are letters and digits only (see ``fold.key``).  What is shorter than a search can tell from
clinical words is left out.
"""

from __future__ import annotations

import re
from itertools import permutations
from unicodedata import normalize

from anonymizer.dicom.fold import flat, key, squeezed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST_ID = 3
MOST_NAME_WORDS = 8
LONGEST_KEY = 128

_words = re.compile(r"[^\W_]+(?:['’\u0301][^\W_]+)*").findall
_digits = re.compile(r"[0-9]{4,}").findall
without_spaces = re.compile(
    "[\u0e00-\u0eff\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]"
).search
"""A letter of a script that is written without spaces, or joins endings to names."""

NEVER_ALONE = frozenset(
    """
    a al am an and as at be ben bin by da das dal de dei del della den der des di do dos du e el en
    et for from i ibn id il im in is ist it la las le les lo los mit no of on or os para per por
    pour pro s st the to und up van ver vom von vor was with y z za ze zu zum zur
    dr dra drs prof professor doctor doktor med md phd dds do rn rt np pa bsc msc mba ma esq
    mr mrs ms miss sir herr frau hr fr mme mlle monsieur madame sr sra srta sig jr ii iii iv
    unknown anonymous anonym anonymized none null nn na test patient name noname
    cr ct dx dr ecg es io iv mg mr mri nm ot pt px rf sc sr us xa xc xray
    """.split()
)
"""Words that are too common to be searched where they stand alone, though they be a name."""

IN_EVERY_ADDRESS = NEVER_ALONE | frozenset(
    """
    academic ag ambulance care cancer center centre centro centrum chirurgie children city clinic
    clinica clinical clinique co community company corp county departement department dept
    diagnostic diagnostics east emergency facility floor foundation general gmbh group health
    healthcare hopital hospital hospitalier hospitals house image imagerie imaging inc institut
    institute institution intensive international klinik klinika klinikum krankenhaus lab laboratory
    llc ltd main medical medicine medizin medizinische national north nuclear ospedale outpatient
    practice praxis private public radiologia radiologie radiology radiologische regional research
    room saint school science sciences service services south state strahlentherapie surgery
    surgical system systems trust unit universitair universitatsklinikum universitat
    universite university universitaire ward west women zentrum
    apartment apt ave avenue boulevard blvd box drive lane place platz road rue square str strasse
    street suite via weg
    cardiology kardiologie oncology neurology orthopedics pediatrics ultrasound mammography
    angiography tomography scanner station workstation console device
    """.split()
)


def of_name(value: str) -> Iterator[str]:
    """A person's name, one or more values of PN: every component group is a name by itself."""
    for words in _groups(value):
        yield from filter(is_searched, words)
        yield _joined(words)
        yield from _pairs([word for word in words if word not in NEVER_ALONE])


def words_of_name(value: str) -> Iterator[str]:
    """The components alone, to which a language may give an ending."""
    for words in _groups(value):
        yield from filter(is_searched, words)


def _groups(value: str) -> Iterator[list[str]]:
    for form in spellings(value):
        yield from map(_name_words, re.split(r"[=\\]", form))


def _name_words(group: str) -> list[str]:
    found = [key(word) for word in _words(flat(group))]
    return [word for word in found if word][:MOST_NAME_WORDS]


def is_searched(word: str) -> bool:
    return len(word) > 1 and word not in NEVER_ALONE


def _joined(words: list[str]) -> str:
    joined = "".join(words)
    return joined if len(words) > 1 and len(joined) > 2 else ""


def _pairs(words: list[str]) -> Iterator[str]:
    """Two words in either order, and one of them with the initial of the other."""
    for one, other in permutations(words, 2):
        yield one + other
        if len(other) > 1 and not without_spaces(one):
            yield one[0] + other
            yield other + one[0]
    for one, two, last in permutations(words[:4], 3):
        if len(last) > 1:
            yield one[0] + two[0] + last
            yield last + one[0] + two[0]


def of_id(value: str) -> Iterator[str]:
    """A number that stands for somebody: whole, and its long runs of digits."""
    for one in value.split("\\"):
        whole = key(one)
        if len(whole) < SHORTEST_ID or whole in IN_EVERY_ADDRESS:
            continue
        yield whole
        for run in _digits(whole):
            bare = run.lstrip("0")
            if len(bare) >= SHORTEST_ID + 1:
                yield bare


def of_telephone(value: str) -> Iterator[str]:
    """A number to call: whole, and without what is dialled from elsewhere."""
    for one in re.split(r"[\\,;]", value):
        whole = key(one)
        yield from of_id(one)
        if len(whole) > 7:
            yield whole[-7:]


def of_place(value: str) -> Iterator[str]:
    """An institution or address: whole, and each word that is not in every one."""
    for form in spellings(value):
        yield from _of_address(flat(form))


def _of_address(text: str) -> Iterator[str]:
    whole = squeezed(text)
    if len(whole) < SHORTEST_ID or whole in IN_EVERY_ADDRESS:
        return
    yield whole
    for word in map(squeezed, _words(text)):
        if len(word) > 2 and word not in IN_EVERY_ADDRESS and _tells(word):
            yield word


def _tells(word: str) -> bool:
    """Whether a word of an address is no mere house number."""
    return not word.isdigit() or len(word) > 3


def of_whole(value: str) -> Iterator[str]:
    """What is searched as it stands: a room, a department."""
    whole = key(value)
    if len(whole) >= SHORTEST_ID and whole not in IN_EVERY_ADDRESS:
        yield whole


def of_age(value: str) -> Iterator[str]:
    """An AS value in words: ``045Y`` is also 45 years."""
    digits, unit = value[:-1].lstrip("0"), value[-1:].upper()
    if not digits.isdigit() or unit != "Y":
        return
    for word in "y yo yr yrs year years yearold j jahre jahr jahrig jahriger jahrige".split():
        yield digits + word
        yield value[:-1].lower() + word
    for word in "ans an anos anni jaar ar let lat let 歳 岁 세 лет год года".split():
        yield digits + word


def spellings(value: str) -> set[str]:
    """The value, also with its umlauts as two letters, and with two letters as one."""
    value = normalize("NFC", value)
    return {value, value.translate(_TWO_LETTERS), _long_words(_as_one_letter, value)}


_TWO_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "oe", "å": "aa"}
)
_long_words = re.compile(r"[^\W\d_]{6,}").sub
_two_letters = re.compile(r"(?<=[^\W\d_aeiouqAEIOUQ])([aou])e(?=[^\W\d_])").sub


def _as_one_letter(word: re.Match[str]) -> str:
    return _two_letters(r"\1", word[0])
