"""The graph of UIDs over all outputs: one for one, and what led somewhere still does.

Rules
    * One UID of the inputs is one UID of the outputs and the other way round, wherever it stands.
    * A UID that named a study, series, instance or frame of reference of the inputs, and is
      referred to in an output, names one of the outputs.
    * Patients are not split; whether they are merged is for a person to see.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from anonymizer.dicom.part10 import MEDIA_STORAGE_SOP_INSTANCE_UID, uid_text
from anonymizer.methods.refresh_uid import STRUCTURAL, is_registered
from anonymizer.rules.judge import path_text
from anonymizer.verify.findings import Finding
from anonymizer.verify.pair import FRAME, INSTANCE, ISSUER, PATIENT_ID, SERIES, STUDY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.verify.pair import Pair

DEFINING = frozenset((STUDY, SERIES, INSTANCE, FRAME))

Link = tuple[str, str]
Where = tuple[str, str]


class References:
    """Hears all pairs, then tells; ``links`` counts UIDs that stand in an input and an output."""

    def __init__(self) -> None:
        self._links: dict[Link, list[Where]] = {}
        self._times: Counter[Link] = Counter()
        self._defined_before: set[str] = set()
        self._defined_after: set[str] = set()
        self._patients: dict[str, set[str]] = {}
        self._subjects: dict[str, set[str]] = {}
        self._files: dict[str, str] = {}

    @property
    def links(self) -> int:
        return len(self._links)

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
                where = pair.file, path_text(place[0], place[1])
                for link in zip(before, after, strict=True):
                    self._link(link, where)
        self._hear_envelope(pair)
        self._hear_patient(pair)

    def _link(self, link: Link, where: Where) -> None:
        if all(link) and not (link[0] == link[1] and is_registered(link[0])):
            self._times[link] += 1
            places = self._links.setdefault(link, [])
            if len(places) < 2:
                places.append(where)

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
            self._link((before, after), (pair.file, "MediaStorageSOPInstanceUID"))

    def _hear_patient(self, pair: Pair) -> None:
        if not pair.before_text(PATIENT_ID) or not pair.after_text(PATIENT_ID):
            return
        after = "\x1f".join((pair.after_text(PATIENT_ID), pair.after_text(ISSUER)))
        self._patients.setdefault(pair.subject, set()).add(after)
        self._subjects.setdefault(after, set()).add(pair.subject)
        self._files.setdefault(pair.subject, pair.file)
        self._files.setdefault(after, pair.file)

    def findings(self) -> Iterator[Finding]:
        yield from self._conflicts("uid-split", 0)
        yield from self._conflicts("uid-merged", 1)
        yield from self._dangling()
        for subject, ids in self._patients.items():
            if len(ids) > 1:
                yield Finding("patient-split", self._files[subject], "PatientID")
        for after, subjects in self._subjects.items():
            if len(subjects) > 1:
                yield Finding(
                    "patient-merged", self._files[after], "PatientID", f"{len(subjects)} patients"
                )

    def _conflicts(self, kind: str, side: int) -> Iterator[Finding]:
        """The rarer of two links that contradict each other is told: it is the broken one."""
        by_side: dict[str, list[Link]] = {}
        for link in self._links:
            by_side.setdefault(link[side], []).append(link)
        for links in by_side.values():
            links.sort(key=lambda link: -self._times[link])
            for link in links[1:]:
                for file, place in self._links[link]:
                    yield Finding(kind, file, place)

    def _dangling(self) -> Iterator[Finding]:
        for (before, after), places in self._links.items():
            if before in self._defined_before and after not in self._defined_after:
                for file, place in places:
                    yield Finding("dangling", file, place)


def _uids(raw: bytes) -> list[str]:
    return [uid_text(uid) for uid in raw.split(b"\\")]
