"""Fuzzes the whole path: any file is written right or refused, under every configuration.

python tests/fuzz/whole.py -runs=100000        see drive.py
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve()

if __name__ == "__main__":
    sys.path[:1] = [str(HERE.parents[2]), str(HERE.parents[1])]
    from fuzz.drive import fuzz

    fuzz(HERE.stem)
