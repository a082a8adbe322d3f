"""De-identifies one pydicom Dataset, in place, by the plan that files are decided by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anonymizer.api.anonymizer import Anonymizer
from anonymizer.api.given import Source
from anonymizer.api.tag_rules import shields
from anonymizer.api.wishes import Wishes
from anonymizer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydicom.dataset import Dataset

    from anonymizer.api.given import Given
    from anonymizer.api.results import Result
    from anonymizer.api.tag_rules import TagRules


def anonymize_dataset(  # noqa: PLR0913  what a configuration takes, and the Dataset
    dataset: Dataset,
    rules: Anonymizer | Given = "ps3.15-basic",
    *,
    key: str | bytes | None = None,
    methods: Mapping[str, object] | None = None,
    delete_private_tags: bool | None = None,
    extra_anonymization_rules: TagRules | None = None,
    elements: bool = False,
) -> Result:
    """Changes a pydicom Dataset in place, with its ``file_meta``: what a file would become.

    ``rules`` are what ``Anonymizer`` takes; the default is the Basic Profile of PS3.15 Annex E.
    Give a ``key``, or an Anonymizer, where several images are to fit together: without, each call
    draws a key of its own.  ``delete_private_tags=True`` removes the private elements that no rule
    names by tag or creator, False keeps those that no rule of ``rules`` itself owns; None leaves
    them to the configuration.

    ``extra_anonymization_rules`` maps tags, as keyword, integer, (group, element) or (group,
    element, group mask, element mask), to ``callable(dataset, tag)``, as in Kitware's
    dicom-anonymizer.  No rule touches these attributes; the callables decide, at every depth,
    when all else is done.

    The result's ``warnings`` begin with those of the configuration.  Raises ConfigurationError
    with all mistakes, and ImageError; the Dataset is as it was then.
    """
    extra = extra_anonymization_rules
    if isinstance(rules, Anonymizer):
        if (key, methods, delete_private_tags, extra) != (None,) * 4:
            raise UsageError(
                "an Anonymizer has its key, methods and rules already", "give them when it is made"
            )
        return rules.anonymize_dataset(dataset, elements=elements)
    source = Source(rules, methods)
    source.add_before(shields(extra or {}))
    if delete_private_tags is not None:
        source.decide_private(delete=delete_private_tags)
    anonymizer = Anonymizer.of_source(source, Wishes(key))
    result = anonymizer.anonymize_dataset(
        dataset, extra_anonymization_rules=extra, elements=elements
    )
    told = tuple(str(warning) for warning in anonymizer.warnings)
    return replace(result, warnings=(*told, *result.warnings))
