"""What of an image as a whole its attributes' fate may depend on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.content import Concept


class Context:
    """The identifiers of the unchanged data set, taken before the first decision.

    ``subject`` is who the image shows, in one word for all methods (see ``subject_of``).
    All are text without padding, ``""`` where the image has none.  ``concept`` is what the item
    at hand is about (see ``dicom.content``), ``safe`` are the private elements that the data set
    itself declares to be safe: (group, creator, low byte of the element).
    """

    __slots__ = ("concept", "safe", "series", "sop", "sop_class", "study", "subject")

    def __init__(
        self,
        subject: str = "",
        study: str = "",
        series: str = "",
        sop: str = "",
        sop_class: str = "",
    ) -> None:
        self.subject = subject
        self.study = study
        self.series = series
        self.sop = sop
        self.sop_class = sop_class
        self.concept: Concept = ("", "", "")
        self.safe: frozenset[tuple[int, str, int]] = frozenset()

    def about(self, concept: Concept) -> Context:
        """The context of an item of a content tree."""
        inner = Context()
        for name in self.__slots__:
            setattr(inner, name, getattr(self, name))
        inner.concept = concept
        return inner

    @property
    def is_of_instance(self) -> bool:
        """Whether nothing names a patient, study or series, so that the instance is the subject."""
        return not self.subject or self.subject.startswith("instance\x1f")


def subject_of(patient_id: str, issuer: str, study: str, series: str, sop: str) -> str:
    """Who the subject is: the Patient ID with its issuer, else the study, series or instance.

    Patients without an id must not all share one date shift, so the study stands in for them.
    """
    if patient_id:
        return f"patient\x1f{patient_id}\x1f{issuer}"
    for kind, uid in (("study", study), ("series", series), ("instance", sop)):
        if uid:
            return f"{kind}\x1f{uid}"
    return ""
