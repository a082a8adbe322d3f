"""Searches an output for every value of its input that the rules take away or change.

Strategy
    Another reader (pydicom) tells what the input holds, at every depth; the selectors of the rules
    tell what they say about each attribute.  Each identifying value is counted in the output's
    bytes, and in the values that stand in both files because a rule keeps them: where the bytes
    hold more, the value has been left somewhere.

Rules
    * Text is searched value by value, names component by component, as it stands and in UTF-8.
    * What is shorter than ``LEAST`` bytes, or the same byte again and again, is found by chance.
    * UIDs of classes, syntaxes and vocabularies identify nobody, nor do private creators.
    * Pixel data is not searched: it is no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from image import EXPLICIT
from oracle.pydicom_edits import Node, Unreadable, read

from anonymizer.dicom.attribute import (
    CHARACTER_SET_VRS,
    ONE_VALUE_VRS,
    TEXT_VRS,
    Element,
    is_creator,
)
from anonymizer.dicom.coded import SCHEME, scheme_text
from anonymizer.dicom.dictionary import name_of, real_vr
from anonymizer.dicom.part10 import split
from anonymizer.dicom.text import character_set
from anonymizer.methods.clean_content import FULL, MODIFIED, CleanContent
from anonymizer.methods.refresh_uid import STRUCTURAL, is_registered
from anonymizer.rules.compiled import Compiled
from anonymizer.standard.coding_schemes import public_schemes

LEAST, LEAST_BINARY = 4, 8
PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
CHARACTER_SET = 0x00080005
OWN_WORDS = b"ANON_ Anonymous^"
"""What dummies begin with."""
KEPT = {
    "DA": {FULL},
    "DT": {FULL},
    "TM": {FULL, MODIFIED},
    "UI": {"retainUIDs", "retainDeviceIdentity"},
}
"""Options with which content items keep values of a VR; value types and numbers stay anyway."""
MARKS = frozenset((0x00120062, 0x00120063, 0x00120064, 0x00280303))
"""What the output says of itself."""

CLEANING, OF_CONTENT = "cleanText", "cleanContent"
NOBODY = (b"test", b"n.a.")
WORDS = ("CodeMeaning", "ContentLabel", ")")
"""What is no secret where a text holds it: codes, labels, private attributes of unknown meaning."""

Place = tuple[tuple[int, int], ...]


class Leaf(NamedTuple):
    """A value at its place; ``gone`` where what holds it is removed whole."""

    place: Place
    node: Node
    value: bytes
    charset: bytes
    gone: bool
    scheme: str = ""
    """Of the coded entry it stands in."""


class Finding(NamedTuple):
    """A value that was left: whose it is, and where it is found."""

    attribute: str
    where: tuple[str, ...]


class Sweep:
    """The search of one configuration's outputs; ``searched`` counts the values."""

    def __init__(self, compiled: Compiled) -> None:
        self._rules = compiled.rules
        self._cleans = any(rule.method.name == CLEANING for rule in compiled.rules)
        self._private = any(rule.method.name == "keepSafePrivate" for rule in compiled.rules)
        content = [r.method for r in self._rules if isinstance(r.method, CleanContent)]
        self._content = content[0].chosen if content else frozenset[str]()
        self._methods: dict[tuple[int, str, str, str], str] = {}
        self.searched = 0

    def findings(self, before: bytes, after: bytes) -> Iterator[Finding]:
        """What is left of the input in the output; nothing where pydicom reads neither."""
        for _, finding in self.values_left(before, after):
            yield finding

    def values_left(self, before: bytes, after: bytes) -> Iterator[tuple[bytes, Finding]]:
        try:
            old, new = [*self.leaves(read(before))], [*self.leaves(read(after))]
        except Unreadable:
            return
        said = {leaf.place: leaf for leaf in old if not leaf.gone and self._leaves_it(leaf)}
        kept, others = list[Leaf](), list[Leaf]()
        for leaf in new:
            same = leaf.place in said and said[leaf.place].value == leaf.value
            (kept if same or leaf.place[0][0] in MARKS else others).append(leaf)
        haystack = _without_pixels(after, new)
        allowed = b"\n".join([*(leaf.value for leaf in kept), *self._kept_of_meta(after)])
        texts = [leaf.value for leaf in others if self._is_cleaned(leaf.node)]
        for value, names in self._identifying(old, before).items():
            self.searched += 1
            chance = _count(value, b"\n".join(texts)) if _is_chance(value, names, texts) else 0
            if _count(value, haystack) > _count(value, allowed) + chance:
                where = {_name(leaf) for leaf in others if value in leaf.value}
                yield value, Finding(" ".join(sorted(names)), tuple(sorted(where)))

    def leaves(
        self,
        nodes: Iterable[Node],
        around: Place = (),
        charset: bytes = b"",
        *,
        gone: bool = False,
    ) -> Iterator[Leaf]:
        nodes = tuple(nodes)
        own = next((node.value for node in nodes if node.tag == CHARACTER_SET), charset)
        charset = own if isinstance(own, bytes) else charset
        code = next((node.value for node in nodes if node.tag == SCHEME), b"")
        scheme = scheme_text(code) if around and isinstance(code, bytes) else ""
        for node in nodes:
            place = (*around, (node.tag, 0))
            if isinstance(node.value, bytes):
                yield Leaf(place, node, node.value, charset, gone, scheme)
                continue
            sequence = replace(node, vr="SQ")  # also one that is written UN
            goes = gone or self._method(sequence) in ("remove", "redact")
            for number, item in enumerate(node.value):
                inner = (*around, (node.tag, number))
                yield from self.leaves(item, inner, charset, gone=goes)

    def _leaves_it(self, leaf: Leaf) -> bool:
        if self._method(leaf.node) == "keepRegisteredCodes":
            return leaf.scheme in public_schemes()
        return self._keeps(leaf.node)

    def _keeps(self, node: Node) -> bool:
        if node.tag == CHARACTER_SET or (self._private and is_creator(node.tag)):
            return True
        method = self._method(node)
        if method == "cleanContent":
            return node.vr in ("CS", "DS") or not self._content.isdisjoint(KEPT.get(node.vr, ()))
        return node.tag in STRUCTURAL or method in ("", "keep", "keepSafePrivate")

    def _method(self, node: Node) -> str:
        key = (node.tag, node.vr, node.written, node.creator)
        if key not in self._methods:
            element = Element(node.tag, node.vr, node.written, node.creator)
            owners = (rule for rule in self._rules if rule.selector.matches(element))
            self._methods[key] = next((rule.method.name for rule in owners), "")
        return self._methods[key]

    def _identifying(self, leaves: list[Leaf], file: bytes) -> dict[bytes, set[str]]:
        found: dict[bytes, set[str]] = {}
        for leaf in leaves:
            if leaf.node.tag in PIXELS or self.may_stay(leaf):
                continue
            for value in _searchable(leaf):
                found.setdefault(value, set()).add(_name(leaf))
        for name, value in self._of_envelope(file):
            found.setdefault(value, set()).add(name)
        return found

    def may_stay(self, leaf: Leaf) -> bool:
        """Whether the value, or words of it, stay where they stand."""
        return self._is_cleaned(leaf.node) or (self._leaves_it(leaf) and not leaf.gone)

    def _is_cleaned(self, node: Node) -> bool:
        method = self._method(node)
        content = method == OF_CONTENT and self._cleans
        return method == CLEANING or (content and node.vr in CHARACTER_SET_VRS)

    def _of_envelope(self, file: bytes) -> Iterator[tuple[str, bytes]]:
        """The preamble, and what the file meta information says."""
        if file[128:132] == b"DICM" and _tells(preamble := file[:128].strip(b"\0 ")):
            yield "preamble", preamble
        stays = {*self._kept_of_meta(file)}
        for tag, raw in split(file, len(file)).meta.items():
            value = raw.strip(b"\0 ")
            if value not in stays and _tells(value) and _is_own(value):
                yield name_of(tag), value

    def _kept_of_meta(self, file: bytes) -> Iterator[bytes]:
        """The UIDs of the file meta information that no rule changes."""
        for tag, raw in split(file, len(file)).meta.items():
            vr = real_vr(tag, "")
            if vr == "UI" and self._keeps(Node(tag, vr, vr, "", raw)):
                yield raw.strip(b"\0 ")


def _is_chance(value: bytes, names: set[str], texts: list[bytes]) -> bool:
    """Whether a cleaned text may hold it: inside a word, as one that goes for other reasons,
    or as one that names nobody.
    """
    word = rb"(?<![^\W_])%b(?![^\W_])" % re.escape(value)
    if value.lower() in NOBODY or not any(re.search(word, text) for text in texts):
        return True
    return all(name.endswith(WORDS) for name in names)


def _count(value: bytes, text: bytes) -> int:
    """How often it stands there; a number inside a longer one, such as a UID, is another."""
    if not value.isdigit():
        return text.count(value)
    return len(re.findall(rb"(?<!\d)%b(?!\d)" % value, text))


def _name(leaf: Leaf) -> str:
    return ".".join(name_of(tag) for tag, _ in leaf.place)


def _searchable(leaf: Leaf) -> set[bytes]:
    """The forms in which a value is searched for."""
    vr, raw = leaf.node.vr, leaf.value
    if vr == "UI":
        return {uid for uid in raw.rstrip(b"\0 ").split(b"\\") if _tells(uid) and _is_own(uid)}
    if vr not in TEXT_VRS:
        whole = raw.strip(b"\0 ")
        return {whole} if len(whole) >= LEAST_BINARY and _tells(whole) else set()
    text = character_set(leaf.charset).decode_loosely(raw, vr)
    parts = re.split(r"[\\^=]" if vr == "PN" else r"\\", text)
    values = [text] if vr in ONE_VALUE_VRS else parts
    forms = {part.strip(" \0").encode("utf-8", "replace") for part in values}
    if vr == "PN" or vr not in ONE_VALUE_VRS:
        forms.add(raw.strip(b" \0"))
    return {form for form in forms if len(form) >= LEAST and _tells(form)}


def _is_own(uid: bytes) -> bool:
    return not is_registered(uid.decode("latin-1"))


def _tells(value: bytes) -> bool:
    return len(value) >= LEAST and len(set(value)) > 1 and value not in OWN_WORDS


def _without_pixels(file: bytes, leaves: list[Leaf]) -> bytes:
    for leaf in leaves:
        if leaf.node.tag in PIXELS and len(leaf.value) >= LEAST:
            file = file.replace(leaf.value, EXPLICIT.tag(leaf.node.tag), 1)
    return file
