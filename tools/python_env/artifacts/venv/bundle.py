"""The interpreter inside a venv: files of the zip that the interpreter's own action made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from python_env.artifacts.install.plan import PlannedFile
from python_env.artifacts.interpreter.model import Interpreter, fit_faults, parse_interpreter
from python_env.base.archive.zip_read import ZipSource
from python_env.base.errors import ToolError
from python_env.env.model import Env


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """An interpreter that fits the environment."""

    interpreter: Interpreter
    files: tuple[PlannedFile, ...]

    @property
    def paths(self) -> frozenset[str]:
        """Return every path that the interpreter fills."""
        return frozenset({*(file.path for file in self.files), *self.interpreter.links})


def open_bundle(parts: Path, document: Path, env: Env) -> Bundle:
    """Return the interpreter; raises ToolError with everything in which it is not one of the env's platform."""
    interpreter = parse_interpreter(document.read_bytes(), where=document.name)
    faults = fit_faults(interpreter, env.platform, where=f"{env.name}_venv, interpreter")
    if faults:
        raise ToolError(faults)
    source = ZipSource(parts)
    owner = f"the interpreter of {interpreter.archive}"
    files = tuple(
        PlannedFile(path=entry.name, owner=owner, executable=entry.executable, source=source, entry=entry)
        for entry in sorted(source.entries)
    )
    return Bundle(interpreter=interpreter, files=files)
