"""EnvelopedData opens with the recipient's key and no other, whoever has made it."""

from __future__ import annotations

import os
import shutil
import subprocess
from itertools import count
from typing import TYPE_CHECKING

import pytest
from recipient import recipient

from anonymizer.dicom.enveloped import ALGORITHMS, Recipients, opened, seal
from anonymizer.errors import ValueFault

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = b"Doe^Jane\n\r\n\x00\xff" * 17
A, B, C = recipient("a"), recipient("b"), recipient("c")

openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")


def run(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["openssl", "cms", *arguments], cwd=folder, check=True, capture_output=True
    ).stdout


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 4096])
def test_what_is_sealed_opens(algorithm: str, size: int) -> None:
    plain = os.urandom(size)
    sealed = seal(plain, Recipients([A.der(), B.der()], algorithm), os.urandom)
    for who in (A, B):
        assert plain in list(opened(sealed, who.rsa))
        assert list(opened(sealed, who.rsa, who.der())) == [plain]


def test_the_padding_of_an_element_does_not_matter() -> None:
    sealed = seal(PLAIN, Recipients([A.der()]), os.urandom)
    assert list(opened(sealed + b"\0", A.rsa)) == [PLAIN]


def test_another_key_does_not_open() -> None:
    sealed = seal(PLAIN, Recipients([A.der(), B.der()]), os.urandom)
    assert PLAIN not in list(opened(sealed, C.rsa))
    assert list(opened(sealed, A.rsa, C.der())) == []


def test_key_and_vector_come_from_the_caller_and_are_fresh() -> None:
    drawn = []

    def entropy(size: int, number: count[int] = count(1)) -> bytes:  # noqa: B008  counts on
        drawn.append(bytes([next(number)]) * size)
        return drawn[-1]

    sealed = seal(PLAIN, Recipients([A.der()], "AES-192"), entropy)
    assert [len(one) for one in drawn] == [24, 16]
    assert drawn[1] in sealed
    assert drawn[0] not in sealed
    assert PLAIN[:16] not in sealed


def test_content_cut_to_another_length_does_not_open() -> None:
    sealed = seal(PLAIN, Recipients([A.der()]), os.urandom)
    for cut in (1, 16, len(sealed) // 2):
        with pytest.raises(ValueFault) as caught:
            list(opened(sealed[:-cut], A.rsa))
        assert not caught.value.__cause__


@pytest.mark.parametrize(
    "raw", [b"", b"\0\0", b"\x30\x80", b"\x30\x03\x02\x01\x01", b"Doe^Jane", bytes(64)]
)
def test_what_is_no_enveloped_data_is_a_fault_that_tells_nothing(raw: bytes) -> None:
    with pytest.raises(ValueFault) as caught:
        list(opened(raw, A.rsa))
    assert "Doe" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_damage_anywhere_is_a_fault_or_opens_nothing_new() -> None:
    sealed = seal(b"x" * 40, Recipients([A.der()]), os.urandom)
    for at in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[at] ^= 0x55
        try:
            list(opened(bytes(damaged), A.rsa, A.der()))
        except ValueFault as fault:
            assert fault.__cause__ is None  # noqa: PT017


def test_triple_des_with_two_keys_opens() -> None:
    sealed = seal(PLAIN, Recipients([A.der()], "3DES"), lambda size: os.urandom(min(size, 16)))
    assert list(opened(sealed, A.rsa)) == [PLAIN]


def test_a_key_wrapped_in_an_unknown_way_does_not_open() -> None:
    rsa = bytes.fromhex("2a864886f70d010101")
    sealed = seal(PLAIN, Recipients([A.der()]), os.urandom)
    assert list(opened(sealed.replace(rsa, rsa[:-1] + b"\x63"), A.rsa)) == []


def test_content_that_is_no_whole_number_of_blocks_does_not_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for content in (b"", b"x" * 15):
        monkeypatch.setattr("anonymizer.dicom.enveloped._encrypted", lambda *_, new=content: new)
        sealed = seal(PLAIN, Recipients([A.der()]), os.urandom)
        assert list(opened(sealed, A.rsa)) == []


@openssl
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_opens_ours(algorithm: str, tmp_path: Path) -> None:
    sealed = seal(PLAIN, Recipients([A.der(), B.der()], algorithm), os.urandom)
    (tmp_path / "in").write_bytes(sealed + bytes(len(sealed) & 1))
    for who in (A, B):
        certificate, key = who.write(tmp_path)
        told = ("-inkey", key.name, "-recip", certificate.name, "-binary")
        assert run(tmp_path, "-decrypt", "-inform", "DER", "-in", "in", *told) == PLAIN


OAEP = ("-keyopt", "rsa_padding_mode:oaep")
OAEP_SHA256 = (*OAEP, "-keyopt", "rsa_oaep_md:sha256")


@openssl
@pytest.mark.parametrize(
    ("cipher", "how", "key_options"),
    [
        ("-aes128", (), ()),
        ("-aes-192-cbc", ("-stream",), ()),
        ("-aes256", ("-stream", "-keyid"), ()),
        ("-des3", (), ()),
        ("-aes256", (), OAEP),
        ("-aes256", ("-stream",), OAEP_SHA256),
    ],
)
def test_ours_opens_what_openssl_makes(
    cipher: str, how: tuple[str, ...], key_options: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "in").write_bytes(PLAIN)
    told: list[str] = []
    for who in (B, A):
        told += ["-recip", who.write(tmp_path)[0].name, *key_options]
    sealed = run(
        tmp_path, "-encrypt", "-binary", cipher, *how, "-in", "in", "-outform", "DER", *told
    )
    for who in (A, B):
        assert list(opened(sealed, who.rsa, who.der())) == [PLAIN]
        assert PLAIN in list(opened(sealed, who.rsa))


@openssl
@pytest.mark.parametrize("what", ["-data_create", "-digest_create"])
def test_other_kinds_of_cms_are_a_fault(what: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(PLAIN)
    raw = run(tmp_path, what, "-binary", "-in", "in", "-outform", "DER")
    with pytest.raises(ValueFault):
        list(opened(raw, A.rsa))
