"""What a run can be asked for on the command line, as plain values."""

from __future__ import annotations


class RunOptions:
    """One attribute a flag; the defaults are those of the command."""

    def __init__(self) -> None:
        self.input_file = ""
        self.output_file = ""
        self.input_folder = ""
        self.output_folder = ""
        self.config: str | None = None
        self.validate_input = False
        self.validate_output = False
        self.validation = "refuse"
        self.workers = 0
        self.overwrite = False
        self.rename = ""
        self.report = ""
        self.dicomdir = ""
        self.audit_log = ""
        self.hide_paths = False
        self.key_file: str | None = None
        self.map: str | None = None
        self.exact: str | None = None
        self.quarantine = ""
        self.quarantine_copy = False
        self.resume = False
        self.mix = False
        self.ledger = ""
        self.strict = False
        self.quiet = False
