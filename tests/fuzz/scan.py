"""Fuzzes the scanner: any bytes are covered by spans or refused.

python tests/fuzz/scan.py -runs=100000        see drive.py
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve()

if __name__ == "__main__":
    sys.path[:1] = [str(HERE.parents[2]), str(HERE.parents[1])]
    from fuzz.drive import fuzz

    fuzz(HERE.stem)
