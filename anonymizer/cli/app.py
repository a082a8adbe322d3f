"""The full command line: every flag and command, their help, and what is said of mistakes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from anonymizer._version import VERSION
from anonymizer.cli.flags import takes_flags_of, takes_rules
from anonymizer.cli.options import RunOptions
from anonymizer.cli.plain import MOST_WORKERS


@contextmanager
def _own_words() -> Iterator[None]:
    """Takes out of mistakes what the library that checks values says before typer's words."""
    try:
        yield
    except typer.BadParameter as error:
        error.message = error.message.removeprefix("Value error, ")
        raise


def _given_nothing(args: list[str]) -> str:
    """What has an empty value, which would do as if it were not there."""
    for before, arg in pairwise(["", *args]):
        flag, equals, value = arg.partition("=")
        if equals and not value and flag.startswith("--"):
            return flag
        if not arg and before != "--keep-tags":  # which says itself what it takes
            return before if before.startswith("-") else "an argument"
    return ""


class _Group(TyperGroup):
    """Says how paths are given, where one stands in the place of a command; takes no key."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  as below
        if any(arg.partition("=")[0] == "--key" for arg in args):
            ctx.fail(
                "--key is refused: every user of the machine can see a command line\n"
                "  hint: --key-file FILE, or the environment variable ANONYMIZER_KEY; if this was "
                "a key, take another: anonymizer keygen -o FILE"
            )
        if empty := _given_nothing(args):
            ctx.fail(f"{empty} is given nothing\n  hint: is a variable of the shell not set?")
        with _own_words():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  as below
        with _own_words():
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  click's or typer's
        if self.get_command(ctx, args[0]) is None:
            ctx.fail(
                f"no such command: {args[0]}\n"
                "  hint: images are given by -i FILE -o FILE, folders by -I FOLDER -O FOLDER"
            )
        return super().resolve_command(ctx, args)


WRONG_USAGE = 2

app = typer.Typer(
    name="anonymizer",
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


Config = Annotated[
    str | None,
    typer.Option(
        "-c",
        "--configFile",
        "--config",
        metavar="FILE|NAME",
        help="The configuration: a file, or the name of a built-in one. Without it, "
        "configuration.json in the current folder, else in the input folder.",
        show_default=False,
    ),
]
KeyFile = Annotated[
    str | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="The master key, where the configuration names none (else the environment "
        "variable ANONYMIZER_KEY). The file must be yours alone: chmod 600.",
        show_default=False,
    ),
]
ExactOption = Annotated[
    Exact | None,
    typer.Option(
        "--exact",
        help="Give the values and the reach of the reference tool, its leaks included "
        "(for configurations of its own shape).",
        show_default=False,
    ),
]
MapOption = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="CSV",
        help="Pseudonyms as original,pseudonym, for the method pseudonym.",
        show_default=False,
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings of the configuration are errors.")]


def _version(asked: bool) -> None:
    if asked:
        print(f"anonymizer {VERSION}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
@takes_rules
def main(  # noqa: PLR0913, PLR0917  one parameter a flag
    context: typer.Context,
    input_file: Annotated[
        str, typer.Option("-i", "--inputFile", "--input-file", metavar="FILE", help="One image.")
    ] = "",
    output_file: Annotated[
        str,
        typer.Option(
            "-o", "--outputFile", "--output-file", metavar="FILE", help="Where its output goes."
        ),
    ] = "",
    input_folder: Annotated[
        str,
        typer.Option(
            "-I", "--inputFolder", "--input-folder", metavar="DIR", help="A folder of images."
        ),
    ] = "",
    output_folder: Annotated[
        str,
        typer.Option(
            "-O", "--outputFolder", "--output-folder", metavar="DIR", help="Where outputs go."
        ),
    ] = "",
    config: Config = None,
    validate_input: Annotated[
        bool,
        typer.Option(
            "--validateInput",
            "--validate-input",
            help="Refuse inputs that break PS3.5 or PS3.6 (see --validation).",
        ),
    ] = False,
    validate_output: Annotated[
        bool,
        typer.Option(
            "--validateOutput",
            "--validate-output",
            help="Refuse outputs with findings that their input had not.",
        ),
    ] = False,
    validation: Annotated[
        Validation, typer.Option("--validation", help="What findings in inputs lead to.")
    ] = Validation.refuse,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            metavar="N",
            min=0,
            max=MOST_WORKERS,
            help="Processes; 0 is one for each core.",
        ),
    ] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace outputs that are there already.")
    ] = False,
    rename: Annotated[
        Rename | None,
        typer.Option(
            "--rename",
            help="Name outputs <Study>/<Series>/<SOP>.dcm by their new UIDs.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        str,
        typer.Option(
            "--report", metavar="FILE", help="Write what became of each file as JSON; no values."
        ),
    ] = "",
    dicomdir: Annotated[
        DicomDir | None,
        typer.Option(
            "--dicomdir",
            help="Leave a DICOMDIR out, treat it as any image, or write a new one for the "
            "outputs. Without it: skip with a profile of PS3.15, else process.",
            show_default=False,
        ),
    ] = None,
    audit_log: Annotated[
        str,
        typer.Option(
            "--audit-log",
            metavar="FILE",
            help="Append a record of each file as a line of JSON: hashes and what was done, no "
            "values. Each carries the hash of the one before.",
        ),
    ] = "",
    hide_paths: Annotated[
        bool,
        typer.Option(
            "--hide-paths", help="Keyed hashes of paths in the audit log and in the report."
        ),
    ] = False,
    quarantine: Annotated[
        str,
        typer.Option(
            "--quarantine",
            metavar="DIR",
            help="List what was refused, with reasons and no values, in a new folder.",
        ),
    ] = "",
    quarantine_copy: Annotated[
        bool,
        typer.Option(
            "--quarantine-copy",
            help="Copy what was refused there, too, as it is. Copies identify people.",
        ),
    ] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Hold each output against its input, and all against each other, as the command "
            "verify does; what fails is moved to the quarantine, or removed, and told as refused. "
            "With --strict, what is to be reviewed ends with 1, too.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Keep a ledger beside the output folder of what is done, and leave alone what "
            "it says was done the same way. Needs a key where methods do.",
        ),
    ] = False,
    mix: Annotated[
        bool,
        typer.Option(
            "--mix", help="With --resume: go on although the configuration or flags are others."
        ),
    ] = False,
    ledger: Annotated[
        str,
        typer.Option(
            "--ledger",
            metavar="FILE",
            help="With --resume: where the ledger is kept, if not beside the outputs.",
        ),
    ] = "",
    manifest: Annotated[
        str,
        typer.Option(
            "--manifest",
            metavar="FILE",
            help="With --shard: the files to do, as anonymizer manifest has frozen them.",
        ),
    ] = "",
    shard: Annotated[
        str,
        typer.Option(
            "--shard",
            metavar="I/N",
            help="With --manifest: do the I-th of N shards, from 1 on; what is done stays.",
        ),
    ] = "",
    key_file: KeyFile = None,
    map: MapOption = None,
    exact: ExactOption = None,
    strict: Strict = False,
    backup: Annotated[
        str,
        typer.Option(
            "--backup",
            metavar="DIR",
            help="Copy each original there before its output is written, and check the copy.",
        ),
    ] = "",
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Decide everything, write nothing; tell it file by file."),
    ] = False,
    show_values: Annotated[
        bool,
        typer.Option(
            "--show-values",
            help="With --dry-run --verbose, values before and after. They identify people.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Read what has no mark of DICOM as DICOM.")
    ] = False,
    recursive: Annotated[
        bool, typer.Option("--recursive", help="Go into folders of folders, as without it.")
    ] = False,
    no_recursive: Annotated[
        bool, typer.Option("--no-recursive", help="Only the files of the folder itself.")
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", help="A line for each file; with --dry-run, one for each attribute."
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print troubles only.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    *,
    rules: dict[str, Any],
) -> None:
    """De-identify DICOM images by a JSON rules file: one file (-i -o) or a folder (-I -O).

    Exit codes: 0 all written, 1 some files refused, 2 usage or configuration, 3 nothing found.
    """
    if context.invoked_subcommand is not None:
        return
    options = RunOptions()
    vars(options).update(rules)
    options.input_file, options.output_file = input_file, output_file
    options.input_folder, options.output_folder = input_folder, output_folder
    options.verify, options.validation = verify, validation.value
    options.validate_input, options.validate_output = validate_input, validate_output
    options.workers = workers
    options.overwrite = overwrite
    options.rename = rename.value if rename else ""
    options.report = report
    options.dicomdir = dicomdir.value if dicomdir else ""
    options.audit_log, options.hide_paths = audit_log, hide_paths
    options.config, options.key_file, options.map = config, key_file, map
    options.exact = exact.value if exact else None
    options.quarantine, options.quarantine_copy = quarantine, quarantine_copy
    options.resume, options.mix, options.ledger = resume, mix, ledger
    options.manifest, options.shard = manifest, shard
    options.strict, options.quiet, options.verbose = strict, quiet, verbose
    options.backup, options.force = backup, force
    options.dry_run, options.show_values = dry_run, show_values
    options.recursive, options.no_recursive = recursive, no_recursive
    from anonymizer.cli.run import run

    sys.exit(run(options))


@app.command(short_help="De-identify a folder by the workers of a Dask cluster.")
@takes_flags_of(
    main,
    *("context", "input_file", "output_file", "dry_run", "show_values", "recursive", "version"),
    *("verify", "shard"),
)
def distribute(  # noqa: PLR0913, PLR0917  one parameter a flag
    scheduler: Annotated[
        str,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="tls://HOST:PORT or tcp://HOST:PORT of a scheduler that is there; local for "
            "workers on this machine; slurm for jobs of Slurm.",
            show_default=False,
        ),
    ],
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            metavar="N",
            min=0,
            max=MOST_WORKERS,
            help="With local and slurm: how many; 0 is one for each core, or one job.",
        ),
    ] = 0,
    batch: Annotated[
        int,
        typer.Option(
            "--batch", metavar="FILES", min=1, max=100_000, help="A batch has at most so many."
        ),
    ] = 2_000,
    manifest: Annotated[
        str,
        typer.Option(
            "--manifest",
            metavar="FILE",
            help="The files to do, as anonymizer manifest has frozen them.",
        ),
    ] = "",
    tls_ca: Annotated[
        str, typer.Option("--tls-ca", metavar="FILE", help="With tls://: the authority.")
    ] = "",
    tls_cert: Annotated[
        str, typer.Option("--tls-cert", metavar="FILE", help="With tls://: the certificate.")
    ] = "",
    tls_key: Annotated[
        str, typer.Option("--tls-key", metavar="FILE", help="With tls://: the key of that.")
    ] = "",
    insecure: Annotated[
        bool,
        typer.Option(
            "--insecure", help="Take a scheduler on another machine although it has no TLS."
        ),
    ] = False,
    *,
    options: RunOptions,
) -> None:
    """De-identify a folder by the workers of a Dask cluster, with the outputs of a run without.

    Inputs, outputs, configuration and key file lie where all workers see them under the same
    paths; keys are read there by each worker, from --key-file or its environment.
    """
    from anonymizer.cli.run import run
    from anonymizer.distribute.clusters import Place

    options.place = Place(
        scheduler,
        workers=workers,
        tls_ca=tls_ca,
        tls_cert=tls_cert,
        tls_key=tls_key,
        insecure=insecure,
    )
    options.batch, options.manifest = batch, manifest
    sys.exit(run(options))


@app.command(short_help="Check a configuration: every mistake, with a hint.")
@takes_rules
def check(  # noqa: PLR0913  one parameter a flag
    configuration: Annotated[
        str | None,
        typer.Argument(metavar="[FILE|NAME]", help="As -c of a run.", show_default=False),
    ] = None,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage",
            help="Hold it against Table E.1-1 of PS3.15, too: which rows it leaves untouched, "
            "treats weaker or stronger than the profile. With --strict, 1 is the exit code where "
            "any is untouched or weaker.",
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The coverage as JSON.")] = False,
    strict: Strict = False,
    key_file: KeyFile = None,
    exact: ExactOption = None,
    *,
    rules: dict[str, Any],
) -> None:
    """Check a configuration: every mistake at once, with its place and a hint."""
    from anonymizer.cli.check import check as examine

    lines, code = examine(
        configuration,
        strict=strict,
        key_file=key_file,
        exact=exact.value if exact else None,
        coverage=coverage or json,
        as_json=json,
        rules=rules,
    )
    print("\n".join(lines), file=sys.stderr if code == WRONG_USAGE else sys.stdout)
    sys.exit(code)


profiles = typer.Typer(
    help="List the configurations that come with the tool, or show what is in force in one.",
    short_help="List ready-made configurations; show what is in force in one.",
    invoke_without_command=True,
)
app.add_typer(profiles, name="profiles")


@profiles.callback()
def list_profiles(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        from anonymizer.cli.profiles import render_profiles

        print(render_profiles(), end="")


@profiles.command(short_help="Print the rules in force, with those of what is extended.")
def show(
    configuration: Annotated[
        str, typer.Argument(metavar="FILE|NAME", help="As -c of a run.", show_default=False)
    ],
    json: Annotated[
        bool, typer.Option("--json", help="As one configuration that does the same.")
    ] = False,
) -> None:
    """Print the rules in force of a configuration, in order, with those of what it extends."""
    from anonymizer.cli.profiles import show as tell

    sys.exit(tell(configuration, as_json=json))


audit = typer.Typer(
    help="Prove that nobody changed an audit log.",
    short_help="Prove that nobody changed an audit log.",
    no_args_is_help=True,
)
app.add_typer(audit, name="audit")


@audit.command(short_help="Follow the hashes from the first record to the last.")
def verify(
    log: Annotated[str, typer.Argument(metavar="FILE", help="What --audit-log has written.")],
    last: Annotated[
        str | None,
        typer.Option(
            "--last",
            metavar="HASH",
            help="The hash of a last line that was kept elsewhere: shows that nothing was cut off.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="What was found, as JSON.")] = False,
) -> None:
    """Follow the hashes of an audit log from its first record to its last.

    Exit codes: 0 it holds, 1 it does not, 2 there is no such file.
    """
    from anonymizer.cli.audit import verify as prove

    sys.exit(prove(log, as_json=json, last=last))


@app.command(name="manifest", short_help="Freeze the files of a folder in a list, for shards.")
def freeze_manifest(
    input_folder: Annotated[
        str,
        typer.Option(
            "-I", "--inputFolder", "--input-folder", metavar="DIR", help="A folder of images."
        ),
    ],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="Where the list goes: m.jsonl.gz."),
    ],
    no_recursive: Annotated[
        bool, typer.Option("--no-recursive", help="Only the files of the folder itself.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the list.")] = False,
) -> None:
    """Freeze the files of a folder, with sizes and times, for runs with --manifest and --shard.

    Exit codes: 0 all listed, 1 a folder could not be, 2 usage, 3 nothing found.
    """
    from anonymizer.cli.manifest import freeze

    sys.exit(freeze(input_folder, output, recursive=not no_recursive, overwrite=overwrite))


@app.command(name="merge-reports", short_help="One report of all shards; is a file missing?")
def merge_reports(
    reports: Annotated[
        list[str],
        typer.Argument(
            metavar="DIR|FILE...",
            help="The output folder of the shards, or the folder beside it, or their reports.",
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="Where the sum goes, as JSON.")
    ] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output.")] = False,
) -> None:
    """Put the reports of shards together, and prove that each file is accounted for exactly once.

    Exit codes: 0 complete, 1 files were refused or shards are missing, 2 they do not fit together.
    """
    from anonymizer.cli.merge import merge_reports as merge

    sys.exit(merge(reports, output, overwrite=overwrite))


@app.command(short_help="Tell how far the shards of a run are.")
def status(
    folder: Annotated[
        str,
        typer.Argument(
            metavar="DIR", help="The output folder of the shards, or the folder beside it."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell how far the shards of a run are.

    Exit codes: 0 all done and nothing refused, 1 not yet or not all, 2 no shards there.
    """
    from anonymizer.cli.status import status as tell

    sys.exit(tell(folder, as_json=as_json))


@app.command(short_help="Tell what each rule does to an image and why.")
@takes_rules
def explain(  # noqa: PLR0913  one parameter a flag
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="A DICOM file.")],
    config: Config = None,
    show_values: Annotated[
        bool,
        typer.Option("--show-values", help="Show values before and after. They identify people."),
    ] = False,
    key_file: KeyFile = None,
    map: MapOption = None,
    exact: ExactOption = None,
    *,
    rules: dict[str, Any],
) -> None:
    """Tell what each rule does to an image and why, writing nothing."""
    from anonymizer.cli.explain import explain as tell

    sys.exit(
        tell(
            image,
            config,
            show_values=show_values,
            key_file=key_file,
            pseudonyms=map,
            rules=rules,
            exact=exact.value if exact else None,
        )
    )


@app.command(short_help="Make a key.")
def keygen(
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="A new file for it, which only you can read; - prints it.",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Make a key of 256 bits. Without -o it is printed, on a terminal only."""
    from anonymizer.cli.keygen import keygen as make

    sys.exit(make(output))


@app.command(short_help="List every method and every form of a selector.")
def methods() -> None:
    """List every method with its options and the VRs it treats, and every form of a selector."""
    from anonymizer.cli.methods import render_methods

    print(render_methods(), end="")


@app.command(short_help="Put back what was encrypted.")
def reveal(  # noqa: PLR0913, PLR0917  one parameter a flag
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="A de-identified file.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where it goes.")],
    config: Config = None,
    key_file: KeyFile = None,
    private_key: Annotated[
        str | None,
        typer.Option(
            "--private-key",
            metavar="PEM",
            help="The RSA key of a recipient of encryptedAttributes. chmod 600.",
            show_default=False,
        ),
    ] = None,
    certificate: Annotated[
        str | None,
        typer.Option(
            "--certificate",
            metavar="FILE",
            help="The recipient's certificate; without it every recipient is tried.",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output.")] = False,
) -> None:
    """Put back the originals in Encrypted Attributes (--private-key), or decrypt what the method
    encrypt has encrypted, with the key of the configuration (-c).
    """
    from anonymizer.cli import reveal as revealing

    if private_key is None and certificate is None:
        sys.exit(revealing.reveal(image, output, config, key_file=key_file, overwrite=overwrite))
    if private_key is None or config is not None or key_file is not None:
        print(
            "--private-key stands alone or with --certificate, -c with --key-file", file=sys.stderr
        )
        sys.exit(2)
    sys.exit(
        revealing.restore(image, output, private_key, certificate=certificate, overwrite=overwrite)
    )


class Values(StrEnum):
    """What diff tells of values."""

    hash = "hash"
    hide = "hide"
    show = "show"


@app.command(short_help="Tell what two images, or two folders of them, have not in common.")
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A DICOM file, or a folder.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The file or folder to compare with.")],
    values: Annotated[
        Values,
        typer.Option(
            "--values",
            help="hash shows which values are equal by a key drawn for this run; "
            "show shows them: they identify people.",
        ),
    ] = Values.hide,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    audit: Annotated[
        str | None,
        typer.Option(
            "--audit",
            metavar="FILE",
            help="The audit log of the run, which says which output is of which input; "
            "what it tells nothing of is paired by relative path.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Read what has no mark of DICOM as DICOM.")
    ] = False,
) -> None:
    """Tell what was added, removed and changed between two images or folders of images.

    Exit codes: 0 the same, 1 different or unreadable, 2 usage, 3 nothing found.
    """
    from anonymizer.cli.diff import diff as compare

    sys.exit(compare(a, b, values=values.value, as_json=as_json, audit=audit or "", force=force))


@app.command(short_help="Tell how much images tell of somebody, in percent, with the reasons.")
def score(
    path: Annotated[str, typer.Argument(metavar="FILE|DIR", help="An image, or a folder.")],
    fail_on_risk: Annotated[
        int | None,
        typer.Option(
            "--fail-on-risk",
            metavar="PERCENT",
            min=0,
            max=100,
            help="Exit code 1 where an image scores this or more.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="FILE",
            help="Points of your own, as JSON; what it leaves out is as usual.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Read what has no mark of DICOM as DICOM.")
    ] = False,
) -> None:
    """Tell how much images tell of somebody: 0 to 100 %, with the reasons by attribute.

    Exit codes: 0 scored, 1 at risk or unreadable, 2 usage or weights, 3 nothing found.
    """
    from anonymizer.cli.score import score as rate

    sys.exit(rate(path, fail_on_risk=fail_on_risk, as_json=as_json, weights=weights, force=force))


class Tool(StrEnum):
    """The tools whose configurations are converted."""

    kitware = "kitware"
    microsoft = "microsoft"
    ctp = "ctp"
    deid = "deid"
    dcmanon = "dcmanon"
    orthanc = "orthanc"


class Edition(StrEnum):
    """The editions of PS3.15 that there are tables of."""

    e2026d = "2026d"
    e2024b = "2024b"
    e2023e = "2023e"


@app.command(short_help="Make a configuration of another tool's.")
def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Another tool's configuration.")],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="Where it goes; else it is printed."),
    ] = "",
    tool: Annotated[
        Tool | None,
        typer.Option("--from", help="Whose it is, where that is not seen.", show_default=False),
    ] = None,
    edition: Annotated[
        Edition | None,
        typer.Option(
            "--edition",
            help="The edition of PS3.15, where that tool starts from its table.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing where something of it would be lost.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output.")] = False,
) -> None:
    """Make a configuration of ours of another tool's; what cannot be said in it is a warning.

    Exit codes: 0 converted, 1 something would be lost with --strict, 2 usage or a broken file.
    """
    from anonymizer.cli.convert import convert as make

    sys.exit(
        make(
            file,
            output,
            kind=tool.value if tool else "",
            edition=edition.value if edition else "",
            strict=strict,
            overwrite=overwrite,
        )
    )


@app.command(
    name="verify", short_help="Hold outputs against their inputs: is anything left or lost?"
)
def verify_outputs(  # noqa: PLR0913, PLR0917  one parameter a flag
    inputs: Annotated[str, typer.Argument(metavar="IN", help="The image or folder of a run.")],
    outputs: Annotated[str, typer.Argument(metavar="OUT", help="What the run has written.")],
    config: Annotated[
        str | None,
        typer.Option(
            "-c",
            "--configFile",
            "--config",
            metavar="FILE|NAME",
            help="The configuration of the run. Without it only what stands as it stood counts as "
            "untouched.",
            show_default=False,
        ),
    ] = None,
    audit: Annotated[
        str,
        typer.Option("--audit", metavar="FILE", help="The audit log of the run."),
    ] = "",
    report: Annotated[
        str,
        typer.Option("--report", metavar="FILE", help="The report of the run."),
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Read what has no mark of DICOM, as the run did.")
    ] = False,
    dciodvfy: Annotated[
        bool, typer.Option("--dciodvfy", help="Ask dciodvfy, too, which must be installed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    key_file: KeyFile = None,
    map: MapOption = None,
    exact: ExactOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="REVIEW ends as FAIL does.")] = False,
) -> None:
    """Search outputs for what was taken from their inputs, and check that all else is whole.

    Says PASS, REVIEW (a person should look) or FAIL. Exit codes: 0 PASS or REVIEW, 1 FAIL,
    2 usage or configuration, 3 nothing to verify.
    """
    from anonymizer.cli.verify import verify as examine

    options = RunOptions()
    options.input_folder, options.output_folder = inputs, outputs
    options.config, options.key_file, options.map = config, key_file, map
    options.exact = exact.value if exact else None
    options.strict, options.report, options.force = strict, report, force
    sys.exit(examine(options, audit=audit, dciodvfy=dciodvfy, as_json=as_json))
