"""One build of a source on this machine, to learn what its wheel needs, and its memory by content."""

from __future__ import annotations

import json
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from packaging.requirements import InvalidRequirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from python_env.base.build_backend import Backend, build_environment, interpreter_of, read_build_system
from python_env.base.documents import sha256_hex, write_atomically
from python_env.base.errors import ToolError
from python_env.base.pep508 import parse_requirement
from python_env.lock.facts import Facts, parse_metadata
from python_env.lock.model import LockedSource

_TRIED_BY = "1"
"""Counts changes of how a source is looked into: what was remembered before is looked into again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """What one build on this machine tells."""

    file: str
    facts: Facts
    requires: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialBuilds:
    """Builds with one uv, one index and one cache folder."""

    uv: Path
    python: str
    """Interpreter that runs the backends."""
    environment: Mapping[str, str]
    """Of uv: index, certificates, cache."""
    cache: Path

    def remembered(self, identity: str, subdirectory: str) -> Built | None:
        """Return what was learned from the source of this digest or commit; None where nothing readable is kept."""
        try:
            stored = json.loads(self._place(identity, subdirectory).read_bytes())
            lists = {key: tuple(stored["facts"][key]) for key in ("extras", "requires")}
            facts = Facts(**{**stored["facts"], **lists})
            return Built(file=stored["file"], facts=facts, requires=tuple(stored["requires"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _place(self, identity: str, subdirectory: str) -> Path:
        return self.cache / f"{sha256_hex(f'{_TRIED_BY} {identity} {subdirectory}'.encode())}.json"

    def build(self, source: LockedSource, tree: Path, *, size: int = 0) -> Built:
        """Build the wheel on this machine, as its backend wants, and remember what that tells."""
        system = read_build_system(tree, where=source.key)
        with tempfile.TemporaryDirectory(prefix="python_env_build_") as folder:
            place = Path(folder)
            home = new_folder(place / "home")
            self._uv("venv", "--quiet", "--python", self.python, str(place / "venv"), where=source.key)
            python = interpreter_of(place / "venv")
            self._install(python, system.requires, source.key)
            environment = build_environment(name=source.name, version=source.version, home=home, python=python)
            backend = Backend(tree=tree, system=system, python=python, environment=environment, where=source.key)
            extra = backend.extra_requires()
            self._install(python, extra, source.key)
            wheel = backend.build(new_folder(place / "out"))
            facts = replace(wheel_facts(wheel, source.key), size=size)
            built = Built(file=wheel.name, facts=facts, requires=tuple(sorted({*system.requires, *extra})))
        self.cache.mkdir(parents=True, exist_ok=True)
        document = json.dumps(asdict(built), sort_keys=True).encode()
        write_atomically(self._place(source.identity, source.subdirectory), document)
        return built

    def _install(self, python: Path, requires: tuple[str, ...], where: str) -> None:
        if _required(requires, where):
            self._uv("pip", "install", "--quiet", "--python", str(python), *requires, where=where)

    def _uv(self, *words: str, where: str) -> None:
        done = subprocess.run(
            [self.uv, *words, "--no-config", "--color", "never"],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise ToolError.one(
                f"its build requirements cannot be installed: {done.stderr.strip()}",
                where=f"{where}: build-system.requires",
                fix="see the reason above; take another version of the source if it is its own fault",
            )


def _required(requires: tuple[str, ...], where: str) -> tuple[str, ...]:
    """Return build requirements that an index answers; raises ToolError for what is none, or a direct reference."""
    for text in requires:
        try:
            direct = parse_requirement(text).url
        except InvalidRequirement as error:
            direct = str(error)
        if direct:
            raise ToolError.one(
                f"a build requirement is none of an index: {text!r:.200}",
                where=f"{where}: build-system.requires",
                fix="take another version of the source",
            )
    return requires


def new_folder(folder: Path) -> Path:
    """Make a folder and return it."""
    folder.mkdir(parents=True)
    return folder


def wheel_facts(path: Path, where: str) -> Facts:
    """Return what a wheel on this machine says of itself."""
    try:
        parse_wheel_filename(path.name)
        with zipfile.ZipFile(path) as wheel:
            member = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            return parse_metadata(wheel.read(member).decode("utf-8"), size=path.stat().st_size)
    except (OSError, zipfile.BadZipFile, StopIteration, UnicodeDecodeError, InvalidWheelFilename) as error:
        raise ToolError.one(
            f"the wheel cannot be read: {type(error).__name__}: {error}", where=where, fix="build the wheel again"
        ) from None
