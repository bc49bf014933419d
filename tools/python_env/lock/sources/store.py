"""The real sources: fetched, built once on this machine to learn what they need, and remembered by their content."""

from __future__ import annotations

import contextlib
import posixpath
import tempfile
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from packaging.utils import InvalidSdistFilename, parse_sdist_filename
from packaging.version import InvalidVersion

from python_env.base.documents import sha256_hex
from python_env.base.errors import ToolError
from python_env.base.source_archive import unpack_sdist
from python_env.lock.facts import FactSource
from python_env.lock.index import file_name, path_below_root
from python_env.lock.model import LockedFile, LockedSource, SourceKind
from python_env.lock.resolvers.model import Candidate
from python_env.lock.sources.model import Kept, Origin
from python_env.lock.sources.trees import check_out, copy_project, find_commit, tree_digest
from python_env.lock.sources.trial_builds import Built, TrialBuilds, new_folder, wheel_facts
from python_env.requirements.model import Direct, DirectKind


@dataclass(slots=True)
class SourceStore:
    """Looks into sources, each once."""

    builds: TrialBuilds
    facts: FactSource
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
        remembered = self.builds.remembered(source.sha256, source.subdirectory)
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
                tree = unpack_sdist(archive, new_folder(Path(folder, "tree")), where=source.key)
                remembered = self.builds.build(source, tree / source.subdirectory, size=len(data))
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
        remembered = self.builds.remembered(commit, direct.subdirectory)
        if remembered is None:
            with tempfile.TemporaryDirectory(prefix="python_env_git_") as folder:
                tree = check_out(direct.location, commit, Path(folder, "tree"), where=source.key)
                remembered = self.builds.build(source, tree / direct.subdirectory)
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
            remembered = self.builds.remembered(content, "")
            if remembered is None:
                remembered = self.builds.build(replace(source, sha256=content), tree)
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
        return Origin(facts=wheel_facts(path, where), file=path.name, wheel=wheel)


def _origin(source: LockedSource, built: Built) -> Origin:
    filled = replace(source, version=built.facts.version, size=built.facts.size, requires=built.requires)
    return Origin(facts=built.facts, file=built.file, source=filled)


def _archive_key(name: str, file: str, digest: str) -> str:
    """Return the key of an sdist by URL: its file name, unless that is none of the distribution (`v1.0.tar.gz`)."""
    with contextlib.suppress(InvalidSdistFilename, InvalidVersion):
        if parse_sdist_filename(file)[0] == name:
            return file
    return f"{name}-{digest[:12]}{'.zip' if file.endswith('.zip') else '.tar.gz'}"
