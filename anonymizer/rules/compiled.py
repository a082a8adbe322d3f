"""A configuration that can run, as the engine needs it: rules in order, and what goes with them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from anonymizer.dicom.enveloped import Recipients
    from anonymizer.errors import Mistake
    from anonymizer.methods.method import Secrets
    from anonymizer.rules.conditions import Condition
    from anonymizer.rules.rule import Rule


class Compiled:
    """A configuration that can run: rules in order, and what decides where none does.

    ``root_only`` is the reference tool's reach: the top level of the main data set and nothing
    else.  ``recipients`` are those whom originals are encrypted for.  ``warnings`` are what
    ``check`` shows and ``--strict`` refuses.  A file is written that one condition of every group
    of ``accept`` fits, and none of ``reject``.
    ``undecided`` identifies the patient and stays for want of a rule, where outputs are marked.

    Of a profile of PS3.15: ``codes`` are (code value, meaning) of CID 7050 for it and each of its
    options, none where ``unclaimed`` says why not.  ``temporal`` is Longitudinal Temporal
    Information Modified, ``trim`` takes the bytes behind native pixel data.  ``burned_in`` is what
    a suspect of burned-in text leads to, ``contributing`` asks for an item of Contributing
    Equipment Sequence.  So many rules that files say, ``rules_of_files``, come before those of the
    profile; None where all are such.
    """

    __slots__ = (
        "accept",
        "burned_in",
        "codes",
        "contributing",
        "digest",
        "mark",
        "name",
        "otherwise",
        "recipients",
        "reject",
        "root_only",
        "rules",
        "rules_of_files",
        "secrets",
        "temporal",
        "trim",
        "unclaimed",
        "undecided",
        "version",
        "warnings",
    )

    def __init__(
        self,
        name: str,
        version: str,
        digest: str,
        secrets: Secrets,
        rules: tuple[Rule, ...] = (),
    ) -> None:
        self.name = name
        self.version = version
        self.digest = digest
        self.rules = rules
        self.secrets = secrets
        self.warnings: tuple[Mistake, ...] = ()
        self.otherwise: Literal["keep", "remove"] = "keep"
        self.mark = True
        self.root_only = False
        self.codes: tuple[tuple[str, str], ...] = ()
        self.temporal: Literal["REMOVED", "MODIFIED", "UNMODIFIED", ""] = ""
        self.trim = False
        self.unclaimed = ""
        self.undecided: tuple[str, ...] = ()
        self.burned_in: Literal["warn", "refuse", "ignore"] = "ignore"
        self.contributing = False
        self.rules_of_files: int | None = None
        self.recipients: Recipients | None = None
        self.accept: tuple[tuple[Condition, ...], ...] = ()
        self.reject: tuple[Condition, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All that is asked of a file, in the order of the configuration, each once."""
        of_rules = (condition for rule in self.rules for condition in rule.when)
        of_files = (condition for group in (*self.accept, self.reject) for condition in group)
        return tuple(dict.fromkeys((*of_files, *of_rules)))

    def __repr__(self) -> str:
        return f"Compiled({self.name!r}, {len(self.rules)} rules)"

    @property
    def told(self) -> dict[str, str]:
        """Which configuration it is, for reports and logs."""
        return {"name": self.name, "version": self.version, "sha256": self.digest}
