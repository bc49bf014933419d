"""Names of distributions. Standard library only, because Bazel's actions read it."""

from __future__ import annotations

import re


def canonical_name(name: str) -> str:
    """Return the spelling that all spellings of a name have in common (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
