"""Reads a map of pseudonyms: a CSV file of original and pseudonym."""

from __future__ import annotations

from anonymizer.errors import ConfigurationError, Mistake, without_keys


def read_map(path: str) -> dict[str, str]:
    """Original to pseudonym; raises ConfigurationError with every bad line, by number only."""
    import csv

    mistakes: list[Mistake] = []
    pseudonyms: dict[str, str] = {}
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except OSError:
        fault = Mistake("--map", "the file cannot be read")
        raise ConfigurationError([fault], without_keys(path)) from None
    except (UnicodeDecodeError, csv.Error):
        fault = Mistake("--map", "the file is not CSV in UTF-8")
        raise ConfigurationError([fault], path) from None
    for line, row in enumerate(rows, 1):
        if not row or [cell.strip().casefold() for cell in row] == ["original", "pseudonym"]:
            continue
        if fault_text := _fault(row, pseudonyms):
            mistakes.append(Mistake(f"--map line {line}", fault_text))
        else:
            pseudonyms[row[0].strip()] = row[1].strip()
    if len(set(pseudonyms.values())) < len(pseudonyms):
        mistakes.append(Mistake("--map", "two originals have the same pseudonym"))
    if mistakes:
        raise ConfigurationError(mistakes, path)
    return pseudonyms


def _fault(row: list[str], known: dict[str, str]) -> str:
    if len(row) != 2:
        return f"{len(row)} columns, not original,pseudonym"
    original, pseudonym = (cell.strip() for cell in row)
    if not original or not pseudonym:
        return "an empty cell"
    if known.get(original, pseudonym) != pseudonym:
        return "another pseudonym for an original of a line before"
    return ""
