"""The same edits, made by other means: pydicom reads, plain functions on a tree edit.

Nothing of the engine is used here.  A data set is a list of nodes; the value of a node is the
value field as it stands in the file, or the data sets of its items.  What an element really is
(a name written as UN, a sequence hidden in UN) is told by pydicom's dictionaries.
"""

from __future__ import annotations

import hmac
import io
import re
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pydicom
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_VR, private_dictionary_VR
from pydicom.dataset import Dataset
from pydicom.filereader import read_partial, read_sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian

BINARY = set("OB OD OF OL OV OW UN".split())
SPECIFIC_CHARACTER_SET = 0x00080005


@dataclass(frozen=True)
class Node:
    """An element: ``written`` is the VR that pydicom found, ``vr`` the real one."""

    tag: int
    written: str
    vr: str
    creator: str
    value: bytes | tuple[tuple[Node, ...], ...]


class Unreadable(Exception):
    """pydicom cannot read the file."""


def read(file: bytes) -> tuple[Node, ...]:
    """The data set of a file, without file meta information and group lengths."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(io.BytesIO(file), force=True)
            return tuple(_nodes(dataset))
        except Exception as error:
            raise Unreadable(type(error).__name__) from error


def data_set(file: bytes) -> bytes:
    """The bytes that pydicom takes for the data set, inflated."""
    stream = io.BytesIO(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.dcmread(stream, force=True, stop_before_pixels=True)
        stream.seek(0)
        read_partial(stream, stop_when=lambda *_: True, force=True)
    if found.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        return zlib.decompressobj(wbits=-15).decompress(file[_meta_end(file) :])
    return file[stream.tell() :]


def _meta_end(file: bytes) -> int:
    return 144 + int.from_bytes(file[140:144], "little")


def _nodes(dataset: Dataset) -> Iterator[Node]:
    creators = dict(_creators(dataset))
    for tag in sorted(dataset.keys()):
        number = int(tag)
        if not number & 0xFFFF:
            continue
        raw = dataset.get_item(tag)
        block = number & 0xFFFF0000 | (number & 0xFF00) >> 8
        creator = creators.get(block, "") if number & 0x10000 else ""
        written = raw.VR or ""
        vr = real_vr(number, written, creator)
        yield Node(number, written, vr, creator, _value(dataset, raw, vr))


def _creators(dataset: Dataset) -> Iterator[tuple[int, str]]:
    for tag in list(dataset.keys()):
        number = int(tag)
        if number & 0x10000 and 0x10 <= number & 0xFFFF <= 0xFF:
            raw = dataset.get_item(tag).value
            text = raw.decode("latin-1") if isinstance(raw, bytes) else str(raw or "")
            yield number, text.strip(" \0")


def _value(dataset: Dataset, raw: object, vr: str) -> bytes | tuple[tuple[Node, ...], ...]:
    value = raw.value  # type: ignore[attr-defined]  # RawDataElement or DataElement
    if vr == "SQ" or not isinstance(value, bytes | None):
        if isinstance(value, bytes | None):
            items = _items(value or b"", dataset, raw.VR)  # type: ignore[attr-defined]
            if items is not None:
                return items
        elif isinstance(value, pydicom.Sequence):
            return tuple(tuple(_nodes(item)) for item in value)
        else:
            return repr(value).encode() if value else b""  # which pydicom has decoded at once
    if vr == "UN" and isinstance(value, bytes):
        items = _items(value, dataset, "UN") if value[:4] == b"\xfe\xff\x00\xe0" else None
        if items is not None:
            return items
    return value or b""


def _items(
    value: bytes, dataset: Dataset, written: str | None
) -> tuple[tuple[Node, ...], ...] | None:
    """The items in a value field, None where it does not hold items and nothing else."""
    implicit, little = dataset.original_encoding
    ways = [(bool(implicit), little is not False)]
    if written in BINARY:
        ways.insert(0, (True, True))  # PS3.5 6.2.2
    for is_implicit, is_little in ways:
        stream = io.BytesIO(value)
        try:
            items = read_sequence(stream, is_implicit, is_little, len(value), ["latin-1"])
            nodes = tuple(tuple(_nodes(item)) for item in items)
        except Exception:  # noqa: BLE001 - whatever pydicom says: these are no items
            continue
        if stream.tell() == len(value):
            return nodes
    return None


def is_of(node: Node, vr: str) -> bool:
    """Whether an element has a VR: the real one, or the dictionary's that the file contradicts."""
    known = _dictionary_vr(node.tag, node.creator).split(" or ")
    return node.vr == vr or (vr in known and node.vr not in known)


def real_vr(tag: int, written: str, creator: str) -> str:
    """The dictionary's VR where the file says UN or nothing, or a binary VR for text."""
    if written and written not in BINARY:
        return written
    known = _dictionary_vr(tag, creator)
    first = known.split(" or ")[0]
    if not known or (written not in ("", "UN") and first in BINARY):
        return written or "UN"
    return "OW" if written in ("", "UN") and "OW" in known else first


def _dictionary_vr(tag: int, creator: str) -> str:
    if tag & 0x10000 and 0x10 <= tag & 0xFFFF <= 0xFF:
        return "LO"
    try:
        return private_dictionary_VR(tag, creator) if tag & 0x10000 else dictionary_VR(tag)
    except KeyError:
        return ""


KEEP = "keep"
REMOVE = "remove"

Edit = Callable[[Node, tuple[int, ...]], str | bytes | None]
"""What becomes of an element in the sequences with these tags: KEEP, REMOVE, a new value field,
or None where no rule matches."""


def edited(
    nodes: tuple[Node, ...], edit: Edit, *, rest: str = KEEP, path: tuple[int, ...] = ()
) -> tuple[Node, ...]:
    """The data set after the edit; ``rest`` is the fate of what no rule matches."""
    kept = [new for node in nodes for new in _edited(node, edit, rest, path)]
    blocks = {node.tag & 0xFFFFFF00 for node in kept if is_data_element(node.tag)}
    creators = [node for node in nodes if is_creator(node.tag) and block_of(node.tag) in blocks]
    kept = [node for node in kept if not (is_creator(node.tag) and block_of(node.tag) in blocks)]
    return tuple(sorted([*kept, *creators], key=lambda node: node.tag))


def _edited(node: Node, edit: Edit, rest: str, path: tuple[int, ...]) -> Iterator[Node]:
    if node.tag == SPECIFIC_CHARACTER_SET:
        yield node
        return
    fate = edit(node, path)
    if fate == REMOVE:
        return
    if isinstance(fate, bytes):
        yield replace(node, value=() if isinstance(node.value, tuple) else fate)
    elif not isinstance(node.value, tuple):
        if (fate or rest) == KEEP:
            yield node
    else:
        inner = tuple(edited(item, edit, rest=rest, path=(*path, node.tag)) for item in node.value)
        if rest == KEEP or any(n.tag != SPECIFIC_CHARACTER_SET for item in inner for n in item):
            yield replace(node, value=inner)


def is_private(tag: int) -> bool:
    return bool(tag & 0x10000)


def is_creator(tag: int) -> bool:
    return is_private(tag) and 0x10 <= tag & 0xFFFF <= 0xFF


def is_data_element(tag: int) -> bool:
    return is_private(tag) and tag & 0xFFFF > 0xFF


def block_of(creator: int) -> int:
    return creator & 0xFFFF0000 | (creator & 0xFF) << 8


def even(value: bytes, pad: bytes = b" ") -> bytes:
    return value + pad if len(value) & 1 else value


def texts(value: bytes) -> list[str] | None:
    """The values of a field of the default repertoire, None where it is not of it."""
    try:
        text = value.decode("ascii").rstrip(" \0")
    except UnicodeDecodeError:
        return None
    if "\x1b" in text:
        return None
    return [part.strip(" \0") for part in text.split("\\")] if text else []


def shifted(value: bytes, vr: str, days: int) -> bytes:
    """A DA or DT value field some days later, empty where it is no date."""
    parts = texts(value)
    if parts is None:
        return b""
    if not any(parts):
        return value
    try:
        return even("\\".join(part and _shifted(part, vr, days) for part in parts).encode())
    except (ValueError, OverflowError):
        return b""


CLOCK_AND_ZONE = re.compile(
    r"(([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?)?([+-]\d{4})?", re.ASCII
)


def _shifted(text: str, vr: str, days: int) -> str:
    if vr == "DA" and re.fullmatch(r"\d{8}", text, re.ASCII):
        return _moved(text, days)
    if vr == "DA" and re.fullmatch(r"\d{4}\.\d\d\.\d\d", text, re.ASCII):
        moved = _moved(text.replace(".", ""), days)
        return f"{moved[:4]}.{moved[4:6]}.{moved[6:]}"
    if vr == "DT" and (match := re.match(r"\d{8}|\d{6}(?!\d)|\d{4}(?!\d)", text, re.ASCII)):
        day, rest = match[0], text[match.end() :]
        if CLOCK_AND_ZONE.fullmatch(rest) and (len(day) == 8 or not rest[:1].isdigit()):
            middle = day + {4: "0702", 6: "15", 8: ""}[len(day)]
            return _moved(middle, days)[: len(day)] + rest
    raise ValueError


def _moved(day: str, days: int) -> str:
    moment = datetime(int(day[:4]), int(day[4:6]), int(day[6:])) + timedelta(days=days)
    return f"{moment.year:04}{moment.month:02}{moment.day:02}"


def refreshed(value: bytes, key: bytes) -> bytes | str:
    """A UI value field with new UIDs, KEEP where nothing changes, empty where it is no text."""
    parts = texts(value)
    if parts is None:
        return b""
    new = [_refreshed(uid, key) for uid in parts]
    return KEEP if new == parts else even("\\".join(new).encode(), b"\0")


def _refreshed(uid: str, key: bytes) -> str:
    if not uid or uid in UID_dictionary:
        return uid
    digest = hmac.new(key, b"refreshUID\x1f" + uid.encode(), "sha256").digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"
