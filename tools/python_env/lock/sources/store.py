"""The real sources: fetched, built once on this machine to learn what they need, and remembered by their content."""

from __future__ import annotations

import contextlib
import json
import posixpath
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion

from python_env.base.build_backend import Backend, build_environment, interpreter_of, read_build_system
from python_env.base.documents import sha256_hex, write_atomically
from python_env.base.errors import ToolError
from python_env.base.pep508 import parse_requirement
from python_env.base.source_archive import unpack_sdist
from python_env.lock.facts import Facts, FactSource, parse_metadata
from python_env.lock.index import file_name, path_below_root
from python_env.lock.model import LockedFile, LockedSource, SourceKind
from python_env.lock.resolvers.model import Candidate
from python_env.lock.sources.model import Kept, Origin
from python_env.lock.sources.trees import check_out, copy_project, find_commit, tree_digest
from python_env.requirements.model import Direct, DirectKind

_TRIED_BY = "1"
"""Counts changes of how a source is looked into: what was remembered before is looked into again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """What one build on this machine tells."""

    file: str
    facts: Facts
    requires: tuple[str, ...]


@dataclass(slots=True)
class SourceStore:
    """Looks into sources with one uv, one index and one cache folder."""

    uv: Path
    python: str
    """Interpreter that runs the backends."""
    environment: Mapping[str, str]
    """Of uv: index, certificates, cache."""
    facts: FactSource
    cache: Path
    root: Path
    """Root of the workspace's files."""
    kept: Kept
    _origins: dict[str, Origin] = field(default_factory=dict)
    _commits: dict[tuple[str, str], str] = field(default_factory=dict)
    _one: threading.RLock = field(default_factory=threading.RLock)
    """Platforms ask at the same time; each source is looked into once."""

    def reference(self, name: str, direct: Direct) -> str:
        """Return a reference that uv can follow."""
        tail = f"#subdirectory={direct.subdirectory}" if direct.subdirectory else ""
        if direct.kind is DirectKind.LOCAL:
            return (self.root / direct.location).absolute().as_uri() + tail
        if direct.kind is DirectKind.GIT:
            return f"git+{direct.location}@{self._commit(name, direct)}{tail}"
        digest = self.kept.digests.get(direct.location) or direct.sha256
        parts = [f"sha256={digest}"] * bool(digest) + [f"subdirectory={direct.subdirectory}"] * bool(
            direct.subdirectory
        )
        return direct.location + ("#" + "&".join(parts) if parts else "")

    def direct(self, name: str, direct: Direct) -> Origin:
        """Return what a direct reference leads to; raises ToolError when it leads nowhere, or elsewhere."""
        key = f"{name} @ {direct.location}@{direct.revision}#{direct.subdirectory}"
        with self._one:
            if key not in self._origins:
                self._origins[key] = self._direct(name, direct)
            return self._origins[key]

    def sdist(self, name: str, version: str, sdist: Candidate) -> Origin:
        """Return what an index's sdist builds."""
        with self._one:
            if sdist.sha256 not in self._origins:
                self._origins[sdist.sha256] = self._sdist(name, version, sdist)
            return self._origins[sdist.sha256]

    def _sdist(self, name: str, version: str, sdist: Candidate) -> Origin:
        source = LockedSource(
            key=sdist.file,
            kind=SourceKind.SDIST,
            name=name,
            version=version,
            sha256=sdist.sha256,
            index=sdist.index,
            path=sdist.path or path_below_root(sdist.url),
        )
        return self._archive(source, sdist.url)

    def _commit(self, name: str, direct: Direct) -> str:
        key = (direct.location, direct.revision)
        with self._one:
            if key not in self._commits:
                where = f"{name} @ git+{direct.location}"
                self._commits[key] = self.kept.commits.get(key) or find_commit(*key, where=where)
            return self._commits[key]

    def _direct(self, name: str, direct: Direct) -> Origin:
        if direct.kind is DirectKind.GIT:
            return self._git(name, direct)
        if direct.is_folder:
            return self._folder(name, direct)
        if direct.kind is DirectKind.LOCAL:
            return self._local_archive(name, direct)
        data, digest = self._fetched(direct)
        file = file_name(direct.location)
        if direct.is_wheel:
            facts = self.facts.get(url=direct.location, sha256=digest, file=file)
            size = len(data) if data else facts.size
            wheel = LockedFile(name=file, sha256=digest, size=size, url=direct.location)
            return Origin(facts=replace(facts, size=size), file=file, wheel=wheel)
        source = LockedSource(
            key=_archive_key(name, file, digest),
            kind=SourceKind.SDIST,
            name=name,
            version="",
            sha256=digest,
            url=direct.location,
            subdirectory=direct.subdirectory,
        )
        return self._archive(source, direct.location, data)

    def _fetched(self, direct: Direct) -> tuple[bytes, str]:
        """Return a URL's bytes and digest; a digest that is known already is not fetched for."""
        known = direct.sha256 or self.kept.digests.get(direct.location, "")
        if known:
            return b"", known
        data = self.facts.download(direct.location)
        return data, sha256_hex(data)

    def _archive(self, source: LockedSource, url: str, data: bytes = b"") -> Origin:
        remembered = self._remembered(source.sha256, source.subdirectory)
        if remembered is None:
            data = data or self.facts.download(url)
            if sha256_hex(data) != source.sha256:
                raise ToolError.one(
                    f"the bytes differ from their sha256: {sha256_hex(data)} is not {source.sha256}",
                    where=f"{source.key} of {urlsplit(url).path}",
                    fix="find out who changed the file; do not use it before",
                )
            with tempfile.TemporaryDirectory(prefix="python_env_sdist_") as folder:
                archive = Path(folder, "sdist.zip" if source.key.endswith(".zip") else "sdist.tar.gz")
                archive.write_bytes(data)
                tree = unpack_sdist(archive, _made(Path(folder, "tree")), where=source.key)
                remembered = self._build(source, tree / source.subdirectory, size=len(data))
        return _origin(source, remembered)

    def _git(self, name: str, direct: Direct) -> Origin:
        commit = self._commit(name, direct)
        source = LockedSource(
            key=f"{name}@{commit[:12]}" + (f"#{direct.subdirectory}" if direct.subdirectory else ""),
            kind=SourceKind.GIT,
            name=name,
            version="",
            url=direct.location,
            revision=direct.revision,
            commit=commit,
            subdirectory=direct.subdirectory,
        )
        remembered = self._remembered(commit, direct.subdirectory)
        if remembered is None:
            with tempfile.TemporaryDirectory(prefix="python_env_git_") as folder:
                tree = check_out(direct.location, commit, Path(folder, "tree"), where=source.key)
                remembered = self._build(source, tree / direct.subdirectory)
        return _origin(source, remembered)

    def _folder(self, name: str, direct: Direct) -> Origin:
        folder = self.root / direct.location / direct.subdirectory
        key = posixpath.join(direct.location, direct.subdirectory).rstrip("/")
        if not folder.is_dir():
            raise ToolError.one(
                "there is no such folder",
                where=f"{name} @ ./{key}",
                fix="mend the path; in Bazel, list its files in `local_sources`",
            )
        source = LockedSource(key=key, kind=SourceKind.FOLDER, name=name, version="", sha256=direct.content)
        with tempfile.TemporaryDirectory(prefix="python_env_project_") as place:
            tree = copy_project(folder, Path(place, "tree"), where=f"{name} @ ./{key}")
            content = tree_digest(tree)
            remembered = self._remembered(content, "")
            if remembered is None:
                remembered = self._build(replace(source, sha256=content), tree)
        return _origin(source, remembered)

    def _local_archive(self, name: str, direct: Direct) -> Origin:
        path = self.root / direct.location
        where = f"{name} @ ./{direct.location}"
        try:
            data = path.read_bytes()
        except OSError:
            fix = "mend the path; in Bazel, list the file in `local_sources`"
            raise ToolError.one("there is no such file", where=where, fix=fix) from None
        if not direct.is_wheel:
            raise ToolError.one(
                "an sdist of the workspace is not taken",
                where=where,
                fix="unpack it and name its folder, or build a wheel",
            )
        wheel = LockedFile(name=path.name, sha256=sha256_hex(data), size=len(data), local=direct.location)
        return Origin(facts=_wheel_facts(path, where), file=path.name, wheel=wheel)

    def _remembered(self, identity: str, subdirectory: str) -> Built | None:
        try:
            stored = json.loads(self._place(identity, subdirectory).read_bytes())
            lists = {key: tuple(stored["facts"][key]) for key in ("extras", "requires")}
            facts = Facts(**{**stored["facts"], **lists})
            return Built(file=stored["file"], facts=facts, requires=tuple(stored["requires"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _place(self, identity: str, subdirectory: str) -> Path:
        return self.cache / f"{sha256_hex(f'{_TRIED_BY} {identity} {subdirectory}'.encode())}.json"

    def _build(self, source: LockedSource, tree: Path, *, size: int = 0) -> Built:
        """Build the wheel on this machine, as its backend wants, and remember what that tells."""
        system = read_build_system(tree, where=source.key)
        with tempfile.TemporaryDirectory(prefix="python_env_build_") as folder:
            place = Path(folder)
            home = _made(place / "home")
            self._uv("venv", "--quiet", "--python", self.python, str(place / "venv"), where=source.key)
            python = interpreter_of(place / "venv")
            self._install(python, system.requires, source.key)
            environment = build_environment(name=source.name, version=source.version, home=home, python=python)
            backend = Backend(tree=tree, system=system, python=python, environment=environment, where=source.key)
            extra = backend.extra_requires()
            self._install(python, extra, source.key)
            wheel = backend.build(_made(place / "out"))
            facts = replace(_wheel_facts(wheel, source.key), size=size)
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


def _origin(source: LockedSource, built: Built) -> Origin:
    filled = replace(source, version=built.facts.version, size=built.facts.size, requires=built.requires)
    return Origin(facts=built.facts, file=built.file, source=filled)


def _archive_key(name: str, file: str, digest: str) -> str:
    """Return the key of an sdist by URL: its file name, unless that is none of the distribution (`v1.0.tar.gz`)."""
    with contextlib.suppress(InvalidSdistFilename, InvalidVersion):
        if parse_sdist_filename(file)[0] == name:
            return file
    return f"{name}-{digest[:12]}{'.zip' if file.endswith('.zip') else '.tar.gz'}"


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


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _wheel_facts(path: Path, where: str) -> Facts:
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
