"""Writes anonymizer/standard/_vocabulary.py: the words of the standard's own terms.

They are those of attribute names, keywords and UID names (PS3.6) and of code meanings (PS3.16) in
pydicom's tables; names of animal breeds are left out, because many are names of places.

usage: python tools/build_vocabulary.py [--check]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pydicom import __version__  # noqa: E402  after the path
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary  # noqa: E402
from pydicom._uid_dict import UID_dictionary  # noqa: E402
from pydicom.sr._concepts_dict import concepts  # noqa: E402

from anonymizer.dicom.fold import flat  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = ROOT / "anonymizer" / "standard" / "_vocabulary.py"
BREEDS = frozenset({7480, 7481, 7482, 7483, 7484, 7485, 7486})

_words = re.compile(r"[^\W\d_]{2,}").findall
_humps = re.compile(r"(?<=[a-z])(?=[A-Z])").sub


def terms() -> Iterator[str]:
    for table in (DicomDictionary, RepeatersDictionary):
        for row in table.values():
            yield row[2]
            yield _humps(" ", row[4])
    yield from (row[0] for row in UID_dictionary.values())
    for codes in concepts.values():
        for meanings in codes.values():
            for meaning, contexts in meanings.values():
                if not BREEDS.issuperset(contexts):
                    yield meaning


def as_text() -> str:
    """The module."""
    words = sorted({word for term in terms() for word in _words(flat(term))})
    return (
        f'"""Words of the standard\'s own terms (pydicom {__version__}), '
        'by tools/build_vocabulary.py."""\n\n'
        f'WORDS = """\n{fill(" ".join(words), 120)}\n"""\n'
    )


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PATH.read_text(encoding="utf-8") == as_text() else f"{PATH} is out of date")
    PATH.write_text(as_text(), encoding="utf-8")
    print(PATH)
