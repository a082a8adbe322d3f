"""Two files, or two folders of them, paired and compared; what could not be read is told.

Rule. A name that holds a word of a value that only one of the images has is not told: whoever
took the value away did not mean to leave it in the name.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anonymizer.dicom.elements import read_image
from anonymizer.diff.compare import compare_images
from anonymizer.errors import ImageError
from anonymizer.files import Input
from anonymizer.folder import find_files
from anonymizer.names import Names
from anonymizer.report import SKIP_REASONS
from anonymizer.rules.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anonymizer.dicom.elements import Image
    from anonymizer.diff.compare import Comparison
    from anonymizer.diff.values import Tell

    Pair = tuple[str | None, str | None]
    """Paths relative to each folder; None where the other folder alone has the file."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One pair: compared, or with the reason why not; ``detail`` says more, never a value."""

    a: str | None
    b: str | None
    comparison: Comparison | None = None
    reason: str = ""
    detail: str = ""

    @property
    def same(self) -> bool:
        return self.comparison is not None and self.comparison.same


@dataclass(slots=True)
class TreeComparison:
    """All pairs in order; ``skipped`` counts what is no image on either side, by reason."""

    pairs: list[Compared] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    @property
    def same(self) -> bool:
        return all(pair.same for pair in self.pairs)


def compare_files(a: str, b: str, tell: Tell, *, force: bool = False) -> TreeComparison:
    """Two files by their paths; ``force`` reads what has no mark of DICOM."""
    compared = TreeComparison()
    compared.pairs.append(_compared((a, b), (a, b), tell, compared.names, force=force))
    return compared


def compare_trees(
    a: str, b: str, tell: Tell, pairs: Iterable[Pair] | None = None, *, force: bool = False
) -> TreeComparison:
    """Two folders; files are paired by their relative paths, or by whoever knows ``pairs``."""
    compared = TreeComparison()
    for pair in pairs_by_path(files_of(a), files_of(b)) if pairs is None else pairs:
        one, other = (
            None if name is None else os.path.join(folder, name)
            for folder, name in zip((a, b), pair, strict=True)
        )
        found = _compared(pair, (one, other), tell, compared.names, force=force)
        if found.reason in SKIP_REASONS:
            compared.skipped[found.reason] = compared.skipped.get(found.reason, 0) + 1
        else:
            compared.pairs.append(found)
    return compared


def files_of(folder: str) -> set[str]:
    return {path for path, _, _ in find_files(folder)}


def pairs_by_path(in_a: set[str], in_b: set[str]) -> Iterator[Pair]:
    """Every file of either folder, with the one of the same relative path."""
    for path in sorted(in_a | in_b):
        yield path if path in in_a else None, path if path in in_b else None


def _compared(pair: Pair, files: Pair, tell: Tell, names: Names, *, force: bool) -> Compared:
    a, b = files
    try:
        if a is None or b is None:
            with _opened(a or b or "") as alone:
                read_image(alone.source, alone.size, force=force)
            return Compared(*pair, None, "alone", "only one of the folders has it")
        watch = Watch()
        with _opened(a) as one, _opened(b) as other:
            images = _both(one, other, force=force)
            if images is None:
                return Compared(*pair, None, "alone", "only one of the two is an image")
            comparison = compare_images(*images, tell, watch)
        names.hear(*watch.take())
        return Compared(*pair, comparison)
    except ImageError as error:
        return Compared(*pair, None, error.reason, error.message)


def _opened(path: str) -> Input:
    if os.path.islink(path):
        raise ImageError("symlink", "a symbolic link, not followed")
    return Input(path)


def _both(a: Input, b: Input, *, force: bool) -> tuple[Image, Image] | None:
    """The images of two files, None where only one is an image; raises ImageError where none is."""
    one, other = (_image_or_fault(each, force=force) for each in (a, b))
    if not isinstance(one, ImageError) and not isinstance(other, ImageError):
        return one, other
    for fault in (one, other):
        if isinstance(fault, ImageError) and fault.reason not in SKIP_REASONS:
            raise fault
    if isinstance(one, ImageError) and isinstance(other, ImageError):
        raise one
    return None


def _image_or_fault(file: Input, *, force: bool) -> Image | ImageError:
    try:
        return read_image(file.source, file.size, force=force)
    except ImageError as fault:
        return fault
