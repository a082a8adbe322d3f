"""Of files that are equal but for what says nothing the same is told; the rest is seen."""

from __future__ import annotations

from typing import Any

import pytest
from engine import compiled, rule
from hypothesis import given
from hypothesis import strategies as st
from image import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, part10, writer_of

from anonymizer.dicom.scan import scan
from anonymizer.pipeline import Pipeline
from anonymizer.rules.private_pattern import pattern_of

SYNTAXES = [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE]
LIKE: dict[str, Any] = {
    "number": "1",
    "time": "101112",
    "acquired": "20200131101112",
    "name": "Zappa^Moon",
    "creator": "SIEMENS MR HEADER",
    "station": "CT1",
    "pixels": b"\x00\x01" * 20,
    "private": "saw Zappa",
    "nested": "quiet",
    "behind": "",
}


def file_of(syntax: str, **values: Any) -> bytes:  # noqa: ANN401  as LIKE has them
    w = writer_of(syntax)
    v = {**LIKE, **values}
    return part10(
        w.element("SOPInstanceUID", "UI", f"1.2.{v['number']}")
        + w.element("AcquisitionDateTime", "DT", v["acquired"])
        + w.element("ContentTime", "TM", v["time"])
        + w.element("StationName", "SH", v["station"])
        + w.sequence("ProcedureCodeSequence", w.item(w.element("CodeMeaning", "LO", v["nested"])))
        + w.element("PatientName", "PN", v["name"])
        + w.element(0x00190010, "LO", v["creator"])
        + w.element(0x00191008, "LO", v["private"])
        + w.element("InstanceNumber", "IS", v["number"])
        + w.element("ImagePositionPatient", "DS", f"0\\{v['number']}.5\\1")
        + w.element("PixelData", "OW", v["pixels"])
        + (w.element(0x7FE10010, "LO", "X") + w.element(0x7FE11001, "LO", v["behind"]))
        * bool(v["behind"]),
        syntax,
    )


def pipeline() -> Pipeline:
    return Pipeline(compiled(rule("PatientName", "remove")))


def told(p: Pipeline, file: bytes) -> list[str]:
    return [w for w in p.anonymize(file, len(file)).warnings if "private" in w]


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets a number for each walk over a data set for the sake of private elements."""
    made: list[int] = []

    def counted(*given: Any) -> Any:  # noqa: ANN401
        made.append(1)
        return scan(*given)

    monkeypatch.setattr("anonymizer.rules.private.scan", counted)
    return made


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_files_of_a_kind_are_walked_no_more(syntax: str, walks: list[int]) -> None:
    p = pipeline()
    for number in range(1, 21):
        like = {
            "number": str(number * 77),
            "time": f"10{number:02}12.5",
            "acquired": f"202001311{number:05}.123",
            "pixels": bytes([number]) * 2 * number,
        }
        (warning,) = told(p, file_of(syntax, **like))
        assert warning.endswith("what identifies this patient")
    assert len(walks) == 2


CHANGES: list[dict[str, Any]] = [
    {"private": "saw nobody"},
    {"private": "on 2019-03-04"},
    {"name": "Other^Name"},
    {"creator": "ACME"},
    {"station": "Zappa"},
    {"nested": "louder"},
    {"acquired": "20210131101112"},
    {"acquired": "20200131101112\\20190304"},
    {"pixels": b""},
    {"behind": "Zappa"},
]


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_whatever_matters_is_seen_at_once(change: dict[str, Any], syntax: str) -> None:
    p = pipeline()
    for number in "123":
        told(p, file_of(syntax, number=number))
    changed = file_of(syntax, number="4", **change)
    assert told(p, changed) == told(pipeline(), changed)
    same = file_of(syntax, number="5")
    assert told(p, same) == told(pipeline(), same)


@given(
    st.sampled_from(SYNTAXES),
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "number": st.sampled_from(["1", "22", "333"]),
                "acquired": st.sampled_from(["20200131101112", "20200131", "2019", "", " 2020"]),
                "station": st.sampled_from(["CT1", "Moon", ""]),
                "private": st.sampled_from(["saw Zappa", "Some^Body", "CT1 Moon", "2019", "x"]),
                "name": st.sampled_from(["Zappa^Moon", "Some^Body", ""]),
                "pixels": st.sampled_from([b"", b"\0\0", b"\1" * 8]),
                "nested": st.sampled_from(["quiet", "loud"]),
            },
        ),
        min_size=3,
        max_size=8,
    ),
)
def test_what_is_told_does_not_depend_on_the_files_before(
    syntax: str, files: list[dict[str, Any]]
) -> None:
    p = pipeline()
    for values in files:
        file = file_of(syntax, **values)
        assert told(p, file) == told(pipeline(), file)


def test_files_that_have_nothing_in_common_are_compared_ever_more_rarely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[int] = []

    def counted(*given: Any) -> Any:  # noqa: ANN401
        compared.append(1)
        return pattern_of(*given)

    monkeypatch.setattr("anonymizer.rules.private.pattern_of", counted)
    p = pipeline()
    for number in range(300):
        told(p, file_of(EXPLICIT_LE, name=f"Name{number}^A"))
    assert len(compared) < 15
