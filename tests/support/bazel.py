"""Bazel on its three configurations, and scratch workspaces that depend on this checkout."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.cache import cache_of_the_tests

ROOT = Path(__file__).parents[2]

CONFIGURATIONS: dict[str, dict[str, str]] = {
    "7.7.1 bzlmod": {},
    "7.7.1 WORKSPACE": {"BAZELW_MODE": "workspace"},
    "4.2.3 WORKSPACE": {"BAZELW_ENGINE": "4"},
}
"""Name to what bazelw is told."""

EVERY = "PYTHON_ENV_EVERY_BAZEL" in os.environ
"""Whether suites run on every engine, and with every form and cell: takes longer than CI has."""

if os.environ.get("WITHOUT_BAZEL7"):
    # .ci/run found that Debian unstable's Bazel 7 does not install here, counts this as skipped, and tests the rest
    CONFIGURATIONS = {name: told for name, told in CONFIGURATIONS.items() if name.startswith("4")}


def _without(*left_out: str) -> dict[str, dict[str, str]]:
    """Return the configurations but for some, or all where every one is wanted or no other is there."""
    kept = {name: told for name, told in CONFIGURATIONS.items() if name not in left_out}
    return CONFIGURATIONS if EVERY or not kept else kept


ENGINES = _without("7.7.1 WORKSPACE")
"""One configuration of each engine, for suites of what does not depend on who declares the repositories; the third one
runs in that of determinism."""

NEWER, OLDER = _without("7.7.1 WORKSPACE", "4.2.3 WORKSPACE"), _without("7.7.1 WORKSPACE", "7.7.1 bzlmod")
"""One engine, for suites of what the tools do: the rules are run on the other one by the suites beside them."""


def _java(*options: str) -> dict[str, str]:
    return {"BAZELW_STARTUP": " ".join(f"--host_jvm_args=-XX:{option}" for option in options)}


SHORT_LIVED = _java("TieredStopAtLevel=1", "+UseSerialGC")
"""For a server that is new and soon stopped: half of its CPU time would be the JVM's own optimising compiler."""


def short_lived_digesting(folder: Path) -> dict[str, str]:
    """Return SHORT_LIVED for a server that builds large files; what it reads is copied into a folder without spaces.

    Without the optimising compiler Java digests 50 MB/s, with it 1 GB/s: here it has the digests, and nothing else.
    """
    directives = Path(shutil.copy(ROOT / "tests/support/optimised_digests.directives", folder))
    return _java("+UseSerialGC", "+UnlockDiagnosticVMOptions", f"CompilerDirectivesFile={directives}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder in which Bazel runs."""

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    umask: int = -1
    """That of bazelw and of a server which it starts; -1 is that of this process."""

    def bazel(self, *words: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run bazelw; its output is one text."""
        done = subprocess.run(
            [ROOT / "bazelw", *words],
            cwd=self.path,
            env={**os.environ, **self.startup, **self.environment, **environment},
            umask=self.umask,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0 or not check, done.stdout[-6000:]
        return done

    @property
    def startup(self) -> Mapping[str, str]:
        """Return what bazelw is told of the server's start; that of this checkout is everyone's."""
        return {} if self.path == ROOT else SHORT_LIVED

    def output(self, path: str) -> Path:
        """Return the place of a built file."""
        return self.path / "bazel-bin" / path

    def digests(self, *paths: str) -> dict[str, str]:
        """Return the sha256 of built files."""
        return {path: hashlib.sha256(self.output(path).read_bytes()).hexdigest() for path in paths}


def scratch_workspace(name: str, environment: Mapping[str, str] | None = None) -> Workspace:
    """Return a new workspace with the small environment of examples/hello, as a user of the rules has it.

    It lies in the tests' cache, because Bazel 7 does not work below /tmp.
    """
    path = cache_of_the_tests() / "workspaces" / name
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(ROOT / "examples/consumer", path, ignore=shutil.ignore_patterns("bazel-*", "MODULE.bazel.lock"))
    for file in ("MODULE.bazel", "WORKSPACE"):
        (path / file).write_text((path / file).read_text().replace('"../.."', f'"{ROOT}"'))
    hello = ROOT / "examples/hello"
    (path / "envs/requirements.in").write_text((hello / "requirements.in").read_text())
    (path / "envs/training.lock.json").write_text("{}\n")
    return Workspace(path, environment or {})
