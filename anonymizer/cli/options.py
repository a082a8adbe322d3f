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

    def __init__(self) -> None:
        self.input_file = ""
        self.output_file = ""
        self.input_folder = ""
        self.output_folder = ""
        self.config: str | None = None
        self._say_no_rules()
        self._take_no_care()
        self._do_all()
        self.workers = 0
        self.overwrite = False
        self.rename = ""
        self.report = ""
        self.dicomdir = ""
        self.audit_log = ""
        self.hide_paths = False
        self.key_file: str | None = None
        self.map: str | None = None
        self.exact: str | None = None
        self.quarantine = ""
        self.quarantine_copy = False
        self.verify = False
        self.strict = False
        self._be_alone()

    def _be_alone(self) -> None:
        self.place: Place | None = None
        self.batch = 0

    @property
    def has_urls(self) -> bool:
        """Whether images come from an object store, or go to one."""
        paths = self.input_file, self.output_file, self.input_folder, self.output_folder
        return "://" in "\n".join(paths)

    def _open_no_stores(self) -> None:
        self.inputs: Inputs | None = None
        self.outputs: Outputs | None = None
        self.at_once = 0

    def _say_no_rules(self) -> None:
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

    def _do_all(self) -> None:
        self.resume = False
        self.mix = False
        self.ledger = ""
        self.manifest = ""
        self.shard = ""
        self.shard_run: ShardRun | None = None
        """What manifest and shard have come to."""

    def _take_no_care(self) -> None:
        self._open_no_stores()
        self.backup = ""
        self.dry_run = False
        self.show_values = False
        self.verbose = False
        self.quiet = False
        self.force = False
        self.recursive = False
        self.no_recursive = False
        self.validate_input = False
        self.validate_output = False
        self.validation = "refuse"
