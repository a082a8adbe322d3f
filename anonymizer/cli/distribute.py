"""``anonymizer distribute``: a folder run that the workers of a Dask cluster do."""

from __future__ import annotations

import os
from contextlib import contextmanager

from anonymizer._version import VERSION
from anonymizer.cli.resume import recipe_of
from anonymizer.distribute.clusters import opened
from anonymizer.distribute.driver import Crew
from anonymizer.distribute.parcel import Seal
from anonymizer.errors import UsageError
from anonymizer.report import printable
from anonymizer.shards.manifest import read_manifest
from anonymizer.shards.shard import Shard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.cli.options import RunOptions
    from anonymizer.config.configuration import Configuration
    from anonymizer.distribute.task import Order
    from anonymizer.rules.compiled import Compiled

ALIKE = """
    profile keep keep_tags replace remove remove_private keep_private shift_dates regenerate_uids
    preserve_studies exact overwrite rename dicomdir hide_paths force resume validate_input
    validate_output validation
""".split()
"""What each process does as the options say; places and what is told of the run are the rest."""

PLACES = ("input_folder", "output_folder", "key_file", "map", "backup")


def check_distributable(options: RunOptions, compiled: Compiled) -> None:
    """Raises UsageError where processes that share nothing could not give the same outputs."""
    if options.has_urls or options.inputs or options.outputs:
        raise UsageError(
            "distribute takes folders that all workers see",
            "object stores and archives are for one machine",
        )
    if compiled.secrets.sequential:
        raise UsageError(
            "sequential pseudonyms hang on the order of all files, which machines do not share",
            "pseudonyms by key are the same everywhere: leave out sequential",
        )
    has_key = compiled.secrets.key_of_all("distribute") is not None
    if compiled.secrets.drawn:
        raise UsageError(
            "without a key each machine would draw its own, and outputs would not fit together",
            "anonymizer keygen makes one; workers read it from --key-file or their environment",
        )
    for flag, given in (("--map", options.map), ("--audit-log", options.audit_log)):
        if given and not has_key:
            raise UsageError(
                f"{flag} needs a key here: what machines say of patients is hashed with it",
                "anonymizer keygen makes one",
            )
    if options.rename and (
        compiled.recipients or not all(rule.method.repeatable for rule in compiled.rules)
    ):
        raise UsageError(
            "--rename: what is encrypted is other bytes each time, so an output that was made "
            "twice cannot be told from another of the same name",
            "leave one of both out",
        )


@contextmanager
def crew_of(
    options: RunOptions,
    configuration: Configuration,
    compiled: Compiled,
    complain: Callable[[str], None],
) -> Iterator[Crew]:
    """The workers that the options name; what went wrong with them is told at the end."""
    place = options.place
    assert place is not None, "a run without one has no crew"
    run = os.urandom(4).hex()
    seal = Seal(compiled.secrets.key_of_all("distribute"), run)
    order = _order(options, configuration, compiled, run)
    shard = Shard(read_manifest(options.manifest), 1, 1) if options.manifest else None
    with opened(place) as (client, replace_lost):
        crew = Crew(client, order, seal, most=options.batch, replace_lost=replace_lost, shard=shard)
        yield crew
    for why in sorted(set(crew.unfit.values())):
        times = sum(said == why for said in crew.unfit.values())
        complain(f"warning: {times:,} workers could not take part: {why}")
    if crew.fault and crew.fault not in crew.unfit.values():
        complain(f"{printable(place.scheduler)}: {crew.fault}")
    if crew.fault:
        complain("  hint: with --resume, the same command goes on with it")


def _order(
    options: RunOptions, configuration: Configuration, compiled: Compiled, run: str
) -> Order:
    """What workers are told: plain values, none of them a key, a name of a file or a value."""
    told: dict[str, object] = {name: getattr(options, name) for name in ALIKE}
    for name in PLACES:
        path = getattr(options, name)
        told[name] = os.path.abspath(path) if path else path
    told["report"] = "yes" if options.report or options.verbose else ""
    told["manifest"] = "yes" if options.manifest else ""
    told["audit_log"] = "yes" if options.audit_log else ""
    told["config"] = None if options.profile else _place_of(configuration)
    assert options.place is not None
    return {
        "run": run,
        "version": VERSION,
        "digest": compiled.digest,
        "recipe": recipe_of(options, configuration, compiled, run),
        "today": compiled.secrets.today.isoformat(),
        "apart": options.place.is_local,
        "options": told,
    }


def _place_of(configuration: Configuration) -> str:
    source = configuration.source
    return os.path.abspath(source) if os.path.isfile(source) else source
