"""Runs the tool of this checkout, with the flat list of benchmarks/basic.json as `basic`.

As a configuration that comes with the tool it is not checked against the schema, which would take
longer than the small works do.
"""

import os
import sys

BENCHMARKS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[0] = os.path.dirname(BENCHMARKS)

from anonymizer.__main__ import main  # noqa: E402  after the path
from anonymizer.config import resources  # noqa: E402

packed = resources.folder_of
resources.folder_of = lambda kind: BENCHMARKS if kind == "configs" else packed(kind)
main()
