"""Private elements that stay are looked into; what seems to identify is told by place alone."""

from __future__ import annotations

from typing import Any

import pytest
from engine import compiled, output_of, rule
from image import EXPLICIT_LE, IMPLICIT_LE, element, item, part10, sequence, writer_of
from study import image as image_of_a_series
from test_canary import SYNTAXES, caged

from anonymizer.dicom.identity import Identity
from anonymizer.pipeline import Pipeline
from anonymizer.rules.plan import Plan, keeps_private

CREATOR = element(0x00290010, "LO", "SIEMENS CSA HEADER")
NAMES = rule("PatientName", "remove")
PATIENT = element("PatientName", "PN", "Zappa^Moon") + element("PatientID", "LO", "QX4711")


def told(private: bytes, *rules: dict[str, object], **more: Any) -> list[str]:  # noqa: ANN401
    file = part10(PATIENT + private)
    return [w for w in output_of(file, NAMES, *rules, **more).warnings if "private" in w]


FOUND: dict[str, tuple[str, str]] = {
    "a name by VR": ("PN", "Some^Body"),
    "a date by VR": ("DA", "19700101"),
    "an age by VR": ("AS", "044Y"),
    "the form of a date": ("LO", "scanned 2019-03-04 late"),
    "the form of a date, German": ("LO", "4.3.2019"),
    "the form of a name": ("SH", "Some^Body"),
    "what identifies this patient": ("LT", "saw Moon Zappa today"),
    "what identifies this patient, by number": ("LO", "case QX4711"),
    "what identifies this patient, as bytes": ("UN", "Zappa"),
    "what identifies this patient, among bytes": ("OB", "\0\1\2QX4711\0\0"),
    "what identifies this patient, with NULs": ("UN", "\0\1Zappa"),
    "what identifies this patient, as words": ("OW", "\3\4saw ZAPPA"),
    "what identifies this patient, UTF-16": ("OB", "\3\0" + "".join(f"{c}\0" for c in "QX-4711")),
    "what identifies this patient, UTF-16 with its high bytes first": (
        "OB",
        "".join(f"\0{c}" for c in "seen Zappa"),
    ),
    "what identifies this patient, far behind": ("OB", "\0\xee" * (1 << 20) + "Moon Zappa\0\0"),
    "what identifies this patient, far behind in a text": ("UT", "well " * 5000 + "Moon Zappa"),
    "the form of a name, as bytes": ("OB", "Some^Body\0"),
    "the form of a date, as a number": ("IS", "19610412"),
    "the form of a date, as text": ("LO", "19610412"),
    "the form of a date, as bytes with lines": ("UN", "made\r\n19610412 xx"),
    "the form of an identifier, a telephone": ("SH", "+31 20 555 1234"),
    "the form of an identifier, e-mail": ("LT", "mail piet@hospital.example"),
    "the form of an identifier, a title": ("LO", "Dr. Janssen called"),
    "too long to be looked into to its end": ("OB", "\0" * ((1 << 24) + 2)),
}


@pytest.mark.parametrize("what", FOUND)
def test_what_seems_to_identify_is_told_without_it(what: str) -> None:
    vr, value = FOUND[what]
    raw = value.encode("latin-1") if vr in ("UN", "OB", "OW") else value
    (line,) = told(CREATOR + element(0x00291099, vr, raw))
    kind = what.partition(",")[0].removesuffix(" by VR")
    assert line == f"private-phi: (0029,1099) of SIEMENS CSA HEADER: {kind}"


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("LO", "IMAGE NUM 4"),
        ("DS", "20190304.5555"),
        ("UI", "1.2.20190304.1"),
        ("LO", ""),
        ("IS", "4711"),
        ("IS", "29610412"),
        ("UN", b"\x00\x01Zapp"),
        ("OB", b"\x00\x01ozappat"),
        ("OB", bytes(range(256)) * 300),
        ("OB", b"\x02" * (1 << 24)),
    ],
)
def test_what_does_not_is_not_told(vr: str, value: str | bytes) -> None:
    assert told(CREATOR + element(0x00291099, vr, value)) == []


DATE = element(0x00291099, "DA", "19700101")


@pytest.mark.parametrize(
    "rules",
    [
        [rule("private", "remove")],
        [rule("private", "redact")],
        [rule("(0029,1099)", "redact")],
        [rule("DA", "dateShift")],
        [rule('(0029,"SIEMENS CSA HEADER",99)', "remove")],
    ],
)
def test_what_does_not_stay_is_not_told(rules: list[dict[str, object]]) -> None:
    assert told(CREATOR + DATE, *rules) == []


def test_what_is_kept_before_the_rest_goes_is_told() -> None:
    rules = [rule('(0029,"SIEMENS CSA HEADER",99)', "keep"), rule("private", "remove")]
    assert len(told(CREATOR + DATE + element(0x0029109A, "DA", "19700101"), *rules)) == 1
    assert len(told(CREATOR + DATE, rule("DA", "keep"), otherwise="remove")) == 1


def test_inside_sequences_and_not_in_those_that_go() -> None:
    inside = sequence("ReferencedImageSequence", item(CREATOR + DATE))
    file = part10(inside + PATIENT)
    assert len(output_of(file, NAMES).warnings) == 1
    assert output_of(file, NAMES, rule("ReferencedImageSequence", "remove")).warnings == []
    undefined = writer_of(EXPLICIT_LE).sequence(
        "ReferencedImageSequence", item(CREATOR + DATE), undefined=True
    )
    gone = rule("ReferencedImageSequence", "remove")
    assert output_of(part10(undefined + PATIENT), NAMES, gone).warnings == []


def test_bytes_that_images_have_alike_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from anonymizer.rules import private_bytes
    from anonymizer.rules.private_bytes import holds

    searched: list[int] = []
    search = private_bytes._has_one

    def counted(raw: bytes, needles: tuple[bytes, ...]) -> bool:
        searched.append(1)
        return search(raw, needles)

    monkeypatch.setattr(private_bytes, "_has_one", counted)
    one, other = Identity({"quillonette"}), Identity({"marigoldine"})
    raw = b"\x01quillon" * 900
    assert [holds(raw, 0, len(raw), one) for _ in range(9)] == [False] * 9
    assert len(searched) == 1
    named = raw + b"Marigoldine"
    assert [holds(named, 0, len(named), each) for each in (one, other)] == [False, True]


def test_what_a_private_sequence_holds_is_private() -> None:
    inside = element("PatientName", "PN", "Zappa^Moon") + element("StudyDate", "DA", "20200101")
    private = CREATOR + sequence(0x00291099, item(inside)) + element("Rows", "US", 4)
    kept = rule("PatientName", "remove"), rule("PatientID", "remove")
    roots = [{**one, "dicomTagPath": f".{one['dicomTagPath']}"} for one in kept]
    told = output_of(part10(PATIENT + private), *roots).warnings
    assert told == [
        "private-phi: PatientName in a private sequence: a name",
        "private-phi: StudyDate in a private sequence: a date",
    ]
    assert output_of(part10(PATIENT + private), *roots, rule("private", "remove")).warnings == []
    public = sequence("ReferencedImageSequence", item(inside))
    assert output_of(part10(PATIENT + public), *roots).warnings == []


def test_a_creator_that_the_dictionary_does_not_have_is_not_told() -> None:
    (line,) = told(element(0x00290010, "LO", "Zappa Moon") + DATE)
    assert line == "private-phi: (0029,1099) of an unknown creator: a date"


def test_implicit_vr() -> None:
    w = writer_of(IMPLICIT_LE)
    dataset = w.element("PatientName", "PN", "Zappa^Moon")
    dataset += w.element(0x00090010, "LO", "GEMS_IDEN_01") + w.element(0x00091002, "SH", "MOON")
    warnings = output_of(part10(dataset, IMPLICIT_LE), NAMES).warnings
    assert warnings == ["private-phi: (0009,1002) of GEMS_IDEN_01: what identifies this patient"]


def test_a_series_is_told_of_file_by_file() -> None:
    more = CREATOR + element(0x00291099, "LO", "Jane")
    rules = [rule("PN", "remove"), rule("UI", "refreshUID"), rule("DA", "dateShift")]
    pipeline = Pipeline(compiled(*rules))
    for number in range(8):
        has = number != 5
        file = image_of_a_series(number, more=more if has else b"")
        assert bool(pipeline.anonymize(file, len(file)).warnings) is has


def test_creators_that_contradict_each_other_are_told() -> None:
    twice = element(0x00290010, "LO", "ONE") + element(0x00290010, "LO", "TWO") + DATE
    assert told(twice) == ["private-phi: private elements whose creators nobody can tell"]


def plan(*rules: dict[str, object], **more: Any) -> Plan:  # noqa: ANN401
    made = compiled(*rules, **more)
    return Plan(made.rules, otherwise=made.otherwise)


def test_where_none_can_stay_nothing_is_done() -> None:
    assert keeps_private(plan(NAMES))
    assert keeps_private(plan(rule("LO", "keep"), rule("private", "remove")))
    assert keeps_private(plan(rule('(0029,"X",01)', "keep"), otherwise="remove"))
    assert not keeps_private(plan(NAMES, rule("Modality", "keep"), rule("private", "remove")))
    assert not keeps_private(plan(rule("Modality", "keep"), otherwise="remove"))
    assert Pipeline(compiled(rule("private", "remove")))._private is None


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_no_canary_sings_in_a_warning(syntax: str) -> None:
    birds, file = caged(syntax)
    warnings = output_of(file, NAMES).warnings
    assert any("private-phi" in warning for warning in warnings)
    assert birds.singing("\n".join(warnings).encode()) == []
