"""The process beside a Dask worker that does its batches, by the engine of any folder run.

It reads the configuration and the keys for itself, and refuses where what comes of them is not
what the run was started with.  It hears an order first, then batches; when its worker is gone it
ends with the file it is at.
"""

from __future__ import annotations

import gc
import os
import select
import signal

from anonymizer import files
from anonymizer._version import VERSION
from anonymizer.cli.configured import compile_for
from anonymizer.cli.options import RunOptions
from anonymizer.cli.resume import recipe_of
from anonymizer.cli.run import settings_for
from anonymizer.distribute.batches import left_of_before
from anonymizer.distribute.gathered import Gathered
from anonymizer.distribute.parcel import ParcelFault, Seal
from anonymizer.distribute.task import DONE, UNFIT
from anonymizer.distribute.words import Hasher
from anonymizer.errors import ConfigurationError, UsageError
from anonymizer.hold import ELSEWHERE
from anonymizer.job import run_files
from anonymizer.pool import Chunk, Job, receive, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from anonymizer.audit.spool import Spool
    from anonymizer.config.configuration import Configuration
    from anonymizer.report import Report
    from anonymizer.rules.compiled import Compiled

SECONDS_IDLE = 600.0
"""An engine that hears nothing for so long ends; its worker starts another if it needs one."""

SOURCE, TARGET = 0, 1


class Unfit(Exception):
    """This machine cannot do the run; the text is for who started it."""


def main() -> NoReturn:
    """Does what comes in by standard input until that ends."""
    tasks, results = os.dup(SOURCE), os.dup(TARGET)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, SOURCE)
    os.dup2(nothing, TARGET)
    try:
        _serve(tasks, results)
    except BrokenPipeError:
        os._exit(1)
    finally:
        os._exit(0)


def _serve(tasks: int, results: int) -> None:
    stops: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stops.append(number))
    order: Any = receive(tasks)
    if order is None:
        return
    engine: _Engine | None = None
    while (parcel := _next(tasks)) is not None:
        try:
            engine = engine or _Engine(order, tasks, stops)
            answer = DONE, engine.do(parcel)
        except Unfit as why:
            answer = UNFIT, str(why).encode()
        send(results, answer)


def _next(tasks: int) -> Any:  # noqa: ANN401  a parcel, or None
    ready, _, _ = select.select([tasks], [], [], SECONDS_IDLE)
    return receive(tasks) if ready else None


class _Engine:
    """A compiled plan, and what goes with it.

    ``stops`` has what told it to stop when no batch was under way: the next one ends at once.
    """

    def __init__(self, order: dict[str, Any], tasks: int, stops: list[int]) -> None:
        """Raises Unfit where the plan cannot be had, or is another."""
        self._tasks = tasks
        self._stops = stops
        options = RunOptions()
        vars(options).update(order["options"])
        configuration, self._compiled = _compiled(options, order)
        key = self._compiled.secrets.key_of_all("distribute")
        _check_same(order, configuration, self._compiled, options)
        self._seal = Seal(key, order["run"])
        self._words = self._compiled.secrets.key_of_all("names")
        self._spool = _spool(self._compiled, options) if options.audit_log else None
        self._settings = settings_for(options, self._spool)
        if self._words is not None:
            self._settings.uid_hash = Hasher(self._words).of_uid
        self._settings.itemize |= options.resume or bool(options.manifest)
        files.owner = f"{ELSEWHERE}{order['run']}{os.urandom(4).hex()}"

    def do(self, parcel: bytes) -> bytes:
        """Does a batch; answers what became of its files."""
        try:
            paths, ours, frozen, since, began, hold = self._seal.unpack(parcel)
        except ParcelFault:
            raise Unfit("the key here is another than that of the run") from None
        settings = self._settings
        _check_folders(settings.input_folder, settings.output_folder, hold)
        strays: list[str] = []
        if not settings.rename:
            ours, strays = left_of_before(paths, ours, settings.output_folder, began)
        settings.since = since
        gathered = Gathered(self._compiled, self._words)
        gathered.tell = self._spool.tell if self._spool else None
        run_files(Chunk(paths, ours, frozen), Job(self._compiled, settings, gathered, self._heed))
        told = gathered.told(_emptied(self._spool), strays)
        gc.collect()
        return self._seal.pack(told)

    def _heed(self, report: Report) -> None:
        """Asks the pool to end where the worker is gone: nobody speaks while a batch is done."""
        ready, _, _ = select.select([self._tasks], [], [], 0)
        if (ready or self._stops) and not report.interrupted:
            os.kill(os.getpid(), signal.SIGTERM)


def _compiled(options: RunOptions, order: dict[str, Any]) -> tuple[Configuration, Compiled]:
    from datetime import date

    if order["version"] != VERSION:
        raise Unfit(f"version {VERSION} here, {order['version']} where the run was started")
    try:
        made = compile_for(options, options.input_folder, date.fromisoformat(order["today"]))
    except (ConfigurationError, UsageError) as error:
        raise Unfit(str(error)) from None
    gc.freeze()
    return made


def _check_same(
    order: dict[str, Any], configuration: Configuration, compiled: Compiled, options: RunOptions
) -> None:
    if compiled.digest != order["digest"]:
        raise Unfit(
            f"the configuration here is another: sha256 {compiled.digest[:12]}, "
            f"not {order['digest'][:12]}"
        )
    if recipe_of(options, configuration, compiled, order["run"]) != order["recipe"]:
        raise Unfit("the key, the map or a certificate here is another than that of the run")


def _check_folders(inputs: str, outputs: str, hold: str) -> None:
    """Raises Unfit where these are not the folders of who started the run."""
    try:
        with os.scandir(inputs) as entries:
            if next(entries, None) is None:
                raise Unfit("the input folder is empty here: is its file system mounted?")
    except OSError:
        raise Unfit("the input folder cannot be read here") from None
    if hold and not os.path.lexists(f"{outputs}/{hold}"):
        raise Unfit("the output folder here is another; all need one that they share")


def _spool(compiled: Compiled, options: RunOptions) -> Spool:
    """A spool in memory, which outlives a process that writes to it."""
    import fcntl

    from anonymizer.audit.spool import Spool

    fd = os.memfd_create("records")
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_APPEND)
    return Spool("", fd, compiled.secrets.key("audit"), hides=options.hide_paths)


def _emptied(spool: Spool | None) -> bytes:
    return b"" if spool is None else spool.take()


if __name__ == "__main__":
    main()
