"""Writes anonymizer/dicom/_elements.py, _private_elements.py and _uids.py from pydicom's tables.

Run it after raising the pydicom bound or when a newer edition adds attributes. The generated
modules are committed, because importing pydicom costs a hundred milliseconds at every start and the
tool needs only these facts.

usage: python tools/build_dictionary.py [--check]
"""

import sys
import textwrap
from pathlib import Path

import pydicom
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom._private_dict import private_dictionaries
from pydicom._uid_dict import UID_dictionary

HERE = Path(__file__).resolve().parent.parent / "anonymizer" / "dicom"

# Attributes of PS3.6 2026d that pydicom 3.0.2 (2024c) lacks and Table E.1-1 names.
NEWER = {
    0x0040B034: ("DT", "1", "AnnotationDateTime", False),
    0x0040E012: ("UR", "1", "DisplayURI", False),
    0x3004007F: ("LO", "1", "DoseCalculationModelName", False),
    0x0040A034: ("DT", "1", "EffectiveStartDateTime", False),
    0x0040A035: ("DT", "1", "EffectiveStopDateTime", False),
    0x00102162: ("UC", "1-n", "EthnicGroups", False),
    0x00100044: ("SQ", "1", "GenderIdentityCodeSequence", False),
    0x00100045: ("UT", "1", "GenderIdentityComment", False),
    0x00100041: ("SQ", "1", "GenderIdentitySequence", False),
    0x00081304: ("SQ", "1", "HistologicalDiagnosesCodeSequence", False),
    0x0040B03F: ("LO", "1", "MontageChannelLabel", False),
    0x0040B03B: ("LT", "1", "MontageName", False),
    0x00100012: ("LT", "1", "NameToUse", False),
    0x00100013: ("UT", "1", "NameToUseComment", False),
    0x00100011: ("SQ", "1", "PersonNamesToUseSequence", False),
    0x00081302: ("SQ", "1", "PrimaryDiagnosisCodeSequence", False),
    0x00081301: ("SQ", "1", "PrincipalDiagnosisCodeSequence", False),
    0x00100015: ("SQ", "1", "PronounCodeSequence", False),
    0x00100016: ("UT", "1", "PronounComment", False),
    0x00081303: ("SQ", "1", "SecondaryDiagnosesCodeSequence", False),
    0x0040B036: ("DT", "1", "SegmentDefinitionDateTime", False),
    0x00100046: ("SQ", "1", "SexParametersForClinicalUseCategoryCodeSequence", False),
    0x00100042: ("UT", "1", "SexParametersForClinicalUseCategoryComment", False),
    0x00100047: ("UR", "1-n", "SexParametersForClinicalUseCategoryReference", False),
    0x00100043: ("SQ", "1", "SexParametersForClinicalUseCategorySequence", False),
    0x00100014: ("SQ", "1", "ThirdPersonPronounsSequence", False),
}

# UIDs of PS3.6 2026d, Table A-1, that pydicom 3.0.2 lacks.
NEWER_UIDS = """
    1.2.840.10008.5.1.4.1.1.2.3
    1.2.840.10008.5.1.4.1.1.2.4
    1.2.840.10008.5.1.4.1.1.2.5
    1.2.840.10008.5.1.4.1.1.66.7
    1.2.840.10008.5.1.4.1.1.66.8
    1.2.840.10008.5.1.4.1.1.9.100.1
    1.2.840.10008.5.1.4.1.1.9.100.2
""".split()


def rows() -> dict[int, tuple[str, str, str, bool]]:
    known = {
        tag: (vr, vm, keyword, bool(retired))
        for tag, (vr, vm, _name, retired, keyword) in DicomDictionary.items()
        if keyword
    }
    return dict(sorted((NEWER | known).items()))


def public() -> str:
    table = rows()
    repeating = [
        (mask, _joined(vr), vm, keyword)
        for mask, (vr, vm, _name, _retired, keyword) in sorted(RepeatersDictionary.items())
        if keyword
    ]
    lines = [
        f'"""Facts of PS3.6 (pydicom {pydicom.__version__}), by tools/build_dictionary.py.',
        "",
        "In columns, which are read many times faster than rows: every run needs the keywords.",
        '"""',
        "",
        "TAGS: bytes = bytes.fromhex(",
        *_column([f"{tag:08X}" for tag in table]),
        ")",
        "",
        "KEYWORDS: list[str] = (",
        *_column([keyword for _, _, keyword, _ in table.values()]),
        ").split()",
        "",
        "# the representations of each, those that it may also have behind a slash",
        "REPRESENTATIONS: str = (",
        *_column([_joined(vr) for vr, _, _, _ in table.values()]),
        ")",
        "",
        "MULTIPLICITIES: str = (",
        *_column([vm for _, vm, _, _ in table.values()]),
        ")",
        "",
        "RETIRED: bytes = bytes.fromhex(",
        *_column([f"{tag:08X}" for tag, row in table.items() if row[3]]),
        ")",
        "",
        "# mask with x for any digit: (representations, multiplicity, keyword)",
        "REPEATING: dict[str, tuple[str, str, str]] = {",
        *(f'    "{mask}": ("{vr}", "{vm}", "{word}"),' for mask, vr, vm, word in repeating),
        "}",
        "",
    ]
    return "\n".join(lines)


def _joined(vr: str) -> str:
    return vr.replace(" or ", "/")


def _column(cells: list[str]) -> list[str]:
    text = textwrap.wrap(" ".join(cells), 92, break_on_hyphens=False)
    return ['    """', *(f"    {line}" for line in text), '    """']


def in_any_block(vrs: dict[str, str]) -> dict[str, str]:
    """The masks of one creator with the block left out, as an image chooses it (PS3.5 7.8.1).

    Entries with a fixed block (01F11041) or none (70xxxx04 aside, 00190001) mean every block; one
    that differs from the entry for every block (01F11026) stands beside it.  Rows such as 001910xx
    describe the private creator, which is always LO.
    """
    found = {mask: vr for mask, vr in vrs.items() if mask[4:6] == "xx"}
    for mask, vr in vrs.items():
        if "x" not in mask and found.setdefault(f"{mask[:4]}xx{mask[6:]}", vr) != vr:
            found[mask] = vr
    return found


def private() -> str:
    lines = [
        '"""VRs of known private elements, by tools/build_dictionary.py."""',
        "",
        "# private creator: {tag, mostly with xx for its block, as GGGGxxEE: representation}",
        "PRIVATE: dict[str, dict[str, str]] = {",
    ]
    for creator, elements in sorted(private_dictionaries.items()):
        lines.append(f"    {creator!r}: {{")
        vrs = {mask: row[0].replace("_", " or ") for mask, row in elements.items()}  # OB_OW
        lines += [f'        "{mask}": "{vr}",' for mask, vr in sorted(in_any_block(vrs).items())]
        lines.append("    },")
    lines += ["}", ""]
    return "\n".join(lines)


def uids() -> str:
    known = sorted({*UID_dictionary, *NEWER_UIDS})
    lines = [
        f'"""UIDs of PS3.6 A (pydicom {pydicom.__version__}), by tools/build_dictionary.py."""',
        "",
        "# retired ones too, each without what all begin with",
        f'ROOT = "{UID_ROOT}"',
        "REGISTERED: frozenset[str] = frozenset(",
        '    """',
        *textwrap.wrap(
            " ".join(uid.removeprefix(UID_ROOT) for uid in known),
            width=96,
            initial_indent="    ",
            subsequent_indent="    ",
        ),
        '    """.split()',
        ")",
        "",
    ]
    return "\n".join(lines)


UID_ROOT = "1.2.840.10008."

MODULES = {"_elements": public, "_private_elements": private, "_uids": uids}


def stale() -> list[str]:
    """The modules that are not what this script writes."""
    return [
        name
        for name, written in MODULES.items()
        if (HERE / f"{name}.py").read_text(encoding="utf-8") != written()
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(f"out of date: {', '.join(found)}" if (found := stale()) else 0)
    for name, written in MODULES.items():
        (HERE / f"{name}.py").write_text(written(), encoding="utf-8")
