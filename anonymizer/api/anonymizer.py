"""One configuration, ready to run on files, folders, bytes, streams and pydicom Datasets."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from errno import EAGAIN
from io import RawIOBase
from typing import TYPE_CHECKING

from anonymizer.api.audited import do_one, finish, logged
from anonymizer.api.given import Source
from anonymizer.api.grown_map import GrownMap
from anonymizer.api.results import (
    FolderResult,
    Result,
    counts_by_method,
    decided,
    folder_result,
    untreatable,
)
from anonymizer.api.wishes import Wishes
from anonymizer.chooser import pipeline_for
from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import check_ready_made
from anonymizer.config.resources import folder_of
from anonymizer.errors import AnonymizerError, ConfigurationError, ImageError, UsageError
from anonymizer.files import Input, check_no_device, reason, write_whole
from anonymizer.folder import are_same
from anonymizer.from_pydicom import unsaid
from anonymizer.worker import check_beyond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, BinaryIO, Literal, Self

    from pydicom.dataset import Dataset

    from anonymizer.api.given import Given, Rule
    from anonymizer.api.results import Decided
    from anonymizer.api.tag_rules import TagRules
    from anonymizer.api.wishes import Pseudonyms
    from anonymizer.audit.log import AuditLog
    from anonymizer.chooser import Chooser
    from anonymizer.dicom.scan import Source as Bytes
    from anonymizer.errors import Mistake
    from anonymizer.pipeline import Output, Pipeline
    from anonymizer.report import Report
    from anonymizer.validation import Findings
    from anonymizer.worker import Settings

    Progress = Callable[[int, int | None], None]
    """Is called with the number of files done, and of all files once it is known."""


class Anonymizer:
    """A compiled configuration.  One serves any number of threads; equal inputs give equal
    outputs, whatever thread does them.
    """

    def __init__(  # noqa: PLR0913  what a run is asked for
        self,
        configuration: Given,
        *,
        key: str | bytes | None = None,
        key_file: str | os.PathLike[str] | None = None,
        methods: Mapping[str, object] | None = None,
        pseudonyms: Pseudonyms | None = None,
        strict: bool = False,
        validate_input: Literal["warn", "refuse"] | None = None,
        validate_output: bool = False,
    ) -> None:
        """``configuration`` is a path, the name of a ready-made one, a dict, or a list of rules.

        ``key`` is the secret key, of 32 characters or bytes at least; it takes the place of
        ``parameters.key``.  Without it that holds, else ``key_file``, a private file as for
        ``--key-file``, else the environment variable ``ANONYMIZER_KEY``; at last a key is drawn,
        so that another Anonymizer gives other values.  ``methods`` are callables ``(Attribute,
        Context) -> Keep | Remove | RemoveItem | Replace``, or method classes, by the names that
        rules call them; a rule may also have a callable as its ``method``.  ``pseudonyms`` maps
        originals for the method ``pseudonym``: a dict, or the path of a map, which grows where
        the method is sequential.  ``strict`` makes mistakes of warnings.  ``validate_input`` and
        ``validate_output`` judge images by PS3.5 and PS3.6, as the flags of these names do.

        Raises ConfigurationError with all mistakes, UsageError where there is no such file.
        """
        wishes = Wishes(key, key_file, pseudonyms, strict, validate_input, validate_output)
        self._set_up(Source(configuration, methods), wishes)

    @classmethod
    def of_source(cls, source: Source, wishes: Wishes) -> Self:
        """Of a configuration to which rules were added."""
        made = cls.__new__(cls)
        made._set_up(source, wishes)
        return made

    def _set_up(self, source: Source, wishes: Wishes) -> None:
        configuration = source.configuration()
        key_file = None if wishes.key_file is None else os.fspath(wishes.key_file)
        self._compiled = compile_configuration(
            configuration,
            key=wishes.key,
            key_file=key_file,
            methods=source.methods,
            pseudonyms=wishes.known(),
        )
        if wishes.strict and self._compiled.warnings:
            raise ConfigurationError(list(self._compiled.warnings), configuration.source)
        wishes.check_map(grows=self._compiled.secrets.sequential)
        self._wishes = wishes
        self._map = GrownMap(self._compiled, wishes.map_path)
        needed = [*configuration.files, *filter(None, (key_file, wishes.map_path))]
        self._sources = frozenset(map(os.path.realpath, configuration.sources))
        self._needed = frozenset(map(os.path.realpath, needed))
        self._idle: list[Pipeline | Chooser] = []
        self._shows: list[Pipeline | Chooser] = []

    @classmethod
    def profile(
        cls,
        name: str,
        *,
        options: Sequence[str] = (),
        rules: Sequence[Rule] = (),
        methods: Mapping[str, object] | None = None,
        **more: Any,  # noqa: ANN401  any key of a configuration
    ) -> Self:
        """A ready-made configuration by its name, or "ps3.15", the profile of PS3.15 Annex E.

        ``options`` are those of PS3.15 E.3, as in ``retainLongitudinalModifiedDates``; ``rules``
        come before those of the profile; ``more`` are arguments of the constructor, as in
        ``key=``, and other keys of a configuration, as in ``edition="2024b"``.
        Raises as the constructor does.
        """
        check_ready_made(name)
        wishes = Wishes.taken_from(more)
        members = {"name": name, "extends": name, "rules": list(rules), **more}
        if options:
            members["options"] = list(options)
        return cls.of_source(Source(members, methods, folder=folder_of("configs")), wishes)

    @property
    def warnings(self) -> tuple[Mistake, ...]:
        """What is doubtful about the configuration, as ``anonymizer check`` tells it."""
        return self._compiled.warnings

    @property
    def name(self) -> str:
        return self._compiled.name

    @property
    def version(self) -> str:
        return self._compiled.version

    @property
    def digest(self) -> str:
        """SHA-256 of what the configuration does, in hexadecimal; of callables only the name."""
        return self._compiled.digest

    def anonymize_bytes(self, data: bytes | bytearray | memoryview) -> bytes:
        """A whole DICOM file in, a whole DICOM file out.

        Raises ImageError, with a ``reason`` of docs/reasons.md, where it cannot be read without
        guessing or a rule refuses it.
        """
        return self._decided(bytes(data), elements=False)[1]

    def anonymize_stream(
        self, reader: BinaryIO, writer: BinaryIO, *, elements: bool = False
    ) -> Result:
        """Reads a whole file from a binary stream, writes one to another when all is decided.

        Raises ImageError; nothing is written then.
        """
        data = reader.read()
        result, output = self._decided(data, elements=elements)
        _write_to(writer, output)
        return result

    def anonymize_file(
        self,
        source: str | os.PathLike[str],
        target: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        elements: bool = False,
        audit_log: str | os.PathLike[str] | None = None,
        hide_paths: bool = False,
    ) -> Result:
        """Writes one image's output, whole or not at all; the folder of ``target`` is made.

        ``elements`` asks for the decision about each attribute, which takes a second look;
        ``audit_log`` is a file that gets a record, with ``hide_paths`` hashes instead of names.
        Raises ImageError where the image is refused, or where ``target`` is there and not to be
        replaced (``overwrite``); UsageError where the two are one file.
        """
        path, place = os.path.realpath(source), os.path.abspath(target)
        if are_same(path, place):
            raise UsageError("the input and the output are the same file")
        self._check_needed(target)
        settings = self._settings(overwrite=overwrite)
        self._check_told(audit_log, path, place)
        with logged(audit_log, self._compiled, settings, hides=hide_paths) as log:
            if log is not None:
                return self._logged(log, settings, path, place, elements=elements)
        with Input(path) as image:
            warnings, before = self._validated(image.source, image.size)
            output = self._output(image.source, image.size)
            output.warnings = warnings + output.warnings
            told = self._told(image.source, image.size, elements=elements)
            _make_folder(os.path.dirname(place))
            if overwrite:
                check_no_device(place)
            check = None if before is None else check_beyond(before, output)
            size = write_whole(place, output, image, replace=overwrite, check=check)
        return self._result(output, size, told)

    def _logged(
        self, log: AuditLog, settings: Settings, path: str, place: str, *, elements: bool
    ) -> Result:
        told = None
        with suppress(ImageError), Input(path) as image:  # the log is told why, below
            self._map.grow(image.source, image.size)
            told = self._told(image.source, image.size, elements=elements)
        _make_folder(os.path.dirname(place))
        outcome, found = do_one(self._compiled, settings, log, path, place)
        counts = counts_by_method(self._compiled, outcome.counts)
        warnings = (*outcome.warnings, *found)
        return Result(outcome.size, counts, untreatable(outcome.faults), warnings, told)

    def anonymize_folder(  # noqa: PLR0913  one a flag
        self,
        source: str | os.PathLike[str],
        target: str | os.PathLike[str],
        *,
        workers: int = 1,
        progress: Progress | None = None,
        overwrite: bool = False,
        rename: bool = False,
        audit_log: str | os.PathLike[str] | None = None,
        hide_paths: bool = False,
    ) -> FolderResult:
        """Every image of a folder and those below it; one bad file does not stop the others.

        Either may be an archive by its name: .zip, .tar, .tar.gz, .tgz, .tar.zst; or the URL of a
        place in an object store: s3://, gs://, abfs://, memory://.

        ``workers`` over 1 are that many forked processes, for programs without other threads;
        ``progress`` is called with the files done and all files, or None while they are counted.
        ``rename`` names outputs ``<Study>/<Series>/<SOP>.dcm`` by their new UIDs; ``audit_log``
        is a file that gets a record of each, with ``hide_paths`` hashes instead of names.  Raises
        UsageError where a folder lies in the other or cannot be; never for one file.
        """
        from anonymizer.job import run_folder
        from anonymizer.stores.places import open_both
        from anonymizer.stores.urls import FILES_AT_ONCE, is_url

        folder, outputs = os.fspath(source), os.fspath(target)
        reads, writes = open_both(folder, outputs, overwrite=overwrite, by_uids=rename)
        self._check_needed(outputs)
        if writes is None:
            _make_folder(outputs)
        else:
            writes.prepare()

        def tell(report: Report) -> None:
            if progress is not None:
                progress(report.total, report.found)

        settings = self._settings(folder, outputs, overwrite=overwrite, rename=rename)
        settings.inputs, settings.outputs = reads, writes
        settings.most_in_chunk = FILES_AT_ONCE if is_url(folder) or is_url(outputs) else 0
        self._check_told(audit_log, os.path.realpath(folder), os.path.realpath(outputs))
        with logged(audit_log, self._compiled, settings, hides=hide_paths) as log:
            self._map.grow_by_folder(settings)
            report = run_folder(
                self._compiled,
                settings,
                workers=workers if workers > 1 else 0,
                leave_out=self._sources,
                progress=tell,
            )
            return folder_result(report, finish(log, report))

    def _settings(
        self, folder: str = "", outputs: str = "", *, overwrite: bool, rename: bool = False
    ) -> Settings:
        from anonymizer.worker import Settings

        return Settings(
            folder.rstrip("/") or folder[:1],
            outputs.rstrip("/") or outputs[:1],
            overwrite=overwrite,
            rename="uid" if rename else "",
            validate_input=self._wishes.validate_input or "",
            validate_output=self._wishes.validate_output,
        )

    def _check_told(self, path: str | os.PathLike[str] | None, *taken: str) -> None:
        """Raises UsageError where an audit log would take the place of a file that is needed."""
        if path is not None and os.path.realpath(path) in {*self._needed, *taken}:
            raise UsageError("the audit log would take the place of a file that the run needs")

    def anonymize_dataset(
        self,
        dataset: Dataset,
        *,
        extra_anonymization_rules: TagRules | None = None,
        elements: bool = False,
    ) -> Result:
        """Changes a pydicom Dataset in place, with its ``file_meta``: what a file would become.

        Pixel data that no rule decides about is not copied.  ``extra_anonymization_rules`` are as
        for ``anonymizer.anonymize_dataset``; tags that they name should be kept by the rules.
        Raises ImageError; the Dataset is as it was then.
        """
        from anonymizer.api.exchange import Exchange

        with self._pipeline(self._idle) as pipeline, unsaid():
            exchange = Exchange(dataset, pipeline.plan, trim=self._compiled.trim)
            data = exchange.written()
        result, output = self._decided(data, elements=elements)
        with _guarded(), unsaid():
            exchange.put_back(output, extra_anonymization_rules)
        return Result(0, result.counts, result.untreatable, result.warnings, result.elements)

    def _check_needed(self, target: str | os.PathLike[str]) -> None:
        """Raises UsageError where outputs could take the place of a file of the configuration."""
        place = os.path.realpath(target)
        if any(path == place or path.startswith(f"{place}{os.sep}") for path in self._needed):
            raise UsageError("the output would take the place of a file of the configuration")

    # Pipelines: each is used by one thread at a time, and by the next when that is done

    @contextmanager
    def _pipeline(self, idle: list[Pipeline | Chooser]) -> Iterator[Pipeline | Chooser]:
        try:
            pipeline = idle.pop()
        except IndexError:
            pipeline = pipeline_for(self._compiled, show=idle is self._shows)
        try:
            with _guarded():
                yield pipeline
        except AnonymizerError:
            idle.append(pipeline)
            raise
        else:  # what an interrupt leaves half done is not used again
            idle.append(pipeline)

    def _output(self, source: Bytes, size: int) -> Output:
        self._map.grow(source, size)
        with self._pipeline(self._idle) as pipeline:
            return pipeline.anonymize(source, size)

    def _validated(self, source: Bytes, size: int) -> tuple[list[str], Findings | None]:
        """What is to be told of an input, and what its output may have, where that is asked."""
        if not (self._wishes.validate_input or self._wishes.validate_output):
            return [], None
        from anonymizer.validation import validated

        with _guarded():
            return validated(
                source,
                size,
                asked=self._wishes.validate_input or "",
                of_output=self._wishes.validate_output,
            )

    def _told(self, source: Bytes, size: int, *, elements: bool) -> tuple[Decided, ...] | None:
        """The decision about each attribute, where that is asked for."""
        if not elements:
            return None
        with self._pipeline(self._shows) as pipeline:
            return decided(pipeline.rulings(source, size))

    def _decided(self, data: bytes, *, elements: bool) -> tuple[Result, bytes]:
        warnings, before = self._validated(data, len(data))
        output = self._output(data, len(data))
        output.warnings = warnings + output.warnings
        told = self._told(data, len(data), elements=elements)
        written = bytes(output)
        if before is not None:
            from anonymizer.validation import refuse_beyond

            refuse_beyond(before, written, len(written))
        return self._result(output, len(written), told), written

    def _result(self, output: Output, size: int, told: tuple[Decided, ...] | None) -> Result:
        return Result(
            size,
            counts_by_method(self._compiled, output.tally.counts()),
            untreatable(output.tally.fault_counts()),
            tuple(output.warnings),
            told,
        )

    def __repr__(self) -> str:
        return f"Anonymizer({self.name!r}, {len(self._compiled.rules)} rules)"


@contextmanager
def _guarded() -> Iterator[None]:
    """Makes an ImageError of whatever goes wrong with one image."""
    try:
        yield
    except AnonymizerError:
        raise
    except MemoryError:
        raise ImageError("out-of-memory", "not enough memory for this image") from None
    except Exception as error:  # noqa: BLE001  its text may hold a value: only its type is told
        raise ImageError("internal", type(error).__name__) from None


def _write_to(writer: BinaryIO, output: bytes) -> None:
    """All of it: what has no buffer may take a part at a time, and say so."""
    if not isinstance(writer, RawIOBase):
        writer.write(output)
        return
    rest = memoryview(output)
    while rest:
        done = writer.write(rest)
        if not done:
            raise BlockingIOError(EAGAIN, "the stream takes nothing now")
        rest = rest[done:]


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the output folder cannot be made ({reason(error)})") from None
