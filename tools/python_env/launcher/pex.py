"""What a PEX does to its Python before it starts, and the variables that it needs for it."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.artifacts.model import ArtifactKind, Report
from python_env.launcher.model import PexPath


def drops_pythonpath(artifact: Report) -> bool:
    """Return whether the artifact's Python sees nothing of PYTHONPATH."""
    return artifact.kind is ArtifactKind.PEX and _path(artifact).drops_pythonpath


def own_pyspark_wins(artifact: Report) -> bool:
    """Return whether a pyspark inside is imported before the cluster's, which stands on PYTHONPATH."""
    return artifact.kind is ArtifactKind.PEX and _path(artifact).own_comes_first


def _path(artifact: Report) -> PexPath:
    return PexPath(
        inherit=artifact.inherit_path or "", is_venv=artifact.venv_mode, is_hermetic=artifact.hermetic_scripts
    )


def pex_variables(artifact: Report) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and reason of each variable that a PEX needs in a container."""
    if artifact.kind is not ArtifactKind.PEX:
        return
    yield "PEX_ROOT", "./.pex", "HOME may be missing or read-only in a container; the PEX unpacks itself there"
    if artifact.entry_point or artifact.script:
        yield "PEX_INTERPRETER", "1", "the entry point would run instead of pyspark.daemon"
