"""pydicom makes the same edits: over real files, both data sets are equal, element by element.

What no rule touches is compared byte for byte.  The files that are refused are listed by reason.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import pytest
from corpus import CORPUS, KEY, files
from image import dataset_of
from oracle.pydicom_edits import (
    KEEP,
    REMOVE,
    Edit,
    Node,
    Unreadable,
    data_set,
    edited,
    is_of,
    is_private,
    read,
    refreshed,
    shifted,
)
from pydicom.datadict import keyword_for_tag
from study import SAMPLES

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.errors import ImageError
from anonymizer.methods.refresh_uid import STRUCTURAL
from anonymizer.pipeline import Pipeline

if TYPE_CHECKING:
    from pathlib import Path

DAYS = -37

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")


def configuration(*rules: dict[str, object], **more: object) -> dict[str, object]:
    return {"rules": list(rules), "mark": False, **more}


def rule(selector: str, method: str, **options: object) -> dict[str, object]:
    return {"dicomTagPath": selector, "method": method, **options}


def by_tag(**fates: str | bytes) -> Edit:
    """An edit of attributes, given as t00100010=REMOVE."""
    tags = {int(name[1:], 16): fate for name, fate in fates.items()}
    return lambda node, path: tags.get(node.tag)


def by_vr(vr: str, fate: Callable[[Node, bytes], str | bytes]) -> Edit:
    def edit(node: Node, path: tuple[int, ...]) -> str | bytes | None:
        if not is_of(node, vr) or isinstance(node.value, tuple):
            return None
        return fate(node, node.value)

    return edit


def private_goes(node: Node, path: tuple[int, ...]) -> str | None:
    return REMOVE if is_private(node.tag) else None


def in_request(node: Node, path: tuple[int, ...]) -> str | None:
    return REMOVE if node.tag == 0x00400009 and path[-1:] == (0x00400275,) else None


def nested_codes(node: Node, path: tuple[int, ...]) -> bytes | None:
    return b"CLEANED " if node.tag == 0x00080104 and path else None


def new_uid(node: Node, value: bytes) -> str | bytes:
    return KEEP if node.tag in STRUCTURAL else refreshed(value, KEY.encode())


def masks(node: Node, path: tuple[int, ...]) -> str | bytes | None:
    if node.tag >> 24 == 0x60 and not is_private(node.tag):
        return REMOVE
    if keyword_for_tag(node.tag).endswith("Date"):
        return REMOVE
    return b"" if node.tag & 0xFFFF000F == 0x00280000 else None


def dates(node: Node, path: tuple[int, ...]) -> bytes | None:
    if node.vr not in ("DA", "DT") or not isinstance(node.value, bytes):
        return None
    return shifted(node.value, node.vr, DAYS)


def most_private_goes(node: Node, path: tuple[int, ...]) -> str | None:
    if not is_private(node.tag):
        return None
    return KEEP if node.vr == "DA" or node.creator == "SIEMENS MR HEADER" else REMOVE


ALLOWED = {
    0x00080016, 0x00080018, 0x00080060, 0x00081150, 0x00081155, 0x00280010, 0x00280011, 0x7FE00010,
}  # fmt: skip


A_SEQUENCE_BY_ITS_BYTES = 0x3F031001
"""In priv_SQ.dcm: of known length and unknown VR, so pydicom calls it UN, but it holds items."""


def allowed(node: Node, path: tuple[int, ...]) -> str | None:
    return KEEP if node.tag in ALLOWED else None


RULE_SETS: dict[str, tuple[dict[str, object], Edit, str]] = {
    "no rules": (configuration(), lambda node, path: None, KEEP),
    "remove at every depth": (
        configuration(
            *(
                rule(tag, "remove")
                for tag in ("PatientName", "(0010,0020)", "00080050", "SOPInstanceUID")
            )
        ),
        by_tag(t00100010=REMOVE, t00100020=REMOVE, t00080050=REMOVE, t00080018=REMOVE),
        KEEP,
    ),
    "empty at every depth": (
        configuration(rule("PatientID", "redact"), rule("CodeMeaning", "redact")),
        by_tag(t00100020=b"", t00080104=b""),
        KEEP,
    ),
    "remove sequences whole": (
        configuration(rule("SQ", "remove")),
        lambda node, path: (
            REMOVE if node.vr == "SQ" or node.tag == A_SEQUENCE_BY_ITS_BYTES else None
        ),
        KEEP,
    ),
    "names become longer": (
        configuration(rule("PN", "substitute", replaceWith="ANONYMOUS^" + "X" * 50)),
        by_vr("PN", lambda node, value: b"ANONYMOUS^" + b"X" * 50),
        KEEP,
    ),
    "names become shorter": (
        configuration(rule("PN", "substitute", replaceWith="A")),
        by_vr("PN", lambda node, value: b"A "),
        KEEP,
    ),
    "private goes": (configuration(rule("private", "remove")), private_goes, KEEP),
    "some private stays": (
        configuration(
            rule('(0019,"SIEMENS MR HEADER",xx)', "keep"),
            rule("/....,SIEMENS MR HEADER,../", "keep"),
            rule("DA", "keep"),
            rule("private", "remove"),
        ),
        most_private_goes,
        KEEP,
    ),
    "new UIDs": (
        configuration(rule("UI", "refreshUID"), parameters={"refreshUIDKey": KEY}),
        by_vr("UI", new_uid),
        KEEP,
    ),
    "dates move": (
        configuration(rule("DA", "dateShift"), rule("DT", "dateShift"))
        | {"parameters": {"dateShiftDays": DAYS}},
        dates,
        KEEP,
    ),
    "paths": (
        configuration(
            rule("RequestAttributesSequence.ScheduledProcedureStepID", "remove"),
            rule("*.**.CodeMeaning", "substitute", replaceWith="CLEANED"),
        ),
        lambda node, path: in_request(node, path) or nested_codes(node, path),
        KEEP,
    ),
    "allow-list": (
        configuration(*(rule(f"{tag:08X}", "keep") for tag in sorted(ALLOWED)), otherwise="remove"),
        allowed,
        REMOVE,
    ),
    "masks and wildcards": (
        configuration(
            rule("(60xx,xxxx)", "remove"), rule("*Date", "remove"), rule("(0028,xxx0)", "redact")
        ),
        masks,
        KEEP,
    ),
    "nothing stays": (configuration(otherwise="remove"), lambda node, path: None, REMOVE),
}


REFUSED = {
    # Sequences 100 levels deep.
    "TC0265_depth_100.dcm": "too-deep",
    # Nothing but a preamble and a marker; nothing but those and group 0002.
    "TC0233_rows_US_as_UL.dcm": "empty",
    "bad.dcm": "empty",
    # A zlib stream (with its header) under a transfer syntax that says explicit VR.
    "TC0345_deflate_corrupt.dcm": "wrong-syntax",
    # No DICM marker, 128 bytes of zeros before group 0002.
    "TC0383_no_dicm.dcm": "not-dicom",
    # The VR or length bytes of an element of group 0002 are overwritten.
    **dict.fromkeys(
        (
            f"{name}.dcm"
            for name in """
                TC0391_meta_glen_zero TC0397_meta_glen_huge TC0477_meta_0001_vr_5858
                TC0483_meta_0001_vr_5151 TC0489_meta_0001_vr_3939 TC0495_meta_0001_vr_7569
                TC0501_meta_0001_vr_5520 TC0517_meta_0002_vr_3939 TC0523_meta_0002_vr_7569
                TC0541_meta_0003_vr_0000 TC0547_meta_0003_vr_7371 TC0553_meta_0003_vr_7368
                TC0561_meta_0010_vr_5858 TC0569_meta_0010_vr_0000 TC0575_meta_0010_vr_7371
            """.split()
        ),
        "bad-meta",
    ),
    # Pixel data or a sequence ends after the file does.
    "MR_truncated.dcm": "truncated",
    "rtplan_truncated.dcm": "truncated",
    # Implicit VR under a JPEG transfer syntax.
    "SC_rgb_jpeg.dcm": "wrong-syntax",
    # An item whose length is 24 bytes more than what it holds, at the end of its sequence.
    "DICOMDIR-nooffset": "overrun",
    # A stray byte before the first element of a bare data set.
    "no_meta.dcm": "not-dicom",
}
"""Files that are really malformed, or hostile, with the reason that is given."""


@cache
def pipeline(name: str) -> Pipeline:
    return Pipeline(compile_configuration(configuration_of(RULE_SETS[name][0])))


def anonymized(name: str, path: Path) -> bytes:
    source = path.read_bytes()
    return bytes(pipeline(name).anonymize(source, len(source)))


def images() -> list[Path]:
    """All files that are not refused."""
    found = [path for folder in (CORPUS, SAMPLES) for path in sorted(folder.rglob("*"))]
    return [path for path in found if path.is_file() and reason(path) is None]


@cache
def reason(path: Path) -> str | None:
    """Why a file is refused, None if it is written."""
    source = path.read_bytes()
    try:
        pipeline("no rules").anonymize(source, len(source))
    except ImageError as error:
        return error.reason
    return None


OFFSETS = {0x00041200, 0x00041202, 0x00041400, 0x00041420}
"""Byte offsets of directory records, which move with what stands before them (PS3.3 F.3.2.2)."""


def differences(expected: tuple[Node, ...], found: tuple[Node, ...], place: str = "") -> list[str]:
    """Where two data sets differ, by tag."""
    wanted, got = ({node.tag: node for node in nodes} for nodes in (expected, found))
    places = []
    for tag in sorted((wanted.keys() | got.keys()) - OFFSETS):
        here = f"{place}({tag >> 16:04X},{tag & 0xFFFF:04X})"
        if tag not in got:
            places.append(f"{here} is missing")
        elif tag not in wanted:
            places.append(f"{here} is left")
        else:
            places += _differences(wanted[tag], got[tag], here)
    return places


def same_vr(wanted: str, got: str) -> bool:
    """pydicom looks up the VR of empty elements at once, of others when they are asked for."""
    return wanted == got or not (wanted and got) or "UN" in (wanted, got)


def _differences(wanted: Node, got: Node, here: str) -> list[str]:
    if isinstance(wanted.value, tuple) and isinstance(got.value, tuple):
        if len(wanted.value) != len(got.value):
            return [f"{here} has {len(got.value)} items instead of {len(wanted.value)}"]
        pairs = enumerate(zip(wanted.value, got.value, strict=True))
        return [d for n, (w, g) in pairs for d in differences(w, g, f"{here}[{n}].")]
    if wanted.value != got.value or not same_vr(wanted.written, got.written):
        return [
            f"{here} is {got.written} {got.value!r:.60} not {wanted.written} {wanted.value!r:.60}"
        ]
    return []


@pytest.mark.parametrize("name", RULE_SETS)
def test_the_data_sets_are_those_that_pydicom_makes(name: str) -> None:
    _, edit, rest = RULE_SETS[name]
    compared = touched = 0
    unequal = {}
    for path in images():
        try:
            before = read(path.read_bytes())
        except Unreadable:
            continue
        expected = edited(before, edit, rest=rest)
        compared += 1
        touched += expected != before
        if not expected:
            with pytest.raises(ImageError, match="no attribute would be left"):
                anonymized(name, path)
        elif places := differences(expected, read(anonymized(name, path))):
            unequal[path.name] = places
    assert unequal == {}
    assert compared > 300
    assert bool(touched) == (name != "no rules")


@pytest.mark.parametrize("folder", [CORPUS, SAMPLES], ids=["corpus", "samples"])
def test_without_rules_data_sets_are_identical(folder: Path) -> None:
    files = [path for path in images() if path.is_relative_to(folder)]
    changed = [path.name for path in files if not same_data_set(path)]
    assert files
    assert changed == []


def same_data_set(path: Path) -> bool:
    before, after = path.read_bytes(), anonymized("no rules", path)
    if DIRECTORY in before[:400]:
        return differences(read(before), read(after)) == []
    if after[128:132] != b"DICM":  # a bare data set stays one
        return before.endswith(after)
    return dataset_of(after)[0] == data_set(before)


DIRECTORY = b"1.2.840.10008.1.3.10"


def test_the_files_that_are_refused_are_those_that_are_malformed() -> None:
    texts = [path for path in files() if "LICENSE" in str(path)]
    assert {reason(path) for path in texts} == {"not-dicom"}
    refused = {path.name: reason(path) for path in set(files()) - set(texts)}
    assert {name: why for name, why in refused.items() if why} == REFUSED


def test_the_mark_adds_its_two_attributes_and_nothing_else() -> None:
    marking = Pipeline(compile_configuration(configuration_of({"rules": []})))
    for path in images():
        source = path.read_bytes()
        found = differences(read(source), read(bytes(marking.anonymize(source, len(source)))))
        if DIRECTORY not in source[:400]:
            found = [place[:11] for place in found if "(0012,0064)" not in place]
            assert set(found) <= {"(0012,0062)", "(0012,0063)"}, path.name
