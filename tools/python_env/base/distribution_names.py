"""Names of distributions. Standard library only, because Bazel's actions read it."""

from __future__ import annotations

import re


def canonical_name(name: str) -> str:
    """Return the spelling that all spellings of a name have in common (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(requirement: str) -> str:
    """Return the canonical name that a requirement begins with (PEP 508); an empty one for what is no requirement."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return canonical_name(match[0]) if match else ""
