"""The order of a PEX's sys.path, by its PEX-INFO."""

from __future__ import annotations

from python_env.doctor.subject import Shape, Subject
from python_env.launcher.model import PexPath


def pex_path(subject: Subject) -> PexPath | None:
    """Return what PEX-INFO says, with pex's own defaults; None for what is no PEX."""
    if subject.shape is not Shape.PEX:
        return None
    info = subject.pex_info
    inherit = info.get("inherit_path")
    return PexPath(
        inherit=inherit if isinstance(inherit, str) and inherit else "false",
        is_venv=bool(info.get("venv", False)),
        is_hermetic=bool(info.get("venv_hermetic_scripts", True)),
    )
