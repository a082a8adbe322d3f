"""Reads the command line of a plain run without the full parser, or says that it cannot.

Rules. Only flags written whole, values apart from their flags, each flag at most once if it is none
of ``LISTS``. Anything else is
None, so the full parser decides what it means and how to say what is wrong; a test holds the
flags of both against each other.
"""

from __future__ import annotations

from anonymizer.cli.options import RunOptions

VALUES: dict[str, tuple[str, ...]] = {
    "input_file": ("-i", "--inputFile", "--input-file"),
    "output_file": ("-o", "--outputFile", "--output-file"),
    "input_folder": ("-I", "--inputFolder", "--input-folder"),
    "output_folder": ("-O", "--outputFolder", "--output-folder"),
    "config": ("-c", "--configFile", "--config"),
    "profile": ("--profile",),
    "backup": ("--backup",),
    "keep_tags": ("--keep-tags",),
    "shift_dates": ("--shift-dates",),
    "workers": ("--workers",),
    "rename": ("--rename",),
    "report": ("--report",),
    "dicomdir": ("--dicomdir",),
    "audit_log": ("--audit-log",),
    "ledger": ("--ledger",),
    "manifest": ("--manifest",),
    "shard": ("--shard",),
    "quarantine": ("--quarantine",),
    "validation": ("--validation",),
    "key_file": ("--key-file",),
    "map": ("--map",),
    "exact": ("--exact",),
}
LISTS: dict[str, tuple[str, ...]] = {
    "keep": ("--keep",),
    "replace": ("--replace",),
    "remove": ("--remove",),
}
"""Those that may be given again and again."""

SWITCHES: dict[str, tuple[str, ...]] = {
    "dry_run": ("--dry-run",),
    "show_values": ("--show-values",),
    "verbose": ("--verbose",),
    "force": ("--force",),
    "recursive": ("--recursive",),
    "no_recursive": ("--no-recursive",),
    "remove_private": ("--remove-private",),
    "keep_private": ("--keep-private",),
    "regenerate_uids": ("--regenerate-uids",),
    "preserve_studies": ("--preserve-studies",),
    "validate_input": ("--validateInput", "--validate-input"),
    "validate_output": ("--validateOutput", "--validate-output"),
    "overwrite": ("--overwrite",),
    "hide_paths": ("--hide-paths",),
    "quarantine_copy": ("--quarantine-copy",),
    "verify": ("--verify",),
    "resume": ("--resume",),
    "mix": ("--mix",),
    "strict": ("--strict",),
    "quiet": ("--quiet", "-q"),
}
CHOICES = {
    "profile": ("basic", "clinical-trial", "research", "custom"),
    "rename": ("uid",),
    "validation": ("refuse", "warn"),
    "exact": ("microsoft",),
    "dicomdir": ("skip", "process", "rebuild"),
}

_NAME_OF = {
    flag: name
    for table in (VALUES, LISTS, SWITCHES)
    for name, flags in table.items()
    for flag in flags
}


STREAMS = ("input_file", "output_file")
"""Those that take - for standard input or output."""


def read_plain(arguments: list[str]) -> RunOptions | None:
    """The options, or None where the full parser has to look."""
    options = RunOptions()
    seen: set[str] = set()
    rest = iter(arguments)
    for argument in rest:
        name = _NAME_OF.get(argument, "")
        if not name or name in seen:
            return None
        if name not in LISTS:
            seen.add(name)
        if name in SWITCHES:
            setattr(options, name, True)
            continue
        value = next(rest, "")
        if not _fits(name, value):
            return None
        if name in LISTS:
            getattr(options, name).append(value)
        else:
            setattr(options, name, int(value) if name in NUMBERS else value)
    return options if arguments else None


def _fits(name: str, value: str) -> bool:
    if not value or (value.startswith("-") and (value != "-" or name not in STREAMS)):
        return False
    if name in NUMBERS:
        return value.isascii() and value.isdigit() and 0 < int(value) <= NUMBERS[name]
    return name not in CHOICES or value in CHOICES[name]


MOST_WORKERS = 256
NUMBERS = {"workers": MOST_WORKERS, "shift_dates": 36500}
