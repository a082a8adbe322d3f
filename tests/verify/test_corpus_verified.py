"""Outputs of real images pass: what a verification calls a leak or a loss is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import CORPUS, KEY

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.job import run_folder
from anonymizer.verify.verify import Verification
from anonymizer.worker import Settings

EXAMPLE = {**load_configuration("example").effective, "parameters": {"key": KEY}}
PROFILE = {
    "extends": "ps3.15",
    "options": ["retainLongitudinalModifiedDates", "cleanDescriptors", "cleanStructuredContent"],
    "parameters": {"key": KEY},
}


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
@pytest.mark.parametrize("content", [EXAMPLE, PROFILE], ids=["example", "profile"])
def test_outputs_of_the_corpus_do_not_fail(content: dict[str, object], tmp_path: Path) -> None:
    compiled = compile_configuration(configuration_of(content), environ={})
    report = run_folder(compiled, Settings(str(CORPUS), str(tmp_path)), workers=1)
    result = Verification(str(CORPUS), str(tmp_path), compiled).run()
    failed = {finding for finding in result.findings if finding.grade == "FAIL"}
    # Names of people's test files hold words of their test patients.
    assert {finding for finding in failed if finding.kind != "name-left"} == set()
    assert (result.written, result.refused) == (report.written, report.refused)
    assert result.searched > 2000
    assert result.uids > 800
