"""What a PEX does to its Python before it starts, and the variables that it needs for it."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.artifacts.model import ArtifactKind, InheritPath, Report


def drops_pythonpath(artifact: Report) -> bool:
    """Return whether the artifact's Python sees nothing of PYTHONPATH."""
    hermetic = artifact.venv_mode and artifact.hermetic_scripts
    return artifact.kind is ArtifactKind.PEX and (artifact.inherit_path is InheritPath.FALSE or hermetic)


def own_pyspark_wins(artifact: Report) -> bool:
    """Return whether a pyspark inside is imported before the cluster's, which stands on PYTHONPATH.

    A venv-mode PEX with other than hermetic scripts has PYTHONPATH first; so has one that prefers what it inherits.
    """
    behind = artifact.inherit_path is InheritPath.FALLBACK and not artifact.venv_mode
    return drops_pythonpath(artifact) or (artifact.kind is ArtifactKind.PEX and behind)


def pex_variables(artifact: Report) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and reason of each variable that a PEX needs in a container."""
    if artifact.kind is not ArtifactKind.PEX:
        return
    yield "PEX_ROOT", "./.pex", "HOME may be missing or read-only in a container; the PEX unpacks itself there"
    if artifact.entry_point or artifact.script:
        yield "PEX_INTERPRETER", "1", "the entry point would run instead of pyspark.daemon"
