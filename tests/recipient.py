"""Certificates of invented recipients and their private keys, made for the tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

TODAY = datetime(2025, 9, 15)


class Recipient:
    """One who may decrypt."""

    def __init__(self, name: str, private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self.name = name
        self.private = private

    @property
    def rsa(self) -> rsa.RSAPrivateKey:
        assert isinstance(self.private, rsa.RSAPrivateKey)
        return self.private

    @cache  # noqa: B019  recipients live as long as the tests
    def certificate(self, *, first: int = -9999, last: int = 99999) -> x509.Certificate:
        """Valid from and until so many days from the tests' today; issued by itself."""
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Site {self.name}, Zürich")])
        public = self.private.public_key()
        builder = x509.CertificateBuilder(
            issuer_name=who,
            subject_name=who,
            public_key=public,
            serial_number=int.from_bytes(self.name.encode(), "big"),
            not_valid_before=TODAY + timedelta(first),
            not_valid_after=TODAY + timedelta(last),
        )
        identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        return builder.add_extension(identifier, critical=False).sign(self.private, SHA256())

    def der(self) -> bytes:
        return self.certificate().public_bytes(Encoding.DER)

    def pem(self, *, first: int = -9999, last: int = 99999) -> bytes:
        return self.certificate(first=first, last=last).public_bytes(Encoding.PEM)

    def key(self, passphrase: bytes = b"") -> bytes:
        locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """The certificate and the private key as files."""
        certificate, key = folder / f"{self.name}.pem", folder / f"{self.name}.key"
        certificate.write_bytes(self.pem())
        certificate.chmod(0o644)
        key.touch(mode=0o600)
        key.write_bytes(self.key())
        return certificate, key


@cache
def recipient(name: str = "a", bits: int = 2048) -> Recipient:
    return Recipient(name, rsa.generate_private_key(65537, bits))


@cache
def recipient_without_rsa() -> Recipient:
    return Recipient("ec", ec.generate_private_key(ec.SECP256R1()))
