"""What a verification finds: the closed list of kinds, each with the check it belongs to.

Rule. A finding names a file, a place and a kind; of values it has nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

PASS, REVIEW, FAIL = "PASS", "REVIEW", "FAIL"

KINDS = {
    "value-left": ("sweep", FAIL, "holds what was taken from the input"),
    "value-kept": ("sweep", REVIEW, "was not touched and holds what was taken elsewhere"),
    "mark-alike": (
        "sweep",
        REVIEW,
        "what this tool says of the configuration has a word in common with what was taken",
    ),
    "name-left": ("sweep", FAIL, "the name of the file or of a folder holds what was taken"),
    "not-unpacked": ("sweep", REVIEW, "holds more packed data than is unpacked: not all searched"),
    "uid-split": ("references", FAIL, "one UID of the inputs has become several"),
    "uid-merged": ("references", FAIL, "several UIDs of the inputs have become one"),
    "dangling": ("references", FAIL, "a reference that led to a file of the inputs leads nowhere"),
    "patient-split": ("references", FAIL, "one patient of the inputs has become several"),
    "patient-merged": ("references", REVIEW, "several patients of the inputs have one Patient ID"),
    "record": ("references", FAIL, "a record of the DICOMDIR lists no output, or another instance"),
    "date-not-moved": ("intervals", FAIL, "a date stands as it stood, and should have moved"),
    "interval-changed": ("intervals", FAIL, "a date has not moved as the others of its patient"),
    "taken-remains": ("untouched", FAIL, "a rule takes or changes it, and it stands as it stood"),
    "not-as-ruled": ("untouched", FAIL, "its value is not the one that the rule gives"),
    "changed": ("untouched", FAIL, "no rule touches it, and its bytes are others"),
    "lost": ("untouched", FAIL, "no rule touches it, and it is not there"),
    "added": ("untouched", FAIL, "it is not in the input, and no mark of this tool"),
    "pixels-changed": ("untouched", FAIL, "the pixel data has other bytes"),
    "invalid": ("conformance", FAIL, "a finding that the input had not"),
    "iod": ("conformance", FAIL, "an error of dciodvfy that the input had not"),
    "missing": ("accounting", FAIL, "the input has no output, and no reason is known"),
    "extra": ("accounting", FAIL, "the output is of no input"),
    "unreadable": ("accounting", FAIL, "the output cannot be read whole"),
    "unverified": ("accounting", FAIL, "a defect of ours: it could not be verified"),
    "unexpected": ("accounting", FAIL, "there is an output, and the configuration gives none"),
    "not-as-logged": ("accounting", FAIL, "the audit log has other bytes of it"),
}
"""Kind: the check, the verdict it leads to, and what it says."""

CHECKS = ("sweep", "references", "intervals", "untouched", "conformance", "accounting")


@dataclass(frozen=True, slots=True)
class Finding:
    """``file`` is a path below the outputs, or below the inputs where there is no output."""

    kind: str
    file: str = ""
    place: str = ""
    detail: str = ""

    @property
    def check(self) -> str:
        return KINDS[self.kind][0]

    @property
    def grade(self) -> str:
        return KINDS[self.kind][1]

    @property
    def text(self) -> str:
        return KINDS[self.kind][2]

    @property
    def told(self) -> str:
        """The finding in words, without the file."""
        where = f"{self.place}: " if self.place else ""
        more = f" ({self.detail})" if self.detail else ""
        return f"{self.kind}: {where}{self.text}{more}"


def verdict_of(findings: list[Finding]) -> str:
    """The worst of them."""
    grades = {finding.grade for finding in findings}
    return FAIL if FAIL in grades else REVIEW if REVIEW in grades else PASS
