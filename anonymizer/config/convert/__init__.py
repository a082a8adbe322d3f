"""Other tools' configurations in, one of our own out; what cannot be said in it is a warning.

Rules
    * A format is one module with ``read(text, draft)``; ``FORMATS`` is the table of them.
    * Nothing of a file is run, and nothing outside of it is read.
    * What has no equal becomes the nearest that leaves no more of a value, and a warning.
    * No message repeats a value of the file: it may be a key.
"""

from __future__ import annotations

from importlib import import_module

from anonymizer.config.convert.draft import Draft
from anonymizer.errors import ConfigurationError, Mistake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMATS = {
    "kitware": "a dictionary of Kitware's dicom-anonymizer",
    "microsoft": "a configuration of Microsoft's Tools for Health Data Anonymization",
    "ctp": "a script of the DicomAnonymizer of RSNA's CTP",
    "deid": "a recipe of pydicom's deid",
    "dcmanon": "a configuration of dcmanon",
    "orthanc": "the body of an anonymize call of Orthanc",
}

MOST_BYTES = 16 << 20


def convert(
    data: bytes, source: str, *, kind: str = "", edition: str = ""
) -> tuple[dict[str, Any], list[Mistake]]:
    """A configuration of our own that does what the file says, and warnings.

    ``kind`` is one of FORMATS, or empty to have it recognised.  ``edition`` is that of PS3.15,
    for a format that starts from its profile.  Raises ConfigurationError where the file is broken.
    """
    from anonymizer.config.convert.recognise import kind_of
    from anonymizer.config.convert.settle import settled

    if len(data) > MOST_BYTES:
        raise _broken(source, f"is larger than {MOST_BYTES >> 20} MiB")
    draft = Draft(source, edition)
    try:
        read = import_module(f"{__name__}.{kind or kind_of(data, source)}").read
        read(data, draft)
        return settled(draft)
    except RecursionError:
        raise _broken(source, "is nested too deeply") from None


def convert_members(
    members: dict[str, Any], source: str, kind: str
) -> tuple[dict[str, Any], list[Mistake]]:
    """As ``convert``, for a JSON object that is read already."""
    from anonymizer.config.convert.settle import settled

    draft = Draft(source, "")
    import_module(f"{__name__}.{kind}").read_members(members, draft)
    return settled(draft)


def _broken(source: str, message: str) -> ConfigurationError:
    return ConfigurationError([Mistake("", message)], source)
