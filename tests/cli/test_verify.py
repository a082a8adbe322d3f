"""``anonymizer verify``: what it prints, its exit codes, and no value in any of it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from image import PIXEL_DATA, element
from pydicom import dcmread
from study import SAMPLES, image, run_command, write

from anonymizer.config.resources import built_in_names

if TYPE_CHECKING:
    from study import Command

CANARY = "Kanarivogel^Karlotta"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "samples.key"
    shutil.copyfile(SAMPLES.parent / "test.key", path)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("name", built_in_names())
def test_no_built_in_configuration_fails_on_the_samples(
    name: str, command: Command, key: Path
) -> None:
    command("-I", SAMPLES, "-O", "out", "-c", name, "--key-file", key, "--quiet")
    ended = command("verify", SAMPLES, "out", "-c", name, "--key-file", key)
    assert (ended.code, ended.err) == (0, "")
    told = [line for line in ended.out.splitlines() if line.startswith(("FAIL", "REVIEW"))]
    assert not [line for line in told if line.startswith("FAIL")]
    assert {line.split()[1] for line in told[:-1]} <= {"value-kept:"}


def test_a_leak_fails(command: Command) -> None:
    write("in/a", image(name=CANARY))
    write("out/a", image(name="", more=element("ImageComments", "LT", "for Karlotta")))
    ended = command("verify", "in", "out")
    assert ended.code == 1
    assert ended.out.splitlines()[:2] == [
        "FAIL    value-left: ImageComments: holds what was taken from the input (PatientName)",
        "          a",
    ]
    assert ended.out.splitlines()[-1] == "FAIL"


def test_what_takes_long_says_how_far_it_is(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("in/a", "in/b", "out/a", "out/b"):
        write(name, image(ord(name[-1])))
    assert command("verify", "in", "out").err == ""
    monkeypatch.setattr("anonymizer.cli.summary.SECONDS_BETWEEN_LINES", 0.0)
    assert command("verify", "in", "out").err.splitlines() == [
        "outputs held against their inputs: 0 of 2",
        "outputs held against their inputs: 1 of 2",
        "outputs searched for what was taken: 0 of 2",
        "outputs searched for what was taken: 1 of 2",
    ]
    assert command("verify", "in", "out", "--json").err == ""
    line = ("-I", "in", "-O", "new", "-c", "example", "--verify")
    assert "held against their inputs: 1 of 2\n" in command(*line).err
    assert "held against" not in command(*line, "--overwrite", "--quiet").err


def test_who_has_renamed_outputs_is_told_what_finds_them(command: Command) -> None:
    told = "of renamed ones --audit FILE or --report FILE"
    line = ("-I", "in", "-O", "out", "-c", "example", "--rename", "uid", "--report", "report.json")
    write("in/a", image(1))
    write("in/b", image(2))
    assert command(*line, "--quiet").code == 0
    ended = command("verify", "in", "out")
    assert (ended.code, told in ended.out) == (1, True)
    assert ended.out.splitlines()[-1] == "FAIL"
    assert told not in command("verify", "in", "out", "--report", "report.json").out
    write("in/out", image(1))
    assert told not in command("verify", "in", "in").out


def test_review_fails_only_where_that_was_asked_for(command: Command) -> None:
    comment = element("ImageComments", "LT", "for Karlotta")
    write("in/a", image(name=CANARY, more=comment))
    write("out/a", image(name="", more=comment))
    ended = command("verify", "in", "out")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "REVIEW")
    assert command("verify", "in", "out", "--strict").code == 1


def test_rules_that_were_typed_are_typed_again(command: Command, key: Path) -> None:
    flags = ["--profile", "basic", "--key-file", key]
    command("-I", SAMPLES, "-O", "out", *flags, "--keep", "PatientSex", "--quiet")
    assert command("verify", SAMPLES, "out", *flags, "--keep", "PatientSex").code == 0
    ended = command("verify", SAMPLES, "out", *flags)
    assert (ended.code, "taken-remains: PatientSex" in ended.out) == (1, True)


@pytest.mark.parametrize("flag", ["--key-file", "--map", "--exact=microsoft"])
def test_what_is_about_a_configuration_needs_one(flag: str, command: Command, key: Path) -> None:
    write("a", image())
    ended = command("verify", "a", "a", flag, *([] if "=" in flag else [key]))
    assert (ended.code, ended.out) == (2, "")
    assert "hint: name it by -c or --profile" in ended.err


def test_two_files(command: Command) -> None:
    write("a.dcm", image(name=CANARY))
    write("b.dcm", image(name=""))
    assert command("verify", "a.dcm", "b.dcm").out.splitlines()[-1] == "PASS"
    write("b.dcm", image(name="Karlotta"))
    assert command("verify", "a.dcm", "b.dcm").code == 1


def test_outputs_named_after_their_uids_are_found_by_them(command: Command, key: Path) -> None:
    flags = ["-c", "example", "--key-file", key]
    command("-I", SAMPLES, "-O", "out", *flags, "--rename", "uid", "--quiet")
    ended = command("verify", SAMPLES, "out", *flags)
    assert ended.code == 0
    assert "7 inputs: 6 written, 1 skipped (not-dicom)" in ended.out


def test_an_audit_log_tells_which_output_is_of_which_input(command: Command) -> None:
    flags = ["-I", SAMPLES, "-O", "out", "-c", "example", "--rename", "uid", "--quiet"]
    command(*flags, "--audit-log", "log")
    assert command("verify", SAMPLES, "out").code == 1  # no key, so the names follow from nothing
    ended = command("verify", SAMPLES, "out", "--audit", "log")
    assert ended.code == 0
    assert "7 inputs: 6 written, 1 skipped (not-dicom)" in ended.out
    first = min(Path("out").rglob("*.dcm"))
    data = bytearray(first.read_bytes())
    data[-1] ^= 1
    first.write_bytes(data)
    ended = command("verify", SAMPLES, "out", "--audit", "log")
    assert (ended.code, "not-as-logged" in ended.out) == (1, True)


def test_a_pipe_among_the_outputs_is_not_waited_for(tmp_path: Path) -> None:
    write(f"{tmp_path}/in/a", image(name=CANARY))
    write(f"{tmp_path}/out/a", image(name=""))
    os.mkfifo(tmp_path / "out/pipe")
    ended = run_command("verify", "in", "out", cwd=tmp_path)
    assert (ended.returncode, "extra" in ended.stdout) == (1, True)


def test_an_audit_log_tells_of_one_image_too(command: Command) -> None:
    write("a.dcm", image(name=CANARY))
    command("-i", "a.dcm", "-o", "b.dcm", "-c", "example", "--quiet", "--audit-log", "log")
    assert command("verify", "a.dcm", "b.dcm", "--audit", "log").code == 0
    data = Path("b.dcm").read_bytes()
    write("b.dcm", data.replace(b"1.2.840.10008.5.1.4.1.1.7", b"1.2.840.10008.5.1.4.1.1.2"))
    assert command("verify", "a.dcm", "b.dcm").code == 0
    ended = command("verify", "a.dcm", "b.dcm", "--audit", "log")
    assert (ended.code, "not-as-logged" in ended.out) == (1, True)


def test_a_report_tells_which_output_is_of_which_input(command: Command) -> None:
    flags = ["-I", SAMPLES, "-O", "out", "-c", "example", "--rename", "uid", "--quiet"]
    command(*flags, "--report", "report.json")
    assert command("verify", SAMPLES, "out").code == 1  # no key, so the names follow from nothing
    ended = command("verify", SAMPLES, "out", "--report", "report.json")
    assert ended.code == 0
    assert "7 inputs: 6 written, 1 skipped (not-dicom)" in ended.out


def test_a_report_tells_why_there_is_no_output(command: Command) -> None:
    write("in/a", image(name=CANARY))
    write("in/b", image(1, name=CANARY)[:-3])
    write("out/a", image(name=""))
    assert command("verify", "in", "out").code == 0
    told = {"input": "b", "status": "refused", "reason": "burned-in"}
    write("report.json", json.dumps({"files": [told]}).encode())
    ended = command("verify", "in", "out", "--report", "report.json")
    assert "2 inputs: 1 written, 1 refused (burned-in)" in ended.out


def test_equal_outputs_are_told_apart_by_an_audit_log(command: Command) -> None:
    write("in/a", image(name=CANARY))
    write("in/b", image(name=CANARY))
    flags = ["-I", "in", "-O", "out", "-c", "example", "--quiet", "--audit-log", "log"]
    command(*flags)
    ended = command("verify", "in", "out", "--audit", "log")
    assert (ended.code, "2 inputs: 2 written" in ended.out) == (0, True)


def test_inputs_of_the_same_bytes_may_have_one_output(command: Command, key: Path) -> None:
    write("in/a", image(name=CANARY))
    write("in/b", image(name=CANARY))
    flags = ["-c", "example", "--key-file", key]
    names = ["--quiet", "--rename", "uid", "--overwrite", "--audit-log", "log"]
    assert command("-I", "in", "-O", "out", *flags, *names).code == 0
    ended = command("verify", "in", "out", *flags)
    assert (ended.code, "2 inputs: 2 written" in ended.out) == (0, True)
    assert command("verify", "in", "out", "--audit", "log").code == 0
    write("in/c", image(1, name=CANARY))
    assert "missing" in command("verify", "in", "out", "--audit", "log").out


def test_an_output_that_is_not_there_is_missing_though_another_input_has_its_bytes(
    command: Command,
) -> None:
    write("in/a", image(name=CANARY))
    write("in/b", image(name=CANARY))
    write("out/a", image(name=""))
    ended = command("verify", "in", "out")
    assert (ended.code, "missing" in ended.out) == (1, True)


def test_pixels_are_not_copied_where_something_is_found(command: Command) -> None:
    import tracemalloc

    pixels = element(PIXEL_DATA, "OW", bytes(24 << 20))
    write("a.dcm", image(name=CANARY, more=pixels))
    leak = element("ImageComments", "LT", "for Karlotta")
    write("b.dcm", image(name="", more=leak + pixels))
    del pixels
    tracemalloc.start()
    try:
        assert command("verify", "a.dcm", "b.dcm").code == 1
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_hidden_names_are_found_by_their_bytes(command: Command) -> None:
    write("in/a", image(name=CANARY))
    write("in/b", image(name=CANARY))
    flags = ["-I", "in", "-O", "out", "-c", "example", "--quiet", "--audit-log", "log"]
    command(*flags, "--hide-paths", "--workers", "1")
    Path("out/a").rename("out/c")
    Path("out/b").rename("out/d")
    assert command("verify", "in", "out", "--audit", "log").code == 0


def test_what_was_forced_is_read_by_force(command: Command) -> None:
    write("in/raw", bytes(132) + image(name=CANARY)[132:])
    command("-I", "in", "-O", "out", "-c", "example", "--quiet", "--force")
    assert command("verify", "in", "out", "--force").code == 0
    assert command("verify", "in", "out").code == 1


FAKE = """#!/bin/sh
echo 'Warning - nothing'
grep -q broken "$1" && echo 'Error - Missing attribute Type 1 <Kanarivogel>' >&2
exit 0
"""


def test_a_new_error_of_dciodvfy_fails_and_is_told_without_values(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("bin/dciodvfy", FAKE.encode())
    Path("bin/dciodvfy").chmod(0o755)
    broken = element("ImageComments", "LT", "broken")
    write("in/a", image())
    write("out/a", image())
    write("in/b", image(1, more=broken))
    write("out/b", image(1, more=broken))
    monkeypatch.setenv("PATH", "")
    ended = command("verify", "in", "out", "--dciodvfy")
    assert (ended.code, "dciodvfy is not installed" in ended.err) == (2, True)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert command("verify", "in", "out", "--dciodvfy").code == 0
    write("out/a", image(more=broken))
    ended = command("verify", "in", "out", "--dciodvfy")
    assert ended.code == 1
    assert (
        "FAIL    iod: an error of dciodvfy that the input had not (Missing attribute" in ended.out
    )
    assert "kanarivogel" not in ended.out.lower()


ECHO = """#!/bin/sh
grep -a '^Error' "$1"
grep -q broken "$1" || exit 0
echo "Error - Not permitted <a> Kanarivogel <b> there"
echo 'Error - Not permitted "a" Kanarivogel "b" there' >&2
echo "Error - Patient's Name = 'a' Kanarivogel 'b' there"
echo "Error - cut off <Kanarivogel" >&2
exit 0
"""


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("broken", ["Not permitted <> there", "Patient's Name = <> there", "cut off <>"]),
        ("broken\nError - Kanarivogel", ["that the input had not\n"]),
    ],
)
def test_values_that_dciodvfy_quotes_may_hold_its_marks(
    comment: str, told: list[str], command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("bin/dciodvfy", ECHO.encode())
    Path("bin/dciodvfy").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    write("in/a", image())
    write("out/a", image(more=element("ImageComments", "LT", comment)))
    ended = command("verify", "in", "out", "--dciodvfy")
    assert ended.code == 1
    assert "kanarivogel" not in ended.out.lower()
    assert [words for words in told if words not in ended.out] == []


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy is not installed")
def test_dciodvfy_itself_finds_what_is_missing(command: Command) -> None:
    source = SAMPLES / "ST000002" / "MR000004" / "IM000001.dcm"
    dataset = dcmread(source)
    dataset.save_as("whole.dcm")
    assert command("verify", source, "whole.dcm", "--dciodvfy").code == 0
    del dataset.ImageType
    del dataset.SamplesPerPixel
    dataset.save_as("broken.dcm")
    ended = command("verify", source, "broken.dcm", "--dciodvfy")
    assert (ended.code, "FAIL    iod: " in ended.out) == (1, True)


def test_refusals_are_what_the_configuration_refuses(command: Command, key: Path) -> None:
    flags = ["-c", "hipaa-safe-harbor", "--key-file", key]
    assert command("-I", SAMPLES, "-O", "out", *flags, "--quiet").code == 1
    ended = command("verify", SAMPLES, "out", *flags)
    assert ended.code == 0
    assert "5 written, 1 refused (burned-in), 1 skipped (not-dicom)" in ended.out


def test_json_has_it_all_and_no_value(command: Command) -> None:
    write("in/Kanarivogel/a", image(name=CANARY))
    write("out/Kanarivogel/a", image(name=CANARY))
    write("in/b", image(1, name=CANARY))
    write("out/b", image(1, name="", more=element("ImageComments", "LT", "Kanarivogel")))
    ended = command("verify", "in", "out", "--json")
    assert ended.code == 1
    told = json.loads(ended.out)
    assert told["verdict"] == "FAIL"
    assert told["accounting"]["written"] == 2
    kinds = {(finding["kind"], finding["file"]) for finding in told["findings"]}
    assert ("value-left", "b") in kinds
    assert ("name-left", "~withheld-1~/a") in kinds
    assert "kanarivogel" not in ended.out.lower()


def test_mistakes_of_who_types(command: Command) -> None:
    write("in/a", image())
    write("b", image())
    assert command("verify", "in", "b").code == 2
    assert command("verify", "in", "nowhere").code == 2
    write("audit", b"no log")
    Path("out").mkdir()
    ended = command("verify", "in", "out", "--audit", "audit")
    assert (ended.code, ended.err) == (2, "audit: is no audit log\n")
    Path("none").mkdir()
    assert command("verify", "none", "out").code == 3
