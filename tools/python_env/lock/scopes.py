"""Whom a pyproject.toml, or a lock made elsewhere, is for: checked offline, by `.update` and by `.lock_test`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packaging.specifiers import SpecifierSet

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform, marker_environment
from python_env.requirements.model import Request, Scope


def check_scopes(request: Request, platforms: Sequence[Platform]) -> None:
    """Check that every platform is among the targets that the files are for.

    Raises ToolError with every file and platform that do not fit: a lock says nothing true of other targets.
    """
    faults = [fault for scope in request.scopes for platform in platforms for fault in _outside(scope, platform)]
    if faults:
        raise ToolError(faults)


def _outside(scope: Scope, platform: Platform) -> Iterator[Fault]:
    environment = marker_environment(platform)
    python = environment["python_full_version"]
    fix = f"drop that platform, or make {scope.source} for it, too"
    if not SpecifierSet(scope.requires_python).contains(python, prereleases=True):
        what = f"{scope.source} is for Python {scope.requires_python}, and {platform.tag} is {python}"
        yield Fault(what, f"{scope.source}: requires-python", fix)
    if scope.environments and not any(marker.evaluate({**environment, "extra": ""}) for marker in scope.environments):
        said = " or ".join(f"({marker})" for marker in scope.environments)
        yield Fault(f"{scope.source} is for other targets than {platform.tag}: {said}", scope.source, fix)
