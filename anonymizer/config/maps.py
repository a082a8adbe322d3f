"""Reads a map of pseudonyms: a CSV file of original and pseudonym, or a dict."""

from __future__ import annotations

from anonymizer.errors import ConfigurationError, Mistake, without_keys
from anonymizer.methods.allocation import canonical
from anonymizer.rules.judge import LONGEST_TEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def read_map(path: str) -> dict[str, str]:
    """Original to pseudonym; raises ConfigurationError with every bad line, by number only."""
    import csv

    before = csv.field_size_limit(LONGEST_TEXT)  # a map that grows may have so long an original
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except OSError:
        fault = Mistake("--map", "the file cannot be read")
        raise ConfigurationError([fault], without_keys(path)) from None
    except (UnicodeDecodeError, csv.Error):
        fault = Mistake("--map", "the file is not CSV in UTF-8")
        raise ConfigurationError([fault], path) from None
    finally:
        csv.field_size_limit(before)
    return _checked(
        (
            (f"--map line {line}", row)
            for line, row in enumerate(rows, 1)
            if row and [cell.strip().casefold() for cell in row] != ["original", "pseudonym"]
        ),
        "--map",
        path,
    )


def map_of(given: Mapping[str, str]) -> dict[str, str]:
    """The same of a dict; raises ConfigurationError with every bad entry, by number only."""
    entries = ((f"pseudonyms entry {number}", pair) for number, pair in enumerate(given.items(), 1))
    return _checked(entries, "pseudonyms", "pseudonyms")


def _checked(
    rows: Iterable[tuple[str, Sequence[object]]], whole: str, source: str
) -> dict[str, str]:
    mistakes: list[Mistake] = []
    pseudonyms: dict[str, str] = {}
    for place, row in rows:
        if fault := _fault(row, pseudonyms):
            mistakes.append(Mistake(place, fault))
        else:
            original, pseudonym = map(str, row)
            pseudonyms[canonical(original)] = pseudonym.strip()
    if len(set(pseudonyms.values())) < len(pseudonyms):
        mistakes.append(Mistake(whole, "two originals have the same pseudonym"))
    if mistakes:
        raise ConfigurationError(mistakes, source)
    return pseudonyms


def _fault(row: Sequence[object], known: dict[str, str]) -> str:
    if len(row) != 2:
        return f"{len(row)} columns, not original,pseudonym"
    texts = [cell.strip() for cell in row if isinstance(cell, str)]
    if len(texts) < 2:
        return "not a text"
    original, pseudonym = texts
    if not original or not pseudonym:
        return "an empty cell"
    if known.get(canonical(original), pseudonym) != pseudonym:
        return "another pseudonym for an original of a line before"
    return ""
