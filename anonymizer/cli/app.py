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
from anonymizer.cli.console import WRONG_USAGE
from anonymizer.cli.flags import RULES, RUN, SPELLINGS, takes
from anonymizer.cli.options import RunOptions


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


app = typer.Typer(
    name="anonymizer",
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the output.")]


def _version(asked: bool) -> None:
    if asked:
        print(f"anonymizer {VERSION}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
@takes(*RUN)
def main(
    context: typer.Context,
    options: RunOptions,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """De-identify DICOM images by a JSON rules file: one file (-i -o) or a folder (-I -O).

    Exit codes: 0 all written, 1 some files refused, 2 usage or configuration, 3 nothing found.
    """
    if context.invoked_subcommand is not None:
        return
    from anonymizer.cli.run import run

    sys.exit(run(options))


NOT_DISTRIBUTED = "input_file output_file dry_run show_values recursive verify shard".split()


@app.command(short_help="De-identify a folder by the workers of a Dask cluster.")
@takes(
    *(name for name in RUN if name not in NOT_DISTRIBUTED),
    manifest="The files to do, as anonymizer manifest has frozen them.",
    workers="With local and slurm: how many; 0 is one for each core, or one job.",
)
def distribute(  # noqa: PLR0913  one parameter a flag
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
    batch: Annotated[
        int,
        typer.Option(
            "--batch", metavar="FILES", min=1, max=100_000, help="A batch has at most so many."
        ),
    ] = 2_000,
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
        workers=options.workers,
        tls_ca=tls_ca,
        tls_cert=tls_cert,
        tls_key=tls_key,
        insecure=insecure,
    )
    options.batch = batch
    sys.exit(run(options))


@app.command(short_help="Check a configuration: every mistake, with a hint.")
@takes("strict", "key_file", "exact", *RULES)
def check(
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
    *,
    options: RunOptions,
) -> None:
    """Check a configuration: every mistake at once, with its place and a hint."""
    from anonymizer.cli.check import check as examine

    options.config = configuration
    lines, code = examine(options, coverage=coverage or json, as_json=json)
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
@takes("no_recursive", "overwrite", overwrite="Replace the list.")
def freeze_manifest(
    input_folder: Annotated[
        str,
        typer.Option(*SPELLINGS["input_folder"], metavar="DIR", help="A folder of images."),
    ],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="Where the list goes: m.jsonl.gz."),
    ],
    options: RunOptions,
) -> None:
    """Freeze the files of a folder, with sizes and times, for runs with --manifest and --shard.

    Exit codes: 0 all listed, 1 a folder could not be, 2 usage, 3 nothing found.
    """
    from anonymizer.cli.manifest import freeze

    recursive, overwrite = not options.no_recursive, options.overwrite
    sys.exit(freeze(input_folder, output, recursive=recursive, overwrite=overwrite))


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
    overwrite: Overwrite = False,
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
    as_json: AsJson = False,
) -> None:
    """Tell how far the shards of a run are.

    Exit codes: 0 all done and nothing refused, 1 not yet or not all, 2 no shards there.
    """
    from anonymizer.cli.status import status as tell

    sys.exit(tell(folder, as_json=as_json))


@app.command(short_help="Tell what each rule does to an image and why.")
@takes(
    *("config", "show_values", "key_file", "map", "exact", *RULES),
    show_values="Show values before and after. They identify people.",
)
def explain(
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="A DICOM file.")],
    options: RunOptions,
) -> None:
    """Tell what each rule does to an image and why, writing nothing."""
    from anonymizer.cli.explain import explain as tell

    options.input_file = image
    sys.exit(tell(options))


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
@takes("config", "key_file", "overwrite", overwrite="Replace the output.")
def reveal(
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="A de-identified file.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where it goes.")],
    options: RunOptions,
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
) -> None:
    """Put back the originals in Encrypted Attributes (--private-key), or decrypt what the method
    encrypt has encrypted, with the key of the configuration (-c).
    """
    from anonymizer.cli import reveal as revealing

    options.input_file, options.output_file = image, output
    if private_key is None and certificate is None:
        sys.exit(revealing.reveal(options))
    if private_key is None or options.config is not None or options.key_file is not None:
        print(
            "--private-key stands alone or with --certificate, -c with --key-file", file=sys.stderr
        )
        sys.exit(WRONG_USAGE)
    sys.exit(revealing.restore(options, private_key, certificate=certificate))


class Values(StrEnum):
    """What diff tells of values."""

    hash = "hash"
    hide = "hide"
    show = "show"


@app.command(short_help="Tell what two images, or two folders of them, have not in common.")
@takes("force")
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
    as_json: AsJson = False,
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
    *,
    options: RunOptions,
) -> None:
    """Tell what was added, removed and changed between two images or folders of images.

    Exit codes: 0 the same, 1 different or unreadable, 2 usage, 3 nothing found.
    """
    from anonymizer.cli.diff import diff as compare

    sys.exit(
        compare(a, b, values=values.value, as_json=as_json, audit=audit or "", force=options.force)
    )


@app.command(short_help="Tell how much images tell of somebody, in percent, with the reasons.")
@takes("force")
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
    as_json: AsJson = False,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="FILE",
            help="Points of your own, as JSON; what it leaves out is as usual.",
            show_default=False,
        ),
    ] = None,
    *,
    options: RunOptions,
) -> None:
    """Tell how much images tell of somebody: 0 to 100 %, with the reasons by attribute.

    Exit codes: 0 scored, 1 at risk or unreadable, 2 usage or weights, 3 nothing found.
    """
    from anonymizer.cli.score import score as rate

    sys.exit(
        rate(path, fail_on_risk=fail_on_risk, as_json=as_json, weights=weights, force=options.force)
    )


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
    overwrite: Overwrite = False,
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
@takes(
    *("config", "report", "force", "key_file", "map", "exact", "strict", *RULES),
    config="The configuration of the run. Without it only what stands as it stood counts as "
    "untouched.",
    report="The report of the run.",
    force="Read what has no mark of DICOM, as the run did.",
    strict="REVIEW ends as FAIL does.",
)
def verify_outputs(
    inputs: Annotated[str, typer.Argument(metavar="IN", help="The image or folder of a run.")],
    outputs: Annotated[str, typer.Argument(metavar="OUT", help="What the run has written.")],
    audit: Annotated[
        str,
        typer.Option("--audit", metavar="FILE", help="The audit log of the run."),
    ] = "",
    dciodvfy: Annotated[
        bool, typer.Option("--dciodvfy", help="Ask dciodvfy, too, which must be installed.")
    ] = False,
    as_json: AsJson = False,
    *,
    options: RunOptions,
) -> None:
    """Search outputs for what was taken from their inputs, and check that all else is whole.

    Says PASS, REVIEW (a person should look) or FAIL. Exit codes: 0 PASS or REVIEW, 1 FAIL,
    2 usage or configuration, 3 nothing to verify.
    """
    from anonymizer.cli.verify import verify as examine

    options.input_folder, options.output_folder = inputs, outputs
    sys.exit(examine(options, audit=audit, dciodvfy=dciodvfy, as_json=as_json))
