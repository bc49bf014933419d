"""The command line of `lock update` as a value."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from python_env.base.resolving import ResolverName


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The command line: what the rule says, and what a person adds."""

    lock: str
    name: str
    update_command: str
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    locked_platform: tuple[str, ...]
    override: tuple[str, ...]
    exclude: tuple[str, ...]
    exclude_newer: str
    prereleases: str
    sdist: tuple[str, ...]
    variable: tuple[str, ...]
    platform_requirements: tuple[str, ...]
    extra: tuple[str, ...]
    group: tuple[str, ...]
    resolver: ResolverName
    index: tuple[str, ...]
    index_binding: tuple[str, ...]
    index_url: tuple[str, ...]
    marker_value: tuple[str, ...]
    base: tuple[str, ...]
    base_lock: tuple[Path, ...]
    base_update: tuple[str, ...]
    uv: Path
    pip_tools_wheel: tuple[Path, ...]
    upgrade: bool
    upgrade_package: tuple[str, ...]
    platform: tuple[str, ...]
    keep_going: bool
    check: bool
    json: bool
    markdown: bool

    @property
    def path(self) -> Path:
        """Return the lock's real place: `bazel run` starts elsewhere and says where the workspace is."""
        return self.root / self.lock

    @property
    def root(self) -> Path:
        """Return the workspace."""
        return Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))
