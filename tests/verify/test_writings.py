"""Where a value may be written and how: each is found, with nothing else of the image touched."""

from __future__ import annotations

import base64
import gc
import gzip
import random
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from image import (
    DEFLATED_LE,
    EXPLICIT_LE,
    IMPLICIT,
    SECONDARY_CAPTURE,
    element,
    item,
    part10,
    sequence,
)

from anonymizer.verify.needles import Needle
from anonymizer.verify.verify import Verification

if TYPE_CHECKING:
    from anonymizer.verify.verify import Result

UTF_8, LATIN_1, CYRILLIC, GREEK = "ISO_IR 192", "ISO_IR 100", "ISO_IR 144", "ISO_IR 126"
JAPANESE = "\\ISO 2022 IR 87"
NAME = "Kanarvogel"


def image(
    number: int, charset: str = "", more: bytes = b"", *, name: bytes = b"", syntax: str = ""
) -> bytes:
    """One of the patient's images; ``more`` stands behind all that it has anyway."""
    uid = f"1.2.3.4.{number}"
    return part10(
        element("SpecificCharacterSet", "CS", charset)
        + element("SOPClassUID", "UI", SECONDARY_CAPTURE)
        + element("SOPInstanceUID", "UI", uid)
        + (element("PatientName", "PN", name) if name else b"")
        + element("PatientID", "LO", "4711XYZ0815")
        + element("StudyInstanceUID", "UI", "1.2.3.4.100")
        + element("SeriesInstanceUID", "UI", "1.2.3.4.101")
        + more,
        syntax or EXPLICIT_LE,
        sop_instance=uid,
    )


def private(vr: str, value: bytes) -> bytes:
    return element(0x00190010, "LO", "ACME") + element(0x00191002, vr, value)


def comment(value: bytes) -> bytes:
    return element("ImageComments", "LT", value)


def document(value: bytes) -> bytes:
    return element("EncapsulatedDocument", "OB", value)


def verified(folder: Path, **images: bytes) -> Result:
    """``in_a`` is the input ``a``, ``out_a`` its output, and so on."""
    for name, data in images.items():
        path = folder / name.replace("_", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return Verification(str(folder / "in"), str(folder / "out"), None).run()


def leaks(folder: Path, inputs: bytes, output: bytes, *, charset: str = "") -> bool:
    """Whether a value of one image, in the output of another of the patient, is found."""
    for plain in (image(2, charset), image(2, charset, comment(b"nothing of that"))):
        clean = verified(folder, in_a=inputs, out_a=image(1), in_b=image(2, charset), out_b=plain)
        assert clean.verdict == "PASS"
    kinds = {finding.kind for finding in verified(folder, out_b=output).findings}
    return "value-left" in kinds


MARFA = "Зденкова^Марфа"
YAMADA = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"

NAMES: dict[str, tuple[str, bytes, str, bytes]] = {
    "another file's set": (UTF_8, MARFA.encode(), CYRILLIC, " Зденкова ".encode("iso8859-5")),
    "its own, in capitals": (
        CYRILLIC,
        MARFA.encode("iso8859-5"),
        CYRILLIC,
        " ЗДЕНКОВА ".encode("iso8859-5"),
    ),
    "UTF-8 of another": (CYRILLIC, MARFA.encode("iso8859-5"), LATIN_1, " Зденкова ".encode()),
    "UTF-8 in small letters": (UTF_8, MARFA.encode(), UTF_8, " зденкова ".encode()),
    "UTF-16 of another": (UTF_8, MARFA.encode(), CYRILLIC, " Зденкова ".encode("utf-16-le")),
    "Greek": (
        GREEK,
        "Διονυσιος^Δ".encode("iso8859-7"),
        GREEK,
        " Διονυσιος ".encode("iso8859-7"),
    ),
    "code extensions": (JAPANESE, YAMADA, JAPANESE, b"xx\x1b$B;3ED\x1b(B yy"),
    "UTF-8 of code extensions": (JAPANESE, YAMADA, UTF_8, "xx山田yy".encode()),
    "UTF-16 of code extensions": (JAPANESE, YAMADA, UTF_8, "xx山田yy".encode("utf-16-be")),
    "UTF-8 of GB18030": ("GB18030", "王^小东".encode("gb18030"), UTF_8, "xx王小东".encode()),
    "GB18030": ("GB18030", "王小^东".encode("gb18030"), "GB18030", "name 王小 ".encode("gb18030")),
    "accents apart": (LATIN_1, "Kanariçhek^K".encode("latin-1"), UTF_8, b" Kanaric\xcc\xa7hek "),
    "accents joined": (UTF_8, b"Kanaric\xcc\xa7hek^Karlo", UTF_8, " Kanariçhek ".encode()),
    "no accents": (LATIN_1, "Kanariçhek^K".encode("latin-1"), UTF_8, b" KANARICHEK "),
    "umlauts as two": (LATIN_1, "Müllerova^K".encode("latin-1"), UTF_8, b" Muellerova "),
    "UTF-8 taken for Latin-1": (
        LATIN_1,
        "Müllerova^K".encode("latin-1"),
        UTF_8,
        " Müllerova ".encode().decode("latin-1").encode(),
    ),
}


@pytest.mark.parametrize(("charset", "name", "other", "leak"), NAMES.values(), ids=NAMES)
def test_a_name_is_found_in_every_writing(
    charset: str, name: bytes, other: str, leak: bytes, tmp_path: Path
) -> None:
    inputs = image(1, charset, name=name)
    assert leaks(tmp_path, inputs, image(2, other, private("OB", leak)), charset=other)


TEXT = b"see Kanarvogel there"
PACKED: dict[str, bytes] = {
    "Base64": private("UT", base64.b64encode(TEXT)),
    "Base64 in lines": private("UT", base64.encodebytes(b"x" * 50 + TEXT + b"y" * 50)),
    "UTF-16 in Base64": private("UT", base64.b64encode(TEXT.decode().encode("utf-16-le"))),
    "gzip in Base64": private("UT", base64.b64encode(gzip.compress(TEXT * 3))),
    "hexadecimal digits": private("UT", TEXT.hex().encode()),
    "zlib with a wrong checksum": document(b"%PDF " + zlib.compress(TEXT)[:-4] + b"oops"),
    "zlib that is cut off": document(b"%PDF " + zlib.compress(TEXT * 9)[:-8]),
    "zlib behind much else": document(b"%PDF " + bytes(range(256)) * 512 + zlib.compress(TEXT)),
    "zlib of much": document(zlib.compress(random.Random(1).randbytes(1 << 17) + TEXT)),
    "an odd number of hexadecimal digits": private("UT", b"<F" + TEXT.hex().encode()),
    "a PDF as it is": document(b"%PDF-1.4\n1 0 obj <</Title(Kanarvogel)>> endobj"),
    "a PDF's hexadecimal string": document(b"%PDF-1.4 /Title <" + NAME.encode().hex().encode()),
    "a PDF's UTF-16": document(b"%PDF-1.4 /Title (\xfe\xff" + NAME.encode("utf-16-be") + b")"),
    "references of XML": document(b"<family>K&#97;narvog&#x65;l</family>"),
    "percent signs": private("UT", b"http://example/?n=K%61narvogel"),
    "an image in an image": document(image(3, name=b"Kanarvogel^Karlotta")),
    "trailing padding": element(0xFFFCFFFC, "OB", b"\0\0Kanarvogel\0\0"),
    "padding of a value": comment(b"abc\0\0Kanarvogel\0"),
    "a sequence written as UN": sequence(
        "RequestAttributesSequence",
        item(IMPLICIT.element("ScheduledProcedureStepDescription", "LO", NAME)),
        vr="UN",
    ),
}


@pytest.mark.parametrize("more", PACKED.values(), ids=PACKED)
def test_a_name_is_found_in_every_packing(more: bytes, tmp_path: Path) -> None:
    inputs = image(1, name=b"Kanarvogel^Karlotta")
    assert leaks(tmp_path, inputs, image(2, "", more))


def test_a_name_is_found_in_a_deflated_image(tmp_path: Path) -> None:
    inputs = image(1, name=b"Kanarvogel^Karlotta")
    output = image(2, "", private("OB", b"xxKanarvogelyy"), syntax=DEFLATED_LE)
    assert leaks(tmp_path, inputs, output)


TAKEN: dict[str, tuple[bytes, bytes]] = {
    "a private text": (private("LO", b"Brieftaube 9"), comment(b"at Brieftaube 9")),
    "a text in UN": (private("UN", b"Zdenka"), comment(b"at Zdenka")),
    "a name in UN": (private("UN", b"Kanarvogel^Karlotta"), comment(b"at Karlotta")),
    "a date in UN": (private("UN", b"19570712"), comment(b"at 12.07.1957")),
    "texts in OB": (private("OB", b"\0\0Vogel 12\0\0Zdenka Wien\0"), comment(b"at Zdenka Wien")),
    "padding": (element(0xFFFCFFFC, "OB", b"\0\0Kanarvogel\0\0"), comment(b"at Kanarvogel")),
    "a value of several": (
        element("OtherPatientIDs", "LO", ["AB-12", "Q7-99871"]),
        comment(b"Q799871"),
    ),
    "a telephone number": (
        element("PatientTelephoneNumbers", "SH", "+43 1 5557 812"),
        comment(b"at 0043 (1) 5557812"),
    ),
    "an identifier of short parts": (
        element("AccessionNumber", "SH", "ZS/77-1"),
        private("OB", b"of ZS/77-1."),
    ),
    "an identifier that ends with zeros": (
        element("AccessionNumber", "SH", "27000"),
        private("OB", b"number 27000."),
    ),
    "a time with a date": (
        element("AcquisitionDateTime", "DT", "20190503121314.123"),
        comment(b"on 3 May 2019"),
    ),
    **{
        f"a birth date as {written}": (
            element("PatientBirthDate", "DA", "19570712"),
            private("OB", f"   {written} ".encode()),
        )
        for written in (
            "19570712", "1957-07-12", "12.07.1957", "07/12/1957", "12.7.1957", "7/12/1957",
            "12 July 1957", "12-JUL-1957", "July 12, 1957", "Jul 12 1957",
        )
    },
    "a birth date in short": (
        element("PatientBirthDate", "DA", "19570712"),
        comment(b"born 12.7.57"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("taken", "leak"), TAKEN.values(), ids=TAKEN)
def test_what_is_taken_from_anywhere_is_found(taken: bytes, leak: bytes, tmp_path: Path) -> None:
    assert leaks(tmp_path, image(1, "", taken), image(2, "", leak))


def test_what_the_preamble_said_is_found(tmp_path: Path) -> None:
    inputs = b"Kanarvogel".ljust(128, b"\0") + image(1)[128:]
    assert leaks(tmp_path, inputs, image(2, "", comment(b"at Kanarvogel")))


NOTHING: dict[str, tuple[bytes, bytes]] = {
    "zeros of a number": (
        element("PatientWeight", "DS", "0.000000"),
        element("GantryDetectorTilt", "DS", "0.000000"),
    ),
    "binary values": (private("UN", bytes(range(0, 240, 7))), comment(b"bytes and numbers")),
    "two bytes of UTF-16 by chance": (
        private("LO", "山田".encode()),
        private("OB", b"\x91" * 9 + "山田".encode("utf-16-be") + b"\x92" * 9),
    ),
}


@pytest.mark.parametrize(("taken", "there"), NOTHING.values(), ids=NOTHING)
def test_what_tells_nothing_is_not_found(taken: bytes, there: bytes, tmp_path: Path) -> None:
    assert not leaks(tmp_path, image(1, UTF_8, taken), image(2, "", there))


def test_what_is_not_searched_is_listed_by_attribute(tmp_path: Path) -> None:
    weight = element("PatientSex", "CS", "F") + element("PatientWeight", "DS", "72.5000")
    result = verified(tmp_path, in_a=image(1, "", weight), out_a=image(1))
    assert result.unsearched["number"] == {"PatientWeight": 1}
    assert result.unsearched["coded"] == {"PatientSex": 1}


def test_of_a_stream_that_grows_too_much_the_beginning_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anonymizer.verify.haystack.MOST_UNPACKED", 1 << 16)
    bomb = document(zlib.compress(TEXT + bytes(1 << 20)))
    inputs = image(1, name=b"Kanarvogel^Karlotta")
    result = verified(
        tmp_path, in_a=inputs, out_a=image(1), in_b=image(2), out_b=image(2, "", bomb)
    )
    assert {finding.kind for finding in result.findings} == {"value-left", "not-unpacked"}


def test_many_streams_in_a_large_document_are_each_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anonymizer.verify.haystack import Haystack

    given: list[int] = []
    inflate = Haystack._inflated

    class Counted(bytes):
        def __getitem__(self, key: slice) -> bytes:  # type: ignore[override]
            part = bytes(self)[key]
            given.append(len(part))
            return part

    def counted(
        self: Haystack, value: bytes, start: int, bits: int, *, whole: bool = False
    ) -> bytes:
        return inflate(self, Counted(value), start, bits, whole=whole)

    monkeypatch.setattr(Haystack, "_inflated", counted)
    stream = zlib.compress(TEXT)
    data = document(b"%PDF " + (stream + b"endstream ") * 4000)
    verified(tmp_path, in_a=image(1), out_a=image(1, "", data))
    assert len(given) >= 4000
    assert sum(given) < 4001 * (1 << 14)


def test_of_what_was_searched_for_only_the_values_are_kept(tmp_path: Path) -> None:
    """What a patient's values are spelled as needs a hundred times their memory."""
    for number in range(3):
        for folder, name in (("in", b"Kanarvogel^Karlotta"), ("out", b"")):
            data = image(number, name=name).replace(b"4711XYZ0815", b"4711XYZ081%d" % number)
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / str(number)).write_bytes(data)
    verification = Verification(str(tmp_path / "in"), str(tmp_path / "out"), None)
    result = verification.run()
    assert (result.patients, result.searched) == (3, 3)
    assert not [each for each in gc.get_objects() if isinstance(each, Needle)]
    assert verification is not None
