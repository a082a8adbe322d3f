"""A run, from what is typed to the exit code: every flag, what is written and what is said."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydicom
import pytest
from image import element
from study import KEY, SAMPLES, image, parts, run_command, tree, write_study

from anonymizer.config.resources import built_in_names

if TYPE_CHECKING:
    from study import Command

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

RULES: list[dict[str, Any]] = [{"dicomTagPath": "PN", "method": "remove"}]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "in")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path / "rules.json")


def write_config(path: Path, *rules: dict[str, Any], **keys: Any) -> Path:  # noqa: ANN401
    content = {"version": "1", "name": "test", "rules": list(rules) or RULES, **keys}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def names_in(folder: Path) -> list[str]:
    return sorted(tree(folder))


# One file


def test_one_image_is_told_what_is_not_claimed_as_many_are(study: Path, command: Command) -> None:
    flags = ("--profile", "basic", "--keep", "StudyDescription")
    told = "a profile of PS3.15: keep leaves more of StudyDescription than the profile (--keep "
    assert f"not claimed: {told}" in command("-i", study / "im000", "-o", "out", *flags).out
    assert told in command("-I", study, "-O", "many", *flags).out


def test_who_has_no_rule_for_the_patient_is_told_with_the_outputs(
    study: Path, tmp_path: Path, command: Command
) -> None:
    rules = write_config(tmp_path / "c.json", {"dicomTagPath": "PN", "method": "remove"})
    told = "PatientID, which stays; outputs say Patient Identity Removed all the same\n"
    assert f"no rule for {told}" in command("-i", study / "im000", "-o", "out", "-c", rules).out
    assert f"no rule for    {told}" in command("-I", study, "-O", "many", "-c", rules).out


def test_a_flag_that_is_never_reached_is_wrong_usage(study: Path, command: Command) -> None:
    flags = ("--profile", "basic", "--keep", "PN", "--remove", "PatientName")
    ended = command("-i", study / "im000", "-o", "out.dcm", *flags)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("--remove PatientName is never reached: --keep PN comes first")
    assert not Path("out.dcm").exists()


@pytest.mark.parametrize(
    "flags",
    [("-i", "-o"), ("--inputFile", "--outputFile"), ("--input-file", "--output-file")],
)
def test_one_file_in_every_spelling(
    flags: tuple[str, str], study: Path, config: Path, command: Command
) -> None:
    ended = command(flags[0], study / "im000", flags[1], "new/out.dcm", "-c", config)
    assert (ended.code, ended.err) == (0, "")
    assert "written: new/out.dcm, 4" in ended.out
    assert "PatientName" not in pydicom.dcmread("new/out.dcm")


@pytest.mark.parametrize("flag", ["-c", "--configFile", "--config"])
def test_the_configuration_in_every_spelling(
    flag: str, study: Path, config: Path, command: Command
) -> None:
    assert command("-i", study / "im000", "-o", "out", flag, config).code == 0


@pytest.mark.parametrize("made", [True, False])
def test_an_output_folder_gets_the_file_under_its_name(
    made: bool, study: Path, config: Path, command: Command
) -> None:
    if made:
        Path("out").mkdir()
    assert command("-i", study / "im000", "-o", "out/", "-c", config).code == 0
    assert names_in(Path("out")) == ["im000"]


def test_a_link_that_is_typed_is_followed(study: Path, config: Path, command: Command) -> None:
    Path("link").symlink_to(study / "im000")
    assert command("-i", "link", "-o", "out.dcm", "-c", config).code == 0
    assert Path("out.dcm").stat().st_size > 100


def test_an_existing_output_is_refused_or_replaced(
    study: Path, config: Path, command: Command
) -> None:
    Path("out.dcm").write_text("mine", encoding="utf-8")
    ended = command("-i", study / "im000", "-o", "out.dcm", "-c", config)
    assert ended.code == 1
    assert "refused: im000: exists: the output is there already" in ended.err
    assert "hint: --overwrite" in ended.err
    assert Path("out.dcm").read_text(encoding="utf-8") == "mine"
    assert command("-i", study / "im000", "-o", "out.dcm", "-c", config, "--overwrite").code == 0
    assert Path("out.dcm").read_bytes() != b"mine"
    assert parts(Path()) == []


def test_one_refused_file_is_code_1_and_has_its_report(config: Path, command: Command) -> None:
    Path("cut.dcm").write_bytes(image()[:-3])
    ended = command("-i", "cut.dcm", "-o", "out.dcm", "-c", config, "--report", "r.json")
    assert ended.code == 1
    assert ended.err.startswith("refused: cut.dcm: truncated: ")
    assert not Path("out.dcm").exists()
    (told,) = json.loads(Path("r.json").read_text(encoding="utf-8"))["files"]
    assert told["status"] == "refused"


def test_one_file_that_is_no_image_is_code_1(config: Path, command: Command) -> None:
    ended = command("-i", config, "-o", "out.dcm", "-c", config)
    assert ended.code == 1
    assert ended.err.startswith("refused: not-dicom: ")


def test_what_could_not_be_treated_is_told_for_one_file(command: Command) -> None:
    write_config(Path("c.json"), {"dicomTagPath": "DA", "method": "dateShift"}, parameters=PARAMS)
    birth = element("PatientBirthDate", "DA", "garbage!")
    Path("in.dcm").write_bytes(image(more=birth))
    ended = command("-i", "in.dcm", "-o", "out.dcm", "-c", "c.json")
    assert ended.code == 0
    assert "untreatable: 1 PatientBirthDate: " in ended.out
    assert "(rules[0] DA, onError redact)" in ended.out
    assert "garbage" not in ended.out + ended.err


PARAMS = {"key": KEY}


# A folder


@pytest.mark.parametrize(
    "flags",
    [
        ("-I", "-O"),
        ("--inputFolder", "--outputFolder"),
        ("--input-folder", "--output-folder"),
        ("-i", "-o"),
    ],
)
def test_a_folder_in_every_spelling(
    flags: tuple[str, str], study: Path, config: Path, command: Command
) -> None:
    ended = command(flags[0], f"{study}/", flags[1], "out", "-c", config)
    assert (ended.code, ended.err) == (0, "")
    assert names_in(Path("out")) == names_in(study)
    assert b"Doe^Jane" not in b"".join(tree(Path("out")).values())


def test_the_tree_is_kept_and_what_is_no_image_is_counted(
    study: Path, config: Path, command: Command
) -> None:
    (study / "a" / "b").mkdir(parents=True)
    (study / "a" / "b" / "no extension").write_bytes(image(9))
    (study / "a" / "notes.txt").write_text("not an image", encoding="utf-8")
    (study / "empty").write_bytes(b"")
    ended = command("-I", study, "-O", "out", "-c", config)
    assert ended.code == 0
    assert names_in(Path("out")) == ["a/b/no extension", "im000", "im001", "im002"]
    assert "written        4 files, 1.9 kB\n" in ended.out
    assert "skipped        2 files: not DICOM\n" in ended.out


def test_the_end_of_a_run_says_what_was_done(study: Path, command: Command) -> None:
    write_config(Path("c.json"), *RULES, {"dicomTagPath": "TM", "method": "remove"})
    (study / "cut").write_bytes(image()[:-1])
    ended = command("-I", study, "-O", "out", "-c", "c.json")
    assert ended.code == 1
    lines = {line[:13].strip(): line[15:] for line in ended.out.splitlines()}
    assert lines["configuration"].startswith("test 1 (sha256 ")
    assert lines["refused"] == "1 file: truncated"
    assert lines["remove"] == "3 attributes"
    assert lines["never matched"] == "1 of 2 rules: TM"
    assert "files/s" in lines["time"]
    assert ended.err.startswith("refused: cut: truncated: ")


def test_many_refusals_are_told_in_few_lines(study: Path, config: Path, command: Command) -> None:
    for number in range(30):
        (study / f"cut{number:02}").write_bytes(image()[:-1])
    ended = command("-I", study, "-O", "out", "-c", config)
    assert ended.err.count("refused: cut") == 20
    assert "refused: 10 more; --report FILE lists them all\n" in ended.err
    assert "refused        30 files: truncated\n" in ended.out


def test_quiet_prints_troubles_only(study: Path, config: Path, command: Command) -> None:
    assert command("-I", study, "-O", "out", "-c", config, "-q") == (0, "", "")
    assert command("-i", study / "im000", "-o", "one", "-c", config, "--quiet") == (0, "", "")
    again = command("-I", study, "-O", "out", "-c", config, "-q")
    assert (again.code, again.out) == (1, "")
    assert again.err.count("exists") == 3


@pytest.mark.parametrize("workers", ["0", "1", "3"])
def test_any_number_of_workers_does(
    workers: str, study: Path, config: Path, command: Command
) -> None:
    assert command("-I", study, "-O", "out", "-c", config, "--workers", workers).code == 0
    assert names_in(Path("out")) == names_in(study)


def test_existing_outputs_are_refused_one_by_one_or_replaced(
    study: Path, config: Path, command: Command
) -> None:
    command("-I", study, "-O", "out", "-c", config)
    Path("out/im001").write_text("mine", encoding="utf-8")
    Path("out/im002").unlink()
    ended = command("-I", study, "-O", "out", "-c", config)
    assert ended.code == 1
    assert "written        1 file" in ended.out
    assert "refused        2 files: exists" in ended.out
    assert ended.err.count("hint: --overwrite") == 1
    assert Path("out/im001").read_text(encoding="utf-8") == "mine"
    assert command("-I", study, "-O", "out", "-c", config, "--overwrite").code == 0
    assert Path("out/im001").read_bytes()[128:132] == b"DICM"


def test_of_two_inputs_of_one_output_no_flag_is_hinted_at(study: Path, command: Command) -> None:
    for number in range(3):
        other = element("StudyID", "SH", f"{number} ")
        (study / f"im00{number}").write_bytes(image(number, more=other))
    config = write_config(
        study.parent / "uid.json",
        {"dicomTagPath": "SOPInstanceUID", "method": "substitute", "replaceWith": "1.2.3"},
    )
    for flags in (["--overwrite"], []):
        ended = command(
            "-I", study, "-O", f"out{len(flags)}", "-c", config, "--rename", "uid", *flags
        )
        assert ended.code == 1
        assert "exists: another input has the same output" in ended.err
        assert "hint: several inputs have the same UIDs: without --rename uid each" in ended.err
        assert "--overwrite" not in ended.err


@pytest.mark.parametrize(
    "asked", [{"accept": [{"Modality": "ct"}]}, {"reject": [{"PatientName": True}]}]
)
def test_where_no_image_is_accepted_that_is_said(
    asked: dict[str, Any], study: Path, command: Command
) -> None:
    config = write_config(study.parent / "asks.json", **asked)
    ended = command("-I", study, "-O", "out", "-c", config)
    assert ended.code == 3
    assert (
        "warning: nothing written: none of 3 files accepted by the configuration\n  hint: an"
        in ended.err
    )
    ended = command("-i", study / "im000", "-o", "out.dcm", "-c", config)
    assert ended.code == 3
    assert ended.err.startswith("skipped: ")
    assert "warning: nothing written: the image is not accepted by the configuration" in ended.err
    assert not Path("out.dcm").exists()


def test_one_that_is_no_image_is_not_called_a_folder(config: Path, command: Command) -> None:
    ended = command("-i", config, "-o", "out.dcm", "-c", config)
    assert ended.code == 1
    assert ended.err.startswith("refused: ")
    assert "folder" not in ended.err


def test_overwrite_makes_folders_too(study: Path, config: Path, command: Command) -> None:
    (study / "sub").mkdir()
    (study / "sub" / "im").write_bytes(image())
    assert command("-I", study, "-O", "new/out", "-c", config, "--overwrite").code == 0
    assert "sub/im" in names_in(Path("new/out"))


@pytest.mark.parametrize("content", [{}, {"notes.txt": b"no image"}])
def test_a_folder_without_images_is_code_3(
    content: dict[str, bytes], config: Path, command: Command
) -> None:
    Path("in").mkdir()
    for name, data in content.items():
        Path("in", name).write_bytes(data)
    ended = command("-I", "in", "-O", "out", "-c", config)
    assert ended.code == 3
    assert ended.err == "nothing found: the input folder holds no image\n"
    assert "written        0 files" in ended.out
    assert "never matched" not in ended.out


def test_links_and_special_files_are_told_and_not_touched(
    study: Path, config: Path, command: Command
) -> None:
    (study / "link").symlink_to(study / "im000")
    (study / "folder").symlink_to(SAMPLES)
    (study / "loop").symlink_to(study)
    (study / "nowhere").symlink_to("nothing")
    os.mkfifo(study / "fifo.dcm")
    ended = command("-I", study, "-O", "out", "-c", config)
    assert ended.code == 0
    assert names_in(Path("out")) == ["im000", "im001", "im002"]
    assert "skipped        4 files: a symbolic link, not followed\n" in ended.out
    assert "skipped        1 file: not a regular file\n" in ended.out


STRANGE = [b"\xff\xfe.dcm", b"new\nline", b"\x1b[31mred\x07", b" ", b"-c", "Zoë".encode(), b"\\x"]


@pytest.mark.skipif(sys.platform == "darwin", reason="names are UTF-8 there")
def test_any_file_name_keeps_and_none_steers_the_terminal(config: Path, command: Command) -> None:
    for folder in (b"in", b"in/" + STRANGE[0], b"in/" + STRANGE[1]):
        os.mkdir(folder)
        for number, name in enumerate(STRANGE[folder == b"in" :]):
            with open(os.path.join(folder, name + b"%d" % number), "wb") as file:
                file.write(image(number) if number else image()[:-1])
    ended = command("-I", "in", "-O", "out", "-c", config, "--report", "r.json", "--workers", "2")
    assert ended.code == 1
    written = {path for path in tree(Path("in")) if not path.endswith("0")}
    assert set(tree(Path("out"))) == written
    shown = ended.out + ended.err + Path("r.json").read_text(encoding="ascii")
    assert all(c.isprintable() or c == "\n" for c in shown)
    assert "\\x1b[31mred" in shown
    assert len(json.loads(Path("r.json").read_bytes())["files"]) == len(tree(Path("in")))


def test_strange_names_are_shown_where_there_is_only_ascii(study: Path, config: Path) -> None:
    (study / "Zoë").write_bytes(image()[:-1])
    ended = run_command(
        "-I", study, "-O", "out", "-c", config, cwd=study.parent, PYTHONIOENCODING="ascii"
    )
    assert ended.returncode == 1
    assert "refused: Zo\\xeb: truncated" in ended.stderr


# Where the configuration is found


def test_the_configuration_here_comes_before_that_of_the_study(
    study: Path, command: Command
) -> None:
    write_config(study / "configuration.json", name="of the study")
    ended = command("-I", study, "-O", "one")
    assert ended.out.startswith("configuration  of the study 1 ")
    beside = f"{study}/configuration.json"
    told = f"note: {beside}, which came with the inputs, is the configuration: none is named\n"
    assert ended.err == told
    assert command("-I", study, "-O", "named", "-c", beside).err == ""
    assert command("-i", study / "im000", "-o", "im000").err == told
    write_config(Path("configuration.json"), name="from here")
    ended = command("-I", study, "-O", "two")
    assert (ended.out.startswith("configuration  from here 1 "), ended.err) == (True, "")


def test_the_configuration_next_to_one_image_is_found(study: Path, command: Command) -> None:
    write_config(study / "configuration.json")
    assert command("-i", study / "im000", "-o", "out.dcm").code == 0
    assert command("explain", study / "im000").out.count("rules[0] PN") == 1


def test_the_configuration_of_a_study_is_not_copied(study: Path, command: Command) -> None:
    write_config(study / "configuration.json")
    for flags in ([], ["-c", study / "configuration.json"]):
        ended = command("-I", study, "-O", f"out{len(flags)}", *flags)
        assert ended.code == 0
        assert "skipped        1 file: the configuration itself\n" in ended.out
        assert names_in(Path(f"out{len(flags)}")) == ["im000", "im001", "im002"]


def test_without_a_configuration_the_built_in_ones_are_named(study: Path, command: Command) -> None:
    ended = command("-I", study, "-O", "out")
    assert ended.code == 2
    assert ended.err == (
        "no configuration: no -c, and no configuration.json here or in the input folder\n"
        "  hint: -c takes a file or one of the built-in names: "
        f"{', '.join(built_in_names())}\n"
    )
    assert not Path("out").exists()


@pytest.mark.parametrize("name", ["basic", "example", "example.json"])
def test_built_in_configurations_go_by_name(name: str, command: Command) -> None:
    ended = command("-I", SAMPLES, "-O", "out", "-c", name)
    assert ended.code == 0
    assert len(tree(Path("out"))) == 6


# Mistakes


def test_every_mistake_of_a_configuration_stops_the_run(study: Path, command: Command) -> None:
    rule = {"dicomTagPath": "PatentName", "method": "remve"}
    write_config(Path("c.json"), rule, otherwise="maybe")
    ended = command("-I", study, "-O", "out", "-c", "c.json")
    assert ended.code == 2
    for place in ("rules[0].dicomTagPath: ", "rules[0].method: ", "otherwise: "):
        assert place in ended.err
    assert "did you mean 'PatientName'?" in ended.err
    assert "c.json: 3 to mend; nothing was read or written\n" in ended.err
    assert not Path("out").exists()


def test_warnings_are_told_and_with_strict_they_stop_the_run(study: Path, command: Command) -> None:
    write_config(Path("c.json"), *RULES, *RULES)
    ended = command("-I", study, "-O", "one", "-c", "c.json")
    assert ended.code == 0
    assert ended.err.startswith("warning: rules[1]: ")
    ended = command("-I", study, "-O", "two", "-c", "c.json", "--strict")
    assert ended.code == 2
    assert ended.err.endswith("warnings are errors with --strict; nothing was read or written\n")
    assert not Path("two").exists()


def test_without_a_key_one_warning_says_so(
    study: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(Path("c.json"), {"dicomTagPath": "PatientID", "method": "cryptoHash"})
    ended = command("-I", study, "-O", "out", "-c", "c.json")
    assert ended.err.count("warning: ") == 1
    assert "no key: cryptoHash" in ended.err
    monkeypatch.setenv("ANONYMIZER_KEY", KEY)
    assert command("-I", study, "-O", "of-env", "-c", "c.json").err == ""
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)
    Path("a.key").write_text(KEY + "\n", encoding="utf-8")
    Path("a.key").chmod(0o600)
    assert command("-I", study, "-O", "of-file", "-c", "c.json", "--key-file", "a.key").err == ""
    assert tree(Path("of-env")) == tree(Path("of-file"))
    assert tree(Path("of-env")) != tree(Path("out"))


def test_a_key_that_others_can_read_is_refused(study: Path, config: Path, command: Command) -> None:
    Path("a.key").write_text(KEY, encoding="utf-8")
    Path("a.key").chmod(0o644)
    ended = command("-I", study, "-O", "out", "-c", config, "--key-file", "a.key")
    assert ended.code == 2
    assert "others can read the key file" in ended.err
    assert KEY not in ended.err


# Flags of their own


def test_rename_uid_names_outputs_by_their_new_uids(study: Path, command: Command) -> None:
    rules = [*RULES, {"dicomTagPath": "UI", "method": "refreshUID"}]
    write_config(Path("c.json"), *rules, parameters=PARAMS)
    ended = command("-I", study, "-O", "out", "-c", "c.json", "--rename", "uid", "--report", "r")
    assert ended.code == 0
    paths = names_in(Path("out"))
    assert len(paths) == 3
    for path in paths:
        written = pydicom.dcmread(Path("out", path))
        uids = (written.StudyInstanceUID, written.SeriesInstanceUID, written.SOPInstanceUID)
        assert path == "/".join(uids) + ".dcm"
    told = json.loads(Path("r").read_text(encoding="utf-8"))["files"]
    assert sorted(file["output"] for file in told) == paths


def test_two_images_of_one_uid_do_not_replace_each_other(study: Path, command: Command) -> None:
    write_config(Path("c.json"), *RULES)
    (study / "twin").write_bytes(image(0, name="Other^Twin"))
    ended = command("-I", study, "-O", "out", "-c", "c.json", "--rename", "uid")
    assert ended.code == 1
    assert "exists: another input has the same output" in ended.err
    assert len(tree(Path("out"))) == 3


def test_a_map_of_pseudonyms_is_used(study: Path, command: Command) -> None:
    write_config(
        Path("c.json"), {"dicomTagPath": "PatientID", "method": "pseudonym"}, parameters=PARAMS
    )
    Path("map.csv").write_text("original,pseudonym\n4711,TRIAL-001\n", encoding="utf-8")
    ended = command("-I", study, "-O", "out", "-c", "c.json", "--map", "map.csv")
    assert ended.code == 0
    assert pydicom.dcmread("out/im000").PatientID == "TRIAL-001"
    assert "4711" not in ended.out + ended.err


def test_a_map_that_cannot_be_read_is_a_mistake(
    study: Path, config: Path, command: Command
) -> None:
    ended = command("-I", study, "-O", "out", "-c", config, "--map", "nothing.csv")
    assert ended.code == 2
    assert "--map: the file cannot be read" in ended.err


def test_exact_is_for_the_other_tools_files(study: Path, config: Path, command: Command) -> None:
    ended = command("-I", study, "-O", "out", "-c", config, "--exact", "microsoft")
    assert ended.code == 2
    assert "--exact microsoft is for files of that tool's own shape" in ended.err
    content = {"rules": [{"tag": "PatientName", "method": "remove"}], "defaultSettings": {}}
    Path("ms.json").write_text(json.dumps(content), encoding="utf-8")
    for flags in ([], ["--exact", "microsoft"]):
        out = f"out{len(flags)}"
        assert command("-I", study, "-O", out, "-c", "ms.json", *flags).code == 0
        assert "PatientName" not in pydicom.dcmread(f"{out}/im000")


# Names that tell


def test_a_name_that_holds_a_removed_value_is_told_and_withheld(
    study: Path, config: Path, command: Command
) -> None:
    telling = study / "JANE_DOE"
    telling.mkdir()
    (telling / "im1").write_bytes(image(1, name="Jane^Doe"))
    (telling / "cut").write_bytes(image(2)[:-1])
    ended = command("-I", study, "-O", "out", "-c", config, "--report", "r.json", "--workers", "1")
    assert "warning: 1 file: the name of the file or of a folder above it holds" in ended.err
    assert "hint: --rename uid" in ended.err
    shown = ended.out + ended.err + Path("r.json").read_text(encoding="utf-8")
    assert "JANE" not in shown
    assert "refused: ~withheld-1~/cut: truncated" in ended.err
    assert '"input": "~withheld-1~/im1"' in shown


@pytest.mark.parametrize("more", [[], ["--report", "r.json"]], ids=["summary", "report"])
def test_what_is_told_of_names_is_the_same_for_any_number_of_workers(
    more: list[str], tmp_path: Path, config: Path, command: Command
) -> None:
    study = tmp_path / "many"
    for patient in ("A Roe", "DOEJANE1970", "Z"):
        (study / patient).mkdir(parents=True)
        for number in range(200):  # more than a worker is given at once
            data = image(number, name="Roe^Zoe" if patient == "A Roe" else "Doe^Jane")
            (study / patient / f"im{number}").write_bytes(data)
    (study / "0 doe").write_bytes(image()[:-1])
    (study / "0 zoe.txt").write_text("a note", encoding="utf-8")
    (study / "0 fine").write_bytes(image()[:-1])
    told = set()
    for workers in (1, 2, 4):
        arguments = ["-I", study, "-O", f"out{workers}", "-c", config, "--workers", workers, *more]
        ended = command(*arguments)
        assert "warning: 400 files: the name of the file or of a folder" in ended.err
        assert "refused: ~withheld-" in ended.err
        assert "refused: 0 fine: " in ended.err
        report = Path("r.json").read_text(encoding="utf-8") if more else ""
        shown = re.sub(r'"seconds": .*', "", ended.err + report)
        assert not re.search("doe|jane|zoe|roe", shown, re.IGNORECASE)
        told.add(shown)
    assert len(told) == 1


def test_renamed_outputs_are_not_told_of_but_their_inputs_are_withheld(
    study: Path, config: Path, command: Command
) -> None:
    (study / "Jane").mkdir()
    (study / "im000").rename(study / "Jane" / "im000")
    arguments = ["-I", study, "-O", "out", "-c", config, "--rename", "uid", "--report", "r.json"]
    ended = command(*arguments)
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert told["namesThatTell"] == 0
    assert "~withheld-1~/im000" in [file["input"] for file in told["files"]]


def test_the_name_typed_for_one_output_is_looked_at(config: Path, command: Command) -> None:
    Path("Jane.dcm").write_bytes(image())
    quiet = command("-i", "Jane.dcm", "-o", "out.dcm", "-c", config)
    assert quiet.err == ""
    ended = command("-i", "Jane.dcm", "-o", "Jane-new.dcm", "-c", config, "--report", "r.json")
    assert ended.code == 0
    assert ended.err == "warning: the name of the output holds a removed value\n"
    assert "Jane" not in ended.out + Path("r.json").read_text(encoding="utf-8")


# The report


def test_the_report_tells_all_files_and_no_value(study: Path, command: Command) -> None:
    rules = [
        {"dicomTagPath": "PN", "method": "substitute", "replaceWith": "NOBODY"},
        {"dicomTagPath": "PatientID", "method": "cryptoHash"},
        {"dicomTagPath": "DA", "method": "dateShift"},
        {"dicomTagPath": "AE", "method": "remove"},
    ]
    write_config(Path("c.json"), *rules, parameters=PARAMS)
    (study / "cut").write_bytes(image()[:-1])
    (study / "notes").write_text("text", encoding="utf-8")
    (study / "bad").write_bytes(image(7, more=element("PatientBirthDate", "DA", "Mayday 8")))
    command("-I", study, "-O", "out", "-c", "c.json", "--report", "r.json")
    text = Path("r.json").read_text(encoding="utf-8")
    for secret in ("Doe", "Jane", "4711", "20200131", "Mayday", KEY, "1.2.3.0"):
        assert secret not in text
    told = json.loads(text)
    assert (told["written"], told["refused"], told["skipped"]) == (
        4,
        {"truncated": 1},
        {"not-dicom": 1},
    )
    assert told["configuration"]["name"] == "test"
    assert told["configuration"]["version"] == "1"
    assert len(told["configuration"]["sha256"]) == 64
    assert told["methods"] == {"cryptoHash": 4, "dateShift": 5, "substitute": 4}
    assert told["neverMatched"] == [{"place": "rules[3]", "selector": "AE"}]
    assert told["untreatable"] == ["1 PatientBirthDate: not a date (rules[2] DA, onError redact)"]
    assert told["bytes"] == sum(map(len, tree(Path("out")).values()))
    files = {file["input"]: file for file in told["files"]}
    assert set(files) == {"im000", "im001", "im002", "cut", "notes", "bad"}
    assert files["im000"]["methods"] == {"cryptoHash": 1, "dateShift": 1, "substitute": 1}
    assert files["bad"]["untreatable"] == 1
    assert files["cut"]["reason"] == "truncated"


def test_counts_are_the_same_with_and_without_a_report(
    study: Path, config: Path, command: Command
) -> None:
    plain = command("-I", study, "-O", "one", "-c", config).out.splitlines()[:-1]
    told = command("-I", study, "-O", "two", "-c", config, "--report", "r").out.splitlines()[:-1]
    assert plain == told


def test_a_report_that_fails_at_the_end_is_told(
    study: Path, config: Path, command: Command
) -> None:
    ended = command("-I", study, "-O", "out", "-c", config, "--report", "/dev/full")
    assert ended.code == 1
    assert "/dev/full: the report cannot be written (no space left on device)" in ended.err
    assert "written        3 files" in ended.out


# Other people's permissions


def test_what_cannot_be_read_costs_only_itself(study: Path, config: Path) -> None:
    (study / "im001").chmod(0)
    (study / "closed").mkdir(mode=0)
    ended = without_override("-I", study, "-O", "out", "-c", config, cwd=study.parent)
    assert ended.returncode == 1
    assert "refused: im001: unreadable: no permission to read the file\n" in ended.stderr
    assert "refused: closed: unreadable-folder: the folder cannot be listed\n" in ended.stderr
    assert names_in(study.parent / "out") == ["im000", "im002"]


def test_folders_that_cannot_be_written_are_told_before_the_start(
    study: Path, config: Path
) -> None:
    locked = study.parent / "locked"
    locked.mkdir(mode=0o555)
    for flags, message in (
        (["-O", locked], f"{locked}: the output folder cannot be written to"),
        (["-O", locked / "a"], f"{locked}/a: the output folder cannot be made (permission denied)"),
        (["-O", "b", "--report", locked / "r"], f"{locked}/r: the report cannot be written there"),
    ):
        ended = without_override("-I", study, "-c", config, *flags, cwd=study.parent)
        assert ended.returncode == 2
        assert ended.stderr.startswith(f"{message}\n")
        assert ended.stdout == ""


def test_a_folder_below_that_cannot_be_written_costs_its_files(study: Path, config: Path) -> None:
    (study / "below").mkdir()
    (study / "below" / "im").write_bytes(image(8))
    locked = study.parent / "out" / "below"
    locked.mkdir(parents=True)
    locked.chmod(0o555)
    ended = without_override("-I", study, "-O", "out", "-c", config, cwd=study.parent)
    assert ended.returncode == 1
    assert "refused: below/im: unwritable: the output cannot be made (permission" in ended.stderr
    assert names_in(study.parent / "out") == ["im000", "im001", "im002"]


def without_override(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command without root's right to pass by permissions, should root run the tests."""
    drop = (
        "import ctypes, os, sys\n"
        "prctl = ctypes.CDLL(None).prctl\n"
        "for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH\n"
        "    if os.geteuid() == 0 and prctl(24, right, 0, 0, 0): sys.exit(77)\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'anonymizer', *sys.argv[1:]])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", drop, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode == 77:
        pytest.skip("root keeps its right to pass by permissions here")
    return ended
