"""A canary in every place of one image: which of them a configuration lets through, and why.

Every row plants one text that stands nowhere else.  What survives is listed with its reason and
compared exactly, so that a change of a configuration or of the engine shows here.  No canary may
be in any message, report or output stream, whatever fails.
"""

from __future__ import annotations

import json
import traceback
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from engine import KEY, TODAY, Does, anonymized, compiled, compiled_with, rule
from image import (
    DEFLATED_LE,
    EXPLICIT,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    Writer,
    dataset_of,
    file_meta,
    part10,
    tag_of,
    writer_of,
)
from study import run_command

from anonymizer.cli.summary import troubles, write_report, written_lines
from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import load_configuration
from anonymizer.errors import ImageError, ValueFault
from anonymizer.pipeline import Pipeline
from anonymizer.report import Report
from anonymizer.worker import Settings, Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anonymizer.dicom.attribute import Attribute
    from anonymizer.rules.compiled import Compiled


class Aviary:
    """Hands out canaries, each once, and remembers where each was planted."""

    def __init__(self) -> None:
        self.planted: dict[str, bytes] = {}

    def text(self, place: str, *, vr: str = "LO", encoding: str = "ascii") -> str:
        """A text of the VR's form that stands nowhere else."""
        number = len(self.planted) + 1
        day = date(1931, 1, 1) + timedelta(days=37 * number)
        forms = {
            "DA": f"{day:%Y%m%d}",
            "DT": f"{day:%Y%m%d}0807",
            "TM": f"0807{number % 60:02}.{770000 + number}",
            "AS": f"{number:03}W",
            "IS": f"{7_700_000 + number}",
            "DS": f"77.{7_700_000 + number}",
            "UI": f"1.2.777.{7_700_000 + number}",
            "AE": f"KANARI{number:03}",
            "CS": f"KANARI{number:03}",
            "UR": f"http://kanari{number:03}",
        }
        kind = (
            "Канари" if encoding == "iso8859-5" else "kanarí" if encoding != "ascii" else "Kanari"
        )
        text = forms.get(vr, f"{kind}{number:03}")
        assert place not in self.planted
        self.planted[place] = text.encode(encoding)
        return text

    def singing(self, data: bytes) -> list[str]:
        """The places whose canary is in the bytes, whatever the case."""
        folded = data.lower()
        return [place for place, raw in self.planted.items() if raw.lower() in folded]


LISTED = (  # attributes of each text VR that PS3.15 Table E.1-1 lists
    ("StationAETitle", "AE"), ("PatientAge", "AS"), ("PatientSexNeutered", "CS"),
    ("StudyDate", "DA"), ("PatientWeight", "DS"), ("AcquisitionDateTime", "DT"),
    ("InstitutionName", "LO"), ("PatientID", "LO"), ("PatientComments", "LT"),
    ("PatientName", "PN"), ("OperatorsName", "PN"), ("AccessionNumber", "SH"),
    ("StationName", "SH"), ("InstitutionAddress", "ST"), ("StudyTime", "TM"),
    ("LongDeviceDescription", "ST"), ("StudyInstanceUID", "UI"), ("DisplayURI", "UR"),
    ("EntityLongLabel", "LO"), ("UnformattedTextValue", "ST"), ("SelectorASValue", "AS"),
)  # fmt: skip
UNLISTED = (  # and of each that it does not list
    ("DestinationAE", "AE"), ("Modality", "CS"), ("StudyUpdateDateTime", "DT"),
    ("SliceThickness", "DS"), ("InstanceNumber", "IS"), ("Manufacturer", "LO"),
    ("CodeMeaning", "LO"), ("MaterialNotes", "LT"), ("ConvolutionKernel", "SH"),
    ("DocumentTitle", "ST"), ("SecondaryReviewTime", "TM"), ("LongCodeValue", "UC"),
    ("RetrieveLocationUID", "UI"), ("URNCodeValue", "UR"), ("TextValue", "UT"),
)  # fmt: skip


def every_vr(w: Writer, birds: Aviary, where: str) -> bytes:
    """One element of each text VR, listed and unlisted, in the order of their tags."""
    rows = sorted((*LISTED, *UNLISTED), key=lambda row: tag_of(row[0]))
    return b"".join(w.element(k, vr, birds.text(f"{where}{k}", vr=vr)) for k, vr in rows)


def private_block(w: Writer, birds: Aviary, where: str) -> bytes:
    def text(place: str) -> str:
        return birds.text(f"{where}private {place}")

    inner = IMPLICIT.item(IMPLICIT.element("PatientName", "PN", text("UN.name")))
    return (
        w.element("0029,0010", "LO", text("creator"))
        + w.element("0029,0011", "LO", "SIEMENS CSA HEADER")
        + w.element("0029,1001", "PN", text("name"))
        + w.element("0029,1002", "OB", text("bytes").encode())
        + w.element("0029,1003", "UN", inner)
        + w.sequence("0029,1004", w.item(w.element("PatientID", "LO", text("SQ.id"))))
        + w.element("0029,1101", "LT", text("of another"))
        + w.element("0029,2001", "LT", text("of nobody"))
    )


def hidden(w: Writer, birds: Aviary) -> bytes:
    """Places that tools forget (RELIABILITY 4); text as a group length is refused, see splice."""

    def of(tag: int | str, vr: str, place: str) -> bytes:
        text = birds.text(place, vr=vr if vr in ("DA", "TM", "AE") else "LO")
        return w.element(tag, vr, text.encode() if vr in ("OB", "UN", "OW") else text)

    def inside(sequence: str, tag: int | str, vr: str) -> bytes:
        return w.sequence(sequence, w.item(of(tag, vr, f"{sequence}.{tag}")), undefined=True)

    unknown = IMPLICIT.item(
        IMPLICIT.element("PatientName", "PN", birds.text("sequence in UN.name"))
    )
    return (
        inside("IconImageSequence", "ImageComments", "LT")
        + inside("WaveformAnnotationSequence", "UnformattedTextValue", "ST")
        + inside("DigitalSignaturesSequence", "CertificateOfSigner", "OB")
        + inside("MACParametersSequence", "MACAlgorithm", "CS")
        + inside("OriginalAttributesSequence", "ModifyingSystem", "LO")
        + inside("GraphicAnnotationSequence", "UnformattedTextValue", "ST")
        + inside("EncryptedAttributesSequence", "EncryptedContent", "OB")
        + inside("DerivationCodeSequence", "CodeMeaning", "LO")
        + inside("SourceImageSequence", "ReferencedSOPInstanceUID", "UI")
        + w.element("ReferencedStudySequence", "UN", unknown)
        + of(0x00187FFF, "UN", "an unknown element as UN")
        + of(0x00187FFD, "LO", "an unknown element as LO")
        + of("PatientBirthName", "UN", "a name as UN")
        + of("PatientMotherBirthName", "OB", "a name as OB")
        + of("ResponsiblePerson", "LO", "a name as LO")
        + of("PatientBirthDate", "LO", "a date as LO")
        + of("EncapsulatedDocument", "OB", "EncapsulatedDocument")
        + of(0x50003000, "OW", "curve data")
        + of(0x50000022, "LO", "curve description")
        + of(0x60000022, "LO", "overlay description")
        + of(0x60001500, "LO", "overlay label")
        + of(0x60003000, "OW", "overlay data")
        + of(0x7FE00010, "OW", "behind the pixels")
        + of(0x00104000, "LT", "out of order")
        + of(0xFFFCFFFC, "OB", "padding")
    )


def other_charsets(w: Writer, birds: Aviary) -> bytes:
    def item(charset: list[str], encoding: str, place: str) -> bytes:
        text = birds.text(place, encoding=encoding)
        return w.item(
            w.element("SpecificCharacterSet", "CS", charset),
            w.element("PatientName", "PN", text, encoding=encoding),
        )

    return w.sequence(
        "ReferencedImageSequence",
        item(["ISO_IR 100"], "latin-1", "a name in Latin-1"),
        item(["ISO_IR 144"], "iso8859-5", "a name in Cyrillic"),
        item(["ISO_IR 192"], "utf-8", "a name in UTF-8"),
        item(["", "ISO 2022 IR 87"], "latin-1", "a name in a set that is not declared"),
    )


def caged(syntax: str = EXPLICIT_LE) -> tuple[Aviary, bytes]:
    """The image, and where its canaries are."""
    w = writer_of(syntax)
    birds = Aviary()
    unknown = IMPLICIT.item(every_vr(IMPLICIT, birds, "in UN: "))
    dataset = (
        w.element("SpecificCharacterSet", "CS", "ISO_IR 192")
        + w.element("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.7")
        + w.element("SOPInstanceUID", "UI", birds.text("SOPInstanceUID", vr="UI"))
        + every_vr(w, birds, "")
        + w.sequence("ReferencedImageSequence", w.item(every_vr(w, birds, "in an item: ")))
        + w.sequence(
            "SourceImageSequence",
            w.item(
                w.sequence(
                    "PurposeOfReferenceCodeSequence",
                    w.item(every_vr(w, birds, "deep: "), private_block(w, birds, "deep: ")),
                ),
                undefined=True,
            ),
            undefined=True,
        )
        + w.element("ReferencedInstanceSequence", "UN", unknown)
        + other_charsets(w, birds)
        + private_block(w, birds, "")
        + hidden(w, birds)
    )
    meta = file_meta(
        syntax,
        sop_instance=birds.text("(0002,0003)", vr="UI"),
        more=b"".join(
            EXPLICIT.element(tag, vr, birds.text(f"({tag >> 16:04X},{tag & 0xFFFF:04X})", vr=vr))
            for tag, vr in (
                (0x00020013, "SH"), (0x00020016, "AE"), (0x00020017, "AE"), (0x00020018, "AE"),
                (0x00020026, "UR"), (0x00020027, "UR"), (0x00020028, "UR"), (0x00020100, "UI"),
            )
        )
        + EXPLICIT.element(0x00020102, "OB", birds.text("(0002,0102)").encode()),
    )  # fmt: skip
    preamble = birds.text("preamble").encode().ljust(128, b"\0")
    return birds, part10(dataset, syntax, preamble=preamble, meta=meta)


def built_in(name: str) -> Compiled:
    environ = {"ANONYMIZER_KEY": KEY}
    return compile_configuration(load_configuration(name), environ=environ, today=TODAY)


SYNTAXES = [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE, DEFLATED_LE]
DEPTHS = ("", "in an item: ", "deep: ", "in UN: ")


def survivors(name: str, syntax: str) -> set[str]:
    birds, file = caged(syntax)
    output = bytes(Pipeline(built_in(name)).anonymize(file, len(file)))
    dataset, _ = dataset_of(output)
    start = len(output) - len(dataset) if syntax != DEFLATED_LE else 400
    return set(birds.singing(output[:start]) + birds.singing(dataset))


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_canary_sings_before(syntax: str) -> None:
    birds, file = caged(syntax)
    whole = file[:1500] + dataset_of(file)[0]
    assert len(birds.singing(whole)) == len(birds.planted) > 180
    if syntax != DEFLATED_LE:
        assert all(file.count(raw) == 1 for raw in birds.planted.values())


def at_every_depth(*places: str) -> set[str]:
    return {depth + place for depth in DEPTHS for place in places}


BASIC_KEEPS = {
    "the profile keeps it by name: a product, how it was acquired": {
        f"{depth}{keyword}"
        for depth in ("", "in UN: ")
        for keyword in ("Manufacturer", "ConvolutionKernel")
    },
    "numbers and coded strings stay": {
        f"{depth}{keyword}"
        for depth in ("", "in UN: ")
        for keyword in ("Modality", "SliceThickness", "InstanceNumber")
    },
    "it is in a sequence that the profile keeps": {
        "MACParametersSequence.MACAlgorithm",
        "EncryptedAttributesSequence.EncryptedContent",
    },
    "the image says not how long its pixel data is": {"behind the pixels"},
}  # fmt: skip
EXAMPLE_KEEPS = {
    "a rule keeps it": {
        *at_every_depth("Manufacturer", "CodeMeaning", "ConvolutionKernel"),
        "DerivationCodeSequence.CodeMeaning",
    },
    "an age up to 89 stays": at_every_depth("PatientAge"),
    "no rule is for CS, DS, IS, AS or TM": {
        *at_every_depth(
            "Modality", "PatientSexNeutered", "SliceThickness", "PatientWeight", "InstanceNumber",
            "SelectorASValue", "StudyTime", "SecondaryReviewTime",
        ),
        "MACParametersSequence.MACAlgorithm",
    },
    "no rule is for OB or OW": {
        "EncryptedAttributesSequence.EncryptedContent",
        "behind the pixels",
    },
}  # fmt: skip


def all_of(reasons: dict[str, set[str]]) -> set[str]:
    return set().union(*reasons.values())


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_gets_through_the_basic_profile(syntax: str) -> None:
    assert survivors("basic", syntax) == all_of(BASIC_KEEPS)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_gets_through_the_example(syntax: str) -> None:
    assert survivors("example", syntax) == all_of(EXAMPLE_KEEPS)


def test_an_allow_list_lets_nothing_through_but_what_it_names() -> None:
    birds, file = caged()
    keep = [rule("Modality", "keep"), rule("PixelData", "redact")]
    output = anonymized(file, *keep, otherwise="remove", mark=True)
    assert set(birds.singing(output)) == at_every_depth("Modality")


def test_after_removing_everything_none_is_left() -> None:
    birds, file = caged()
    assert birds.singing(anonymized(file, rule("*", "remove"))) == []


# What is said about it


def raising(error: type[BaseException]) -> Callable[[Attribute], None]:
    """A user's method that tells the value it failed with, in every way an error can."""

    def function(attribute: Attribute) -> None:
        text = attribute.value.decode("latin-1")
        fault = error(f"cannot treat {text!r} {attribute.value!r}")
        fault.add_note(text)
        fault.__context__ = KeyError(text)
        raise fault from ValueError(text)

    return function


def told(compiled: Compiled, folder: Path, file: bytes, **settings: str | bool) -> str:
    """All that a run says: what is printed, reported, sent between processes and shown by repr."""
    source, target, report_file = folder / "in.dcm", folder / "out.dcm", folder / "report.json"
    source.write_bytes(file)
    worker = Worker(compiled, Settings(overwrite=True, each=True, **settings))  # type: ignore[arg-type]
    outcome = worker.do_one(str(source), str(target))
    report = Report(compiled, each=True)
    report.add(outcome)
    counted = worker.take_tally()
    report.add_counts(*counted)
    write_report(str(report_file), report)
    said = [
        *troubles(report),
        *written_lines(report, str(target)),
        report_file.read_text("utf-8"),
        repr((outcome, outcome.as_row(), counted, worker, worker.pipeline, compiled.rules)),
    ]
    return "\n".join(said)


FAILING = [
    ("a method of a user", lambda policy: compiled_with("*", Does(raising(ValueError)), policy)),
    ("one that exits", lambda policy: compiled_with("*", Does(raising(SystemExit)), policy)),
    ("its own fault", lambda policy: compiled_with("*", Does(raising(ValueFault)), policy)),
    (
        "methods of ours on values that they cannot treat",
        lambda policy: compiled(
            *(
                rule(path, method, onError=policy)
                for path, method in (
                    ("LO", "dateShift"),
                    ("SH", "perturb"),
                    ("PN", "refreshUID"),
                    ("DA", "encrypt"),
                    ("*", "dateShift"),
                )
            ),
        ),
    ),
]


@pytest.mark.parametrize("policy", ["redact", "remove", "refuse"])
@pytest.mark.parametrize("make", [row[1] for row in FAILING], ids=[row[0] for row in FAILING])
def test_no_canary_is_told_whatever_fails(
    make: Callable[[str], Compiled],
    policy: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    birds, file = caged()
    for validation in ({}, {"validate_input": "warn"}, {"validate_output": True}):
        text = told(make(policy), tmp_path, file, **validation)
        assert birds.singing(text.encode()) == []
        assert ("value-refused" in text) is (policy == "refuse")
    refused = told(make(policy), tmp_path, file, validate_input="refuse")
    assert "invalid-input" in refused
    assert birds.singing(refused.encode()) == []
    for cut in range(150, len(file), 301):
        assert birds.singing(told(make(policy), tmp_path, file[:cut]).encode()) == []
    printed = capfd.readouterr()
    assert birds.singing((printed.out + printed.err + caplog.text).encode()) == []


def test_no_error_carries_a_canary_in_what_it_holds() -> None:
    birds, file = caged()
    plan = compiled_with("PatientName", Does(raising(ValueError)), "refuse")
    with pytest.raises(ImageError) as raised:
        Pipeline(plan).anonymize(file, len(file))
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    shown = "".join(traceback.format_exception(raised.value))
    assert birds.singing(f"{shown} {raised.value!r} {raised.value.args}".encode()) == []


CONFIGURATION = {
    "version": "1",
    "name": "canary",
    "parameters": {"key": KEY},
    "rules": [
        rule("PN", "dateShift", onError="redact"),
        rule("LO", "perturb", onError="remove"),
        rule("UI", "refreshUID"),
        rule("private", "remove"),
    ],
}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["-i", "in.dcm", "-o", "out.dcm", "-c", "canary.json", "--report", "report.json"], 0),
        (["-i", "in.dcm", "-o", "new.dcm", "-c", "canary.json", "--validateInput"], 1),
        (["-i", "cut.dcm", "-o", "cut-out.dcm", "-c", "canary.json"], 1),
        (["explain", "in.dcm", "-c", "canary.json"], 0),
    ],
    ids=["run", "validated", "cut off", "explained"],
)
def test_the_command_line_prints_none(arguments: list[str], code: int, tmp_path: Path) -> None:
    birds, file = caged()
    (tmp_path / "in.dcm").write_bytes(file)
    (tmp_path / "cut.dcm").write_bytes(file[: len(file) // 2])
    (tmp_path / "canary.json").write_text(json.dumps(CONFIGURATION), "utf-8")
    ended = run_command(*arguments, cwd=tmp_path)
    assert ended.returncode == code, ended.stderr
    said = [ended.stdout, ended.stderr, *map(str, tmp_path.iterdir())]
    if (report := tmp_path / "report.json").exists():
        said.append(report.read_text("utf-8"))
    assert birds.singing("\n".join(said).encode()) == []


def test_explain_shows_values_only_where_it_is_asked_to(tmp_path: Path) -> None:
    birds, file = caged()
    (tmp_path / "in.dcm").write_bytes(file)
    (tmp_path / "canary.json").write_text(json.dumps(CONFIGURATION), "utf-8")
    shown = run_command("explain", "in.dcm", "-c", "canary.json", "--show-values", cwd=tmp_path)
    assert "PatientName" in birds.singing(shown.stdout.encode())
