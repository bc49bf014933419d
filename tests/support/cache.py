"""Where the tests keep what they download: outside of the repository, shared by all checkouts."""

from __future__ import annotations

import os
from pathlib import Path


def cache_of_the_tests() -> Path:
    """Return the folder, which exists."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "rules_python_env_tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
