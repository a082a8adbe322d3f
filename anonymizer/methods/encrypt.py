"""Encrypts values so that who has the key can read them again.

Each value becomes a random initialisation vector of 16 bytes and the AES-CBC ciphertext of its
text in UTF-8 (padding by PKCS#7), as Base64 in text and raw in OB, UN and fragments.  A key of
16, 24 or 32 bytes is the AES key as it stands; of any other, its SHA-256 is.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import KEEP, TEXT_VRS, Replace
from anonymizer.dicom.text import encode_values, values_of
from anonymizer.errors import ValueFault
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.dicom.text import CharacterSet
    from anonymizer.methods.method import Method, Option, Secrets

BLOCK = 16
AES_KEY_LENGTHS = (16, 24, 32)


def aes_key(key: bytes) -> bytes:
    """The AES key that a configured key stands for."""
    if len(key) in AES_KEY_LENGTHS:
        return key
    from hashlib import sha256

    return sha256(key).digest()


def encrypt_bytes(plain: bytes, key: bytes, vector: bytes) -> bytes:
    """The vector and the ciphertext."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    count = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(AES(key), CBC(vector)).encryptor()
    return vector + encryptor.update(plain + bytes([count]) * count) + encryptor.finalize()


def reveal_bytes(blob: bytes, key: bytes) -> bytes:
    """What was encrypted into raw bytes.  ValueFault where this key did not make them.

    CBC does not authenticate: one in about 256 wrong keys is not noticed here.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    if len(blob) < 2 * BLOCK or len(blob) % BLOCK:
        raise ValueFault("not an encrypted value")
    decryptor = Cipher(AES(aes_key(key)), CBC(blob[:BLOCK])).decryptor()
    plain = decryptor.update(blob[BLOCK:]) + decryptor.finalize()
    count = plain[-1]
    if not 1 <= count <= BLOCK or plain[-count:] != bytes([count]) * count:
        raise ValueFault("not encrypted with this key")
    return plain[:-count]


def reveal_text(text: str, key: bytes) -> str:
    """What was encrypted into one Base64 value; its ``=`` at the end may be lost."""
    from binascii import Error, a2b_base64

    bare = text.strip(" \0").rstrip("=")
    try:
        encoded = bare.encode("ascii") + b"=" * (-len(bare) % 4)
        return reveal_bytes(a2b_base64(encoded, strict_mode=True), key).decode("utf-8")
    except (Error, UnicodeError):
        raise ValueFault("not encrypted with this key") from None


def reveal(value: bytes, vr: str, key: bytes, charset: CharacterSet) -> bytes:
    """The value field that was encrypted into this one."""
    if vr not in TEXT_VRS:
        return reveal_bytes(value.rstrip(b"\0") if len(value) % BLOCK else value, key)
    texts = charset.decode(value, vr).rstrip(" \0").split("\\")
    plain = "\\".join(text and reveal_text(text, key) for text in texts)
    return charset.encode(plain, vr)


class Encrypt:
    """AES-CBC of each value under a fresh random vector; empty values stay."""

    __slots__ = ("_entropy", "_key")

    name: ClassVar[str] = "encrypt"
    summary: ClassVar[str] = (
        "AES-CBC of each value, Base64 in text and raw in OB, UN and encapsulated pixel data; "
        "44 characters at least, so AE, AS, CS, DA, DS, DT, IS, SH, TM and UI cannot hold it, "
        "and LO and PN only for values of up to 31 bytes"
    )
    vrs: ClassVar[frozenset[str]] = TEXT_VRS | {"OB", "UN"}
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset()
    repeatable = False
    constant: Decision | None = None

    def __init__(self, key: bytes, entropy: Callable[[int], bytes]) -> None:
        self._key = aes_key(key)
        self._entropy = entropy

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        Options(options, cls.options).done()
        return cls(secrets.key("encrypt"), secrets.entropy)

    @classmethod
    def compatible(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        from anonymizer.methods.microsoft import encryption_key

        return cls(encryption_key(settings) or secrets.key("encrypt"), secrets.entropy)

    @classmethod
    def exact(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Method:
        from anonymizer.methods.exact.encrypt import ExactEncrypt

        return ExactEncrypt.from_options(settings, secrets)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if attribute.encapsulated:
            return self._encrypted_fragments(attribute.value)
        if vr not in self.vrs:
            raise unsupported(self.name, vr)
        if vr not in TEXT_VRS:
            return Replace(self._encrypted(attribute.value)) if attribute.value else KEEP
        values = values_of(attribute)
        if not any(values):
            return KEEP
        encrypted = [value and self._encrypted_text(value) for value in values]
        return Replace(encode_values(encrypted, vr, attribute.charset))

    def undone(self, *, tries: bool) -> Reveal:
        """What decrypts with the same key."""
        return Reveal(self._key, tries=tries)

    def _encrypted(self, plain: bytes) -> bytes:
        return encrypt_bytes(plain, self._key, self._entropy(BLOCK))

    def _encrypted_text(self, value: str) -> str:
        from binascii import b2a_base64

        return b2a_base64(self._encrypted(value.encode("utf-8")), newline=False).decode("ascii")

    def _encrypted_fragments(self, run: bytes) -> Decision:
        from anonymizer.dicom.fragments import join_items, split_items

        blobs = (self._encrypted(item) for item in split_items(run)[1:])
        return Replace(join_items([b"", *blobs]), encapsulated=True)


class Reveal:
    """Undoes ``encrypt`` attribute by attribute; what another key made is a ValueFault.

    It decides like any method, so the engine can run it; it is no method of a configuration.  One
    that ``tries`` leaves what does not open; ``opened`` counts what did.
    """

    __slots__ = ("_key", "opened", "repeatable", "tries")

    name: ClassVar[str] = "reveal"
    summary: ClassVar[str] = "decrypts what encrypt made"
    vrs: ClassVar[frozenset[str]] = Encrypt.vrs
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset()
    constant: Decision | None = None

    def __init__(self, key: bytes, *, tries: bool = False) -> None:
        self._key = aes_key(key)
        self.tries = tries
        self.repeatable = not tries
        self.opened = 0

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        Options(options, cls.options).done()
        return cls(secrets.key("encrypt"))

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        if not self.tries:
            return self._decrypted(attribute)
        try:
            decision = self._decrypted(attribute)
        except ValueFault:
            return KEEP
        self.opened += decision is not KEEP
        return decision

    def _decrypted(self, attribute: Attribute) -> Decision:
        if attribute.encapsulated:
            from anonymizer.dicom.fragments import join_items, split_items

            plain = (reveal_bytes(item, self._key) for item in split_items(attribute.value)[1:])
            return Replace(join_items([b"", *plain]), encapsulated=True)
        if attribute.vr not in self.vrs:
            raise unsupported(self.name, attribute.vr)
        if not attribute.value.rstrip(b" \0"):
            return KEEP
        return Replace(reveal(attribute.value, attribute.vr, self._key, attribute.charset))
