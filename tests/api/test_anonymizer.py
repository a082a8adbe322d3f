"""An Anonymizer does in a program what the command does: files, folders, bytes and streams."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from image import dataset_of, dump_file, element, item, part10, sequence
from study import SAMPLES, image, write_study

import anonymizer
from anonymizer import (
    Anonymizer,
    Attribute,
    ConfigurationError,
    Context,
    ImageError,
    Keep,
    Remove,
    Replace,
    UsageError,
    ValueFault,
)

if TYPE_CHECKING:
    from pathlib import Path

KEY = "a key for tests, of 32 characters or more"
NAMES = [{"dicomTagPath": "PatientName", "method": "remove"}]


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)


def test_bytes_in_bytes_out() -> None:
    output = Anonymizer(NAMES).anonymize_bytes(bytearray(image()))
    assert "PatientName" not in dump_file(output)
    assert "YES" in dump_file(output)


def test_bytes_that_are_no_image_are_refused_with_a_reason() -> None:
    with pytest.raises(ImageError) as caught:
        Anonymizer(NAMES).anonymize_bytes(b"Canary")
    assert caught.value.reason == "not-dicom"


def test_a_file_is_what_the_command_writes(tmp_path: Path) -> None:
    source = next(SAMPLES.rglob("*.dcm"))
    result = Anonymizer("example", key=KEY).anonymize_file(source, tmp_path / "new" / "out.dcm")
    key = tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    command = [sys.executable, "-m", "anonymizer", "-i", str(source), "-o", f"{tmp_path}/cli.dcm"]
    command += ["-c", "example", "--key-file", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    output = (tmp_path / "new" / "out.dcm").read_bytes()
    assert output == (tmp_path / "cli.dcm").read_bytes()
    assert result.size == len(output)
    assert result.counts["substitute"] >= 1
    assert result.elements is None


def test_elements_are_told_where_asked_for_without_values(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(
        image(more=sequence("RequestAttributesSequence", item(element("CodeMeaning", "LO", "x"))))
    )
    rules = [*NAMES, {"dicomTagPath": "LO", "method": "redact"}]
    result = Anonymizer(rules).anonymize_file(tmp_path / "in", tmp_path / "out", elements=True)
    assert result.elements is not None
    told = {one.path: one for one in result.elements}
    name = told["PatientName"]
    assert (name.tag, name.vr, name.rule) == (0x00100010, "PN", "rules[0] PatientName")
    assert (name.method, name.decision, name.fault) == ("remove", "removed", "")
    assert told["RequestAttributesSequence"].decision == "entered"
    assert told["RequestAttributesSequence[0].CodeMeaning"].decision == "emptied"
    assert told["StudyDate"].rule == "otherwise"
    assert "Doe" not in repr(result)


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"replaceWith": b"Kanari"}, "rules[0].replaceWith"),
        ({"why": object()}, "rules[0].why"),
        ({"when": {"Modality": {"CT"}}}, "rules[0].when.Modality"),
        ({5: "Kanari"}, "rules[0]"),
    ],
)
def test_what_no_file_could_say_is_a_mistake(more: dict[Any, object], place: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Anonymizer([{"dicomTagPath": "PatientName", "method": "substitute", **more}])
    assert [mistake.place for mistake in caught.value.mistakes] == [place]
    assert "Kanari" not in str(caught.value)


@pytest.mark.parametrize(("low", "fate"), [("08", "kept"), ("09", "removed")])
def test_a_creator_stays_while_an_element_of_its_block_does(low: str, fate: str) -> None:
    block = element(0x00290010, "LO", "ACME") + element(0x00291008, "CS", "A")
    rules = [
        {"dicomTagPath": f'(0029,"ACME",{low})', "method": "keep"},
        {"dicomTagPath": "private", "method": "remove"},
    ]
    writer = io.BytesIO()
    source = io.BytesIO(image(more=block))
    result = Anonymizer(rules).anonymize_stream(source, writer, elements=True)
    assert ("(0029,0010)" in dump_file(writer.getvalue())) == (fate == "kept")
    assert result.elements is not None
    assert [one.decision for one in result.elements if one.tag == 0x00290010] == [fate]


@pytest.mark.parametrize("method", ["redact", "blank", "remove"])
def test_a_group_length_goes_whatever_its_rule_does(method: str) -> None:
    file = image(more=element(0x00280000, "UL", 10) + element("Rows", "US", 2))
    a = Anonymizer([{"dicomTagPath": "(0028,0000)", "method": method}])
    writer = io.BytesIO()
    result = a.anonymize_stream(io.BytesIO(file), writer, elements=True)
    assert "(0028,0000)" not in dump_file(writer.getvalue())
    assert result.elements is not None
    assert [one.decision for one in result.elements if one.tag == 0x00280000] == ["removed"]


def test_a_file_that_is_there_is_replaced_only_where_asked(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(image())
    (tmp_path / "out").write_bytes(b"mine")
    a = Anonymizer(NAMES)
    with pytest.raises(ImageError) as caught:
        a.anonymize_file(tmp_path / "in", tmp_path / "out")
    assert caught.value.reason == "exists"
    assert (tmp_path / "out").read_bytes() == b"mine"
    a.anonymize_file(tmp_path / "in", tmp_path / "out", overwrite=True)
    assert b"DICM" in (tmp_path / "out").read_bytes()


def test_inputs_and_configurations_are_never_written_to(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(image())
    (tmp_path / "link").symlink_to(tmp_path / "in")
    (tmp_path / "c.json").write_text(json.dumps({"rules": NAMES}))
    a = Anonymizer(tmp_path / "c.json")
    for target in ("in", "link", "c.json"):
        with pytest.raises(UsageError):
            a.anonymize_file(tmp_path / "in", tmp_path / target, overwrite=True)
    write_study(tmp_path / "study")
    for folder in (".", "study"):
        with pytest.raises(UsageError):
            a.anonymize_folder(tmp_path / "study", tmp_path / folder)


class Narrow(io.RawIOBase):
    """A stream without a buffer that takes little at once, and at last nothing."""

    def __init__(self, room: int) -> None:
        self.taken = b""
        self._room = room

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int | None:  # noqa: ANN401  any bytes
        part = bytes(data[: min(100, self._room)])
        self._room -= len(part)
        self.taken += part
        return len(part) or None


def test_a_stream_without_a_buffer_gets_all_of_it() -> None:
    a = Anonymizer([{"dicomTagPath": "PN", "method": "remove"}])
    whole = a.anonymize_bytes(image())
    for room in (len(whole), len(whole) + 1):
        a.anonymize_stream(io.BytesIO(image()), narrow := Narrow(room))  # type: ignore[arg-type]
        assert narrow.taken == whole
    with pytest.raises(BlockingIOError):
        a.anonymize_stream(io.BytesIO(image()), Narrow(150))  # type: ignore[arg-type]


def test_a_stream_gets_nothing_of_a_refused_image() -> None:
    a, writer = Anonymizer(NAMES), io.BytesIO()
    with pytest.raises(ImageError):
        a.anonymize_stream(io.BytesIO(image()[:-1]), writer)
    assert not writer.getvalue()
    result = a.anonymize_stream(io.BytesIO(image()), writer)
    assert writer.getvalue() == a.anonymize_bytes(image())
    assert result.counts == {"remove": 1}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_folder_is_added_up(tmp_path: Path, workers: int) -> None:
    write_study(tmp_path / "in", files=5)
    (tmp_path / "in" / "broken.dcm").write_bytes(image()[:-1])
    (tmp_path / "in" / "notes.txt").write_text("no image")
    told: list[tuple[int, int | None]] = []
    report = Anonymizer(NAMES).anonymize_folder(
        tmp_path / "in", tmp_path / "out", workers=workers, progress=lambda *at: told.append(at)
    )
    assert (report.written, report.refused, report.skipped) == (
        5,
        {"truncated": 1},
        {"not-dicom": 1},
    )
    assert report.counts == {"remove": 5}
    assert [f.status for f in report.files] == ["refused", *["written"] * 5, "skipped"]
    assert report.files[1].output == "im000"
    assert (report.never_matched, report.interrupted) == ((), False)
    assert told[-1] == (7, 7)
    assert len(list((tmp_path / "out").iterdir())) == 5


def test_one_worker_is_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_study(tmp_path / "in", files=1)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("it forked"))
    assert Anonymizer(NAMES).anonymize_folder(tmp_path / "in", tmp_path / "out").written == 1


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the input folder is none"):
        Anonymizer(NAMES).anonymize_folder(tmp_path / "none", tmp_path / "out")


def test_outputs_are_named_by_new_uids(tmp_path: Path) -> None:
    write_study(tmp_path / "in", files=2)
    a = Anonymizer([{"dicomTagPath": "UI", "method": "refreshUID"}], key=KEY)
    report = a.anonymize_folder(tmp_path / "in", tmp_path / "out", rename=True)
    assert all((tmp_path / "out" / file.output).is_file() for file in report.files)
    assert all(file.output.startswith("2.25.") for file in report.files)


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(SAMPLES, tmp_path / "in")
    Anonymizer("example").anonymize_folder(tmp_path / "in", tmp_path / "out", workers=2)
    assert capfd.readouterr() == ("", "")


# Keys and configurations


def test_equal_keys_give_equal_outputs_and_the_key_given_counts() -> None:
    rules = {"rules": [{"dicomTagPath": "PatientID", "method": "cryptoHash"}], "mark": False}
    one = Anonymizer(rules, key=KEY).anonymize_bytes(image())
    named = {**rules, "parameters": {"key": {"env": "NOT_SET"}}}
    assert one == Anonymizer(named, key=KEY.encode()).anonymize_bytes(image())
    assert one != Anonymizer(rules, key=bytes(range(32))).anonymize_bytes(image())
    assert Anonymizer(rules).warnings[0].message.startswith("no key")
    assert Anonymizer(rules, key=KEY).warnings == ()


@pytest.mark.parametrize("key", ["short", b"short", b""])
def test_a_weak_key_is_a_mistake(key: str | bytes) -> None:
    with pytest.raises(ConfigurationError, match="shorter than 32") as caught:
        Anonymizer(NAMES, key=key)
    assert "short" not in str(caught.value).replace("shorter", "")


def test_all_mistakes_are_told() -> None:
    rules = [{"dicomTagPath": "PatentName", "method": "remove"}, {"dicomTagPath": "DA"}]
    with pytest.raises(ConfigurationError) as caught:
        Anonymizer({"rules": rules})
    assert [m.place for m in caught.value.mistakes] == ["rules[0].dicomTagPath", "rules[1].method"]


def test_strict_makes_mistakes_of_warnings() -> None:
    with pytest.raises(ConfigurationError, match="no key"):
        Anonymizer([{"dicomTagPath": "UI", "method": "refreshUID"}], strict=True)


@pytest.mark.parametrize("given", [42, None, object()])
def test_what_is_no_configuration_is_told(given: object) -> None:
    with pytest.raises(UsageError, match="a configuration cannot be a"):
        Anonymizer(given)  # type: ignore[arg-type]  # that is what is tested


def test_what_is_no_list_of_rules_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="rules: is not a list"):
        Anonymizer({"rules": "all"})


def test_no_such_name_is_told() -> None:
    for make in (Anonymizer, Anonymizer.profile):
        with pytest.raises(UsageError, match=r"did you mean 'ps3.15-basic'"):
            make("ps3.15-basics")


def test_a_profile_has_options_and_rules_before_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ps3.15-basic").write_text("what lies in the current folder is not meant")
    a = Anonymizer.profile(
        "ps3.15-basic",
        options=["retainLongitudinalFullDates"],
        rules=[{"dicomTagPath": "PatientName", "method": "substitute", "replaceWith": "Mine"}],
        key=KEY,
    )
    text = dump_file(a.anonymize_bytes(image()))
    assert "20200131" in text
    assert "Mine" in text
    assert a.name == "ps3.15-basic"
    with pytest.raises(ConfigurationError, match=r"options\[0\]"):
        Anonymizer.profile("ps3.15", options=["retainUIDss"])
    text = dump_file(Anonymizer.profile("ps3.15", edition="2024b").anonymize_bytes(image()))
    assert "20200131" not in text


def test_a_dictionary_of_kitwares_tool_is_taken(tmp_path: Path) -> None:
    given = {"(0x0010, 0x0010)": "delete"}
    (tmp_path / "theirs.json").write_text(json.dumps(given))
    for theirs in (given, tmp_path / "theirs.json"):
        a = Anonymizer(theirs, key=KEY)
        assert "PatientName" not in dump_file(a.anonymize_bytes(image()))


# Methods of one's own


def initials(attribute: Attribute, context: Context) -> Keep | Replace:
    """Keeps the initials."""
    parts = anonymizer.text_of(attribute).split("^")
    return Replace("^".join(part[:1] for part in parts).encode())


class Twice:
    def __call__(self, attribute: Attribute, context: Context) -> Replace:
        return Replace(attribute.value.strip() * 2)


def fixed(text: bytes, attribute: Attribute, context: Context) -> Replace:
    return Replace(text)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (initials, "D^J"),
        (Twice(), "Doe^JaneDoe^Jane"),
        (partial(fixed, b"Roe"), "Roe"),
        (lambda attribute, context: Replace(b"Lambda"), "Lambda"),
    ],
    ids=["function", "object", "partial", "lambda"],
)
def test_a_callable_stands_for_a_method(method: object, expected: str) -> None:
    a = Anonymizer([{"dicomTagPath": "PatientName", "method": method}])
    assert f"[{expected}" in dump_file(a.anonymize_bytes(image()))
    named = Anonymizer(
        [{"dicomTagPath": "PatientName", "method": "mine"}], methods={"mine": method}
    )
    assert f"[{expected}" in dump_file(named.anonymize_bytes(image()))


def test_a_callable_is_counted_under_its_name_and_runs_in_workers(tmp_path: Path) -> None:
    write_study(tmp_path / "in", files=3)
    a = Anonymizer(
        [
            {"dicomTagPath": "PatientName", "method": initials},
            {"dicomTagPath": "LO", "method": lambda attribute, context: Remove()},
            {"dicomTagPath": "DA", "method": lambda attribute, context: Remove()},
        ]
    )
    report = a.anonymize_folder(tmp_path / "in", tmp_path / "out", workers=2)
    assert report.counts == {"initials": 3, "lambda": 3, "lambda-2": 3}


def test_what_a_callable_raises_is_not_told() -> None:
    def breaks(attribute: Attribute, context: Context) -> Keep:
        raise ValueFault(f"no {attribute.value!r}")

    rule = {"dicomTagPath": "PatientName", "method": breaks}
    a = Anonymizer([rule])
    writer = io.BytesIO()
    result = a.anonymize_stream(io.BytesIO(image(name="Canary")), writer, elements=True)
    assert b"Canary" not in writer.getvalue()
    assert result.untreatable == 1
    assert "Canary" not in repr(result)
    with pytest.raises(ImageError) as caught:
        Anonymizer([{**rule, "onError": "refuse"}]).anonymize_bytes(image(name="Canary"))
    assert caught.value.reason == "value-refused"
    assert "Canary" not in str(caught.value)


def test_a_method_that_is_none_or_takes_the_name_of_ours_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Anonymizer(NAMES, methods={"remove": initials, "mine": 42})
    assert [m.place for m in caught.value.mistakes] == ["methods.remove", "methods.mine"]
    with pytest.raises(ConfigurationError, match="did you mean 'initials'"):
        Anonymizer([{"dicomTagPath": "PN", "method": "initial"}], methods={"initials": initials})


# Threads and start-up


def test_threads_share_one_anonymizer() -> None:
    a = Anonymizer("ps3.15-basic", key=KEY)
    files = [path.read_bytes() for path in sorted(SAMPLES.rglob("*")) if b"DICM" in _head(path)]
    files += [image(number, name=f"Name^{number}") for number in range(20)]
    alone = [Anonymizer("ps3.15-basic", key=KEY).anonymize_bytes(file) for file in files]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(a.anonymize_bytes, files * 4)) == alone * 4


def _head(path: Path) -> bytes:
    return path.read_bytes()[:132] if path.is_file() else b""


def test_a_callable_may_use_the_same_anonymizer() -> None:
    inner = part10(element("PatientName", "PN", "Inner"))

    def nests(attribute: Attribute, context: Context) -> Replace:
        return Replace(b"x" if attribute.value == b"Inner " else str(len(once())).encode())

    def once() -> bytes:
        return a.anonymize_bytes(inner)

    a = Anonymizer([{"dicomTagPath": "PatientName", "method": nests}], key=KEY)
    assert f"[{len(once())}" in dump_file(a.anonymize_bytes(image()))


def test_everything_public_is_there_and_nothing_is_imported_before_it_is_asked_for() -> None:
    for name in anonymizer.__all__:
        assert getattr(anonymizer, name) is not None
    assert set(anonymizer.__all__) <= set(dir(anonymizer))
    with pytest.raises(AttributeError, match="no attribute 'Anonymiser'"):
        anonymizer.Anonymiser  # type: ignore[attr-defined]  # noqa: B018
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys; a = set(sys.modules); import anonymizer; "
         "print(sorted(set(sys.modules) - a - {'__future__'}))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert loaded.stdout == "['anonymizer']\n"


def test_bytes_do_not_need_pydicom() -> None:
    code = (
        "import sys, anonymizer; a = anonymizer.Anonymizer('example'); "
        "a.anonymize_bytes(open(sys.argv[1], 'rb').read()); assert 'pydicom' not in sys.modules"
    )
    source = str(next(SAMPLES.rglob("*.dcm")))
    subprocess.run([sys.executable, "-c", code, source], check=True, capture_output=True)


def test_what_no_rule_decides_about_stays() -> None:
    before, _ = dataset_of(image())
    after, _ = dataset_of(Anonymizer({"rules": [], "mark": False}).anonymize_bytes(image()))
    assert before == after
