"""What the fuzzers found, made small: a name, the target, and bytes that come one after another."""

from __future__ import annotations

CRASHERS: list[tuple[str, str, list[str]]] = [
    (
        "a clean sequence that runs past its item, told at another offset than the first time",
        "scan",
        [
            # ReferencedStudySequence > item of 16 or 12 bytes > ReferencedSeriesSequence > nothing
            "00 08001011 5351 0000 14000000 feff00e0 0c000000 08001511 5351 0000 00000000",
            "00 08001011 5351 0000 12000000 feff00e0 0a000000 08001511 5351 0000 00000000",
        ],
    ),
]
