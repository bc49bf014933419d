"""The uv adapter: one `uv pip compile` per platform, its pylock.toml read back."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name

from python_env.base.platforms import Platform
from python_env.base.resolving import ResolverName
from python_env.lock.index import Index, network_environment
from python_env.lock.resolvers.model import Question, Resolved, Unresolvable
from python_env.lock.resolvers.untold import decided
from python_env.lock.resolvers.uv_answer import parse_pylock
from python_env.lock.resolvers.uv_command import unknown_to_uv, uv_arguments, uv_mode
from python_env.lock.resolvers.uv_config import uv_config
from python_env.lock.resolvers.uv_faults import conflict, explanation, missing_faults
from python_env.lock.resolvers.uv_files import asked_text, lines_text, seed_text

_START_SECONDS = 0.1
"""Between two starts of uv: name servers drop one of several simultaneous look-ups, and its retry costs 5 s."""

_NO_WHEEL = re.compile(r"hint: Wheels are (?:required|available) for `([^`]+)`")
_YANKED = re.compile(r"^warning: (.* is yanked.*)$", re.MULTILINE)
_MOST_MISSING = 50
"""Distributions without a wheel that are collected for one platform before the list ends."""


@dataclass(slots=True)
class UvResolver:
    """Runs one uv binary against one index."""

    program: Path
    index: Index
    cache: Path
    name: ResolverName = ResolverName.UV
    version: str = ""
    warnings: list[str] = field(default_factory=list)
    """What uv said of yanked files that it took."""
    _starts: threading.Lock = field(default_factory=threading.Lock)
    _warm: bool = False

    def __post_init__(self) -> None:
        """Ask the program for its version, which the lock records."""
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True)
        self.version = done.stdout.split()[1]

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Return the pins of one platform.

        Raises Unresolvable: with every distribution that has no wheel, or with uv's explanation of a conflict, or for a
        platform that uv does not know.
        """
        if fault := unknown_to_uv(question.platform):
            raise Unresolvable([fault])
        question = decided(question)
        missing: dict[str, str] = {}
        built = set(question.built)
        while True:
            done = self._compile(question, excluded=missing, built=built)
            if done.returncode == 0:
                break
            found = _NO_WHEEL.search(done.stderr)
            name = canonicalize_name(found[1]) if found else ""
            if name in question.request.policy.sdists and name not in built:
                built.add(name)
                continue
            if not name or name in missing or len(missing) == _MOST_MISSING:
                raise Unresolvable(missing_faults(question, missing) or [conflict(question, done.stderr)])
            missing[name] = explanation(done.stderr)
        if missing:
            raise Unresolvable(missing_faults(question, missing))
        return parse_pylock(done.stdout)

    def _start(self, place: Path, words: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run uv: the first time alone, so that all others find its index pages in the cache; these in turn."""

        def run() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [self.program, *words],
                cwd=place,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )

        with self._starts:
            if not self._warm:
                done = run()
                self._warm = True
                return done
            time.sleep(_START_SECONDS)
        return run()

    def _compile(
        self, question: Question, *, excluded: Iterable[str], built: Iterable[str]
    ) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory(prefix="python_env_uv_") as folder:
            place = Path(folder)
            (place / "requirements.in").write_text(asked_text(question))
            refused = [f"{name}!={version}" for name, version in sorted(question.refused)]
            constraints = lines_text(question.request.constraints) + "".join(f"{line}\n" for line in refused)
            (place / "constraints.txt").write_text(constraints)
            policy = question.request.policy
            (place / "excludes.txt").write_text("".join(f"{name}\n" for name in (*policy.excludes, *excluded)))
            (place / "overrides.txt").write_text("".join(f"{override}\n" for override in policy.overrides))
            config = uv_config(self.index)
            (place / "uv.toml").write_text(config.text)
            output = place / "pylock.toml"
            if question.preferred:
                output.write_text(seed_text(question.preferred))
            environment = {**self._environment(question.platform), **config.environment}
            words = [*uv_arguments(question.platform, policy), *uv_mode(question, built)]
            done = self._start(place, words, environment)
            text = output.read_text() if done.returncode == 0 else ""
            self.warnings += _YANKED.findall(done.stderr)
            return subprocess.CompletedProcess(done.args, done.returncode, text, done.stderr)

    def _environment(self, platform: Platform) -> dict[str, str]:
        """Return uv's environment, but for a password of the index; nothing else of the host."""
        environment = uv_environment(self.index, self.cache)
        if platform.os != "macos":
            return environment
        return {**environment, "MACOSX_DEPLOYMENT_TARGET": f"{platform.floor[0]}.{platform.floor[1]}"}


def uv_environment(index: Index, cache: Path) -> dict[str, str]:
    """Return uv's environment, but for where the index is: nothing else of the host."""
    kept = {key: os.environ[key] for key in ("HOME", "PATH", "SYSTEMROOT", "TMPDIR") if key in os.environ}
    return {
        **kept,
        **network_environment(index),
        "UV_CACHE_DIR": str(cache),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_HTTP_TIMEOUT": "120",
    }
