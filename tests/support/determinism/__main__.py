"""Prints the matrix of the tools: `PYTHONPATH=tests:tools python3 -m support.determinism`; exits 1 on a difference."""

from __future__ import annotations

import sys

from support.determinism.tools import tools_matrix

if __name__ == "__main__":
    matrix = tools_matrix()
    print(matrix.markdown())
    print("\n".join(matrix.differences))
    sys.exit(1 if matrix.differences else 0)
