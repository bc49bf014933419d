"""The benchmarks' programs are no package: their folders go on `sys.path`."""

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS / name) for name in ("artifacts", "launch")]
