"""Where the tools keep what can be had again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the one folder of all our caches, which may not exist yet; `bazelw` has its Bazel there, too.

    $XDG_CACHE_HOME/rules_python_env, else below ~/.cache (https://specifications.freedesktop.org/basedir-spec/), and a
    folder of their own for users whom the machine does not know, as in containers.
    """
    base = environment.get("XDG_CACHE_HOME", "")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "rules_python_env"
    except RuntimeError:
        return Path(tempfile.gettempdir(), f"rules_python_env-{os.getuid()}")
