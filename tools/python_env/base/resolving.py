"""How versions are chosen: words of `python_env` that stand in requests, questions and locks. Standard library only."""

from __future__ import annotations

import enum


class ResolverName(enum.StrEnum):
    """What chooses the versions; the first is the default."""

    UV = "uv"
    PIP_TOOLS = "pip-tools"


class Prereleases(enum.StrEnum):
    """Whether pre-releases are taken."""

    AS_ASKED = ""
    """Where a requirement names one, or there is nothing else."""
    ALLOW = "allow"
    DISALLOW = "disallow"
