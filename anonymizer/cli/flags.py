"""The flags of a run, for every command that takes some of them.

How each is spelled says ``cli.plain``, and what it is by default ``cli.options``, too.
"""

from __future__ import annotations

import inspect
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from anonymizer.cli.options import RunOptions
from anonymizer.cli.plain import LISTS, NUMBERS, SWITCHES, VALUES

if TYPE_CHECKING:
    from collections.abc import Callable


SPELLINGS = VALUES | LISTS | SWITCHES


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


class Flag(NamedTuple):
    """What typer is told of a flag beside its name and spellings."""

    kind: Any
    default: object
    text: str
    how: dict[str, Any]


def _switch(text: str) -> Flag:
    return Flag(bool, False, text, {})


def _text(metavar: str, text: str) -> Flag:
    return Flag(str, "", text, {"metavar": metavar})


def _texts(metavar: str, text: str) -> Flag:
    return Flag(list[str], [], text, {"metavar": metavar, "show_default": False})


def _maybe(kind: Any, text: str, **how: Any) -> Flag:  # noqa: ANN401  typer's
    """None where it is not given."""
    return Flag(kind | None, None, text, {"show_default": False, **how})


RULES: dict[str, Flag] = {
    "profile": _maybe(
        Profile, text="A ready-made configuration instead of -c; custom: flags alone."
    ),
    "keep": _texts("TAG", "Leave these as they are; repeatable."),
    "keep_tags": _maybe(str, metavar="TAG,TAG", text="As --keep for each of a list."),
    "replace": _texts("TAG=VALUE", "Give these this value; repeatable."),
    "remove": _texts("TAG", "Remove these; repeatable."),
    "remove_private": _switch("Remove all private attributes."),
    "keep_private": _switch("Leave all private attributes as they are."),
    "shift_dates": _maybe(
        int,
        metavar="DAYS",
        min=-NUMBERS["shift_dates"],
        max=NUMBERS["shift_dates"],
        text="Move dates by these days, the same for everybody.",
    ),
    "regenerate_uids": _switch("Give new UIDs; references follow."),
    "preserve_studies": _switch("Give studies and series new UIDs by which they stay together."),
}
"""Those that are rules, for every command that runs, checks or explains a configuration."""

RUN: dict[str, Flag] = {
    "input_file": _text("FILE", "One image."),
    "output_file": _text("FILE", "Where its output goes."),
    "input_folder": _text("DIR", "A folder of images."),
    "output_folder": _text("DIR", "Where outputs go."),
    "config": _maybe(
        str,
        metavar="FILE|NAME",
        text="The configuration: a file, or the name of a built-in one. Without it, "
        "configuration.json in the current folder, else in the input folder.",
    ),
    "validate_input": _switch("Refuse inputs that break PS3.5 or PS3.6 (see --validation)."),
    "validate_output": _switch("Refuse outputs with findings that their input had not."),
    "validation": Flag(Validation, Validation.refuse, "What findings in inputs lead to.", {}),
    "workers": Flag(
        int,
        0,
        "Processes; 0 is one for each core.",
        {"metavar": "N", "min": 0, "max": NUMBERS["workers"]},
    ),
    "overwrite": _switch("Replace outputs that are there already."),
    "rename": _maybe(Rename, text="Name outputs <Study>/<Series>/<SOP>.dcm by their new UIDs."),
    "report": _text("FILE", "Write what became of each file as JSON; no values."),
    "dicomdir": _maybe(
        DicomDir,
        text="Leave a DICOMDIR out, treat it as any image, or write a new one for the "
        "outputs. Without it: skip with a profile of PS3.15, else process.",
    ),
    "audit_log": _text(
        "FILE",
        "Append a record of each file as a line of JSON: hashes and what was done, no "
        "values. Each carries the hash of the one before.",
    ),
    "hide_paths": _switch("Keyed hashes of paths in the audit log and in the report."),
    "quarantine": _text(
        "DIR", "List what was refused, with reasons and no values, in a new folder."
    ),
    "quarantine_copy": _switch(
        "Copy what was refused there, too, as it is. Copies identify people."
    ),
    "verify": _switch(
        "Hold each output against its input, and all against each other, as the command "
        "verify does; what fails is moved to the quarantine, or removed, and told as refused. "
        "With --strict, what is to be reviewed ends with 1, too."
    ),
    "resume": _switch(
        "Keep a ledger beside the output folder of what is done, and leave alone what "
        "it says was done the same way. Needs a key where methods do."
    ),
    "mix": _switch("With --resume: go on although the configuration or flags are others."),
    "ledger": _text("FILE", "With --resume: where the ledger is kept, if not beside the outputs."),
    "manifest": _text(
        "FILE", "With --shard: the files to do, as anonymizer manifest has frozen them."
    ),
    "shard": _text(
        "I/N", "With --manifest: do the I-th of N shards, from 1 on; what is done stays."
    ),
    "key_file": _maybe(
        str,
        metavar="FILE",
        text="The master key, where the configuration names none (else the environment "
        "variable ANONYMIZER_KEY). The file must be yours alone: chmod 600.",
    ),
    "map": _maybe(
        str, metavar="CSV", text="Pseudonyms as original,pseudonym, for the method pseudonym."
    ),
    "exact": _maybe(
        Exact,
        text="Give the values and the reach of the reference tool, its leaks included "
        "(for configurations of its own shape).",
    ),
    "strict": _switch("Warnings of the configuration are errors."),
    "backup": _text(
        "DIR", "Copy each original there before its output is written, and check the copy."
    ),
    "dry_run": _switch("Decide everything, write nothing; tell it file by file."),
    "show_values": _switch(
        "With --dry-run --verbose, values before and after. They identify people."
    ),
    "force": _switch("Read what has no mark of DICOM as DICOM."),
    "recursive": _switch("Go into folders of folders, as without it."),
    "no_recursive": _switch("Only the files of the folder itself."),
    "verbose": _switch("A line for each file; with --dry-run, one for each attribute."),
    "quiet": _switch("Print troubles only."),
    **RULES,
}


def takes(*names: str, **words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command these flags, in the place of its parameter ``options``, which they become.

    ``words`` are what the help says of some of them there.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        flags = [_parameter(name, words.get(name)) for name in names]
        parameters: list[inspect.Parameter] = []
        for name, own in signature.parameters.items():
            parameters += flags if name == "options" else [own]

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


def _parameter(name: str, text: str | None) -> inspect.Parameter:
    flag = RUN[name]
    option = typer.Option(*SPELLINGS[name], help=text or flag.text, **flag.how)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=flag.default,
        annotation=Annotated[flag.kind, option],
    )
