"""CMS EnvelopedData (RFC 5652 6), in which Encrypted Attributes hold their content (PS3.15 E.1).

Rules
    * Written: AES or Triple-DES in CBC mode, the content key for each recipient by RSA as PKCS#1
      v1.5 (what the profile asks every reader for), recipients named by issuer and serial number.
    * Read: the same, RSA-OAEP too, recipients named by key identifier, and BER as other tools
      write it; what stands behind it, as the padding of OB does, is not looked at.
    * The content key and the initialisation vector come from the caller; the padding of RSA is
      drawn by the library.
    * No error tells anything of content or keys.
"""

from __future__ import annotations

from anonymizer.errors import ValueFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm

ALGORITHMS = {
    "AES-256": ("aes256_cbc", 32, 16),
    "AES-192": ("aes192_cbc", 24, 16),
    "AES-128": ("aes128_cbc", 16, 16),
    "3DES": ("tripledes_3key", 24, 8),
}
"""What content is encrypted with: the name in ASN.1, the bytes of a key and of a block."""

_SIZES = {name: (key, block) for name, key, block in ALGORITHMS.values()}

HASHES = frozenset("sha1 sha224 sha256 sha384 sha512".split())


class Recipients:
    """For whom content is encrypted: their certificates in DER, and by which algorithm."""

    __slots__ = ("algorithm", "certificates")

    def __init__(self, certificates: Sequence[bytes], algorithm: str = "AES-256") -> None:
        self.certificates = tuple(certificates)
        self.algorithm = algorithm


def seal(plain: bytes, recipients: Recipients, entropy: Callable[[int], bytes]) -> bytes:
    """The content as EnvelopedData in DER, for every recipient."""
    from asn1crypto import cms

    name, key_size, block = ALGORITHMS[recipients.algorithm]
    key, vector = entropy(key_size), entropy(block)
    enveloped = {
        "version": "v0",
        "recipient_infos": [_for_recipient(der, key) for der in recipients.certificates],
        "encrypted_content_info": {
            "content_type": "data",
            "content_encryption_algorithm": {"algorithm": name, "parameters": vector},
            "encrypted_content": _encrypted(plain, name, key, vector),
        },
    }
    content = {"content_type": "enveloped_data", "content": cms.EnvelopedData(enveloped)}
    sealed: bytes = cms.ContentInfo(content).dump()
    return sealed


def _for_recipient(certificate: bytes, key: bytes) -> Any:  # noqa: ANN401  asn1crypto has no types
    from asn1crypto import cms, x509
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import load_der_x509_certificate

    public = load_der_x509_certificate(certificate).public_key()
    assert isinstance(public, RSAPublicKey), "the configuration takes RSA keys only"
    named = x509.Certificate.load(certificate)
    who = {"issuer": named.issuer, "serial_number": named.serial_number}
    info = {
        "version": "v0",
        "rid": cms.RecipientIdentifier("issuer_and_serial_number", who),
        "key_encryption_algorithm": {"algorithm": "rsaes_pkcs1v15"},
        "encrypted_key": public.encrypt(key, PKCS1v15()),
    }
    return cms.RecipientInfo("ktri", cms.KeyTransRecipientInfo(info))


def _encrypted(plain: bytes, name: str, key: bytes, vector: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    count = len(vector) - len(plain) % len(vector)
    encryptor = Cipher(_cipher(name, key), CBC(vector)).encryptor()
    return encryptor.update(plain + bytes([count]) * count) + encryptor.finalize()


def _cipher(name: str, key: bytes) -> CipherAlgorithm:
    if name == "tripledes_3key":
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

        return TripleDES(key + key[: 24 - len(key)])  # of two keys the first is the third
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    return AES(key)


def opened(sealed: bytes, private: RSAPrivateKey, certificate: bytes = b"") -> Iterator[bytes]:
    """What the content may be, for each recipient that this key could be of.

    With a certificate only the recipient that it names is tried.  CBC does not authenticate, so
    a wrong key may give some content: the caller looks whether it makes sense.
    Raises ValueFault where this is no EnvelopedData, or of an algorithm that is not known.
    """
    infos, name, vector, content = _parsed(sealed)
    for info in infos:
        key = _key_of(info, private, certificate)
        if len(key) == _SIZES[name][0] or (name == "tripledes_3key" and len(key) == 16):
            plain = _decrypted(content, name, key, vector)
            if plain is not None:
                yield plain


def _parsed(sealed: bytes) -> tuple[list[Any], str, bytes, bytes]:
    """Key transport recipients, algorithm, vector and encrypted content."""
    from asn1crypto import cms

    try:
        outer = cms.ContentInfo.load(sealed)
        enveloped = outer["content"]
        inner = enveloped["encrypted_content_info"]
        algorithm = inner["content_encryption_algorithm"]
        name = algorithm["algorithm"].native
        if outer["content_type"].native != "enveloped_data" or name not in _SIZES:
            raise ValueFault("not encrypted in a way that can be read")
        infos = [info.chosen for info in enveloped["recipient_infos"] if info.name == "ktri"]
        vector = algorithm["parameters"].native
        content = inner["encrypted_content"].native
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueFault("not CMS EnvelopedData") from None
    if not isinstance(content, bytes) or len(vector) != _SIZES[name][1]:
        raise ValueFault("not CMS EnvelopedData")
    return infos, name, vector, content


def _names(info: Any, certificate: bytes) -> bool:  # noqa: ANN401
    from asn1crypto import x509

    named = x509.Certificate.load(certificate)
    rid = info["rid"]
    if rid.name == "subject_key_identifier":
        return bool(rid.native == named.key_identifier)
    who = rid.chosen
    return bool(
        who["serial_number"].native == named.serial_number and who["issuer"] == named.issuer
    )


def _key_of(info: Any, private: RSAPrivateKey, certificate: bytes) -> bytes:  # noqa: ANN401
    """The content key, or what decrypting with a wrong key gives; empty where nothing."""
    try:
        if certificate and not _names(info, certificate):
            return b""
        padding = _padding(info["key_encryption_algorithm"])
        return private.decrypt(info["encrypted_key"].native, padding)
    except (ValueError, TypeError, KeyError):
        return b""


def _padding(algorithm: Any) -> AsymmetricPadding:  # noqa: ANN401
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15

    if algorithm["algorithm"].native == "rsaes_pkcs1v15":
        return PKCS1v15()
    if algorithm["algorithm"].native != "rsaes_oaep":
        raise ValueError
    given = algorithm["parameters"]
    of_label = given["hash_algorithm"]["algorithm"].native
    of_mask = given["mask_gen_algorithm"]["parameters"]["algorithm"].native
    if not {of_label, of_mask} <= HASHES:
        raise ValueError
    mask = MGF1(getattr(hashes, of_mask.upper())())
    label = given["p_source_algorithm"]["parameters"].native
    return OAEP(mask, getattr(hashes, of_label.upper())(), label or None)


def _decrypted(content: bytes, name: str, key: bytes, vector: bytes) -> bytes | None:
    """The content without its padding (PKCS#7), None where that is none."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    block = len(vector)
    if not content or len(content) % block:
        return None
    decryptor = Cipher(_cipher(name, key), CBC(vector)).decryptor()
    plain = decryptor.update(content) + decryptor.finalize()
    count = plain[-1]
    if not 1 <= count <= block or not plain.endswith(bytes([count]) * count):
        return None
    return plain[:-count]
