"""A run over one shard of a manifest: what it needs before, and what it leaves for the others.

Rules
    * Shards share nothing while they run: what they have in common is settled before the first
      output, and is the same for each, or the shard does not run.
    * The day of the run is that of the first shard, however late another begins.
"""

from __future__ import annotations

import os
from datetime import date
from hashlib import blake2b

from anonymizer._version import VERSION as TOOL
from anonymizer.cli.resume import content_of, what_outputs_hang_on
from anonymizer.cli.summary import sums_of
from anonymizer.errors import UsageError
from anonymizer.files import reason
from anonymizer.folder import lies_in
from anonymizer.report import printable
from anonymizer.shards import merge, place
from anonymizer.shards.counters import DONE, UNFINISHED, Counters
from anonymizer.shards.manifest import read_manifest
from anonymizer.shards.shard import Shard
from anonymizer.shards.split import parse_shard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from anonymizer.cli.options import RunOptions
    from anonymizer.config.configuration import Configuration
    from anonymizer.ledger.ledger import Ledger
    from anonymizer.report import Report
    from anonymizer.rules.compiled import Compiled


class ShardRun:
    """``shard`` is what to do, ``day`` the day of the run where another shard has noted it."""

    __slots__ = ("_common", "_counters", "_place", "day", "shard")

    def __init__(self, options: RunOptions) -> None:
        """Reads the manifest; raises UsageError where flags do not go with shards."""
        _check_flags(options)
        number, shards = parse_shard(options.shard)
        self.shard = Shard(read_manifest(options.manifest), number, shards)
        self._place = place.Place.beside(options.output_folder)
        self._counters = Counters(self._place.counters(number, shards), self.shard)
        self._common: dict[str, Any] = {}
        self.day = self._noted_day()
        _name_apart(options, self.shard.name)

    def _noted_day(self) -> date | None:
        if not os.path.exists(self._place.common):
            return None
        try:
            return date.fromisoformat(str(self._place.read_common().get("day")))
        except ValueError:
            return None

    def admit(self, options: RunOptions, configuration: Configuration, compiled: Compiled) -> None:
        """Raises UsageError where outputs of the shards would not fit together."""
        _check_keys(compiled)
        folder = self._place.folder
        if lies_in(options.input_folder, self._place.common):
            raise UsageError(
                f"{printable(folder)}: what shards know of would lie in the input folder",
                "choose another output folder",
            )
        self._common = {
            "format": place.FORMAT,
            "version": place.VERSION,
            "tool": {"name": "anonymizer", "version": TOOL},
            "shards": self.shard.shards,
            "manifest": _told_manifest(self.shard),
            "configuration": compiled.told,
            "recipe": _recipe(options, configuration, compiled),
            "day": compiled.secrets.today.isoformat(),
        }
        self._place.settle(self._common)
        options.resume = True
        options.ledger = self._place.ledger(self.shard.number, self.shard.shards)
        self.shard.renames = bool(options.rename)

    def begin(self, options: RunOptions, ledger: Ledger | None) -> None:
        """Has what a killed run of this shard has left looked for."""
        if ledger is not None and ledger.was_cut_short:
            self.shard.left_in = options.output_folder

    def progress(self, update: Callable[[Report], None]) -> Callable[[Report], None]:
        def tell(report: Report) -> None:
            update(report)
            self._counters.update(report)

        return tell

    def end(self, report: Report) -> str:
        """Leaves the report of the shard for the others; answers what went wrong, or ""."""
        whole = self.shard.is_whole and not report.interrupted
        path = self._place.report(self.shard.number, self.shard.shards)
        told = self._told(report, whole=whole)
        merge.carry(told, _read_earlier(path))
        try:
            place.write_json(path, told)
        except OSError as error:
            return f"{printable(path)}: the report cannot be written ({reason(error)})"
        self._counters.write(report, DONE if whole else UNFINISHED, told["bytes"])
        if self._counters.fault is not None:
            return f"the counters cannot be written ({reason(self._counters.fault)})"
        if not (whole or report.interrupted):
            return "not every file of the shard is accounted for exactly once: run it again"
        return ""

    def _told(self, report: Report, *, whole: bool) -> dict[str, Any]:
        shard = self.shard
        return {
            **self._common,
            "format": merge.FORMAT,
            "version": merge.VERSION,
            "shard": shard.number,
            "complete": whole,
            "accounted": shard.accounted.files,
            "seal": str(shard.accounted),
            **sums_of(report),
            "refusals": [
                {
                    "input": report.told_path(outcome),
                    "reason": outcome.reason,
                    "detail": outcome.detail,
                }
                for outcome in report.refusals
            ],
        }


def _read_earlier(path: str) -> dict[str, Any]:
    try:
        return place.read_json(path)
    except OSError:
        return {}


def _check_flags(options: RunOptions) -> None:
    if not (options.manifest and options.shard):
        raise UsageError(
            "--manifest and --shard go together",
            "--manifest m.jsonl.gz --shard 1/8 is the first of eight shards",
        )
    if not options.input_folder:
        raise UsageError("--shard is for folder runs", "-I FOLDER -O FOLDER")
    for flag, given, why in (
        ("--ledger", options.ledger, "each shard keeps its own, in the folder beside the outputs"),
        ("--mix", options.mix, "all shards are made the same way"),
        ("--dry-run", options.dry_run, "try a folder without it"),
        (
            "--verify",
            options.verify,
            "outputs refer to those of other shards; anonymizer verify IN OUT when all are done",
        ),
        (
            "a store",
            options.has_urls or options.inputs is not None or options.outputs is not None,
            "a manifest lists the files of a folder",
        ),
        ("--recursive", options.recursive, "the manifest says which files"),
        ("--no-recursive", options.no_recursive, "the manifest says which files"),
        (
            "--dicomdir rebuild",
            options.dicomdir == "rebuild",
            "a DICOMDIR lists all outputs; no shard has them",
        ),
        (
            "--overwrite with --rename",
            options.overwrite and options.rename,
            "a shard cannot tell an older output of that name from one that another has just made",
        ),
    ):
        if given:
            raise UsageError(f"{flag} and --shard do not go together", why)


def _name_apart(options: RunOptions, name: str) -> None:
    """Gives what each shard writes for itself a name of its own: ``audit-3-of-8.jsonl``."""
    options.report = _apart(options.report, name)
    options.audit_log = _apart(options.audit_log, name)
    if options.quarantine:
        options.quarantine = f"{options.quarantine.rstrip('/')}-{name}"


def _apart(path: str, name: str) -> str:
    stem, ending = os.path.splitext(path)
    return f"{stem}-{name}{ending}" if path else ""


def _check_keys(compiled: Compiled) -> None:
    if compiled.secrets.sequential:
        raise UsageError(
            "--shard: sequential pseudonyms are numbered in the order of all images, and a shard "
            "sees only its own: two patients would get one number",
            "pseudonyms by key, or a --map that has everybody before the first shard runs",
        )
    if compiled.secrets.drawn:
        raise UsageError(
            "--shard: without a key each shard would draw its own, and one patient would become "
            "another in each",
            "name a key in the environment variable ANONYMIZER_KEY or with --key-file",
        )


def _told_manifest(shard: Shard) -> dict[str, Any]:
    manifest = shard.manifest
    return {
        "sha256": manifest.digest,
        "files": manifest.files,
        "bytes": manifest.bytes,
        "seal": manifest.seal,
    }


def _recipe(options: RunOptions, configuration: Configuration, compiled: Compiled) -> str:
    """What outputs hang on beside the configuration; another with another key."""
    key = compiled.secrets.key_of_all("shards")
    parts = what_outputs_hang_on(options, configuration)
    if key is not None:  # of a map alone, without a key, a hash would let names be guessed
        parts.append(content_of(options.map))
    hashed = blake2b(key=key or b"", digest_size=16)
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()
