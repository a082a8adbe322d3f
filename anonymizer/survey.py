"""Reads all inputs before a run and writes nothing, so that new pseudonyms are given in order.

The engine itself asks for them, as it will when it writes: of one image after the other, by the
order of their paths, in this process alone.  So the same inputs get the same pseudonyms, however
many workers there are later, and no worker ever gives one.
"""

from __future__ import annotations

from anonymizer.chooser import pipeline_for
from anonymizer.errors import ImageError
from anonymizer.files import Input
from anonymizer.folder import find_files
from anonymizer.worker import Settings, Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from anonymizer.dicom.scan import Source
    from anonymizer.rules.compiled import Compiled


def survey(compiled: Compiled, settings: Settings, paths: Iterable[str]) -> dict[str, str]:
    """The originals that the map lacks, with the pseudonyms that they have from now on."""
    allocation = compiled.secrets.allocation
    pipeline = Worker(compiled, settings).pipeline
    opened = Input if settings.inputs is None else settings.inputs.open
    allocation.grows = True
    try:
        for path in paths:
            try:
                with opened(path) as image:
                    pipeline.anonymize(image.source, image.size)
            except (ImageError, OSError, RecursionError, MemoryError):
                continue  # the run tells why
            except Exception:  # noqa: BLE001, S112  as above: a user's method may do anything
                continue
    finally:
        allocation.grows = False
    return allocation.new


def survey_image(compiled: Compiled, source: Source, size: int) -> None:
    """As ``survey``, of one image that is read already."""
    allocation = compiled.secrets.allocation
    allocation.grows = True
    try:
        pipeline_for(compiled).anonymize(source, size)
    except Exception:  # noqa: BLE001  whoever anonymizes it is told why
        return
    finally:
        allocation.grows = False


def images_in(settings: Settings) -> Iterable[str]:
    """What a run will open of its input folder, in its order."""
    if settings.inputs is not None:
        return (path for path, _, why in settings.inputs.find() if not why)
    folder = settings.input_folder
    found = find_files(folder, recursive=settings.recursive)
    return (f"{folder}/{path}" for path, _, why in found if not why)
