"""The uv adapter: one `uv pip compile` per platform, its pylock.toml read back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform
from python_env.base.resolving import ResolverName
from python_env.lock.index import Index, file_name, network_environment
from python_env.lock.resolvers.model import Candidate, Question, Resolved, Unresolvable
from python_env.lock.resolvers.untold import decided
from python_env.lock.resolvers.uv_config import uv_config
from python_env.requirements.model import Asked, Policy

_GLIBC_FLOORS = (17, 28, *range(31, 41))
"""The glibc 2.x floors that uv has a platform for; between them the next lower one answers, and our choice checks."""

_START_SECONDS = 0.1
"""Between two starts of uv: name servers drop one of several simultaneous look-ups, and its retry costs 5 s."""

_NO_WHEEL = re.compile(r"hint: Wheels are (?:required|available) for `([^`]+)`")
_ABSENT = (
    (
        re.compile(r"Because (?P<name>\S+) was not found in the package registry and you require (?P=name)\b"),
        "the index has no distribution named {}",
        "mend the name",
    ),
    (
        re.compile(r"Because there is no version of (?P<asked>(?P<name>[\w.-]+)\S*) and you require (?P=asked)"),
        "there is no version {}",
        "name a version that the index has",
    ),
)
"""uv's words for what is simply not there, ours, and what mends it."""

_PROGRESS = re.compile(r" +(?:Updating|Updated|Building|Built|Downloading|Downloaded) ")
"""Lines in which uv tells what it does, not why it failed."""

_YANKED = re.compile(r"^warning: (.* is yanked.*)$", re.MULTILINE)
_MOST_MISSING = 50
"""Distributions without a wheel that are collected for one platform before the list ends."""


def uv_platform(platform: Platform) -> str:
    """Return uv's name for the platform; where uv has no such floor, the next lower one."""
    if platform.os == "windows":
        return {"x86_64": "x86_64-pc-windows-msvc", "x86_32": "i686-pc-windows-msvc"}.get(
            platform.cpu, "aarch64-pc-windows-msvc"
        )
    if platform.os == "macos":
        return "x86_64-apple-darwin" if platform.cpu == "x86_64" else "aarch64-apple-darwin"
    if platform.libc == "musl":
        return f"{platform.cpu}-unknown-linux-musl"
    floors = [floor for floor in _GLIBC_FLOORS if floor <= platform.floor[1]]
    return f"{platform.cpu}-manylinux_2_{floors[-1]}" if floors else f"{platform.cpu}-manylinux2014"


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

        Raises Unresolvable: with every distribution that has no wheel, or with uv's explanation of a conflict.
        """
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
                raise Unresolvable(_faults(question, missing) or [_conflict(question, done.stderr)])
            missing[name] = _explanation(done.stderr)
        if missing:
            raise Unresolvable(_faults(question, missing))
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
            (place / "requirements.in").write_text(_asked(question))
            refused = [f"{name}!={version}" for name, version in sorted(question.refused)]
            constraints = _lines(question.request.constraints) + "".join(f"{line}\n" for line in refused)
            (place / "constraints.txt").write_text(constraints)
            policy = question.request.policy
            (place / "excludes.txt").write_text("".join(f"{name}\n" for name in (*policy.excludes, *excluded)))
            (place / "overrides.txt").write_text("".join(f"{override}\n" for override in policy.overrides))
            config = uv_config(self.index)
            (place / "uv.toml").write_text(config.text)
            output = place / "pylock.toml"
            if question.preferred:
                output.write_text(_seed(question.preferred))
            environment = {**self._environment(question.platform), **config.environment}
            words = [*_arguments(question.platform, policy), *_mode(question, built)]
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


def _arguments(platform: Platform, policy: Policy) -> list[str]:
    cut_off = ("--exclude-newer", f"{policy.exclude_newer}T00:00:00Z") if policy.exclude_newer else ()
    prereleases = ("--prerelease", policy.prereleases) if policy.prereleases else ()
    return [
        *("pip", "compile", "requirements.in"),
        *("--constraints", "constraints.txt", "--excludes", "excludes.txt", "--overrides", "overrides.txt"),
        *cut_off,
        *prereleases,
        *("--python", sys.executable, "--python-version", _python_version(platform)),
        *("--python-platform", uv_platform(platform)),
        *("--only-binary", ":all:", "--format", "pylock.toml", "--output-file", "pylock.toml"),
        *("--config-file", "uv.toml", "--no-header", "--no-progress", "--color", "never"),
    ]


def _python_version(platform: Platform) -> str:
    """Return the full version where it is stated; of `X.Y` uv takes X.Y.0 itself."""
    return platform.python_full_version if platform.stated else platform.python_version


def _mode(question: Question, built: Iterable[str]) -> list[str]:
    """Return the options of a lock that is taken over, and those that allow to build in spite of `--only-binary`."""
    pinned = ["--no-deps"] if question.pinned else []
    return [*pinned, *(word for name in sorted(built) for word in ("--no-binary", name))]


def _asked(question: Question) -> str:
    """Return the requirements; pins by `===`: `==1.0` would also take 1.0+cpu (PEP 440), and uv prefers that one."""
    direct = _lines((line for line in question.requirements if line.direct), question.references)
    lines = _lines(line for line in question.requirements if not line.direct)
    return direct + (re.sub(r"(?<!=)==(?!=)", "===", lines) if question.pinned else lines)


def _lines(asked: Iterable[Asked], references: Mapping[str, str] | None = None) -> str:
    return "".join(f"{_followed(line, references or {})}\n" for line in asked)


def _followed(line: Asked, references: Mapping[str, str]) -> str:
    url = line.requirement.url or ""
    return line.text.replace(f" @ {url}", f" @ {references[url]}", 1) if url in references else line.text


def _seed(preferred: Mapping[str, str]) -> str:
    """Return a pylock.toml that only states versions: uv keeps them where it can."""
    packages = [
        f'[[packages]]\nname = "{name}"\nversion = "{version}"\n' for name, version in sorted(preferred.items())
    ]
    return 'lock-version = "1.0"\ncreated-by = "uv"\n\n' + "\n".join(packages)


def parse_pylock(text: str) -> tuple[Resolved, ...]:
    """Return the pins of a pylock.toml (PEP 751) that uv wrote."""
    return tuple(_resolved(package) for package in tomllib.loads(text).get("packages", []))


def _resolved(package: Mapping[str, Any]) -> Resolved:
    candidates = tuple(
        Candidate(file=wheel.get("name") or file_name(wheel["url"]), url=wheel["url"], sha256=wheel["hashes"]["sha256"])
        for wheel in package.get("wheels", [])
        if "sha256" in wheel.get("hashes", {})
    )
    sdist = package.get("sdist", {})
    source = (
        Candidate(file=sdist.get("name") or file_name(sdist["url"]), url=sdist["url"], sha256=sdist["hashes"]["sha256"])
        if "url" in sdist and "sha256" in sdist.get("hashes", {})
        else None
    )
    name, version = canonicalize_name(package["name"]), package.get("version", "")
    return Resolved(name=name, version=version, candidates=candidates, sdist=source)


def _explanation(stderr: str) -> str:
    """Return uv's words without its hints and its `error:` label."""
    said = [line for line in stderr.splitlines() if line.strip() and not _PROGRESS.match(line)]
    lines = [line for line in said if not line.startswith(("hint:", "warning:"))]
    text = "\n".join(re.sub(r"^(error:|\s+cause:|\s*×|\s*╰─▶)\s*", "", line).strip() for line in lines)
    return text or "the resolver gave no reason"


def _sources(question: Question, name: str) -> str:
    places = [asked.where for asked in question.request.requirements if asked.name == name]
    return ", ".join(places) or ", ".join(sorted({asked.source for asked in question.request.requirements}))


def _faults(question: Question, missing: Mapping[str, str]) -> list[Fault]:
    tag = question.platform.tag
    mend = "make the lock again with" if question.pinned else "constrain it to"
    return [
        Fault(
            f"no wheel of {name} fits {tag}\n{reason}",
            _sources(question, name),
            f"drop that platform, {mend} a version with a wheel, exclude {name} there by a marker, "
            f'or allow to build it: sdists = ["{name}"]',
        )
        for name, reason in sorted(missing.items())
    ]


def _absent(question: Question, explanation: str) -> Fault | None:
    """Return the fault of a requirement that the index has nothing for at all; None where the reason is another."""
    for pattern, what, fix in _ABSENT:
        if found := pattern.search(explanation):
            name = canonicalize_name(found["name"])
            asked = (*question.request.requirements, *question.request.constraints)
            if places := [line.where for line in asked if line.name == name]:
                return Fault(
                    what.format(found["asked"] if "asked" in found.groupdict() else name), ", ".join(places), fix
                )
    return None


def _conflict(question: Question, stderr: str) -> Fault:
    if "No solution found" not in stderr:
        raise ToolError.one(
            f"uv failed for {question.platform.tag}: {_explanation(stderr)}",
            where="the resolver uv, index alias default",
            fix="check the index that pip is configured with, and run the command again",
        )
    if plain := _absent(question, _explanation(stderr)):
        return plain
    sources = sorted({asked.source for asked in (*question.request.requirements, *question.request.constraints)})
    if question.pinned:
        what = f"the index does not have what is pinned for {question.platform.tag}\n{_explanation(stderr)}"
        return Fault(what, ", ".join(sources), "make the lock again from what the index has, or mend the index")
    date = question.request.policy.exclude_newer
    cut_off = f", or move the cut-off: no file of {date} or later is seen (exclude_newer)" if date else ""
    if "no publish time" in stderr:
        cut_off = ", or remove exclude_newer: the index does not say when these files were uploaded (PEP 700)"
    return Fault(
        f"the requirements cannot be satisfied together on {question.platform.tag}\n{_explanation(stderr)}",
        ", ".join(sources),
        f"loosen one of the requirements that the explanation names{cut_off}",
    )
