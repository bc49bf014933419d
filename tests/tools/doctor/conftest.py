"""auditwheel's policies: from the locked wheel in Bazel, else from where pytest runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if "AUDITWHEEL_WHEEL" in os.environ:
    sys.path.append(str(Path(os.environ["AUDITWHEEL_WHEEL"]).resolve()))
