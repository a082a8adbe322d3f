"""What a run can be asked for on the command line, as plain values."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.cli.shard import ShardRun
    from anonymizer.distribute.clusters import Place
    from anonymizer.stores.store import Inputs, Outputs


class RunOptions:
    """One attribute a flag; the defaults are those of the command.

    ``inputs`` and ``outputs`` are the stores that images come from and go to, once they are open;
    then ``at_once`` is how many images a worker gets, 0 for as many as are of use.
    """

    def __init__(self) -> None:  # noqa: PLR0915  one statement a flag
        self.input_file = ""
        self.output_file = ""
        self.input_folder = ""
        self.output_folder = ""
        self.config: str | None = None
        self.validate_input = False
        self.validate_output = False
        self.validation = "refuse"
        self.workers = 0
        self.overwrite = False
        self.rename = ""
        self.report = ""
        self.dicomdir = ""
        self.audit_log = ""
        self.hide_paths = False
        self.quarantine = ""
        self.quarantine_copy = False
        self.verify = False
        self.resume = False
        self.mix = False
        self.ledger = ""
        self.manifest = ""
        self.shard = ""
        self.key_file: str | None = None
        self.map: str | None = None
        self.exact: str | None = None
        self.strict = False
        self.backup = ""
        self.dry_run = False
        self.show_values = False
        self.force = False
        self.recursive = False
        self.no_recursive = False
        self.verbose = False
        self.quiet = False

        self.profile: str | None = None
        self.keep: list[str] = []
        self.keep_tags: str | None = None
        self.replace: list[str] = []
        self.remove: list[str] = []
        self.remove_private = False
        self.keep_private = False
        self.shift_dates: int | None = None
        self.regenerate_uids = False
        self.preserve_studies = False

        self.place: Place | None = None
        self.batch = 0
        self.shard_run: ShardRun | None = None
        """What manifest and shard have come to."""
        self.inputs: Inputs | None = None
        self.outputs: Outputs | None = None
        self.at_once = 0

    @property
    def has_urls(self) -> bool:
        """Whether images come from an object store, or go to one."""
        paths = self.input_file, self.output_file, self.input_folder, self.output_folder
        return "://" in "\n".join(paths)
