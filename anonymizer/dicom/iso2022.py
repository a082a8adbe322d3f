"""Code extensions: text that switches between character sets by escape sequences.

Rules (PS3.5 6.1.2.5).  Bytes below 0x80 belong to the set that is active in G0, the others to
the one in G1.  A delimiter (backslash in multi-valued text, ``^`` and ``=`` in PN, and control
characters) brings back the sets of value 1 of Specific Character Set.
"""

from __future__ import annotations

from functools import cache

from anonymizer.dicom.attribute import ONE_VALUE_VRS
from anonymizer.dicom.text import SINGLE_BYTE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ESC = 0x1B
ASCII = "6"
ROMAJI = "14"
KATAKANA = "13"

G0_SETS = {
    b"(B": ASCII,
    b"(J": ROMAJI,
    b"$B": "87",
    b"$@": "87",  # JIS C 6226-1978, the older edition of the same set
    b"$(D": "159",
}
G1_SETS = {
    b"-A": "100",
    b"-B": "101",
    b"-C": "109",
    b"-D": "110",
    b"-F": "126",
    b"-G": "127",
    b"-H": "138",
    b"-L": "144",
    b"-M": "148",
    b"-T": "166",
    b"-b": "203",
    b")I": KATAKANA,
    b"$)C": "149",
    b"$)A": "58",
}
"""Escape sequence without its first byte, to the set that it makes active (PS3.3 C.12-3, -4)."""

ESCAPES = {
    code: b"\x1b" + sequence
    for table in (G0_SETS, G1_SETS)
    for sequence, code in reversed(table.items())
}
G0_CODES = frozenset(G0_SETS.values())
PAIRS = {"87": "euc_jp", "159": "euc_jp", "149": "euc_kr", "58": "gb2312"}
"""Sets of two bytes a character, and a codec that has them in G1."""

CONTROLS = frozenset(b"\t\n\x0c\r")


def _initial(code: str) -> tuple[str, str]:
    """(G0, G1) at the start, by value 1 of Specific Character Set; "" is an empty G1."""
    if code == KATAKANA:
        return ROMAJI, KATAKANA
    if code in SINGLE_BYTE:
        return ASCII, code
    return ASCII, ""


@cache
def _delimiters(vr: str) -> frozenset[int]:
    if vr in ONE_VALUE_VRS:
        return CONTROLS
    return CONTROLS | frozenset(b"\\^=" if vr == "PN" else b"\\")


def decode(value: bytes, codes: tuple[str, ...], vr: str) -> str | None:
    """The text, or None where the bytes are not of these sets."""
    try:
        return "".join(_decoded_runs(value, codes, _delimiters(vr)))
    except (UnicodeDecodeError, LookupError):
        return None


def _decoded_runs(
    value: bytes, codes: tuple[str, ...], delimiters: frozenset[int]
) -> Iterator[str]:
    """Text of the runs of bytes that one set holds.  LookupError where no set is active."""
    first = g0, g1 = _initial(codes[0])
    start, stop = 0, len(value)
    while start < stop:
        byte = value[start]
        if byte == ESC:
            start, g0, g1 = _switched(value, start + 1, g0, g1)
            continue
        if g0 in PAIRS and 0x21 <= byte <= 0x7E:
            run = _run_of_pairs(value, start)
            yield _decoded(run, g0)
        elif byte < 0x80:
            run = value[start : start + 1]
            yield chr(byte)
            if byte in delimiters or byte in CONTROLS:
                g0, g1 = first
        else:
            run = _run_of_high(value, start)
            yield _decoded(run, g1)
        start += len(run)


def _switched(value: bytes, start: int, g0: str, g1: str) -> tuple[int, str, str]:
    """Where the text goes on after an escape sequence, and what is active then."""
    for length in (2, 3):
        sequence = value[start : start + length]
        if sequence in G0_SETS:
            return start + length, G0_SETS[sequence], g1
        if sequence in G1_SETS:
            return start + length, g0, G1_SETS[sequence]
    raise LookupError


def _run_of_pairs(value: bytes, start: int) -> bytes:
    stop = start
    while stop < len(value) and 0x21 <= value[stop] <= 0x7E:
        stop += 1
    if (stop - start) & 1:
        raise LookupError
    return value[start:stop]


def _run_of_high(value: bytes, start: int) -> bytes:
    stop = start
    while stop < len(value) and value[stop] >= 0x80:
        stop += 1
    return value[start:stop]


def _decoded(run: bytes, code: str) -> str:
    if code in PAIRS:
        if len(run) & 1:
            raise LookupError
        high = bytes(byte | 0x80 for byte in run)
        if code == "159":
            high = b"".join(b"\x8f" + high[at : at + 2] for at in range(0, len(high), 2))
        return high.decode(PAIRS[code])
    if code == KATAKANA:
        return _katakana(run)
    return run.decode(SINGLE_BYTE[code])


def _katakana(run: bytes) -> str:
    if not all(0xA1 <= byte <= 0xDF for byte in run):
        raise LookupError
    return "".join(chr(0xFF61 - 0xA1 + byte) for byte in run)


def encode(text: str, codes: tuple[str, ...], vr: str) -> bytes | None:
    """The bytes, or None where a character is in none of these sets."""
    first = active = _initial(codes[0])
    delimiters = _delimiters(vr)
    out = bytearray()
    for character in text:
        found = _found(character, first[0], (active[1], active[0], *codes))
        if found is None:
            return None
        code, encoded = found
        if code not in active:
            out += ESCAPES[code]
            active = (code, active[1]) if code in G0_CODES else (active[0], code)
        out += encoded
        if ord(character) in delimiters:
            active = first
    if active[0] != first[0]:
        out += ESCAPES[first[0]]
    return bytes(out)


def _found(character: str, base: str, codes: tuple[str, ...]) -> tuple[str, bytes] | None:
    """The first of the sets that has the character, and its bytes there."""
    if character.isascii():
        return base, character.encode("ascii")
    for code in codes:
        if encoded := _encoded(character, code):
            return code, encoded
    return None


def _encoded(character: str, code: str) -> bytes:
    """The character's bytes in a set, ``b""`` where the set has it not."""
    if code == KATAKANA:
        point = ord(character) - 0xFF61 + 0xA1
        return bytes([point]) if 0xA1 <= point <= 0xDF else b""
    if code in SINGLE_BYTE:
        encoded = _by_codec(character, SINGLE_BYTE[code])
        return encoded if len(encoded) == 1 else b""
    if code not in PAIRS:
        return b""
    encoded = _by_codec(character, PAIRS[code])
    if code == "159":
        return bytes(b & 0x7F for b in encoded[1:]) if encoded[:1] == b"\x8f" else b""
    if len(encoded) != 2 or encoded[0] < 0xA1:  # 0x8E: a half-width katakana of EUC-JP
        return b""
    return bytes(b & 0x7F for b in encoded) if code == "87" else encoded


def _by_codec(character: str, codec: str) -> bytes:
    try:
        return character.encode(codec)
    except UnicodeEncodeError:
        return b""
