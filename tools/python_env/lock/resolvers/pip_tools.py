"""The pip-tools adapter: pip's own resolver for a foreign platform, in a child process per platform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import packaging
from packaging.utils import parse_wheel_filename

import python_env
from python_env.base.errors import Fault, ToolError
from python_env.base.resolving import ResolverName
from python_env.lock.index import Index, network_environment
from python_env.lock.resolvers import pip_child
from python_env.lock.resolvers.model import Candidate, Question, Resolved, Unresolvable
from python_env.lock.resolvers.unpack import unpacked
from python_env.lock.resolvers.versions import resolver_version
from python_env.requirements.model import Asked

_START_SECONDS = 0.2
"""Between two starts of pip: name servers drop one of several simultaneous look-ups."""


@dataclass(slots=True)
class PipToolsResolver:
    """Runs pip-tools and pip, out of their wheels, against one index."""

    wheels: tuple[Path, ...]
    """The wheels of pip, pip-tools and click."""
    index: Index
    cache: Path
    """Folder for the unpacked wheels, pip's HTTP cache and the metadata that `lock.facts` reads."""
    name: ResolverName = ResolverName.PIP_TOOLS
    version: str = ""
    _starts: threading.Lock = field(default_factory=threading.Lock)
    _running: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(os.cpu_count() or 1))
    """As many children as processors: each computes all the time, and takes some 200 MB."""

    def __post_init__(self) -> None:
        """Take the version, which the lock records, from the names of the wheels."""
        parsed = [parse_wheel_filename(wheel.name) for wheel in self.wheels]
        self.version = resolver_version(self.name, {str(name): str(version) for name, version, *_ in parsed})

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Return the pins of one platform.

        Raises Unresolvable: with every distribution that has no wheel, or with pip's reasons of a conflict; ToolError
        when the index cannot be asked.
        """
        answer = self._ask(question)
        if missing := answer.get("missing"):
            raise Unresolvable(_missing(question, missing))
        if conflict := answer.get("conflict"):
            raise Unresolvable([_conflict(question, conflict)])
        if faults := answer.get("faults"):
            raise ToolError(Fault(*parts) for parts in faults)
        return tuple(_resolved(pin) for pin in answer["pins"])

    def _ask(self, question: Question) -> dict[str, Any]:
        """Run the child; the question goes through standard input, because the index may hold a password."""
        with self._starts:
            paths = _import_paths(unpacked(self.wheels, self.cache / "pip-tools"))
            time.sleep(_START_SECONDS)
        with self._running:
            done = subprocess.run(
                [sys.executable, "-I", "-S", pip_child.__file__, *paths],
                input=json.dumps(self._document(question)),
                env=_environment(self.index),
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise _broken(question, done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def _document(self, question: Question) -> dict[str, Any]:
        policy = question.request.policy
        return {
            "cache": str(self.cache),
            "constraints": _lines(question.request.constraints),
            "exclude_newer": policy.exclude_newer,
            "excludes": list(policy.excludes),
            "index": self.index.url,
            "marker_values": dict(question.platform.stated),
            "pinned": question.pinned,
            "overrides": [str(override) for override in policy.overrides],
            "platform": question.platform.tag,
            "preferred": dict(question.preferred),
            "prereleases": policy.prereleases,
            "refused": sorted(question.refused),
            "requirements": _lines(question.requirements),
        }


def _import_paths(folder: Path) -> list[str]:
    """Return what the child imports from: the unpacked wheels, the tools, and packaging."""
    modules = (python_env.__file__, packaging.__file__)
    return [str(folder.absolute()), *(str(Path(module or "").absolute().parents[1]) for module in modules)]


def _environment(index: Index) -> dict[str, str]:
    """Return the child's whole environment: no setting of the host's pip but the index, and that by standard input."""
    kept = {key: os.environ[key] for key in ("HOME", "PATH", "SYSTEMROOT", "TMPDIR") if key in os.environ}
    return {**kept, **network_environment(index), "PIP_CONFIG_FILE": os.devnull, "PYTHONHASHSEED": "0"}


def _lines(asked: Iterable[Asked]) -> list[list[str]]:
    return [[line.text, line.where] for line in asked]


def _resolved(pin: Mapping[str, Any]) -> Resolved:
    candidates = tuple(Candidate(file=file, url=url, sha256=sha256) for file, url, sha256 in pin["wheels"])
    return Resolved(name=pin["name"], version=pin["version"], candidates=candidates)


def _sources(lines: Iterable[Asked]) -> str:
    return ", ".join(sorted({asked.source for asked in lines}))


def _missing(question: Question, missing: Mapping[str, str]) -> list[Fault]:
    tag = question.platform.tag
    asked = question.request.requirements
    return [
        Fault(
            f"no wheel of {name} fits {tag}\n{reason}",
            ", ".join(line.where for line in asked if line.name == name) or _sources(asked),
            f"drop that platform, constrain {name} to a version with a wheel, or exclude it there by a marker",
        )
        for name, reason in sorted(missing.items())
    ]


def _conflict(question: Question, reason: str) -> Fault:
    return Fault(
        f"the requirements cannot be satisfied together on {question.platform.tag}\n{reason}",
        _sources((*question.request.requirements, *question.request.constraints)),
        "loosen one of the requirements that the explanation names",
    )


def _broken(question: Question, stderr: str) -> ToolError:
    lines = stderr.strip().splitlines() or ["it gave no reason"]
    return ToolError.one(
        f"pip-tools failed for {question.platform.tag}: {lines[-1]}",
        where="the resolver pip-tools, index alias default",
        fix='report it with the requirement files, or lock with resolver = "uv"',
    )
