"""The benchmarks' programs are no package: their folder goes on `sys.path`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks/artifacts"))
