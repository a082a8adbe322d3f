"""The short way of a series gives what the long way gives, byte for byte, or is not taken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image import (
    BIG_ENDIAN,
    EXPLICIT,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    Writer,
    part10,
)

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.errors import ImageError
from anonymizer.pipeline import Output, Pipeline

KEY = {"key": "a key of the tests, which is long enough"}

PLANS: dict[str, dict[str, Any]] = {
    "who it is": {
        "rules": [
            {"dicomTagPath": "PatientName", "method": "substitute", "replaceWith": "ANON"},
            {"dicomTagPath": "private", "method": "remove"},
            {"dicomTagPath": "UI", "method": "refreshUID"},
            {"dicomTagPath": "DA", "method": "dateShift"},
            {"dicomTagPath": "LO", "method": "redact"},
        ]
    },
    "some private kept": {
        "rules": [
            {"dicomTagPath": "/0029,ACME.*,0[12]/", "method": "keep"},
            {"dicomTagPath": "private", "method": "remove"},
        ]
    },
    "allow-list": {
        "rules": [
            {"dicomTagPath": "UI", "method": "keep"},
            {"dicomTagPath": "Modality", "method": "keep"},
            {"dicomTagPath": "PixelData", "method": "keep"},
        ],
        "otherwise": "remove",
    },
    "by instance": {
        "rules": [
            {"dicomTagPath": "DA", "method": "dateShift", "dateShiftScope": "SopInstance"},
            {"dicomTagPath": "PatientWeight", "method": "perturb"},
            {"dicomTagPath": "SH", "method": "encrypt"},
        ]
    },
    "faults": {
        "rules": [{"dicomTagPath": "TM", "method": "refreshUID", "onError": "remove"}],
        "onError": "redact",
    },
    "no mark": {"rules": [{"dicomTagPath": "PN", "method": "remove"}], "mark": False},
    "nothing": {"rules": []},
}

WRITERS = {EXPLICIT_LE: EXPLICIT, IMPLICIT_LE: IMPLICIT, EXPLICIT_BE: BIG_ENDIAN}


def pipelines(plan: str) -> tuple[Pipeline, Pipeline]:
    content = {**PLANS[plan], "parameters": KEY}
    compiled = compile_configuration(configuration_of(content, source="t", folder="."), environ={})
    compiled.secrets.entropy = bytes  # what is drawn is the same for both ways
    for rule in compiled.rules:
        if rule.method.name == "encrypt":
            rule.method._entropy = bytes  # type: ignore[attr-defined]
    return Pipeline(compiled, names=True), Pipeline(compiled, names=True, series=False)


def slice_of(number: int, w: Writer = EXPLICIT, /, **changed: bytes) -> bytes:
    """One file of a series; ``changed`` puts other bytes where the name says."""
    parts = {
        "charset": w.element("SpecificCharacterSet", "CS", "ISO_IR 100"),
        "classes": w.element("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.2"),
        "instance": w.element("SOPInstanceUID", "UI", f"1.2.3.{number}"),
        "dates": w.element("StudyDate", "DA", "20200229")
        + w.element("SeriesDate", "DA", "20200301"),
        "time": w.element("ContentTime", "TM", f"10{number % 60:02}00"),
        "group8": w.element("AccessionNumber", "SH", "ACC1")
        + w.element("Modality", "CS", "CT")
        + w.element("InstitutionName", "LO", "Hospital")
        + w.sequence("ReferencedStudySequence", w.item(w.element(0x00081155, "UI", "1.9.1"))),
        "patient": w.element("PatientName", "PN", "Doe^Jane")
        + w.element("PatientID", "LO", "P1")
        + w.element("PatientWeight", "DS", "60.5"),
        "marks": b"",
        "group18": w.element("BodyPartExamined", "CS", "HEAD")
        + w.element("SliceThickness", "DS", "1.5")
        + w.element("KVP", "DS", "120"),
        "uids": w.element("StudyInstanceUID", "UI", "1.2.3.4")
        + w.element("SeriesInstanceUID", "UI", "1.2.3.4.1")
        + w.element("StudyID", "SH", "S1"),
        "number": w.element("InstanceNumber", "IS", str(number)),
        "private": w.element(0x00290010, "LO", "ACME 1")
        + w.element(0x00291001, "SH", "kept by some")
        + w.element(0x00291003, "SH", "kept by none"),
        "pixels": w.element("Rows", "US", 2)
        + w.element("Columns", "US", 2)
        + w.element("BitsAllocated", "US", 16)
        + w.element("PixelData", "OW", bytes([number % 256] * 8)),
        "end": b"",
    }
    assert set(changed) <= set(parts), "the test changes what there is"
    return b"".join((parts | changed).values())


def outcome(pipeline: Pipeline, file: bytes) -> tuple[object, ...]:
    try:
        output = pipeline.anonymize(file, len(file))
    except ImageError as error:
        return error.reason, error.message
    return bytes(output), output.uids, *counted(output), output.warnings


def counted(output: Output) -> tuple[object, ...]:
    return output.tally.counts(), output.tally.fault_counts()


def went_short(pipeline: Pipeline, file: bytes) -> bool:
    return bool(pipeline.anonymize(file, len(file)).tally.results)


def files_of(syntax: str, *slices: bytes) -> list[bytes]:
    return [part10(data, syntax, sop_instance=f"1.2.3.{n}") for n, data in enumerate(slices)]


def both_ways(plan: str, slices: list[bytes]) -> tuple[list[object], list[object]]:
    short, long = pipelines(plan)
    files = files_of(EXPLICIT_LE, *slices)
    return [outcome(short, f) for f in files], [outcome(long, f) for f in files]


def ways(plan: str, slices: list[bytes]) -> str:
    """ "s" for each file that goes the short way, "L" for the others."""
    pipeline, _ = pipelines(plan)
    return "".join("s" if went_short(pipeline, f) else "L" for f in files_of(EXPLICIT_LE, *slices))


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("syntax", WRITERS)
def test_a_series_comes_out_the_same_both_ways(plan: str, syntax: str) -> None:
    short, long = pipelines(plan)
    files = files_of(syntax, *(slice_of(n, WRITERS[syntax]) for n in range(12)))
    assert [outcome(short, f) for f in files] == [outcome(long, f) for f in files]
    fresh, _ = pipelines(plan)
    assert went_short(fresh, files[5]) is False, "the first file has nothing to go by"


@pytest.mark.parametrize("plan", ["who it is", "some private kept", "faults", "no mark", "nothing"])
@pytest.mark.parametrize("syntax", WRITERS)
def test_a_series_goes_the_short_way_from_the_third_file_on(plan: str, syntax: str) -> None:
    short, _ = pipelines(plan)
    files = files_of(syntax, *(slice_of(n, WRITERS[syntax]) for n in range(6)))
    assert [went_short(short, f) for f in files] == [False, False, True, True, True, True]


E = EXPLICIT
NEXT_SERIES = {
    "one after the other": ("AAAABBBBCCC", "LLssLsssLss"),
    "a file of another in between": ("AAAABAAABBB", "LLssLLssLss"),
    "a file of another in between, of a third at once": ("AAAABCAAABBB", "LLssLLsssLss"),
    "by turns": ("AAABABABAB", "LLsLLLsLLL"),
    "one that varies elsewhere": ("AAAAVVVVV", "LLssLLsss"),
    "no two of one": ("AAAABCDEFGHI", "LLssLLLLLLLL"),
}


def of_series(letter: str, number: int) -> bytes:
    """A slice whose series and study are told by a letter; in V the voltage varies, too."""
    uids = E.element("StudyInstanceUID", "UI", "1.2.3.4")
    uids += E.element("SeriesInstanceUID", "UI", f"1.2.3.4.{ord(letter)}")
    voltage = E.element("KVP", "DS", f"{100 + number * (letter == 'V')}")
    return slice_of(
        number, uids=uids, group18=E.element("BodyPartExamined", "CS", "HEAD") + voltage
    )


@pytest.mark.parametrize(("series", "expected"), NEXT_SERIES.values(), ids=NEXT_SERIES)
def test_the_next_series_is_guessed_to_share_what_the_last_one_did(
    series: str, expected: str
) -> None:
    slices = [of_series(letter, n) for n, letter in enumerate(series)]
    short, long = both_ways("who it is", slices)
    assert short == long
    assert ways("who it is", slices) == expected


ODD_ONES: dict[str, dict[str, bytes]] = {
    "another patient": {
        "patient": E.element("PatientName", "PN", "Roe") + E.element("PatientID", "LO", "P2")
    },
    "no patient": {"patient": b""},
    "another character set": {"charset": E.element("SpecificCharacterSet", "CS", "ISO_IR 192")},
    "no character set": {"charset": b""},
    "another study": {
        "uids": E.element("StudyInstanceUID", "UI", "1.7")
        + E.element("SeriesInstanceUID", "UI", "1.8")
    },
    "no instance": {"instance": b""},
    "two instances": {"instance": E.element("SOPInstanceUID", "UI", "1.5") * 2},
    "an empty instance": {"instance": E.element("SOPInstanceUID", "UI", "")},
    "marked already": {
        "marks": E.element("PatientIdentityRemoved", "CS", "YES")
        + E.element("DeidentificationMethod", "LO", "other tool")
    },
    "half marked": {"marks": E.element("DeidentificationMethod", "LO", "other tool")},
    "a group length": {"group18": E.element(0x00180000, "UL", 4) + E.element("KVP", "DS", "120")},
    "one more private element": {
        "private": E.element(0x00290010, "LO", "ACME 1")
        + E.element(0x00291001, "SH", "kept by some")
        + E.element(0x00291003, "SH", "kept by none")
        + E.element(0x00291002, "LO", "new")
    },
    "another private value": {
        "private": E.element(0x00290010, "LO", "ACME 1") + E.element(0x00291001, "SH", "other")
    },
    "another creator": {
        "private": E.element(0x00290010, "LO", "OTHER")
        + E.element(0x00291001, "SH", "kept by some")
    },
    "a creator before": {
        "number": E.element(0x00290011, "LO", "ACME 2") + E.element(0x00291101, "SH", "x")
    },
    "private elements again at the end": {
        "end": E.element(0x00290010, "LO", "ACME 1") + E.element(0x00291001, "SH", "again")
    },
    "a creator behind its block": {
        "private": E.element(0x00291001, "SH", "whose") + E.element(0x00290010, "LO", "ACME 1")
    },
    "another character set behind": {"end": E.element("SpecificCharacterSet", "CS", "ISO_IR 192")},
    "the same character set behind": {"end": E.element("SpecificCharacterSet", "CS", "ISO_IR 100")},
    "two creators of a block": {
        "private": E.element(0x00290010, "LO", "ACME 1")
        + E.element(0x00290010, "LO", "OTHER")
        + E.element(0x00291001, "SH", "whose")
    },
    "another creator behind the block": {"end": E.element(0x00290010, "LO", "OTHER")},
    "a sequence between": {
        "number": E.sequence(
            "RequestAttributesSequence", E.item(E.element("PatientName", "PN", "In^Side"))
        )
    },
    "a sequence without end": {
        "number": E.sequence(
            "RequestAttributesSequence",
            E.item(E.element("PatientName", "PN", "In^Side"), undefined=True),
            undefined=True,
        )
    },
    "a name after the pixels": {"end": E.element("PatientName", "PN", "Late^Name")},
    "an element out of order": {"number": E.element("PatientID", "LO", "P9")},
    "a known run twice": {
        "end": E.element("BodyPartExamined", "CS", "HEAD")
        + E.element("SliceThickness", "DS", "1.5")
        + E.element("KVP", "DS", "120")
    },
    "zeros at the end": {"end": bytes(12)},
    "rubbish at the end": {"end": b"rubbish!"},
    "half an element at the end": {"end": b"\x10\x00\x10"},
    "encapsulated pixels": {"pixels": E.encapsulated(b"1234", b"5678")},
    "an unknown element": {"number": E.element(0x00180FFE, "UN", b"\x00\x01")},
    "nothing but the instance": dict.fromkeys(
        ("charset", "dates", "time", "group8", "patient", "group18", "uids", "number", "private"),
        b"",
    ),
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("odd", ODD_ONES)
def test_an_odd_file_in_a_series_comes_out_the_same_both_ways(plan: str, odd: str) -> None:
    short, long = pipelines(plan)
    changed = ODD_ONES[odd]
    slices = [slice_of(n) for n in range(4)]
    slices += [slice_of(4, **changed), slice_of(5), slice_of(6, **changed), slice_of(7, **changed)]
    slices += [slice_of(8, **changed), slice_of(9)]
    files = files_of(EXPLICIT_LE, *slices)
    assert [outcome(short, f) for f in files] == [outcome(long, f) for f in files]


@pytest.mark.parametrize("cut", range(0, 700, 7))
def test_a_file_cut_short_in_a_series_is_refused_both_ways(cut: int) -> None:
    short, long = pipelines("who it is")
    files = files_of(EXPLICIT_LE, *(slice_of(n) for n in range(4)))
    files[3] = files[3][: len(files[3]) - cut]
    assert [outcome(short, f) for f in files] == [outcome(long, f) for f in files]


@settings(max_examples=60)
@given(
    plan=st.sampled_from(sorted(PLANS)),
    changes=st.lists(
        st.one_of(st.none(), st.sampled_from(sorted(ODD_ONES))), min_size=4, max_size=14
    ),
)
def test_any_order_of_files_comes_out_the_same_both_ways(
    plan: str, changes: list[str | None]
) -> None:
    short, long = pipelines(plan)
    slices = [slice_of(n, **(ODD_ONES[c] if c else {})) for n, c in enumerate(changes)]
    files = files_of(EXPLICIT_LE, *slices)
    assert [outcome(short, f) for f in files] == [outcome(long, f) for f in files]


@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_file_in_a_series_comes_out_the_same_both_ways(data: st.DataObject) -> None:
    short, long = pipelines("who it is")
    files = files_of(EXPLICIT_LE, *(slice_of(n) for n in range(5)))
    damaged = bytearray(files[4])
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(132, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    files[4] = bytes(damaged)
    assert [outcome(short, f) for f in files] == [outcome(long, f) for f in files]


# Series made so that the short way would be wrong if it did not look.

SHIFTS = {"dicomTagPath": "DA", "method": "dateShift"}
SPECIAL_PLANS: dict[str, dict[str, Any]] = {
    "private tail": {
        "rules": [
            {"dicomTagPath": "/0031,ACME.*,07/", "method": "keep"},
            {"dicomTagPath": "private", "method": "remove"},
        ]
    },
    "tag kept": {
        "rules": [
            {"dicomTagPath": "(0029,1001)", "method": "keep"},
            {"dicomTagPath": "private", "method": "remove"},
        ]
    },
    "shift": {"rules": [SHIFTS]},
    "shift without a mark": {"rules": [SHIFTS], "mark": False},
    "shift by instance": {"rules": [{**SHIFTS, "dateShiftScope": "SopInstance"}]},
    "hashes": {"rules": [{"dicomTagPath": "LO", "method": "cryptoHash"}]},
    "noise": {"rules": [{"dicomTagPath": "SliceLocation", "method": "perturb"}]},
    "noise where nothing varies": {
        "rules": [{"dicomTagPath": "PatientWeight", "method": "perturb"}]
    },
}
PLANS.update(SPECIAL_PLANS)

TAIL = (
    E.element(0x00310010, "LO", "ACME 1")
    + E.element(0x00311003, "SH", "gone")
    + E.element(0x00311005, "SH", "gone")
)
MORE = E.element(0x00311007, "SH", "kept")


def varying(number: int) -> bytes:
    return E.element("RequestedProcedureDescription", "LO", f"number {number}")


def test_a_private_block_that_goes_on_behind_a_run_keeps_its_creator() -> None:
    slices = [slice_of(n, private=TAIL + varying(n)) for n in range(4)]
    slices.append(slice_of(4, private=TAIL + MORE + varying(4)))
    short, long = both_ways("private tail", slices)
    assert short == long


def test_a_private_group_in_two_places_is_in_no_two_runs() -> None:
    def file(number: int) -> bytes:
        again = E.element("PatientComments", "LT", f"{number}") + MORE
        plain = E.element("Rows", "US", 2) + E.element("Columns", "US", 2)
        return slice_of(number, private=TAIL + varying(number), pixels=again + plain)

    short, long = both_ways("private tail", [file(n) for n in range(5)])
    assert short == long


def test_a_creator_between_runs_stays_with_what_stays_of_its_block() -> None:
    def file(number: int) -> bytes:
        block = E.element(0x00290010, "LO", "ACME 1") + E.element(0x00291001, "SH", "stays")
        return slice_of(number, private=block + E.element(0x00291002, "SH", f"{number}"))

    short, long = both_ways("tag kept", [file(n) for n in range(5)])
    assert short == long
    assert all(b"ACME 1" in file[0] for file in short if isinstance(file, tuple))


@pytest.mark.parametrize("plan", ["shift", "shift by instance"])
def test_dates_that_depend_on_the_instance_are_decided_for_each(plan: str) -> None:
    nobody = dict.fromkeys(("patient", "uids"), b"")
    short, long = both_ways(plan, [slice_of(n, **nobody) for n in range(6)])
    assert short == long
    assert len({file[0] for file in short if isinstance(file, tuple)}) == 6


def test_dates_by_instance_are_decided_for_each_file_of_a_patient() -> None:
    short, long = both_ways("shift by instance", [slice_of(n) for n in range(6)])
    assert short == long


def test_noise_is_that_of_its_own_instance() -> None:
    def file(number: int) -> bytes:
        return slice_of(number, number=E.element("SliceLocation", "DS", f"{number}.5"))

    short, long = both_ways("noise", [file(n) for n in range(6)])
    assert short == long


def test_noise_is_that_of_its_own_instance_where_values_are_the_same() -> None:
    short, long = both_ways("noise where nothing varies", [slice_of(n) for n in range(6)])
    assert short == long
    assert len({file[0] for file in short if isinstance(file, tuple)}) == 6


def test_a_run_that_stands_twice_is_none_that_is_missing() -> None:
    """Character set and class are gone, by which text is read; study and series stand twice."""
    uids = E.element("StudyInstanceUID", "UI", "1.2.3.4")
    uids += E.element("SeriesInstanceUID", "UI", "1.2.3.4.1") + E.element("StudyID", "SH", "S1")

    def file(number: int, **changed: bytes) -> bytes:
        clinic = E.element("InstitutionName", "LO", "Klinik München".encode("latin-1"))
        return slice_of(number, group8=clinic, group18=varying(number), uids=uids, **changed)

    slices = [file(n) for n in range(4)] + [file(4, charset=b"", classes=b"", end=uids)]
    short, long = both_ways("hashes", slices)
    assert short == long
    assert ways("hashes", slices) == "LLssL"


def test_of_two_subjects_nothing_is_learned() -> None:
    """The first counts; where it is missing, the second does."""
    one = E.element("PatientName", "PN", "Doe^Jane") + E.element("PatientID", "LO", "P1")
    other = E.element("PatientID", "LO", "P2")

    def file(number: int, patient: bytes) -> bytes:
        parts = dict.fromkeys(("group8", "marks"), varying(number))
        return slice_of(number, patient=patient, end=other, **parts)

    slices = [file(n, one) for n in range(3)] + [file(n, b"") for n in range(3, 8)]
    short, long = both_ways("shift without a mark", slices)
    assert short == long
    assert ways("shift without a mark", slices) == "LLLLssss"


def test_what_calls_itself_a_dicomdir_goes_the_long_way() -> None:
    short, long = pipelines("who it is")
    files = files_of(EXPLICIT_LE, *(slice_of(n) for n in range(4)))
    files.append(part10(slice_of(4), sop_class="1.2.840.10008.1.3.10", sop_instance="1.2.3.4"))
    assert [outcome(short, f) for f in files] == [outcome(long, f) for f in files]
