"""``encryptedAttributes``: who the recipients are, and every mistake with its place and hint."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from recipient import TODAY, Recipient, recipient, recipient_without_rsa

from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.errors import ConfigurationError, Mistake

if TYPE_CHECKING:
    from anonymizer.rules.compiled import Compiled

PN = {"dicomTagPath": "PN", "method": "remove"}
NAME = "encryptedAttributes"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with certificates good and bad, and what is none."""
    good = recipient("a")
    good.write(tmp_path)
    (tmp_path / "a.der").write_bytes(good.der())
    (tmp_path / "old.pem").write_bytes(good.pem(last=-1))
    (tmp_path / "soon.pem").write_bytes(good.pem(first=1))
    weak: Recipient = recipient("weak", 1024)
    (tmp_path / "weak.pem").write_bytes(weak.pem())
    (tmp_path / "ec.pem").write_bytes(recipient_without_rsa().pem())
    (tmp_path / "no.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nDoe^Jane\n-----END")
    (tmp_path / "no.der").write_bytes(b"Doe^Jane")
    return tmp_path


def compiled_from(members: object, folder: Path) -> Compiled:
    content = {"rules": [PN], NAME: members}
    configuration = configuration_of(content, folder=str(folder))
    return compile_configuration(configuration, environ={}, today=TODAY.date())


def mistakes_of(members: object, folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        compiled_from(members, folder)
    return [(m.place, m.message, m.hint) for m in caught.value.mistakes]


def test_certificates_are_read_as_pem_and_as_der(folder: Path) -> None:
    recipients = compiled_from({"recipients": ["a.pem", "a.der"]}, folder).recipients
    assert recipients is not None
    assert recipients.certificates == (recipient("a").der(),) * 2
    assert recipients.algorithm == "AES-256"


@pytest.mark.parametrize("algorithm", ["AES-128", "AES-192", "AES-256", "3DES"])
def test_the_algorithm_is_what_is_asked_for(algorithm: str, folder: Path) -> None:
    members = {"recipients": ["a.pem"], "algorithm": algorithm}
    recipients = compiled_from(members, folder).recipients
    assert recipients is not None
    assert recipients.algorithm == algorithm


def test_without_the_key_there_are_none() -> None:
    configuration = configuration_of({"rules": [PN]})
    assert compile_configuration(configuration, environ={}).recipients is None


def test_paths_are_relative_to_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = folder / "inner"
    inner.mkdir()
    content = {"rules": [PN], NAME: {"recipients": ["../a.pem"]}}
    (inner / "c.json").write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.chdir(folder.parent)
    configuration = load_configuration(str(inner / "c.json"))
    assert compile_configuration(configuration, environ={}).recipients is not None
    assert str(inner / "../a.pem") in configuration.files


def test_paths_are_relative_to_the_layer_that_names_them(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    recipient("b").write(inner)
    (inner / "base.json").write_text(
        json.dumps({"rules": [PN], NAME: {"recipients": ["b.pem"]}}), encoding="utf-8"
    )
    (folder / "c.json").write_text(json.dumps({"extends": "inner/base.json"}), encoding="utf-8")
    configuration = load_configuration(str(folder / "c.json"))
    recipients = compile_configuration(configuration, environ={}).recipients
    assert recipients is not None
    assert recipients.certificates == (recipient("b").der(),)
    assert str(inner / "b.pem") in configuration.files
    (inner / "b.pem").unlink()
    with pytest.raises(ConfigurationError) as caught:
        compile_configuration(load_configuration(str(folder / "c.json")), environ={})
    (mistake,) = caught.value.mistakes
    assert mistake.place.endswith(f"base.json: {NAME}.recipients[0]")


def test_the_outermost_file_that_names_recipients_wins(folder: Path) -> None:
    for name, said, more in (
        ("base", ["gone.pem"], {}),
        ("c", ["a.pem"], {"extends": "base.json"}),
    ):
        content = {"rules": [PN], NAME: {"recipients": said}, **more}
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    configuration = load_configuration(str(folder / "c.json"))
    recipients = compile_configuration(configuration, environ={}).recipients
    assert recipients is not None
    assert recipients.certificates == (recipient("a").der(),)


PEM_HINT = "the path of a certificate, PEM or DER"
EXAMPLE = 'as in {"recipients": ["site.pem"], "algorithm": "AES-256"}'
WRONG: list[tuple[Any, str, str, str]] = [
    ("a.pem", "", "is not an object", EXAMPLE),
    ({}, ".recipients", "is missing", EXAMPLE),
    ({"recipients": "a.pem"}, ".recipients", "is not a list of files", EXAMPLE),
    ({"recipients": []}, ".recipients", "is not a list of files", EXAMPLE),
    ({"recipients": [3]}, ".recipients[0]", "is not text", PEM_HINT),
    ({"recipients": [""]}, ".recipients[0]", "is not text", PEM_HINT),
    (
        {"recipients": ["a.pem", "b.pem"]},
        ".recipients[1]",
        "b.pem cannot be read: No such file or directory",
        "",
    ),
    ({"recipients": ["no.pem"]}, ".recipients[0]", "no.pem is not an X.509 certificate", ""),
    ({"recipients": ["no.der"]}, ".recipients[0]", "no.der is not an X.509 certificate", ""),
    ({"recipients": ["\0"]}, ".recipients[0]", "is no path of a file", ""),
    (
        {"recipients": ["a.key"]},
        ".recipients[0]",
        "a.key is not an X.509 certificate",
        "a private key stays with who decrypts",
    ),
    (
        {"recipients": ["ec.pem"]},
        ".recipients[0]",
        "the key of ec.pem is not RSA",
        "PS3.15 E.1 asks for RSA",
    ),
    (
        {"recipients": ["weak.pem"]},
        ".recipients[0]",
        "the key of weak.pem is shorter than 2048 bits",
        "",
    ),
    (
        {"recipients": ["a.pem"], "algorithm": "DES"},
        ".algorithm",
        "is none of AES-256, AES-192, AES-128, 3DES",
        "",
    ),
    ({"recipients": ["a.pem"], "algorithm": []}, ".algorithm", "", ""),
    ({"recipients": ["a.pem"], "algoritm": "3DES"}, ".algoritm", "unknown key", EXAMPLE),
]


@pytest.mark.parametrize(("members", "place", "message", "hint"), WRONG, ids=str)
def test_every_mistake_has_a_place_and_a_hint(
    members: object, place: str, message: str, hint: str, folder: Path
) -> None:
    (found,) = mistakes_of(members, folder)
    assert found[0] == NAME + place
    if message:
        assert found[1:] == (message, hint)


def test_all_mistakes_are_found_at_once(folder: Path) -> None:
    members = {"recipients": ["weak.pem", "a.pem", "ec.pem"], "algorithm": "x"}
    places = [place for place, _, _ in mistakes_of(members, folder)]
    assert places == [f"{NAME}.recipients[0]", f"{NAME}.recipients[2]", f"{NAME}.algorithm"]


@pytest.mark.parametrize(
    ("name", "when"), [("old.pem", "since 2025-09-14"), ("soon.pem", "until 2025-09-16")]
)
def test_a_certificate_that_is_not_valid_is_a_warning(name: str, when: str, folder: Path) -> None:
    compiled = compiled_from({"recipients": ["a.pem", name]}, folder)
    message = f"the certificate in {name} is not valid {when}"
    assert compiled.warnings == (Mistake(f"{NAME}.recipients[1]", message, "ask for a new one"),)
    assert compiled.recipients is not None


def test_the_other_tools_files_know_nothing_of_it(folder: Path) -> None:
    content = {"rules": [{"tag": "PN", "method": "remove"}], NAME: {"recipients": ["x"]}}
    configuration = configuration_of(content, folder=str(folder))
    compiled, _ = examine(configuration, environ={}, today=date(2025, 1, 1))
    assert compiled.recipients is None
