"""Reads the command line of a plain run without the full parser, or says that it cannot.

Rules. Only flags written whole, each at most once, values apart from their flags. Anything else is
None, so the full parser decides what it means and how to say what is wrong; a test holds the
flags of both against each other.
"""

from __future__ import annotations

from anonymizer.cli.options import RunOptions

VALUES = {
    "input_file": ("-i", "--inputFile", "--input-file"),
    "output_file": ("-o", "--outputFile", "--output-file"),
    "input_folder": ("-I", "--inputFolder", "--input-folder"),
    "output_folder": ("-O", "--outputFolder", "--output-folder"),
    "config": ("-c", "--configFile", "--config"),
    "workers": ("--workers",),
    "rename": ("--rename",),
    "report": ("--report",),
    "dicomdir": ("--dicomdir",),
    "audit_log": ("--audit-log",),
    "ledger": ("--ledger",),
    "quarantine": ("--quarantine",),
    "validation": ("--validation",),
    "key_file": ("--key-file",),
    "map": ("--map",),
    "exact": ("--exact",),
}
SWITCHES = {
    "validate_input": ("--validateInput", "--validate-input"),
    "validate_output": ("--validateOutput", "--validate-output"),
    "overwrite": ("--overwrite",),
    "hide_paths": ("--hide-paths",),
    "quarantine_copy": ("--quarantine-copy",),
    "resume": ("--resume",),
    "mix": ("--mix",),
    "strict": ("--strict",),
    "quiet": ("--quiet", "-q"),
}
CHOICES = {
    "rename": ("uid",),
    "validation": ("refuse", "warn"),
    "exact": ("microsoft",),
    "dicomdir": ("skip", "process", "rebuild"),
}

_NAME_OF = {
    flag: name for table in (VALUES, SWITCHES) for name, flags in table.items() for flag in flags
}


def read_plain(arguments: list[str]) -> RunOptions | None:
    """The options, or None where the full parser has to look."""
    options = RunOptions()
    seen: set[str] = set()
    rest = iter(arguments)
    for argument in rest:
        name = _NAME_OF.get(argument, "")
        if not name or name in seen:
            return None
        seen.add(name)
        if name in SWITCHES:
            setattr(options, name, True)
            continue
        value = next(rest, "")
        if not _fits(name, value):
            return None
        setattr(options, name, int(value) if name == "workers" else value)
    return options if seen else None


def _fits(name: str, value: str) -> bool:
    if not value or value.startswith("-"):
        return False
    if name == "workers":
        return value.isascii() and value.isdigit() and 0 < int(value) <= MOST_WORKERS
    return name not in CHOICES or value in CHOICES[name]


MOST_WORKERS = 256
