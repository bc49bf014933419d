"""Workspaces whose tools are run by an archive interpreter, and Bazel on a machine without any Python."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.bazel import ROOT, Workspace, scratch_workspace
from support.interpreters import JAR_ROOT, cpython_jar
from support.wheels import sha256

LINUX = "x86_64-unknown-linux-gnu"
HOST = "@rules_python_env//rules/toolchain:host_interpreter_toolchain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """What a workspace says of an archive that runs the tools."""

    url: str
    sha256: str
    python_version: str = "3.11.3"
    platform: str = LINUX
    strip_prefix: str = JAR_ROOT

    @classmethod
    def of(cls, path: Path, **said: str) -> Archive:
        """Return the archive that lies there."""
        return cls(url=f"file://{path}", sha256=sha256(path), **said)

    def words(self) -> str:
        """Return the attributes of the archive without its platform."""
        return (
            f'python_version = "{self.python_version}", strip_prefix = "{self.strip_prefix}", '
            f'urls = ["{self.url}"], sha256 = "{self.sha256}"'
        )


def jar(version: str, **said: str) -> Archive:
    """Return Maven's CPython of a version, as an archive for the tools."""
    return Archive.of(cpython_jar(version), **{"python_version": version, **said})


def tarball(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write a tarball of some files below `python/`."""
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo("python/" + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


@dataclass(frozen=True, slots=True)
class Declared:
    """A consumer's workspace without the line that chooses the machine's own Python."""

    workspace: Workspace
    module: str
    calls: str

    @classmethod
    def new(cls, name: str, told: Mapping[str, str]) -> Declared:
        """Return a new workspace."""
        made = scratch_workspace(name, told)
        texts = [(made.path / file).read_text() for file in ("MODULE.bazel", "WORKSPACE")]
        module, calls = ("\n".join(line for line in text.split("\n") if HOST not in line) for text in texts)
        return cls(made, module, calls)

    def declare(self, *archives: Archive, carried: Archive | None = None, module: str = "", calls: str = "") -> None:
        """Write what runs the tools, and what venvs carry; `module` and `calls` are said as they are."""
        tags = "".join(f'python_env.toolchain(platform = "{each.platform}", {each.words()})\n' for each in archives)
        rows = ", ".join(f'"{each.platform}": dict({each.words()})' for each in archives)
        ours = f"python_env_toolchains(archives = {{{rows}}})\n" if archives else ""
        if carried:
            words = f'name = "carried", platform = "{carried.platform}", leave_out = ["python3.11"], {carried.words()}'
            tags += f'python_env.interpreter({words})\nuse_repo(python_env, "carried")\n'
            ours = f"python_interpreter_archive({words})\n" + ours
        loads = '"python_env_dependencies", "python_env_toolchains", "python_interpreter_archive",'
        text = self.calls.replace('"python_env_dependencies",', loads)
        text = text.replace("\npython_env_dependencies()", f"\n{ours}{calls}\npython_env_dependencies()")
        (self.workspace.path / "MODULE.bazel").write_text(self.module + tags + module)
        (self.workspace.path / "WORKSPACE").write_text(text)


def _pythons() -> Iterable[Path]:
    """Return every Python that something could find on this machine."""
    folders = [*os.environ["PATH"].split(":"), "/usr/local/bin", "/usr/bin", "/bin"]
    for folder in {Path(each).resolve() for each in folders if each}:
        yield from (path for path in folder.glob("python*") if path.is_file())


@dataclass(frozen=True, slots=True)
class WithoutPython:
    """This machine, but for its Pythons: they are hidden, for Bazel's server and what it runs, too."""

    hidden: tuple[Path, ...] = field(default_factory=lambda: tuple(sorted(set(_pythons()))))

    def run(self, workspace: Workspace, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the workspace's folder; its output is one text."""
        command = ["bwrap", "--dev-bind", "/", "/"]
        for path in self.hidden:
            command += ["--ro-bind", "/dev/null", str(path.resolve())]
        pyenv = Path("~/.pyenv").expanduser()
        command += ["--tmpfs", str(pyenv)] if pyenv.exists() else []
        told = {**workspace.startup, **workspace.environment}
        return subprocess.run(
            [*command, *words],
            cwd=workspace.path,
            env={**os.environ, **told, "PATH": "/usr/local/bin:/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )

    def bazel(self, workspace: Workspace, *words: str) -> str:
        """Run bazelw and return its output."""
        done = self.run(workspace, str(ROOT / "bazelw"), *words)
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout
