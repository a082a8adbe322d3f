"""The graph of UIDs over all outputs: one for one, and what led somewhere still does.

Rules
    * One UID of the inputs is one UID of the outputs and the other way round, wherever it stands.
    * A UID that named a study, series, instance or frame of reference of the inputs, and is
      referred to in an output, names one of the outputs.
    * Of UIDs, or patients, that contradict each other the rarer are told, in every file they
      stand in.
    * Patients are not split; whether they are merged is for a person to see.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from anonymizer.dicom.part10 import MEDIA_STORAGE_SOP_INSTANCE_UID, uid_text
from anonymizer.methods.refresh_uid import STRUCTURAL, is_registered
from anonymizer.rules.judge import path_text
from anonymizer.verify.findings import Finding
from anonymizer.verify.pair import FRAME, INSTANCE, ISSUER, PATIENT_ID, SERIES, STUDY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.verify.pair import Pair

DEFINING = frozenset((STUDY, SERIES, INSTANCE, FRAME))

Link = tuple[str, str]


class Places:
    """Where links stand: a file and a place for each, as two numbers; of each file the first."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._of: dict[Link, array[int]] = {}

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Iterator[Link]:
        return iter(self._of)

    def add(self, link: Link, file: str, place: str) -> None:
        found = self._of.get(link)
        if found is None:
            found = self._of[link] = array("I")
        number = self._number(file)
        if not found or found[-2] != number:
            found.extend((number, self._number(place)))

    def times(self, link: Link) -> int:
        """In how many files it stands."""
        return len(self._of[link]) // 2

    def findings(self, kind: str, link: Link) -> Iterator[Finding]:
        names, found = self._names, self._of[link]
        for file, place in zip(found[::2], found[1::2], strict=True):
            yield Finding(kind, names[file], names[place])

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number


class References:
    """Hears all pairs, then tells; ``links`` counts UIDs that stand in an input and an output."""

    def __init__(self) -> None:
        self._places = Places()
        self._times: Counter[Link] = Counter()
        self._defined_before: set[str] = set()
        self._defined_after: set[str] = set()
        self._patients = Places()
        """The links between patients of the inputs and those of the outputs."""

    @property
    def links(self) -> int:
        return len(self._places)

    def hear(self, pair: Pair) -> None:
        for place, element, output in pair.pairs():
            if element.vr != "UI" or element.tag in STRUCTURAL:
                continue
            before = _uids(pair.before.field(element))
            if not element.path and element.tag in DEFINING:
                self._defined_before.update(before)
            if output is None or output.vr != "UI":
                continue
            after = _uids(pair.after.field(output))
            if not output.path and output.tag in DEFINING:
                self._defined_after.update(after)
            if len(before) == len(after):
                where = path_text(place[0], place[1])
                for link in zip(before, after, strict=True):
                    self._link(link, pair.file, where)
        self._hear_envelope(pair)
        self._hear_patient(pair)

    def _link(self, link: Link, file: str, place: str) -> None:
        if all(link) and not (link[0] == link[1] and is_registered(link[0])):
            self._times[link] += 1
            self._places.add(link, file, place)

    def _hear_envelope(self, pair: Pair) -> None:
        """The file meta information of an output names the instance of its data set, if it has one.

        That of the input may name another, and is taken only where the data set names none.
        """
        before, after = (
            uid_text(image.meta.get(MEDIA_STORAGE_SOP_INSTANCE_UID, b""))
            for image in (pair.before, pair.after)
        )
        before = pair.before_text(INSTANCE) or before
        if after and before:
            self._link((before, after), pair.file, "MediaStorageSOPInstanceUID")

    def _hear_patient(self, pair: Pair) -> None:
        if not pair.before_text(PATIENT_ID) or not pair.after_text(PATIENT_ID):
            return
        after = "\x1f".join((pair.after_text(PATIENT_ID), pair.after_text(ISSUER)))
        self._patients.add((pair.subject, after), pair.file, "PatientID")

    def findings(self) -> Iterator[Finding]:
        yield from self._conflicts("uid-split", 0)
        yield from self._conflicts("uid-merged", 1)
        yield from self._dangling()
        for links in _sharing(self._patients, 0):
            for link in _rarer(links, self._patients.times):
                yield from self._patients.findings("patient-split", link)
        for links in _sharing(self._patients, 1):
            finding = next(self._patients.findings("patient-merged", links[-1]))
            yield replace(finding, detail=f"{len(links)} patients")

    def _conflicts(self, kind: str, side: int) -> Iterator[Finding]:
        for links in _sharing(self._places, side):
            for link in _rarer(links, self._times.__getitem__):
                yield from self._places.findings(kind, link)

    def _dangling(self) -> Iterator[Finding]:
        for link in self._places:
            if link[0] in self._defined_before and link[1] not in self._defined_after:
                yield from self._places.findings("dangling", link)


def _sharing(places: Places, side: int) -> Iterator[list[Link]]:
    """Links that contradict each other: they have one end in common."""
    by_side: dict[str, list[Link]] = {}
    for link in places:
        by_side.setdefault(link[side], []).append(link)
    yield from (links for links in by_side.values() if len(links) > 1)


def _rarer(links: list[Link], times: Callable[[Link], int]) -> list[Link]:
    """The rarer ones, for they are the broken ones; of equals nobody knows, so it is all."""
    most = max(map(times, links))
    usual = [link for link in links if times(link) == most]
    return links if len(usual) > 1 else [link for link in links if link != usual[0]]


def _uids(raw: bytes) -> list[str]:
    return [uid_text(uid) for uid in raw.split(b"\\")]
