"""Reads an image out of bytes or of a pydicom Dataset, which need not come from a file."""

from __future__ import annotations

from anonymizer.dicom.elements import Image, read_image
from anonymizer.dicom.part10 import TRANSFER_SYNTAX_UID, read_meta, uid_text
from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from anonymizer.dicom.syntax import Encoding


def image_of(data: bytes | Dataset) -> Image:
    """The image of a whole file's bytes, or of a Dataset; raises ImageError where it is none."""
    if isinstance(data, bytes):
        return read_image(data, len(data))
    return _of_dataset(data)


def _of_dataset(dataset: Dataset) -> Image:
    encoding = encoding_of_dataset(dataset)
    source = bytes_of(dataset, encoding)
    about = getattr(dataset, "file_meta", None)
    meta: dict[int, bytes] = {}
    if about:
        written = bytes_of(about, EXPLICIT_LE)
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


def bytes_of(dataset: Dataset, encoding: Encoding) -> bytes:
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    buffer = DicomBytesIO()
    buffer.is_little_endian = not encoding.big_endian
    buffer.is_implicit_VR = not encoding.explicit
    write_dataset(buffer, dataset)
    return buffer.getvalue()
