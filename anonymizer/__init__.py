"""De-identifies DICOM by rules: one image, a folder, bytes, or a pydicom Dataset (docs/api.md).

What is named here is imported when it is first asked for: the command pays for none of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer._version import VERSION as __version__  # noqa: N811  as modules name it
    from anonymizer.api.anonymizer import Anonymizer
    from anonymizer.api.dataset import anonymize_dataset
    from anonymizer.api.results import Decided, FileResult, FolderResult, Result
    from anonymizer.dicom.attribute import Attribute, Keep, Remove, RemoveItem, Replace
    from anonymizer.dicom.context import Context
    from anonymizer.dicom.text import encode_values, text_of, values_of
    from anonymizer.diff.compare import compare_datasets
    from anonymizer.errors import (
        AnonymizerError,
        ConfigurationError,
        ImageError,
        UsageError,
        ValueFault,
    )
    from anonymizer.score.score import score_dataset
else:
    _PLACES = {
        "Anonymizer": "api.anonymizer",
        "anonymize_dataset": "api.dataset",
        "compare_datasets": "diff.compare",
        "score_dataset": "score.score",
        "Result": "api.results",
        "FileResult": "api.results",
        "FolderResult": "api.results",
        "Decided": "api.results",
        "Attribute": "dicom.attribute",
        "Context": "dicom.context",
        "Keep": "dicom.attribute",
        "Remove": "dicom.attribute",
        "RemoveItem": "dicom.attribute",
        "Replace": "dicom.attribute",
        "text_of": "dicom.text",
        "values_of": "dicom.text",
        "encode_values": "dicom.text",
        "AnonymizerError": "errors",
        "ConfigurationError": "errors",
        "ImageError": "errors",
        "UsageError": "errors",
        "ValueFault": "errors",
    }

    def __getattr__(name):  # noqa: ANN001, ANN202  its types stand above
        if name == "__version__":
            from anonymizer._version import VERSION

            return VERSION
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = __import__(f"{__name__}.{_PLACES[name]}", fromlist=(name,))
        found = globals()[name] = getattr(module, name)
        return found

    def __dir__():  # noqa: ANN202
        return sorted({*globals(), *__all__})


__all__ = [
    "Anonymizer",
    "AnonymizerError",
    "Attribute",
    "ConfigurationError",
    "Context",
    "Decided",
    "FileResult",
    "FolderResult",
    "ImageError",
    "Keep",
    "Remove",
    "RemoveItem",
    "Replace",
    "Result",
    "UsageError",
    "ValueFault",
    "__version__",
    "anonymize_dataset",
    "compare_datasets",
    "encode_values",
    "score_dataset",
    "text_of",
    "values_of",
]
