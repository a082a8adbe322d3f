"""Writes samples/input: small images of invented patients, the same bytes on every run.

    python samples/build.py [FOLDER]

Needs pydicom (which this package depends on) and nothing else; no clock, no random number.
Every person, place and number in here is made up.
"""

from __future__ import annotations

import hashlib
import math
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
US_MULTIFRAME = "1.2.840.10008.5.1.4.1.1.3.1"
BASIC_TEXT_SR = "1.2.840.10008.5.1.4.1.1.88.11"
RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
STUDY_CLASS = "1.2.840.10008.3.1.2.3.1"
"""Detached Study Management, the class that RT structure sets still write (retired)."""

SIDE = 64
NOTES = """\
Export of the teaching archive, Nowhere General Hospital.

This file is not an image: the anonymizer skips it and says so.
"""


def uid(label: str) -> str:
    """A UID under 2.25 that is made from a label, so that references can be written by name."""
    number = int.from_bytes(hashlib.sha256(label.encode()).digest()[:16], "big")
    return f"2.25.{number}"


def dataset(**values: object) -> Dataset:
    """A data set of keyword=value; lists of data sets become sequences."""
    made = Dataset()
    for keyword, value in values.items():
        is_items = isinstance(value, list) and value and isinstance(value[0], Dataset)
        setattr(made, keyword, Sequence(value) if is_items else value)
    return made


def code(value: str, scheme: str, meaning: str) -> Dataset:
    return dataset(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def reference(sop_class: str, instance: str) -> Dataset:
    return dataset(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=uid(instance))


# ---------------------------------------------------------------- CT, two slices


MARIGOLD = {
    "SpecificCharacterSet": "ISO_IR 100",
    "PatientName": "Testcase^Marigold^Quillon^Dr.",
    "PatientID": "NGH-0012345",
    "IssuerOfPatientID": "NOWHERE GENERAL",
    "PatientBirthDate": "19571103",
    "PatientSex": "F",
    "PatientAge": "066Y",
    "PatientWeight": "71.5",
    "PatientAddress": "1 Imaginary Lane, Nowhere",
    "PatientTelephoneNumbers": "+1 555 0100",
    "PatientComments": "Mrs. Testcase asks to be called at +1 555 0100.",
    "StudyInstanceUID": uid("ct study"),
    "StudyDate": "20240229",
    "StudyTime": "081530",
    "StudyID": "S17",
    "AccessionNumber": "ACC0001717",
    "StudyDescription": "Thorax of M. Testcase, trial 17",
    "ReferringPhysicianName": "Placeholder^Pénélope",
}


def ct(slice_number: int) -> Dataset:
    image = dataset(
        **MARIGOLD,
        SOPClassUID=CT_IMAGE,
        SOPInstanceUID=uid(f"ct {slice_number}"),
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        InstanceCreationDate="20240229",
        InstanceCreationTime="081612.25",
        SeriesDate="20240229",
        AcquisitionDate="20240229",
        ContentDate="20240229",
        AcquisitionDateTime="20240229081600.500000+0100",
        SeriesTime="081555",
        AcquisitionTime="081600.5",
        ContentTime="081601",
        Modality="CT",
        Manufacturer="NOWHERE SYSTEMS",
        ManufacturerModelName="Imaginator 64",
        DeviceSerialNumber="SN-000777",
        SoftwareVersions=["1.0", "patch 3"],
        InstitutionName="Nowhere General Hospital",
        InstitutionAddress="2 Imaginary Lane, Nowhere",
        StationName="NGHCT01",
        OperatorsName=["Dummy^Dorian", "Sample^Sólveig"],
        PerformingPhysicianName="Example^Ernest",
        SeriesDescription="Thorax 5.0 soft",
        BodyPartExamined="CHEST",
        ProtocolName="Thorax routine",
        OtherPatientIDsSequence=[
            dataset(
                PatientID="OLD-99",
                IssuerOfPatientID="FORMER CLINIC",
                TypeOfPatientID="TEXT",
            ),
            dataset(PatientID="TRIAL17-004", TypeOfPatientID="TEXT"),
        ],
        RequestAttributesSequence=[
            dataset(
                ScheduledProcedureStepDescription="Thorax, Dr. Placeholder asks",
                ScheduledProcedureStepID="SPS17",
                RequestedProcedureID="RP17",
            )
        ],
        ReferencedImageSequence=[reference(CT_IMAGE, "ct localizer")],
        SourceImageSequence=[reference(CT_IMAGE, "ct raw")],
        SeriesInstanceUID=uid("ct series"),
        SeriesNumber=2,
        InstanceNumber=slice_number,
        AcquisitionNumber=1,
        FrameOfReferenceUID=uid("ct frame of reference"),
        PositionReferenceIndicator="",
        PatientPosition="HFS",
        ImagePositionPatient=["-160", "-160", str(-5 * slice_number)],
        ImageOrientationPatient=["1", "0", "0", "0", "1", "0"],
        SliceLocation=str(-5 * slice_number),
        SliceThickness="5",
        PixelSpacing=["5", "5"],
        KVP="120",
        XRayTubeCurrent=200,
        ConvolutionKernel="SOFT",
        RescaleIntercept="-1024",
        RescaleSlope="1",
        WindowCenter=["40", "-600"],
        WindowWidth=["400", "1500"],
    )
    # Two blocks of a manufacturer, one of which holds a name and a date, and one of a site.
    block = image.private_block(0x0009, "GEMS_IDEN_01", create=True)
    block.add_new(0x02, "SH", "NGH CT01")
    block.add_new(0x17, "LT", "for Dr. Placeholder")
    block.add_new(0x27, "SL", 1709194561)
    block.add_new(0xE3, "UI", uid("ct equipment"))
    block = image.private_block(0x0019, "GEMS_ACQU_01", create=True)
    block.add_new(0x02, "SL", 912)
    block.add_new(0x04, "DS", "1.0239")
    block = image.private_block(0x0019, "NOWHERE RESEARCH 1.0", create=True)
    block.add_new(0x01, "PN", "Testcase^Marigold")
    block.add_new(0x02, "DA", "20240229")
    block.add_new(0x03, "LO", "birth 03.11.1957")
    block.add_new(0x10, "SQ", [dataset(PatientName="Testcase^Marigold", PatientID="NGH-0012345")])
    middle = 28 + 4 * slice_number
    add_plane(image, lambda x, y: round(300 * math.cos(math.hypot(x - 32, y - middle) / 5)) + 1024)
    return image


# ---------------------------------------------------------------- RT structure set of that CT


def rtstruct() -> Dataset:
    slices = [reference(CT_IMAGE, "ct 1"), reference(CT_IMAGE, "ct 2")]
    rois = {1: ("BODY", "EXTERNAL"), 2: ("GTV Testcase", "GTV")}
    return dataset(
        **MARIGOLD,
        SOPClassUID=RT_STRUCTURE_SET,
        SOPInstanceUID=uid("rtstruct"),
        SeriesInstanceUID=uid("rtstruct series"),
        InstanceCreationDate="20240301",
        InstanceCreationTime="101500",
        Modality="RTSTRUCT",
        Manufacturer="NOWHERE SYSTEMS",
        ManufacturerModelName="Imaginary Planner",
        InstitutionName="Nowhere General Hospital",
        OperatorsName="Sample^Sólveig",
        SeriesNumber=3,
        FrameOfReferenceUID=uid("ct frame of reference"),
        PositionReferenceIndicator="",
        StructureSetLabel="M_TESTCASE",
        StructureSetName="Plan for Marigold Testcase",
        StructureSetDate="20240301",
        StructureSetTime="101433",
        ReferencedFrameOfReferenceSequence=[
            dataset(
                FrameOfReferenceUID=uid("ct frame of reference"),
                RTReferencedStudySequence=[
                    dataset(
                        ReferencedSOPClassUID=STUDY_CLASS,
                        ReferencedSOPInstanceUID=uid("ct study"),
                        RTReferencedSeriesSequence=[
                            dataset(
                                SeriesInstanceUID=uid("ct series"),
                                ContourImageSequence=slices,
                            )
                        ],
                    )
                ],
            )
        ],
        StructureSetROISequence=[
            dataset(
                ROINumber=number,
                ReferencedFrameOfReferenceUID=uid("ct frame of reference"),
                ROIName=name,
                ROIGenerationAlgorithm="MANUAL",
            )
            for number, (name, _) in rois.items()
        ],
        ROIContourSequence=[
            dataset(
                ROIDisplayColor=[255, 64 * number, 0],
                ReferencedROINumber=number,
                ContourSequence=[contour(number, n) for n in (1, 2)],
            )
            for number in rois
        ],
        RTROIObservationsSequence=[
            dataset(
                ObservationNumber=number,
                ReferencedROINumber=number,
                ROIObservationLabel=name,
                RTROIInterpretedType=kind,
                ROIInterpreter="Example^Ernest",
            )
            for number, (name, kind) in rois.items()
        ],
        ApprovalStatus="APPROVED",
        ReviewDate="20240302",
        ReviewTime="0915",
        ReviewerName="Placeholder^Pénélope",
    )


def contour(roi: int, slice_number: int) -> Dataset:
    radius = 120 // roi
    corners = [(-radius, -radius), (radius, -radius), (radius, radius), (-radius, radius)]
    return dataset(
        ContourImageSequence=[reference(CT_IMAGE, f"ct {slice_number}")],
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=len(corners),
        ContourData=[str(n) for x, y in corners for n in (x, y, -5 * slice_number)],
    )


# ---------------------------------------------------------------- MR in Japanese


def mr() -> Dataset:
    japanese = ["", "ISO 2022 IR 87"]
    image = dataset(
        SpecificCharacterSet=japanese,
        SOPClassUID=MR_IMAGE,
        SOPInstanceUID=uid("mr"),
        ImageType=["ORIGINAL", "PRIMARY", "M", "ND"],
        StudyDate="20231105",
        SeriesDate="20231105",
        AcquisitionDate="20231105",
        ContentDate="20231105",
        StudyTime="0931",
        SeriesTime="093207.430000",
        AcquisitionTime="093301",
        ContentTime="093307",
        AccessionNumber="ACC0002222",
        Modality="MR",
        Manufacturer="NOWHERE SYSTEMS",
        ManufacturerModelName="Imaginator 3T",
        DeviceSerialNumber="45678",
        SoftwareVersions="syngo-like 1.0",
        InstitutionName="見本病院",
        StationName="MRC45678",
        ReferringPhysicianName="Rei^Jiro=例^次郎=れい^じろう",
        StudyDescription="頭部 Brain",
        SeriesDescription="t2_tse_tra",
        BodyPartExamined="HEAD",
        ProtocolName="t2_tse_tra",
        PatientName="Mihon^Hanako=見本^花子=みほん^はなこ",
        PatientID="JP-0000042",
        PatientBirthDate="19320401",
        PatientSex="F",
        PatientAge="091Y",
        PatientWeight="48",
        PregnancyStatus=4,
        StudyInstanceUID=uid("mr study"),
        SeriesInstanceUID=uid("mr series"),
        StudyID="2222",
        SeriesNumber=4,
        AcquisitionNumber=1,
        InstanceNumber=1,
        FrameOfReferenceUID=uid("mr frame of reference"),
        PositionReferenceIndicator="",
        PatientPosition="HFS",
        ImagePositionPatient=["-112", "-112", "12.5"],
        ImageOrientationPatient=["1", "0", "0", "0", "1", "0"],
        SliceThickness="4",
        PixelSpacing=["3.5", "3.5"],
        ScanningSequence="SE",
        SequenceVariant="SK",
        ScanOptions="",
        MRAcquisitionType="2D",
        RepetitionTime="4000",
        EchoTime="92",
        EchoTrainLength=9,
        MagneticFieldStrength="3",
        WindowCenter="600",
        WindowWidth="1200",
        # The items below name character sets of their own.
        ReferringPhysicianIdentificationSequence=[
            dataset(
                SpecificCharacterSet="ISO_IR 100",
                PersonIdentificationCodeSequence=[code("P-9", "99NOWHERE", "Müsterärztin")],
                InstitutionName="Beispielklinik Großstadt",
                PersonAddress="Phantasiestraße 3, Großstadt",
            )
        ],
        RequestAttributesSequence=[
            dataset(
                SpecificCharacterSet="ISO_IR 144",
                ScheduledProcedureStepDescription="Голова, пациентка Образцова",
                ScheduledProcedureStepID="SPS2222",
                RequestedProcedureID="RP2222",
            )
        ],
    )
    block = image.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x08, "CS", "IMAGE NUM 4")
    block.add_new(0x09, "LO", "1.0")
    block.add_new(0x0B, "DS", "4000")
    block.add_new(0x0C, "IS", "1000")
    block = image.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    block.add_new(0x08, "CS", "IMAGE NUM 4")
    block.add_new(0x09, "LO", "20231105")
    header = b"SV10\4\3\2\1 tPatientName = Mihon^Hanako; tDate = 20231105"
    block.add_new(0x10, "OB", header.ljust(64, b"\0"))
    add_plane(
        image, lambda x, y: 600 + 9 * x * (x ^ y) // 32 if math.hypot(x - 32, y - 32) < 28 else 12
    )
    return image


# ---------------------------------------------------------------- US cine with burned-in text


ZOE = {
    "SpecificCharacterSet": "ISO_IR 192",
    "PatientName": "Specimen^Zoë",
    "PatientID": "ZS/77-1",
    "PatientBirthDate": "20231231",
    "PatientSex": "O",
    "PatientAge": "009D",
    "StudyInstanceUID": uid("us study"),
    "StudyDate": "20240109",
    "StudyTime": "235959.999999",
    "StudyID": "3",
    "AccessionNumber": "ACC0003333",
    "ReferringPhysicianName": "Muster^Émile^^Dr.",
}
FRAMES, WIDTH, HEIGHT = 4, 96, 64


def us() -> Dataset:
    cine = dataset(
        **ZOE,
        SOPClassUID=US_MULTIFRAME,
        SOPInstanceUID=uid("us"),
        ImageType=["ORIGINAL", "PRIMARY", "ABDOMINAL"],
        SeriesDate="20240109",
        ContentDate="20240110",
        SeriesTime="235959",
        ContentTime="000001",
        Modality="US",
        Manufacturer="NOWHERE SYSTEMS",
        ManufacturerModelName="Imaginason",
        InstitutionName="Nowhere General Hospital",
        InstitutionalDepartmentName="Neonatal ward 4½",
        StationName="US-4B",
        StudyDescription="Newborn abdomen",
        BodyPartExamined="ABDOMEN",
        SeriesDescription="cine, performed by nurse Sample",
        SeriesInstanceUID=uid("us series"),
        SeriesNumber=1,
        InstanceNumber=1,
        PatientOrientation="",
        FrameTime="40",
        FrameIncrementPointer=0x00181063,
        CineRate=25,
        BurnedInAnnotation="YES",
        LossyImageCompression="00",
        SequenceOfUltrasoundRegions=[
            dataset(
                RegionSpatialFormat=1,
                RegionDataType=1,
                RegionFlags=0,
                RegionLocationMinX0=0,
                RegionLocationMinY0=10,
                RegionLocationMaxX1=WIDTH - 1,
                RegionLocationMaxY1=HEIGHT - 1,
                PhysicalUnitsXDirection=3,
                PhysicalUnitsYDirection=3,
                PhysicalDeltaX=0.05,
                PhysicalDeltaY=0.05,
            )
        ],
    )
    frames = [us_frame(n) for n in range(FRAMES)]
    add_pixels(cine, b"".join(frames), bits=8, stored=8, columns=WIDTH, rows=HEIGHT)
    cine.NumberOfFrames = FRAMES
    cine.file_meta = FileMetaDataset()
    cine.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    cine.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    return cine


LETTERS = {
    "S": "699e", "P": "e9e8", "E": "f8ef", "C": "7887", "I": "e44e", "M": "9ff9", "N": "9db9",
    "Z": "f24f", "O": "6996", " ": "0000",
}  # fmt: skip
"""Four rows of four dots, a hexadecimal digit each."""


def us_frame(number: int) -> bytes:
    """A fan of echoes under a banner in which the patient's name is burned in."""
    dots = bytearray(WIDTH * HEIGHT)
    for place, letter in enumerate("SPECIMEN ZOE"):
        for y, row in enumerate(LETTERS[letter]):
            for x in range(4):
                if int(row, 16) & 8 >> x:
                    dots[(y + 3) * WIDTH + 4 + 5 * place + x] = 255
    for y in range(10, HEIGHT):
        for x in range(WIDTH):
            depth = math.hypot(x - WIDTH / 2, y - 10)
            if abs(x - WIDTH / 2) < 0.7 * (y - 10) and depth < 52:
                dots[y * WIDTH + x] = 40 + int(depth + 4 * number) % 16 * 10
    return bytes(dots)


# ---------------------------------------------------------------- a report about that cine


def sr() -> Dataset:
    observer = content("HAS OBS CONTEXT", "PNAME", ("121008", "Person Observer Name"))
    observer.PersonName = "Muster^Émile^^Dr."
    procedure = content("HAS OBS CONTEXT", "UIDREF", ("121018", "Procedure Study Instance UID"))
    procedure.UID = uid("us study")
    started = content("CONTAINS", "DATE", ("111060", "Study Date"))
    started.Date = "20240109"
    finding = content("CONTAINS", "TEXT", ("121071", "Finding"))
    finding.TextValue = (
        "Baby Zoë Specimen, born on 31 December 2023, was seen on 9 January 2024.\r\n"
        "Liver and kidneys without finding. Dr. Émile Muster, telephone 555 0177."
    )
    image = content("CONTAINS", "IMAGE", ("121080", "Best illustration of finding"))
    image.ReferencedSOPSequence = [reference(US_MULTIFRAME, "us")]
    report = dataset(
        **ZOE,
        SOPClassUID=BASIC_TEXT_SR,
        SOPInstanceUID=uid("sr"),
        SeriesInstanceUID=uid("sr series"),
        Modality="SR",
        Manufacturer="NOWHERE SYSTEMS",
        SeriesNumber=2,
        InstanceNumber=1,
        InstanceCreationDate="20240110",
        InstanceCreationTime="073000",
        ContentDate="20240110",
        ContentTime="072900",
        SeriesDate="20240110",
        SeriesTime="072900",
        ReferencedPerformedProcedureStepSequence=[],
        PerformedProcedureCodeSequence=[],
        CompletionFlag="COMPLETE",
        VerificationFlag="VERIFIED",
        VerifyingObserverSequence=[
            dataset(
                VerifyingOrganization="Nowhere General Hospital",
                VerificationDateTime="20240110073000",
                VerifyingObserverName="Muster^Émile^^Dr.",
                VerifyingObserverIdentificationCodeSequence=[code("P-1", "99NOWHERE", "É. Muster")],
            )
        ],
        CurrentRequestedProcedureEvidenceSequence=[
            dataset(
                StudyInstanceUID=uid("us study"),
                ReferencedSeriesSequence=[
                    dataset(
                        SeriesInstanceUID=uid("us series"),
                        ReferencedSOPSequence=[reference(US_MULTIFRAME, "us")],
                    )
                ],
            )
        ],
        ValueType="CONTAINER",
        ConceptNameCodeSequence=[code("11525-3", "LN", "Ultrasound Report")],
        ContinuityOfContent="SEPARATE",
        ContentSequence=[observer, procedure, started, finding, image],
    )
    delimit(report)
    return report


def content(relationship: str, kind: str, concept: tuple[str, str]) -> Dataset:
    return dataset(
        RelationshipType=relationship,
        ValueType=kind,
        ConceptNameCodeSequence=[code(concept[0], "DCM", concept[1])],
    )


# ---------------------------------------------------------------- writing


def add_plane(image: Dataset, word: Callable[[int, int], int]) -> None:
    """Pixels of 12 bits, each made from its column and row."""
    words = [word(x, y) for y in range(SIDE) for x in range(SIDE)]
    add_pixels(image, struct.pack(f"<{len(words)}H", *words), bits=16, stored=12)


def add_pixels(
    image: Dataset, raw: bytes, *, bits: int, stored: int, columns: int = SIDE, rows: int = SIDE
) -> None:
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows = rows
    image.Columns = columns
    image.BitsAllocated = bits
    image.BitsStored = stored
    image.HighBit = stored - 1
    image.PixelRepresentation = 0
    image.PixelData = raw
    image["PixelData"].VR = "OW" if bits > 8 else "OB"


def delimit(part: Dataset) -> None:
    """Writes every sequence and item below with undefined length and delimiters."""
    for sequence in (element for element in part if element.VR == "SQ"):
        sequence.is_undefined_length = True
        for item in sequence.value:
            item.is_undefined_length_sequence_item = True
            delimit(item)


def write(path: Path, image: Dataset, syntax: str) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = image.SOPClassUID
    meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = uid("samples of anonymizer")
    meta.ImplementationVersionName = "NOWHERE_1"
    meta.SourceApplicationEntityTitle = "NGH_PACS"
    image.file_meta = meta
    path.parent.mkdir(parents=True, exist_ok=True)
    dcmwrite(path, image, enforce_file_format=True, overwrite=True)


def build(folder: Path) -> None:
    write(folder / "ST000001/CT000002/IM000001", ct(1), ExplicitVRLittleEndian)
    write(folder / "ST000001/CT000002/IM000002", ct(2), ExplicitVRLittleEndian)
    write(folder / "ST000001/RS000003/RS000001.dcm", rtstruct(), ImplicitVRLittleEndian)
    write(folder / "ST000002/MR000004/IM000001.dcm", mr(), ImplicitVRLittleEndian)
    write(folder / "ST000003/US000001/IM000001.dcm", us(), RLELossless)
    write(folder / "ST000003/SR000002/SR000001.dcm", sr(), ExplicitVRLittleEndian)
    (folder / "notes.txt").write_text(NOTES, encoding="utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "input")
