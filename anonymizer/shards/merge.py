"""Puts the reports of shards together, and proves that every file is accounted for exactly once.

Strategy
    Each report seals the paths that it accounts for.  The sum of all seals is that of the manifest
    if, and only if, no path is missing and none is there twice.  Counts could not tell that: one
    file too many and one too few would make up for each other.

Rules
    * Reports that do not belong together, or contradict themselves, give no sum at all.
    * Files count whenever they were done; what methods did to them, too, if the run that did it
      has left a report.
"""

from __future__ import annotations

from anonymizer.errors import UsageError
from anonymizer.shards.place import DIFFERENCES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    Told = Mapping[str, Any]

FORMAT, VERSION = "anonymizer-shard-report", 1

COMMON = ("shards", "manifest", "configuration", "recipe")
NUMBERS = ("accounted", "written", "doneBefore", "bytes", "namesThatTell")
TABLES = ("refused", "skipped", "methods", "untreatable", "keptValid", "warnings")


class Merged:
    """The sums of reports: ``content`` as it is told, ``missing`` and ``unfinished`` shards.

    Raises UsageError where the reports cannot be of one run.
    """

    __slots__ = ("content", "missing", "refused", "unfinished")

    def __init__(self, reports: Iterable[tuple[str, Told]]) -> None:
        """``reports`` are as they were read, each with what it is called."""
        by_number = _by_number(reports)
        first = next(iter(by_number.values()))
        ordered = [by_number[number] for number in sorted(by_number)]
        shards = first["shards"]
        self.missing = [n for n in range(1, shards + 1) if n not in by_number]
        self.unfinished = [told["shard"] for told in ordered if not told["complete"]]
        self.content = _summed(ordered)
        self.refused = sum(self.content["refused"].values())
        if not (self.missing or self.unfinished):
            _prove(self.content)
        self.content["complete"] = self.is_complete
        self.content["missing"] = self.missing
        self.content["unfinished"] = self.unfinished

    @property
    def is_complete(self) -> bool:
        """Whether every file of the manifest is accounted for."""
        return not (self.missing or self.unfinished)


def carry(told: dict[str, Any], earlier: Told) -> None:
    """Adds to the report of a shard what an earlier run of it has told of the files it had done.

    Where a run was killed before its report, nobody knows what its methods did.
    """
    same = all(told.get(name) == earlier.get(name) for name in (*COMMON, "format", "version"))
    if not (same and told["shard"] == earlier.get("shard") and _is_sound(earlier)):
        return
    if told["doneBefore"] != earlier["written"] + earlier["doneBefore"]:
        return
    for name in ("bytes", "namesThatTell"):
        told[name] += earlier[name]
    for name in ("methods", "untreatable", "keptValid", "warnings"):
        told[name] = _added([told[name], earlier[name]])
    known = earlier["neverMatched"]
    told["neverMatched"] = [rule for rule in told["neverMatched"] if rule in known]


def _by_number(reports: Iterable[tuple[str, Told]]) -> dict[int, Told]:
    found: dict[int, tuple[str, Told]] = {}
    for name, told in reports:
        _check(name, told)
        if found:
            _compare(name, told, *next(iter(found.values())))
        number = told["shard"]
        if number in found:
            raise UsageError(
                f"{name}: tells of shard {number}, of which {found[number][0]} tells already",
                "give one report for each shard",
            )
        found[number] = name, told
    if not found:
        raise UsageError("there are no reports of shards", "a run with --shard writes one")
    return {number: told for number, (_, told) in found.items()}


def _check(name: str, told: Told) -> None:
    """Raises UsageError where this is no report of a shard, or one that contradicts itself."""
    if told.get("format") != FORMAT or told.get("version") != VERSION:
        raise UsageError(f"{name}: is no report of a shard, or of another version of the tool")
    if not _is_sound(told):
        raise UsageError(f"{name}: the report is damaged", "run its shard again")
    kinds = told["written"] + told["doneBefore"]
    kinds += sum(told["refused"].values()) + sum(told["skipped"].values())
    if kinds != told["accounted"]:
        raise UsageError(
            f"{name}: {told['accounted']:,} files are accounted for, but {kinds:,} were written, "
            "refused or skipped",
            "run its shard again",
        )


def _is_sound(told: Told) -> bool:
    """Whether it has all that is added up."""
    numbers = [told.get(name) for name in (*NUMBERS, "shard", "shards")]
    tables = [told.get(name) for name in TABLES]
    return (
        all(isinstance(number, int) and number >= 0 for number in numbers)
        and all(isinstance(table, dict) and _counts(table) for table in tables)
        and isinstance(told.get("manifest"), dict)
        and isinstance(told.get("complete"), bool)
        and isinstance(told.get("seconds"), int | float)
        and isinstance(told.get("neverMatched"), list)
        and isinstance(told.get("refusals"), list)
        and _is_seal(told.get("seal"))
        and _is_seal(told["manifest"].get("seal"))
        and isinstance(told["manifest"].get("files"), int)
        and 1 <= told["shard"] <= told["shards"]
    )


def _counts(table: dict[str, Any]) -> bool:
    return all(isinstance(times, int) and times >= 0 for times in table.values())


def _is_seal(seal: object) -> bool:
    return isinstance(seal, str) and len(seal) == 32 and not seal.strip("0123456789abcdef")


def _compare(name: str, told: Told, other_name: str, other: Told) -> None:
    for what in COMMON:
        if told.get(what) != other.get(what):
            raise UsageError(f"{name}: was made with {DIFFERENCES[what]} than {other_name}")


def _summed(ordered: list[Told]) -> dict[str, Any]:
    first = ordered[0]
    content: dict[str, Any] = {
        "format": "anonymizer-merged-report",
        "version": VERSION,
        **{name: first.get(name) for name in ("tool", *COMMON)},
        "seal": f"{sum(int(told['seal'], 16) for told in ordered) % (1 << 128):032x}",
        **{name: sum(told[name] for told in ordered) for name in NUMBERS},
        **{name: _added(told[name] for told in ordered) for name in TABLES},
        "neverMatched": [
            rule
            for rule in first["neverMatched"]
            if all(rule in told["neverMatched"] for told in ordered)
        ],
        "seconds": round(sum(told["seconds"] for told in ordered), 3),
        "refusals": [line for told in ordered for line in told["refusals"]],
    }
    return content


def _added(tables: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for table in tables:
        for name, times in table.items():
            total[name] = total.get(name, 0) + times
    return dict(sorted(total.items()))


def _prove(content: Told) -> None:
    """Raises UsageError where what is accounted for is not what the manifest has listed."""
    files, accounted = content["manifest"]["files"], content["accounted"]
    if accounted != files:
        raise UsageError(
            f"the manifest has {files:,} files, the reports account for {accounted:,}",
            "run the shards again",
        )
    if content["seal"] != content["manifest"]["seal"]:
        raise UsageError(
            "the reports account for as many files as the manifest has, but not for the same",
            "run the shards again",
        )
