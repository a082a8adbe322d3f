"""Opens the place that was typed for inputs or outputs, where that is no folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from anonymizer import folder
from anonymizer.errors import UsageError
from anonymizer.report import printable
from anonymizer.stores import urls
from anonymizer.stores.forms import ENDINGS, TAR, ZIP, form_of
from anonymizer.stores.urls import is_url

if TYPE_CHECKING:
    from anonymizer.stores.store import Inputs, Outputs


def is_archive(path: str) -> bool:
    """Whether a path is by its name an archive, and is no folder."""
    return bool(form_of(path)) and not os.path.isdir(path)


def inputs_of(place: str) -> Inputs:
    """Raises UsageError where images cannot be read from there."""
    form = form_of(place)
    if not form:
        raise _unknown(place)
    if form == ZIP:
        from anonymizer.stores.zip_inputs import ZipInputs

        return ZipInputs(place)
    from anonymizer.stores.tar_inputs import TarInputs, TarStream

    return TarInputs(place) if form == TAR else TarStream(place, form)


def outputs_of(place: str, *, overwrite: bool, by_uids: bool) -> Outputs:
    """Raises UsageError where outputs cannot be written to there."""
    if not form_of(place):
        raise _unknown(place)
    from anonymizer.stores.archive_outputs import ArchiveOutputs

    return ArchiveOutputs(place, overwrite=overwrite, by_uids=by_uids)


def _unknown(place: str) -> UsageError:
    return UsageError(
        f"{printable(place)}: is no kind of archive that is known",
        f"known are {', '.join(ENDINGS)}",
    )


THE_INPUT, THE_OUTPUT = "the input", "the output"
"""What a program has in the place of flags."""


def open_both(
    source: str, target: str, *, overwrite: bool, by_uids: bool
) -> tuple[Inputs | None, Outputs | None]:
    """What stands for folders of a program; None for a folder.  Raises UsageError."""
    if not (is_url(source) or is_archive(source) or os.path.isdir(source)):
        raise UsageError("the input folder is none")
    if is_url(source) or is_url(target):
        urls.check_apart(source, target, (THE_INPUT, THE_OUTPUT))
    elif is_archive(source) or is_archive(target):
        check_apart(source, target)
    else:
        folder.check_apart(source, target)
    return _reads(source), _writes(target, overwrite=overwrite, by_uids=by_uids)


def _reads(source: str) -> Inputs | None:
    if is_url(source):
        from anonymizer.stores.objects import Bucket, ObjectInputs

        return ObjectInputs(Bucket(urls.folder_at(source, THE_INPUT), THE_INPUT))
    return inputs_of(source) if is_archive(source) else None


def _writes(target: str, *, overwrite: bool, by_uids: bool) -> Outputs | None:
    if is_url(target):
        from anonymizer.stores.objects import Bucket, ObjectOutputs

        bucket = Bucket(urls.folder_at(target, THE_OUTPUT), THE_OUTPUT)
        return ObjectOutputs(bucket, overwrite=overwrite, by_uids=by_uids)
    if is_archive(target):
        return outputs_of(target, overwrite=overwrite, by_uids=by_uids)
    return None


def check_apart(input_folder: str, output_folder: str) -> None:
    """Raises UsageError where outputs would lie among inputs or take their place."""
    if folder.are_same(input_folder, output_folder):
        raise UsageError(
            "the input and the output are the same",
            "choose another output; the inputs are never changed",
        )
    if folder.overlap(input_folder, output_folder):
        place = "input" if os.path.isdir(input_folder) else "output"
        raise UsageError(f"the archive lies in the {place} folder", "choose a place beside it")
