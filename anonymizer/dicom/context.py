"""What of an image as a whole its attributes' fate may depend on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.dicom.characteristics import Safe
    from anonymizer.dicom.content import Concept
    from anonymizer.dicom.identity import Identity


class Context:
    """The identifiers of the unchanged data set, taken before the first decision.

    ``subject`` is who the image shows, in one word for all methods (see ``subject_of``).
    ``concept`` is what the item at hand is about (see ``dicom.content``), ``numbered`` whether
    content items are referred to by their positions, ``scheme`` the coding scheme of the item
    that the attribute at hand stands in (see ``dicom.coded``), ``safe`` are the private elements
    that the data set itself declares to be safe (see ``dicom.characteristics``).  The rest but
    ``identity`` is text without padding, ``""`` where there is none.
    """

    __slots__ = (
        "_identity",
        "concept",
        "identify",
        "numbered",
        "safe",
        "scheme",
        "series",
        "sop",
        "sop_class",
        "study",
        "subject",
    )

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
        self.numbered = False
        self.scheme = ""
        self.safe: Safe = frozenset()
        self.identify: Callable[[], Identity] | None = None
        """Gathers the identity when it is first asked for; without it, that is empty."""
        self._identity: Identity | None = None

    @property
    def identity(self) -> Identity:
        """Terms that identify the persons and things of the unchanged data set."""
        if self._identity is None:
            from anonymizer.dicom.identity import NOBODY

            self._identity = NOBODY if self.identify is None else self.identify()
            self.identify = None
        return self._identity

    def about(self, concept: Concept) -> Context:
        """The context of an item of a content tree."""
        inner = Context()
        for name in self.__slots__:
            setattr(inner, name, getattr(self, name))
        if self.identify is not None:
            inner.identify = self._gathered
        inner.concept = concept
        return inner

    def _gathered(self) -> Identity:
        """The identity, gathered once for all items."""
        return self.identity

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
