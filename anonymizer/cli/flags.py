"""The flags of a run, each named once, for every command that takes some of them."""

from __future__ import annotations

import inspect
from copy import copy
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from anonymizer.cli.options import RunOptions
from anonymizer.cli.plain import MOST_WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable

    Flag = tuple[Any, object]
    """What typer is told, and the default."""

MOST_DAYS = 36500


class Rename(StrEnum):
    """What outputs are named after instead of their inputs."""

    uid = "uid"


class Validation(StrEnum):
    """What a finding in an input leads to."""

    refuse = "refuse"
    warn = "warn"


class DicomDir(StrEnum):
    """What becomes of a DICOMDIR."""

    skip = "skip"
    process = "process"
    rebuild = "rebuild"


class Exact(StrEnum):
    """The tool whose own values and reach are asked for."""

    microsoft = "microsoft"


class Profile(StrEnum):
    """The ready-made configurations that have a flag of their own."""

    basic = "basic"
    clinical_trial = "clinical-trial"
    research = "research"
    custom = "custom"


def _switch(*spellings: str, text: str) -> Flag:
    return Annotated[bool, typer.Option(*spellings, help=text)], False


def _text(*spellings: str, metavar: str, text: str) -> Flag:
    return Annotated[str, typer.Option(*spellings, metavar=metavar, help=text)], ""


def _texts(spelling: str, metavar: str, text: str) -> Flag:
    option = typer.Option(spelling, metavar=metavar, help=text, show_default=False)
    return Annotated[list[str], option], []


def _maybe(kind: Any, *spellings: str, text: str, **how: Any) -> Flag:  # noqa: ANN401  typer's
    """None where it is not given."""
    return Annotated[
        kind | None, typer.Option(*spellings, help=text, show_default=False, **how)
    ], None


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Read what has no mark of DICOM as DICOM.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the output.")]

INPUT_FOLDER = typer.Option(
    "-I", "--inputFolder", "--input-folder", metavar="DIR", help="A folder of images."
)

RULES: dict[str, Flag] = {
    "profile": _maybe(
        Profile, "--profile", text="A ready-made configuration instead of -c; custom: flags alone."
    ),
    "keep": _texts("--keep", "TAG", "Leave these as they are; repeatable."),
    "keep_tags": _maybe(
        str, "--keep-tags", metavar="TAG,TAG", text="As --keep for each of a list."
    ),
    "replace": _texts("--replace", "TAG=VALUE", "Give these this value; repeatable."),
    "remove": _texts("--remove", "TAG", "Remove these; repeatable."),
    "remove_private": _switch("--remove-private", text="Remove all private attributes."),
    "keep_private": _switch("--keep-private", text="Leave all private attributes as they are."),
    "shift_dates": _maybe(
        int,
        "--shift-dates",
        metavar="DAYS",
        min=-MOST_DAYS,
        max=MOST_DAYS,
        text="Move dates by these days, the same for everybody.",
    ),
    "regenerate_uids": _switch("--regenerate-uids", text="Give new UIDs; references follow."),
    "preserve_studies": _switch(
        "--preserve-studies", text="Give studies and series new UIDs by which they stay together."
    ),
}
"""Those that are rules, for every command that runs, checks or explains a configuration."""

RUN: dict[str, Flag] = {
    "input_file": _text("-i", "--inputFile", "--input-file", metavar="FILE", text="One image."),
    "output_file": _text(
        "-o", "--outputFile", "--output-file", metavar="FILE", text="Where its output goes."
    ),
    "input_folder": (Annotated[str, INPUT_FOLDER], ""),
    "output_folder": _text(
        "-O", "--outputFolder", "--output-folder", metavar="DIR", text="Where outputs go."
    ),
    "config": _maybe(
        str,
        "-c",
        "--configFile",
        "--config",
        metavar="FILE|NAME",
        text="The configuration: a file, or the name of a built-in one. Without it, "
        "configuration.json in the current folder, else in the input folder.",
    ),
    "validate_input": _switch(
        "--validateInput",
        "--validate-input",
        text="Refuse inputs that break PS3.5 or PS3.6 (see --validation).",
    ),
    "validate_output": _switch(
        "--validateOutput",
        "--validate-output",
        text="Refuse outputs with findings that their input had not.",
    ),
    "validation": (
        Annotated[
            Validation, typer.Option("--validation", help="What findings in inputs lead to.")
        ],
        Validation.refuse,
    ),
    "workers": (
        Annotated[
            int,
            typer.Option(
                "--workers",
                metavar="N",
                min=0,
                max=MOST_WORKERS,
                help="Processes; 0 is one for each core.",
            ),
        ],
        0,
    ),
    "overwrite": _switch("--overwrite", text="Replace outputs that are there already."),
    "rename": _maybe(
        Rename, "--rename", text="Name outputs <Study>/<Series>/<SOP>.dcm by their new UIDs."
    ),
    "report": _text(
        "--report", metavar="FILE", text="Write what became of each file as JSON; no values."
    ),
    "dicomdir": _maybe(
        DicomDir,
        "--dicomdir",
        text="Leave a DICOMDIR out, treat it as any image, or write a new one for the "
        "outputs. Without it: skip with a profile of PS3.15, else process.",
    ),
    "audit_log": _text(
        "--audit-log",
        metavar="FILE",
        text="Append a record of each file as a line of JSON: hashes and what was done, no "
        "values. Each carries the hash of the one before.",
    ),
    "hide_paths": _switch(
        "--hide-paths", text="Keyed hashes of paths in the audit log and in the report."
    ),
    "quarantine": _text(
        "--quarantine",
        metavar="DIR",
        text="List what was refused, with reasons and no values, in a new folder.",
    ),
    "quarantine_copy": _switch(
        "--quarantine-copy",
        text="Copy what was refused there, too, as it is. Copies identify people.",
    ),
    "verify": _switch(
        "--verify",
        text="Hold each output against its input, and all against each other, as the command "
        "verify does; what fails is moved to the quarantine, or removed, and told as refused. "
        "With --strict, what is to be reviewed ends with 1, too.",
    ),
    "resume": _switch(
        "--resume",
        text="Keep a ledger beside the output folder of what is done, and leave alone what "
        "it says was done the same way. Needs a key where methods do.",
    ),
    "mix": _switch(
        "--mix", text="With --resume: go on although the configuration or flags are others."
    ),
    "ledger": _text(
        "--ledger",
        metavar="FILE",
        text="With --resume: where the ledger is kept, if not beside the outputs.",
    ),
    "manifest": _text(
        "--manifest",
        metavar="FILE",
        text="With --shard: the files to do, as anonymizer manifest has frozen them.",
    ),
    "shard": _text(
        "--shard",
        metavar="I/N",
        text="With --manifest: do the I-th of N shards, from 1 on; what is done stays.",
    ),
    "key_file": _maybe(
        str,
        "--key-file",
        metavar="FILE",
        text="The master key, where the configuration names none (else the environment "
        "variable ANONYMIZER_KEY). The file must be yours alone: chmod 600.",
    ),
    "map": _maybe(
        str,
        "--map",
        metavar="CSV",
        text="Pseudonyms as original,pseudonym, for the method pseudonym.",
    ),
    "exact": _maybe(
        Exact,
        "--exact",
        text="Give the values and the reach of the reference tool, its leaks included "
        "(for configurations of its own shape).",
    ),
    "strict": _switch("--strict", text="Warnings of the configuration are errors."),
    "backup": _text(
        "--backup",
        metavar="DIR",
        text="Copy each original there before its output is written, and check the copy.",
    ),
    "dry_run": _switch("--dry-run", text="Decide everything, write nothing; tell it file by file."),
    "show_values": _switch(
        "--show-values",
        text="With --dry-run --verbose, values before and after. They identify people.",
    ),
    "force": (Force, False),
    "recursive": _switch("--recursive", text="Go into folders of folders, as without it."),
    "no_recursive": _switch("--no-recursive", text="Only the files of the folder itself."),
    "verbose": _switch(
        "--verbose", text="A line for each file; with --dry-run, one for each attribute."
    ),
    "quiet": _switch("-q", "--quiet", text="Print troubles only."),
    **RULES,
}


def takes(*names: str, **words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command these flags, in the place of its parameter ``options``, which they become.

    ``words`` are what the help says of some of them there.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        parameters = []
        for name, own in signature.parameters.items():
            parameters += _parameters(names, words) if name == "options" else [own]

        @wraps(command)
        def with_options(**given: object) -> None:
            options = RunOptions()
            for name in names:
                value = given.pop(name)
                said = value.value if isinstance(value, StrEnum) else value
                if said is not None:
                    setattr(options, name, said)
            command(**given, options=options)

        keyed = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
        vars(with_options)["__signature__"] = signature.replace(parameters=keyed)
        with_options.__annotations__ = {p.name: p.annotation for p in keyed}
        return with_options

    return decorate


def _parameters(names: tuple[str, ...], words: dict[str, str]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=RUN[name][1],
            annotation=_worded(RUN[name][0], words.get(name)),
        )
        for name in names
    ]


def _worded(annotation: Any, text: str | None) -> Any:  # noqa: ANN401  typer's
    if text is None:
        return annotation
    kind, option = get_args(annotation)
    option = copy(option)
    option.help = text
    return Annotated[kind, option]
