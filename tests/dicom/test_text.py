"""Text by Specific Character Set, with pydicom as the second opinion."""

# ruff: noqa: RUF001 (letters and digits of other scripts are the point)
from __future__ import annotations

import pickle
import sys
import warnings
from contextlib import suppress
from subprocess import run

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.charset import STAND_ALONE_ENCODINGS, convert_encodings, decode_bytes, python_encoding
from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

from anonymizer.dicom.attribute import Attribute
from anonymizer.dicom.text import CharacterSet, character_set, encode_values, text_of, values_of
from anonymizer.errors import ValueFault

CANARY = "ZQXCANARY"

# PS3.5 annexes H, I, J, K and PS3.3 C.12: bytes as they stand there.
EXAMPLES = [
    (("ISO_IR 100",), "PN", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
    (("ISO_IR 101",), "LO", b"Wa\xb3\xeasa", "Wałęsa"),
    (("ISO_IR 109",), "LO", b"\xa6\xe6u", "Ĥĉu"),
    (("ISO_IR 110",), "LO", b"\xd3", "Ķ"),
    (("ISO_IR 126",), "PN", b"\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2", "Διονυσιος"),
    (("ISO_IR 127",), "PN", b"\xe2\xc8\xc7\xe6\xea^\xe4\xe6\xd2\xc7\xd1", "قباني^لنزار"),
    (("ISO_IR 138",), "PN", b"\xf9\xf8\xe5\xef^\xe3\xe1\xe5\xf8\xe4", "שרון^דבורה"),
    (("ISO_IR 144",), "PN", b"\xbb\xee\xdace\xdc\xd1yp\xd3", "Люкceмбypг"),
    (("ISO_IR 148",), "PN", b"\xc7avu\xfeo\xf0lu", "Çavuşoğlu"),
    (("ISO_IR 166",), "LO", b"\xc3\xd2\xc2\xa1\xd2\xc3", "รายการ"),
    (("ISO_IR 13",), "PN", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    (("ISO_IR 192",), "PN", "Wang^XiaoDong=王^小东".encode(), "Wang^XiaoDong=王^小东"),
    (
        ("GB18030",),
        "PN",
        b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab",
        "Wang^XiaoDong=王^小东",
    ),
    (("GBK",), "PN", b"\xcd\xf5^\xd0\xa1\xb6\xab", "王^小东"),
    (
        ("", "ISO 2022 IR 87"),
        "PN",
        b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
    ),
    (
        ("ISO 2022 IR 13", "ISO 2022 IR 87"),
        "PN",
        b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎",
    ),
    (
        ("", "ISO 2022 IR 149"),
        "PN",
        b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
        "Hong^Gildong=洪^吉洞=홍^길동",
    ),
    (
        ("", "ISO 2022 IR 58"),
        "PN",
        b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab",
        "Zhang^XiaoDong=张^小东",
    ),
    (
        ("ISO 2022 IR 100", "ISO 2022 IR 144", "ISO 2022 IR 126"),
        "PN",
        b"Buc^J\xe9r\xf4me=\x1b-F\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2=\x1b-L\xbb\xee\xda",
        "Buc^Jérôme=Διονυσιος=Люк",
    ),
    (("", "ISO 2022 IR 159"), "LO", b"\x1b$(D\x22\x6f\x1b(B", "™"),
    (("ISO 2022 IR 100",), "LO", b"Andr\xe9", "André"),
]


@pytest.mark.parametrize(("terms", "vr", "field", "text"), EXAMPLES)
def test_examples_of_the_standard_go_both_ways(
    terms: tuple[str, ...], vr: str, field: bytes, text: str
) -> None:
    charset = character_set(terms)
    assert charset.decode(field, vr) == text
    assert charset.encode(text, vr) == field


PYDICOM_FAILS = {("", "ISO 2022 IR 58")}
"""pydicom 3.0 leaves the escape sequences of GB 2312 in the text."""


@pytest.mark.parametrize(
    ("terms", "vr", "field", "text"), [row for row in EXAMPLES if row[0] not in PYDICOM_FAILS]
)
def test_pydicom_reads_the_same(terms: tuple[str, ...], vr: str, field: bytes, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        encodings = convert_encodings(list(terms))
        delimiters = PN_DELIMS if vr == "PN" else TEXT_VR_DELIMS
        parts = field.split(b"=") if vr == "PN" else [field]
        assert "=".join(decode_bytes(part, encodings, delimiters) for part in parts) == text


@pytest.mark.parametrize(
    ("written", "terms"),
    [
        (b"", ()),
        (b"ISO_IR 100", ("ISO_IR 100",)),
        (b"ISO_IR 100 ", ("ISO_IR 100",)),
        (b"\\ISO 2022 IR 87", ("", "ISO 2022 IR 87")),
        (b"ISO 2022 IR 13 \\ISO 2022 IR 87\0", ("ISO 2022 IR 13", "ISO 2022 IR 87")),
    ],
)
def test_the_field_and_its_values_give_the_same_object(
    written: bytes, terms: tuple[str, ...]
) -> None:
    assert character_set(written) is character_set(terms)


@pytest.mark.parametrize(
    "misspelled",
    [
        *("ISO-IR 100", "ISO IR 100", "iso_ir 100", "ISO_IR100", "ISO_IR_100", "ISO-IR-100"),
        *("ISO 2022-IR 100", "ISO_2022_IR_100", "ISO_IR 100\0 "),
    ],
)
def test_common_misspellings_are_understood(misspelled: str) -> None:
    charset = character_set(misspelled.encode())
    assert charset.decode(b"Andr\xe9", "LO") == "André"
    assert charset.defined


@pytest.mark.parametrize("terms", sorted({terms for terms, *_ in EXAMPLES}))
def test_the_terms_of_the_standard_are_defined(terms: tuple[str, ...]) -> None:
    assert character_set(terms).defined
    assert character_set("\\".join(terms).encode() + b" ").defined


@pytest.mark.parametrize("term", [*python_encoding, *STAND_ALONE_ENCODINGS])
def test_what_pydicom_has_in_its_table_is_defined(term: str) -> None:
    assert character_set((term,)).defined


@pytest.mark.parametrize(
    "field",
    [
        *(b"Doe^Jane", b"ISO_IR 999", b"ISO_IR 100 Doe", b"ISO_IR 100\\Doe", b"Doe\\ISO_IR 100"),
        *(b"ISO_IR 192\\Doe", b"I!S!O_IR 100", b"ISO_IR  100", b"latin_1", b"ISO_IR", b"100"),
        *(b"\xcd\xd3\xcf_IR 100", b"ISO_IR 100\n", b"ISO_IR 0100", b"ISO_IR 100\\ISO_IR 1"),
    ],
)
def test_any_other_text_defines_no_character_set(field: bytes) -> None:
    assert not character_set(field).defined


def test_a_backslash_inside_a_character_does_not_split_a_value() -> None:
    charset = character_set(("GB18030",))
    character = b"\x81\x5c".decode("gb18030")
    field = f"A{character}\\B".encode("gb18030")
    assert values_of(Attribute(0, "LO", field, charset)) == [f"A{character}", "B"]
    charset = character_set(("", "ISO 2022 IR 87"))
    field = b"\x1b$B\x30\x5c\x1b(B\\B"
    assert len(values_of(Attribute(0, "LO", field, charset))) == 2


def test_a_delimiter_brings_back_the_first_set() -> None:
    charset = character_set(("ISO 2022 IR 100", "ISO 2022 IR 126"))
    assert charset.decode(b"\x1b-F\xe1\\\xe1", "LO") == "α\\á"
    assert charset.decode(b"\x1b-F\xe1^\xe1", "PN") == "α^á"
    assert charset.decode(b"\x1b-F\xe1^\xe1", "LO") == "α^α"
    assert charset.decode(b"\x1b-F\xe1\\\xe1", "LT") == "α\\α"
    assert charset.encode("α\\á", "LO") == b"\x1b-F\xe1\\\xe1"


@pytest.mark.parametrize(
    ("vr", "field", "values"),
    [
        ("LO", b"", []),
        ("LO", b"  ", []),
        ("LO", b" A \\ B", ["A", "B"]),
        ("LO", b"A\0", ["A"]),
        ("LO", b"\\A", ["", "A"]),
        ("UI", b"1.2\0", ["1.2"]),
        ("UI", b"1.2 ", ["1.2"]),
        ("UI", b"1.2\0\\1.3\0", ["1.2", "1.3"]),
        ("LT", b" A\\B ", [" A\\B"]),
        ("UR", b"http://x\\y ", ["http://x\\y"]),
        ("PN", b" A^B ", [" A^B"]),
        ("UC", b"A \\B ", ["A", "B"]),
    ],
)
def test_values_come_without_padding(vr: str, field: bytes, values: list[str]) -> None:
    assert values_of(Attribute(0, vr, field, character_set(()))) == values


NOT_OF_THE_SET = [
    ((), "LO", b"\xe9"),
    (("ISO_IR 192",), "LO", b"\xe9"),
    (("GB18030",), "LO", b"\xff"),
    (("ISO_IR 100",), "CS", b"\xe9"),
    (("unknown",), "LO", b"\xe9"),
    (("ISO_IR 13",), "LO", b"\xf0"),
    (("", "ISO 2022 IR 87"), "LO", b"\x1b$B;3E\x1b(B"),
    (("", "ISO 2022 IR 87"), "LO", b"\x1b$Z\x21"),
    (("", "ISO 2022 IR 87"), "LO", b"\x1b"),
    (("", "ISO 2022 IR 149"), "LO", b"\x1b$)C\xfb"),
]


@pytest.mark.parametrize(("terms", "vr", "bad"), NOT_OF_THE_SET)
def test_what_is_not_of_the_set_is_a_fault_without_the_value(
    terms: tuple[str, ...], vr: str, bad: bytes
) -> None:
    field = CANARY.encode() + bad
    with pytest.raises(ValueFault) as caught:
        character_set(terms).decode(field, vr)
    assert CANARY not in f"{caught.value!r}{caught.value.__cause__!r}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(("terms", "vr", "bad"), NOT_OF_THE_SET)
def test_loose_decoding_never_fails_and_finds_the_rest(
    terms: tuple[str, ...], vr: str, bad: bytes
) -> None:
    assert CANARY in character_set(terms).decode_loosely(CANARY.encode() + bad, vr)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ((), "é"),
        (("ISO_IR 100",), "山"),
        (("ISO_IR 13",), "山"),
        (("ISO_IR 13",), "é"),
        (("", "ISO 2022 IR 87"), "é"),
        (("GBK",), "😀"),
        (("unknown",), "é"),
    ],
)
def test_text_that_the_set_lacks_is_a_fault_and_no_question_mark(
    terms: tuple[str, ...], text: str
) -> None:
    with pytest.raises(ValueFault) as caught:
        character_set(terms).encode(CANARY + text, "LO")
    assert CANARY not in repr(caught.value)


@pytest.mark.parametrize("vr", "AE AS CS DA DS DT IS TM UI UR".split())
def test_the_default_repertoire_holds_for_vrs_that_know_no_character_set(vr: str) -> None:
    with pytest.raises(ValueFault):
        character_set(("ISO_IR 192",)).encode("é", vr)


TERMS = [
    *{terms for terms, *_ in EXAMPLES},
    ("ISO 2022 IR 100", "ISO 2022 IR 87", "ISO 2022 IR 159", "ISO 2022 IR 149"),
]


@given(st.sampled_from(TERMS), st.sampled_from(["LO", "PN", "LT"]), st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused(terms: tuple[str, ...], vr: str, field: bytes) -> None:
    charset = character_set(terms)
    charset.decode_loosely(field, vr)
    with suppress(ValueFault):
        charset.decode(field, vr)


LETTERS = "Aé=^\\\n ﾔ山田太郎やまだ洪吉洞홍길동张小东ДюΔσłş™ ö"


@given(st.sampled_from(TERMS), st.sampled_from(["LO", "PN", "LT"]), st.text(LETTERS, max_size=12))
def test_what_is_encoded_decodes_to_the_same(terms: tuple[str, ...], vr: str, text: str) -> None:
    charset = character_set(terms)
    try:
        field = charset.encode(text, vr)
    except ValueFault:
        return
    assert charset.decode(field, vr) == text


def test_a_character_set_survives_the_way_to_a_worker() -> None:
    charset = character_set(("", "ISO 2022 IR 87"))
    assert pickle.loads(pickle.dumps(charset)) is charset
    assert isinstance(charset, CharacterSet)
    assert hash(charset)
    assert {charset: 1}[charset] == 1


def test_text_of_leaves_the_inside_alone() -> None:
    assert text_of(Attribute(0, "LO", b" A \\ B ", character_set(()))) == " A \\ B"


def test_a_field_longer_than_16_bits_can_tell_is_a_fault() -> None:
    values = ["A" * 60] * 1100
    with pytest.raises(ValueFault, match="too long"):
        encode_values(values, "LO", character_set(()))
    assert encode_values(values, "UC", character_set(()))


def test_nothing_here_imports_pydicom_or_typing() -> None:
    code = (
        "import sys, anonymizer.methods, anonymizer.dicom.text as t;"
        "t.character_set(('', 'ISO 2022 IR 87')).decode(b'\\x1b$B;3ED\\x1b(B', 'PN');"
        "print({'pydicom', 'typing', 'dataclasses', 'json', 'cryptography', 'datetime'}"
        " & set(sys.modules))"
    )
    done = run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
