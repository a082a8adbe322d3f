"""What a caller of Python asks for beside a configuration: keys, maps, checks, an audit log."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pydicom
import pytest
from image import element
from study import image, write_study

from anonymizer import Anonymizer, ConfigurationError, ImageError, UsageError
from anonymizer.audit.chain import prove
from anonymizer.growing_map import GrowingMap

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "a key for tests, of 32 characters or more"
HASHED = [{"dicomTagPath": "PatientID", "method": "cryptoHash"}]
NUMBERED = [{"dicomTagPath": "PatientName", "method": "pseudonym", "sequential": True}]
CANARY = "Kanari"

WRONG = element("PatientAge", "AS", "old!")


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)


# A map that is a dict


@pytest.mark.parametrize(
    ("pseudonyms", "places"),
    [
        ({"Kanari": 5}, ["pseudonyms entry 1"]),
        ({"4711": "A", "Kanari": "", " ": "B"}, ["pseudonyms entry 2", "pseudonyms entry 3"]),
        ({"4711": "A", " 4711": "B"}, ["pseudonyms entry 2"]),
        ({"4711": "A", "Kanari": "A "}, ["pseudonyms"]),
    ],
)
def test_a_dict_of_pseudonyms_is_checked_as_a_map_is(
    pseudonyms: dict[str, Any], places: list[str]
) -> None:
    rules = [{"dicomTagPath": "PatientID", "method": "pseudonym"}]
    with pytest.raises(ConfigurationError) as caught:
        Anonymizer(rules, pseudonyms=pseudonyms)
    assert [mistake.place for mistake in caught.value.mistakes] == places
    assert CANARY not in str(caught.value)


# Keys


def test_a_key_comes_from_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n", encoding="utf-8")
    path.chmod(0o600)
    by_file = Anonymizer(HASHED, key_file=path)
    assert by_file.anonymize_bytes(image()) == Anonymizer(HASHED, key=KEY).anonymize_bytes(image())
    assert by_file.warnings == ()
    with pytest.raises(UsageError, match="place of a file of the configuration"):
        by_file.anonymize_folder(write_study(tmp_path / "in"), path)


def test_a_key_file_that_others_can_read_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY, encoding="utf-8")
    path.chmod(0o644)
    with pytest.raises(ConfigurationError) as caught:
        Anonymizer(HASHED, key_file=path)
    assert [mistake.place for mistake in caught.value.mistakes] == ["--key-file"]
    with pytest.raises(UsageError, match="a key each"):
        Anonymizer(HASHED, key=KEY, key_file=path)


def test_the_environment_is_asked_where_nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANONYMIZER_KEY", KEY)
    output = Anonymizer(HASHED).anonymize_bytes(image())
    monkeypatch.delenv("ANONYMIZER_KEY")
    assert output == Anonymizer(HASHED, key=KEY).anonymize_bytes(image())


def test_a_profile_takes_the_arguments_of_the_constructor() -> None:
    rules = [{"dicomTagPath": "PatientID", "method": "pseudonym"}]
    a = Anonymizer.profile("basic", rules=rules, key=KEY, pseudonyms={"4711": "P1"})
    assert b"P1" in a.anonymize_bytes(image())
    with pytest.raises(ConfigurationError):
        Anonymizer.profile("basic", key=KEY, pseudonymz={})


# Validation


@pytest.mark.parametrize("call", ["bytes", "file", "folder"])
def test_inputs_that_break_the_standard_are_refused_where_asked(call: str, tmp_path: Path) -> None:
    a = Anonymizer([], validate_input="refuse")
    source = tmp_path / "in" / "im"
    source.parent.mkdir()
    source.write_bytes(image(more=WRONG))
    if call == "folder":
        report = a.anonymize_folder(source.parent, tmp_path / "out")
        assert (report.written, report.refused) == (0, {"invalid-input": 1})
        return
    calls: dict[str, Callable[[], object]] = {
        "bytes": lambda: a.anonymize_bytes(image(more=WRONG)),
        "file": lambda: a.anonymize_file(source, tmp_path / "out"),
    }
    with pytest.raises(ImageError) as caught:
        calls[call]()
    assert caught.value.reason == "invalid-input"
    assert "old!" not in str(caught.value)
    assert not (tmp_path / "out").exists()
    assert a.anonymize_bytes(image())


def test_findings_are_warnings_where_asked(tmp_path: Path) -> None:
    a = Anonymizer([], validate_input="warn")
    (tmp_path / "im").write_bytes(image(more=WRONG))
    (warning,) = a.anonymize_file(tmp_path / "im", tmp_path / "out").warnings
    assert warning.startswith("invalid-input: ")
    with pytest.raises(UsageError, match="none of"):
        Anonymizer([], validate_input="all")  # type: ignore[arg-type]


@pytest.mark.parametrize("call", ["bytes", "file", "dataset"])
def test_outputs_may_not_break_what_inputs_did_not(call: str, tmp_path: Path) -> None:
    def breaks(*_: object) -> object:
        from anonymizer import Replace

        return Replace(b"1.2.x")

    a = Anonymizer([{"dicomTagPath": "StudyInstanceUID", "method": breaks}], validate_output=True)
    (tmp_path / "im").write_bytes(image())
    calls: dict[str, Callable[[], object]] = {
        "bytes": lambda: a.anonymize_bytes(image()),
        "file": lambda: a.anonymize_file(tmp_path / "im", tmp_path / "out"),
        "dataset": lambda: a.anonymize_dataset(pydicom.dcmread(tmp_path / "im")),
    }
    with pytest.raises(ImageError) as caught:
        calls[call]()
    assert caught.value.reason == "invalid-output"
    assert not (tmp_path / "out").exists()


# Maps


def names(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[1:]


def test_a_map_grows_with_what_is_met(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    a = Anonymizer(NUMBERED, pseudonyms=path)
    assert b"ANON_0001" in a.anonymize_bytes(image(name=f"{CANARY}^A"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "in").mkdir()
    for number, name in enumerate("BAC"):
        (tmp_path / "in" / str(number)).write_bytes(image(number, name=f"{CANARY}^{name}"))
    a.anonymize_folder(tmp_path / "in", tmp_path / "out", workers=2)
    a.anonymize_file(tmp_path / "in" / "2", tmp_path / "again")
    assert b"ANON_0003" in (tmp_path / "again").read_bytes()
    assert names(path) == [f"{CANARY}^{n},ANON_000{at}" for at, n in enumerate("ABC", 1)]
    dataset = pydicom.dcmread(tmp_path / "in" / "1")
    Anonymizer(NUMBERED, pseudonyms=path).anonymize_dataset(dataset)
    assert dataset.PatientName == "ANON_0001"


def test_two_with_one_map_never_give_a_number_twice(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    both = [Anonymizer(NUMBERED, pseudonyms=path) for _ in range(2)]
    with ThreadPoolExecutor(6) as pool:
        jobs = [
            pool.submit(both[number % 2].anonymize_bytes, image(name=f"Name^{number % 17}"))
            for number in range(60)
        ]
        outputs = [job.result() for job in jobs]
    given = dict(line.split(",") for line in names(path))
    assert len(given) == len(set(given.values())) == 17
    for number, output in enumerate(outputs):
        assert given[f"Name^{number % 17}"].encode() in output


def test_what_the_map_could_not_take_is_not_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = Anonymizer(NUMBERED, pseudonyms=tmp_path / "map.csv")

    def fails(*_: object) -> None:
        raise UsageError("full")

    with monkeypatch.context() as patched:
        patched.setattr(GrowingMap, "append", fails)
        with pytest.raises(UsageError, match="full"):
            a.anonymize_bytes(image(name=f"{CANARY}^A"))
    assert not (tmp_path / "map.csv").exists()
    a.anonymize_bytes(image(name=f"{CANARY}^B"))
    assert names(tmp_path / "map.csv") == [f"{CANARY}^B,ANON_0001"]


def test_a_map_that_does_not_grow_must_be_there(tmp_path: Path) -> None:
    rules = [{"dicomTagPath": "PatientName", "method": "pseudonym"}]
    with pytest.raises(ConfigurationError):
        Anonymizer(rules, pseudonyms=tmp_path / "none.csv")
    (tmp_path / "map.csv").write_text("Doe^Jane,P7\n", encoding="utf-8")
    a = Anonymizer(rules, pseudonyms=tmp_path / "map.csv")
    assert b"P7" in a.anonymize_bytes(image())


# The audit log and the report


def records(path: Path) -> list[dict[str, Any]]:
    lines = path.read_bytes().splitlines(keepends=True)
    assert prove(lines).fault == ""
    return [record for record in map(json.loads, lines) if "input" in record]


def test_a_folder_is_logged(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    a = Anonymizer(HASHED, key=KEY)
    report = a.anonymize_folder(write_study(tmp_path / "in", 2), tmp_path / "out", audit_log=log)
    assert (report.written, report.log_warnings) == (2, ())
    assert [record["input"]["path"] for record in records(log)] == ["im000", "im001"]
    a.anonymize_folder(tmp_path / "in", tmp_path / "2", audit_log=log, hide_paths=True, workers=2)
    assert len(records(log)) == 4
    assert "im00" not in str(records(log)[2:])


def test_a_file_is_logged_also_where_it_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    (tmp_path / "im").write_bytes(image())
    (tmp_path / "cut").write_bytes(image()[:-3])
    a = Anonymizer(HASHED, key=KEY)
    logged = a.anonymize_file(tmp_path / "im", tmp_path / "new" / "out", audit_log=log)
    assert logged == a.anonymize_file(tmp_path / "im", tmp_path / "plain")
    assert (tmp_path / "new" / "out").read_bytes() == (tmp_path / "plain").read_bytes()
    with pytest.raises(ImageError) as caught:
        a.anonymize_file(tmp_path / "cut", tmp_path / "cut.out", audit_log=log)
    assert caught.value.reason == "truncated"
    assert [record["status"] for record in records(log)] == ["written", "refused"]
    for name in ("cut", "nothing"):
        with pytest.raises(ImageError):
            a.anonymize_file(
                tmp_path / name, tmp_path / "cut.out", audit_log=log, elements=True, overwrite=True
            )
    reasons = [record.get("reason") for record in records(log)]
    assert reasons == [None, "truncated", "truncated", "vanished"]


def test_without_a_key_the_log_says_that_its_hashes_are_of_this_run(tmp_path: Path) -> None:
    (tmp_path / "im").write_bytes(image())
    rules = [{"dicomTagPath": "PN", "method": "remove"}]
    result = Anonymizer(rules).anonymize_file(
        tmp_path / "im", tmp_path / "out", audit_log=tmp_path / "log"
    )
    assert any("no key" in warning for warning in result.warnings)


@pytest.mark.parametrize("place", ["in/log", "out/log"])
def test_a_log_lies_apart(place: str, tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    with pytest.raises(UsageError, match="among the inputs or the outputs"):
        Anonymizer(HASHED, key=KEY).anonymize_folder(
            tmp_path / "in", tmp_path / "out", audit_log=tmp_path / place
        )


def test_a_log_takes_no_place_and_hiding_needs_one(tmp_path: Path) -> None:
    (tmp_path / "im").write_bytes(image())
    a = Anonymizer(HASHED, key=KEY)
    with pytest.raises(UsageError, match="take the place"):
        a.anonymize_file(tmp_path / "im", tmp_path / "out", audit_log=tmp_path / "im")
    assert (tmp_path / "im").read_bytes() == image()
    with pytest.raises(UsageError, match="about audit_log"):
        a.anonymize_file(tmp_path / "im", tmp_path / "out", hide_paths=True)


def test_a_report_goes_as_json(tmp_path: Path) -> None:
    report = Anonymizer(HASHED, key=KEY).anonymize_folder(
        write_study(tmp_path / "in", 2), tmp_path / "out"
    )
    told = json.loads(json.dumps(asdict(report)))
    assert told["counts"] == {"cryptoHash": 2}
    assert [file["status"] for file in told["files"]] == ["written", "written"]
