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
from pathlib import Path, PurePosixPath
from typing import Any

from pyproject_hooks import BackendUnavailable, BuildBackendHookCaller, HookMissing, UnsupportedOperation

from python_env.base.errors import ToolError

DEFAULT_REQUIRES = ("setuptools>=40.8.0",)
DEFAULT_BACKEND = "setuptools.build_meta:__legacy__"
"""What a project without a build-system table is built with (PEP 517, as pip does it)."""

_BACKEND = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*(:[^\W\d]\w*(\.[^\W\d]\w*)*)?")
"""PEP 517: a module, and an object in it."""

_MOST_SAID = 4000
"""Characters of a backend's own words that an error shows, the last ones."""

SOURCE_DATE_EPOCH = "315532800"
"""1980-01-01, the first day that a zip can state."""

_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where compilers and the like lie; fixed, so that nothing of the user's PATH decides what is built."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSystem:
    """The build-system table of a pyproject.toml."""

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...]


def read_build_system(tree: Path, *, where: str) -> BuildSystem:
    """Return how the project in a folder is built.

    Raises ToolError when its pyproject.toml cannot be read, the folder holds no project, or the table is no such table.
    """
    place, fix = f"{where}: pyproject.toml", "mend the file, or take another version"
    try:
        document = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not (tree / "setup.py").is_file() and not (tree / "setup.cfg").is_file():
            fix = "name the project's folder, with subdirectory= if it lies deeper"
            raise ToolError.one("neither pyproject.toml nor setup.py is there", where=where, fix=fix) from None
        document = {}
    except OSError as error:
        raise ToolError.one(f"cannot be read: {error.strerror}", where=place, fix=fix) from None
    except (ValueError, RecursionError) as error:
        raise ToolError.one(f"not TOML: {error}", where=place, fix=fix) from None
    table = {"requires": list(DEFAULT_REQUIRES), "build-backend": DEFAULT_BACKEND, "backend-path": []}
    stated = document.get("build-system", {})
    if reason := _table_fault(stated):
        raise ToolError.one(reason, where=f"{place}: build-system", fix=fix)
    table |= stated
    return BuildSystem(
        requires=tuple(table["requires"]),
        backend=str(table["build-backend"]),
        backend_path=tuple(table["backend-path"]),
    )


def _table_fault(table: Any) -> str:
    """Return why a table is no build-system table (PEP 518, PEP 517); empty when it is one."""
    if not isinstance(table, dict):
        return "build-system is not a table"
    for key in ("requires", "backend-path"):
        if not _is_strings(table.get(key, [])):
            return f"{key} is not an array of strings"
    backend = table.get("build-backend", DEFAULT_BACKEND)
    if not isinstance(backend, str) or not _BACKEND.fullmatch(backend):
        return f"build-backend is not the name of a module: {backend!r}"
    paths = map(PurePosixPath, table.get("backend-path", []))
    if any(path.is_absolute() or ".." in path.parts for path in paths):
        return "backend-path leaves the source"
    return ""


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def build_environment(*, name: str, version: str, home: Path, python: Path) -> dict[str, str]:
    """Return the whole environment of a backend: a fixed clock, nothing of the user, the version for SCM plugins.

    `python` is the interpreter of the build requirements: the programs that these bring are found first.
    """
    environment = {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": f"{python.parent}:{_SYSTEM_PATH}",
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
        with self._calling() as hooks:
            found = hooks.get_requires_for_build_wheel()
        if not _is_strings(found):
            raise self._error(f"the backend {self.system.backend} names no list of requirements: {found!r:.100}")
        return tuple(found)

    def build(self, folder: Path) -> Path:
        """Build the wheel into a folder; raises ToolError with the backend's own words when it fails."""
        with self._calling() as hooks:
            name = hooks.build_wheel(str(folder))
        if not isinstance(name, str) or "/" in name or not name.endswith(".whl") or not (folder / name).is_file():
            raise self._error(f"the backend {self.system.backend} says that it wrote {name!r:.100}, which is no wheel")
        return folder / name

    @contextlib.contextmanager
    def _calling(self) -> Iterator[BuildBackendHookCaller]:
        try:
            with _unwarned():
                yield self._hooks()
        except (BackendUnavailable, HookMissing, UnsupportedOperation) as error:
            reason = str(error.args[0] if error.args else "").strip() or type(error).__name__
            raise self._error(f"the backend {self.system.backend} cannot be called: {reason}") from None
        except (OSError, ValueError) as error:  # it ended without an answer, or with one that is no JSON
            raise self._error(f"the backend {self.system.backend} gave no answer: {error}") from None

    def _error(self, what: str) -> ToolError:
        fix = "see its words above: it may need a build requirement that its pyproject.toml does not name"
        return ToolError.one(what, where=self.where, fix=fix)

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
            last = "\n".join(done.stdout.strip().splitlines()[-30:])[-_MOST_SAID:]
            raise self._error(f"the backend {self.system.backend} failed\n{last}")


@contextlib.contextmanager
def _unwarned() -> Iterator[None]:
    """Keep a backend's warnings to its author from the person who only uses the project."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def interpreter_of(environment: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
