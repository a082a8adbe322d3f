"""What becomes of attributes that Table E.1-1 has no row for: rules that stand behind its rows.

Free text may say anything, a date is a date, an unknown attribute may be both.  What stays although
its VR is one of text stands here by name, with a reason.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TEXT = ("LO", "LT", "SH", "ST", "UC", "UT")
NAMES = ("AE", "PN", "UR")
DATES = ("DA", "DT", "TM")

FULL, MODIFIED = "retainLongitudinalFullDates", "retainLongitudinalModifiedDates"

ALLOWED = {
    "where a code comes from": "MappingResourceName",
    "a product or its maker, not one device": """
        ApplicationManufacturer ApplicationName ApplicationVersion
        DetectorManufacturerModelName DetectorManufacturerName HardcopyDeviceManufacturer
        HardcopyDeviceManufacturerModelName HardcopyDeviceSoftwareVersion IOLManufacturer
        ImplantName ImplantSize Manufacturer ManufacturerModelName ManufacturerModelVersion
        ReceiveCoilManufacturerName SecondaryCaptureDeviceManufacturer
        SecondaryCaptureDeviceManufacturerModelName SecondaryCaptureDeviceSoftwareVersions
        SoftwareVersions TransmitCoilManufacturerName
    """,
    "an algorithm": "AlgorithmName AlgorithmVersion ImageFilter TypeOfFilters SegmentAlgorithmName",
    "how the device acquired or reconstructed": """
        ASLBolusCutoffTechnique ASLTechniqueDescription AcquisitionDeviceProcessingCode
        AttenuationCorrectionMethod CardiacFramingType ConvolutionKernel
        DetectorLinesOfResponseUsed DigitalImageFormatAcquired FilterType
        GridAbsorbingMaterial GridSpacingMaterial ImagedNucleus MultiCoilConfiguration
        MultiCoilElementName OutputPower PVCRejection PhosphorType PlateType
        ProcessingFunction PulseSequenceName ReceiveCoilName ReconstructionMethod
        ScatterCorrectionMethod SequenceName SpectralSensitivity TransmitCoilName
        VideoImageFormatAcquired
    """,
    "a substance, or its way into the body": """
        ContrastBolusRoute MaterialID Radionuclide Radiopharmaceutical
        RadiopharmaceuticalRoute SourceIsotopeName
    """,
    "a word by which values are read": """
        LUTExplanation LUTLabel ModalityLUTType RescaleType WindowCenterWidthExplanation
    """,
    "a kind of animal": "PatientSpeciesDescription StrainNomenclature",
    "ties parts of the image together": """
        ConceptualVolumeCombinationExpression DisplayWindowLabelVector FrameLabelVector
        OpticalPathIdentifier ReferencedOpticalPathIdentifier StackID
    """,
    "names an attribute": """
        DimensionIndexPrivateCreator FunctionalGroupPrivateCreator PrivateCreatorReference
        PrivateDataElementKeyword PrivateDataElementName SelectorAttributeKeyword
        SelectorAttributeName SelectorAttributePrivateCreator
        SelectorSequencePointerPrivateCreator
    """,
    "a format": "EXIFVersion ListOfMIMETypes MIMETypeOfEncapsulatedDocument",
    "a typeface": "CSSFontName FontName",
    "how the image was de-identified before": "DeidentificationMethod",
}
"""Attributes of text that stay, by reason: none of them tells of the patient or the site."""

CODES = """
    CodeMeaning CodeValue CodingSchemeDesignator CodingSchemeRegistry CodingSchemeVersion
    ExtendedCodeMeaning ExtendedCodeValue LongCodeValue URNCodeValue
"""
"""What a code is written with, and the scheme that it is of (PS3.3 8.8): a site has its own."""

IDENTIFIERS = """
    BreedRegistrationNumber CodingSchemeURL FileAccessURI FilenameInContainer
    HL7InstanceIdentifier LocalNamespaceEntityID PixelDataProviderURL
    RelativeURIReferenceWithinEncapsulatedDocument RetrieveURI RetrieveURL StorageURL
    StrainStockNumber UniversalEntityID
"""
"""Those that point at something, and so are no text that could be cleaned: dummies in any case."""

NEEDED = """
    ASLCrusherDescription AccessoryCode AcquisitionMode AcquisitionProtocolName ApplicatorID
    AssessmentLabel BeamCurrentModulationID BeamName CalculationComment
    ConstraintViolationCondition ContentDescription DataSetName DataSetSource DataSetVersion
    DeviceAlternateIdentifierFormat ExposureControlModeDescription FiducialIdentifier
    FluenceModeID GeneralAccessoryID GeneticModificationsDescription
    GeneticModificationsNomenclature GraphicGroupLabel HPGLPenLabel HangingProtocolCreator
    HangingProtocolDescription HangingProtocolName ImplantAssemblyTemplateIssuer
    ImplantPartNumber ImplantTemplateGroupIssuer ImplantTemplateGroupName
    ImplantTemplateGroupVariationDimensionName ImplantTemplateVersion InformationSummary
    InstructionText LateralSpreadingDeviceID LateralSpreadingDeviceSetting MatingFeatureSetLabel
    MetaboliteMapDescription ObservationDescription OptotypeDetailedDefinition PaddleDescription
    PatientAdditionalPosition PixelSpacingCalibrationDescription PositionAcquisitionTemplateID
    RTImageLabel RangeModulatorID RangeShifterID RangeShifterSetting ReferenceLocationLabel
    ScanSpotTuneID SegmentLabel SelectorUCValue SnoutID StrainSource SurfaceModelLabel
    TextureLabel TickLabel TrackSetLabel TrackingID TreatmentToleranceViolationIdentification
"""
"""Attributes of text that are Type 1 or 1C somewhere (PS3.3 2026b): they may not be empty.

Those that Table E.1-1 has a row for, or that stay, do not stand here.
"""

NEVER_EMPTY = {"emptied": "dummy"}
"""The option of ``cleanText`` for attributes that may not be empty."""

LABELS = "ContentLabel"
"""Attributes of code strings that no standard defines: somebody types them."""

PARTS = {"EncapsulatedDocumentLength": "tells of a document that is replaced"}
"""What would tell of a value that its row replaces."""


def unlisted_rules(how: str, options: frozenset[str]) -> list[dict[str, Any]]:
    """The rules behind the rows: ``how`` is clean, keep or remove."""
    uids = [] if "retainUIDs" in options else [_rule("UI", "refreshUID", "a reference")]
    if how == "keep":
        return uids
    parts = [_rule(keyword, "remove", why) for keyword, why in PARTS.items()]
    unknown = [
        _rule("unknown", "remove", "not in the standard"),
        _rule("UN", "remove", "nobody knows what it is"),
    ]
    named = [*_codes(), *_allowed(), *_needed(options)] if how == "clean" else []
    labels = [_rule(keyword, "dummy", "typed by a person") for keyword in LABELS.split()]
    return [*parts, *uids, *labels, *named, *_free(how, options), *unknown]


def _rule(selector: str, method: str, why: str) -> dict[str, Any]:
    return {"dicomTagPath": selector, "method": method, "why": f"unlisted: {why}"}


def _codes() -> list[dict[str, Any]]:
    return [_rule(name, "keepRegisteredCodes", "a code, or its scheme") for name in CODES.split()]


def _allowed() -> list[dict[str, Any]]:
    return [
        _rule(keyword, "keep", why) for why, text in ALLOWED.items() for keyword in text.split()
    ]


def _needed(options: frozenset[str]) -> list[dict[str, Any]]:
    """Dummies; of text that is cleaned, where nothing is left of it."""
    cleaned = "cleanDescriptors" in options
    method = {"method": "cleanText", **NEVER_EMPTY} if cleaned else {"method": "dummy"}
    dated = () if {FULL, MODIFIED} & options else ("ItemInventoryDateTime",)
    names = sorted({*IDENTIFIERS.split(), *dated})
    return [
        *(_rule(name, "dummy", "may not be empty") for name in names),
        *(_rule(name, "", "may not be empty") | method for name in sorted(NEEDED.split())),
    ]


def _free(how: str, options: frozenset[str]) -> list[dict[str, Any]]:
    return [
        _rule(vr, method, "a date or time" if vr in DATES else "free text")
        for vr, method in _treatment(how, options).items()
    ]


def _treatment(how: str, options: frozenset[str]) -> dict[str, str]:
    """The method for each VR that may tell of the patient."""
    goes = "remove" if how == "remove" else "redact"
    methods = dict.fromkeys((*NAMES, *TEXT, *DATES), goes)
    if how == "clean" and "cleanDescriptors" in options:
        methods.update(dict.fromkeys(TEXT, "cleanText"))
    if FULL in options:
        methods.update(dict.fromkeys(DATES, "keep"))
    if MODIFIED in options:
        methods.update({"DA": "dateShift", "DT": "dateShift", "TM": "keep"})
    return methods
