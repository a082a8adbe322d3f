"""How each tool is run over a file or a folder, as a user would, with its basic profile."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Command = list[str]

LOOPS = Path(__file__).parent / "loops"
FLAT = str(Path(__file__).with_name("basic.json"))
KEY = "an invented key of 32 characters and more"

OURS = "anonymizer"
OURS_TWO_WORKERS = "anonymizer, 2 workers"
COPY = "cp -r"
DCMANON = "dcmanon"
GDCMANON = "gdcmanon"
KITWARE = "dicom-anonymizer"
DICOGNITO = "dicognito"
DCMODIFY = "cp -r, dcmodify"

# The basic profile of PS3.15 for every attribute that the corpus has.
ERASED = """
    AdditionalPatientHistory AdmittingDiagnosesDescription EthnicGroup FrameComments ImageComments
    InstitutionAddress InstitutionalDepartmentName IssuerOfPatientID NameOfPhysiciansReadingStudy
    OtherPatientIDsSequence PatientAddress PatientAge PatientBirthTime PatientSize
    PatientTelephoneNumbers PatientWeight PerformedProcedureStepDescription
    PerformedProcedureStepID PerformedProcedureStepStartDate PerformedProcedureStepStartTime
    PerformingPhysicianName PhysiciansOfRecord ReferencedImageSequence
    ReferencedPerformedProcedureStepSequence ReferencedStudySequence RequestAttributesSequence
    RequestedProcedureID RequestingPhysician RequestingService ScheduledProcedureStepDescription
    ScheduledProcedureStepID SeriesDescription SourceImageSequence StudyDescription
    TimezoneOffsetFromUTC
""".split()
EMPTIED = """
    AccessionNumber FillerOrderNumberImagingServiceRequest PatientBirthDate PatientName PatientSex
    PlacerOrderNumberImagingServiceRequest ReferringPhysicianName RequestedProcedureDescription
    StudyDate StudyID StudyTime
""".split()
REPLACED = {
    "AcquisitionDate": "20000101",
    "AcquisitionDateTime": "20000101000000",
    "AcquisitionTime": "000000",
    "ContentDate": "20000101",
    "ContentTime": "000000",
    "ContrastBolusAgent": "ANONYMIZED",
    "DeviceSerialNumber": "ANONYMIZED",
    "FrameAcquisitionDateTime": "20000101000000",
    "FrameOfReferenceUID": "2.25.1",
    "FrameReferenceDateTime": "20000101000000",
    "InstanceCreationDate": "20000101",
    "InstanceCreationTime": "000000",
    "InstanceCreatorUID": "2.25.2",
    "InstitutionName": "ANONYMIZED",
    "OperatorsName": "ANONYMIZED",
    "PatientID": "ANONYMIZED",
    "ProtocolName": "ANONYMIZED",
    "ReferencedSOPInstanceUID": "2.25.3",
    "SeriesDate": "20000101",
    "SeriesTime": "000000",
    "StationName": "ANONYMIZED",
}
IN_PLACE = 'from=$1 to=$2; shift 2; cp -r "$from" "$to" && find "$to" -type f -exec "$@" {} +'


@dataclass(frozen=True, slots=True)
class Tool:
    """``folder`` and ``file`` give the command for an input and an output that is not there yet."""

    name: str
    version: str
    folder: Callable[[Path, Path], Command]
    file: Callable[[Path, Path], Command]
    slow: bool = False  # it is run less often


def ours(command: Command, configuration: str) -> Iterator[Tool]:
    version = first_line([*command, "--version"])

    def folder(workers: int) -> Callable[[Path, Path], Command]:
        options = ["-c", configuration, "--workers", str(workers)]
        return lambda source, target: [*command, "-I", str(source), "-O", str(target), *options]

    def file(source: Path, target: Path) -> Command:
        return [*command, "-i", str(source), "-o", str(target), "-c", configuration]

    yield Tool(OURS, version, folder(1), file)
    yield Tool(OURS_TWO_WORKERS, version, folder(2), file)


def theirs(venv: Path | None, scratch: Path) -> Iterator[Tool]:
    """Every peer that is installed here."""
    yield _same(COPY, first_line(["cp", "--version"]), lambda a, b: ["cp", "-r", str(a), str(b)])
    if venv is not None:
        yield from _python_packages(venv / "bin" / "python")
    if shutil.which("gdcmanon") and shutil.which("openssl"):
        yield _gdcmanon(scratch)
    if shutil.which("dcmodify"):
        yield _dcmodify()


def _same(
    name: str, version: str, command: Callable[[Path, Path], Command], *, slow: bool = False
) -> Tool:
    return Tool(name, version, command, command, slow)


def _python_packages(python: Path) -> Iterator[Tool]:
    def script(name: str) -> Callable[[Path, Path], Command]:
        start = [str(python), str(LOOPS / name)]
        return lambda source, target: [*start, str(source), str(target)]

    def dicognito(source: Path, target: Path) -> Command:
        return [str(python), "-m", "dicognito", "--quiet", "-o", str(target), str(source)]

    if version := _package_version(python, "dcmanon"):
        yield _same(DCMANON, version, script("dcmanon_files.py"))
    if version := _package_version(python, "dicom-anonymizer"):
        yield _same(KITWARE, version, script("kitware_folders.py"), slow=True)
    if version := _package_version(python, "dicognito"):
        yield _same(DICOGNITO, version, dicognito, slow=True)


def _package_version(python: Path, package: str) -> str:
    script = f"from importlib.metadata import version; print(version({package!r}))"
    return first_line([str(python), "-c", script])


def _gdcmanon(scratch: Path) -> Tool:
    """The real mode: PS3.15's basic profile, the originals encrypted for a throw-away key."""
    certificate = scratch / "certificate.pem"
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=benchmark".split()
    keys = ["-keyout", str(scratch / "key.pem"), "-out", str(certificate)]
    subprocess.run([*request, *keys], check=True, capture_output=True)
    start = ["gdcmanon", "--de-identify", "--certificate", str(certificate)]
    return Tool(
        GDCMANON,
        first_line(["gdcmanon", "--version"]).replace("$Date$", "").strip(),
        lambda source, target: [*start, "--recursive", "-i", str(source), "-o", str(target)],
        lambda source, target: [*start, "-i", str(source), "-o", str(target)],
    )


def _dcmodify() -> Tool:
    edits = ["--no-backup", "--quiet", "--ignore-missing-tags", "--erase-private", "-gst", "-gse"]
    edits += ["-gin"]
    edits += [part for keyword in ERASED for part in ("--erase-all", keyword)]
    edits += [part for keyword in EMPTIED for part in ("--modify-all", f"{keyword}=")]
    edits += [part for item in REPLACED.items() for part in ("--modify-all", "=".join(item))]

    def command(source: Path, target: Path) -> Command:
        return ["sh", "-c", IN_PLACE, "sh", str(source), str(target), "dcmodify", *edits]

    version = first_line(["dcmodify", "--version"]).strip("$ ")
    return _same(DCMODIFY, version, command, slow=True)


def first_line(command: Command) -> str:
    """What a command prints first, ``""`` where it cannot be run."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return next(iter(run.stdout.splitlines()), "").strip()
