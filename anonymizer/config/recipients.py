"""For whom originals are encrypted: certificates in files, RSA keys of 2048 bits or more."""

from __future__ import annotations

import os

from anonymizer.dicom.enveloped import ALGORITHMS, Recipients

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from cryptography.x509 import Certificate

    from anonymizer.config.configuration import Findings, Layer

NAME = "encryptedAttributes"
MEMBERS = ("recipients", "algorithm")
SHORTEST_RSA = 2048
LARGEST_FILE = 1 << 20
EXAMPLE = 'as in {"recipients": ["site.pem"], "algorithm": "AES-256"}'


class CertificateFault(Exception):
    """A file that names no recipient."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_recipients(layer: Layer, findings: Findings, today: date) -> Recipients | None:
    """The recipients that a layer names in ``encryptedAttributes``, by paths relative to it."""
    members = layer.members[NAME]
    place = f"{layer.prefix}{NAME}"
    if not isinstance(members, dict):
        findings.mistake(place, "is not an object", EXAMPLE)
        return None
    for name in members:
        if name not in MEMBERS:
            findings.mistake(f"{place}.{name}", "unknown key", EXAMPLE)
    algorithm = members.get("algorithm", next(iter(ALGORITHMS)))
    known = algorithm in list(ALGORITHMS)
    if not known:
        findings.mistake(f"{place}.algorithm", f"is none of {', '.join(ALGORITHMS)}")
    paths = members.get("recipients")
    if not isinstance(paths, list) or not paths:
        message = "is not a list of files" if "recipients" in members else "is missing"
        findings.mistake(f"{place}.recipients", message, EXAMPLE)
        return None
    certificates = [
        _certificate(path, layer.folder, f"{place}.recipients[{number}]", findings, today)
        for number, path in enumerate(paths)
    ]
    return Recipients(certificates, algorithm) if known and all(certificates) else None


def _certificate(path: object, folder: str, place: str, findings: Findings, today: date) -> bytes:
    """The certificate in DER, empty where it cannot be had."""
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        certificate = _usable(path, folder)
    except CertificateFault as fault:
        findings.mistake(place, fault.message, fault.hint)
        return b""
    first, last = certificate.not_valid_before_utc.date(), certificate.not_valid_after_utc.date()
    if not first <= today <= last:
        when = f"since {last}" if today > last else f"until {first}"
        findings.warn(place, f"the certificate in {path} is not valid {when}", "ask for a new one")
    return certificate.public_bytes(Encoding.DER)


def _usable(path: object, folder: str) -> Certificate:
    if not isinstance(path, str) or not path:
        raise CertificateFault("is not text", "the path of a certificate, PEM or DER")
    if "\0" in path:
        raise CertificateFault("is no path of a file")
    certificate = certificate_of(os.path.join(folder, path), path)
    _check_key(certificate, path)
    return certificate


def certificate_of(path: str, shown: str) -> Certificate:
    """The first certificate of a file; raises CertificateFault."""
    from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE)
    except OSError as fault:
        raise CertificateFault(f"{shown} cannot be read: {fault.strerror}") from None
    is_pem = b"-----BEGIN" in data
    try:
        return (load_pem_x509_certificate if is_pem else load_der_x509_certificate)(data)
    except ValueError:
        hint = "a private key stays with who decrypts" if b"PRIVATE KEY" in data else ""
        raise CertificateFault(f"{shown} is not an X.509 certificate", hint) from None


def _check_key(certificate: Certificate, shown: str) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        public = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        public = None
    if not isinstance(public, RSAPublicKey):
        raise CertificateFault(f"the key of {shown} is not RSA", "PS3.15 E.1 asks for RSA")
    if public.key_size < SHORTEST_RSA:
        raise CertificateFault(f"the key of {shown} is shorter than {SHORTEST_RSA} bits")
