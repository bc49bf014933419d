"""Says how two files or folders differ; exits 1 when they do."""

from __future__ import annotations

import sys
from pathlib import Path

from support.differ.parts import path_difference

if __name__ == "__main__":
    found = path_difference(Path(sys.argv[1]), Path(sys.argv[2]))
    print(found or "no difference")
    sys.exit(1 if found else 0)
