"""Building a wheel from a source tree by its own backend (PEP 517, PEP 518), on an interpreter that is given."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tomllib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyproject_hooks import BuildBackendHookCaller

from python_env.base.errors import ToolError

DEFAULT_REQUIRES = ("setuptools>=40.8.0",)
DEFAULT_BACKEND = "setuptools.build_meta:__legacy__"
"""What a project without a build-system table is built with (PEP 517, as pip does it)."""

SOURCE_DATE_EPOCH = "315532800"
"""1980-01-01, the first day that a zip can state."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSystem:
    """The build-system table of a pyproject.toml."""

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...]


def read_build_system(tree: Path, *, where: str) -> BuildSystem:
    """Return how the project in a folder is built.

    Raises ToolError when its pyproject.toml cannot be read, or the folder holds no project.
    """
    try:
        document = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not (tree / "setup.py").is_file() and not (tree / "setup.cfg").is_file():
            fix = "name the project's folder, with subdirectory= if it lies deeper"
            raise ToolError.one("neither pyproject.toml nor setup.py is there", where=where, fix=fix) from None
        document = {}
    except ValueError as error:
        raise ToolError.one(
            f"not TOML: {error}", where=f"{where}: pyproject.toml", fix="mend the file, or take another version"
        ) from None
    table = document.get("build-system", {})
    return BuildSystem(
        requires=tuple(table.get("requires", DEFAULT_REQUIRES)),
        backend=table.get("build-backend", DEFAULT_BACKEND),
        backend_path=tuple(table.get("backend-path", ())),
    )


def build_environment(*, name: str, version: str, home: Path, path: str) -> dict[str, str]:
    """Return the whole environment of a backend: a fixed clock, nothing of the user, the version for SCM plugins."""
    environment = {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": path,
        "PIP_NO_INDEX": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH,
        "TMPDIR": str(home),
        "TZ": "UTC",
    }
    if version:
        word = re.sub(r"[-_.]+", "_", name).upper()
        environment |= {
            f"SETUPTOOLS_SCM_PRETEND_VERSION_FOR_{word}": version,
            "PBR_VERSION": version,
            "PDM_BUILD_SCM_VERSION": version,
            "POETRY_DYNAMIC_VERSIONING_BYPASS": version,
        }
    return environment


@dataclass(frozen=True, kw_only=True, slots=True)
class Backend:
    """A project's backend, called in a child process."""

    tree: Path
    system: BuildSystem
    python: Path
    """Interpreter of an environment that holds the build requirements."""
    environment: Mapping[str, str]
    where: str
    """Names the source, for messages."""

    def extra_requires(self) -> tuple[str, ...]:
        """Return what the backend wants beside the table's `requires`."""
        with _unwarned():
            return tuple(self._hooks().get_requires_for_build_wheel())

    def build(self, folder: Path) -> Path:
        """Build the wheel into a folder; raises ToolError with the backend's own words when it fails."""
        with _unwarned():
            return folder / str(self._hooks().build_wheel(str(folder)))

    def _hooks(self) -> BuildBackendHookCaller:
        return BuildBackendHookCaller(
            str(self.tree),
            self.system.backend,
            self.system.backend_path or None,
            runner=self._run,  # type: ignore[arg-type]  # the protocol names its parameters otherwise
            python_executable=str(self.python),
        )

    def _run(
        self, command: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**self.environment, **(extra_environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            last = "\n".join(done.stdout.strip().splitlines()[-30:])
            raise ToolError.one(
                f"the backend {self.system.backend} failed\n{last}",
                where=self.where,
                fix="see its words above: it may need a build requirement that its pyproject.toml does not name",
            )


@contextlib.contextmanager
def _unwarned() -> Iterator[None]:
    """Keep a backend's warnings to its author from the person who only uses the project."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def interpreter_of(environment: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
