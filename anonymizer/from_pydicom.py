"""Reads an image out of bytes or of a pydicom Dataset, which need not come from a file.

Rules. What pydicom says of a value quotes it: its warnings, its log and its errors are dropped.
"""

from __future__ import annotations

from contextlib import contextmanager
from logging import getLogger
from threading import RLock
from warnings import catch_warnings, simplefilter

from anonymizer.dicom.dictionary import name_of
from anonymizer.dicom.elements import Image, read_image
from anonymizer.dicom.part10 import TRANSFER_SYNTAX_UID, read_meta, uid_text
from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE
from anonymizer.errors import ImageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

    from anonymizer.dicom.syntax import Encoding

_one_at_a_time = RLock()


@contextmanager
def unsaid() -> Iterator[None]:
    """Silences pydicom; for one thread at a time: its log and what is warned of are global."""
    log = getLogger("pydicom")
    with _one_at_a_time, catch_warnings():
        simplefilter("ignore")
        before, log.disabled = log.disabled, True
        try:
            yield
        finally:
            log.disabled = before


def image_of(data: bytes | Dataset) -> Image:
    """The image of a whole file's bytes, or of a Dataset; raises ImageError where it is none."""
    if isinstance(data, bytes):
        return read_image(data, len(data))
    with unsaid():
        return _of_dataset(data)


def _of_dataset(dataset: Dataset) -> Image:
    encoding = encoding_of_dataset(dataset)
    source = written_as(dataset, encoding)
    about = getattr(dataset, "file_meta", None)
    meta: dict[int, bytes] = {}
    if about:
        written = written_as(about, EXPLICIT_LE)
        meta, _ = read_meta(written, 0, len(written))
    syntax = uid_text(meta.get(TRANSFER_SYNTAX_UID, b""))
    preamble = getattr(dataset, "preamble", None) or b""
    return Image(source, 0, len(source), encoding, syntax=syntax, meta=meta, preamble=preamble)


def encoding_of_dataset(dataset: Dataset) -> Encoding:
    """As it was read, so that what pydicom has not looked at yet stays as it is."""
    implicit, little = dataset.original_encoding
    if implicit is None or little is None:
        return EXPLICIT_LE
    if not little:
        return EXPLICIT_BE
    return IMPLICIT_LE if implicit else EXPLICIT_LE


def written_as(dataset: Dataset, encoding: Encoding) -> bytes:
    """The bytes of a data set; raises ImageError where pydicom cannot write it."""
    try:
        return _bytes_of(dataset, encoding)
    except Exception as error:  # noqa: BLE001  its text may hold a value: only its type is told
        kind = type(error).__name__
        place = _culprit(dataset, encoding)
        raise ImageError("bad-dataset", f"{place}: pydicom cannot write it ({kind})") from None


def _culprit(dataset: Dataset, encoding: Encoding) -> str:
    for tag in sorted(dataset.keys()):
        try:
            _bytes_of(dataset[tag : tag + 1], encoding)
        except Exception:  # noqa: BLE001  what it says is told above
            return name_of(tag)
    return "the data set"


def _bytes_of(dataset: Dataset, encoding: Encoding) -> bytes:
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    buffer = DicomBytesIO()
    buffer.is_little_endian = not encoding.big_endian
    buffer.is_implicit_VR = not encoding.explicit
    write_dataset(buffer, dataset)
    return buffer.getvalue()
