"""The wheels of examples/training through the lock's repositories, beside plain `http_file`s of the same URLs.

    ./bazelw build //examples/training:training
    python3 benchmarks/scale/fetch.py [--runs 5] [--work FOLDER]

A server on this machine has the wheels in memory; every run has an empty repository cache and an empty output base, in
which the rules are loaded but nothing is fetched. The two take turns. Seconds are those of Bazel's own profile: of the
fetch, from the first wheel's repository to the end of the last one, and of the whole command, which for the lock also
resolves toolchains and analyses its targets. FOLDER must lie outside of /tmp, where Bazel 7 does not work.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from measured import Workspace
from paths import ROOT

from python_env.lock.document import parse_lock
from python_env.lock.model import Lock, LockedFile
from support.generated_locks import SIX_TAGS
from support.index_server import IndexServer, Reply, index_server

_PLAIN = """\
module(name = "plain")
http_file = use_repo_rule("@bazel_tools//tools/build_defs/repo:http.bzl", "http_file")
"""

_FILE = 'http_file(name = "file{number}", downloaded_file_path = "{name}", sha256 = "{sha256}", urls = ["{url}"])\n'


@dataclass(slots=True)
class Subject:
    """A workspace that fetches everything by one target."""

    workspace: Workspace
    warm_up: str
    target: str
    environment: Mapping[str, str]
    repositories: str
    """Part of their names."""
    fetching: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Fetch everything once more, and keep the time."""
        cache = self.workspace.path / "cache"
        shutil.rmtree(cache, ignore_errors=True)
        words = ["--nobuild", f"--repository_cache={cache}"]
        self.workspace.bazel("clean", "--expunge")
        self.workspace.bazel("build", *words, self.warm_up, **self.environment)
        self.seconds.append(self.workspace.seconds("build", *words, self.target, cold=False, **self.environment))
        self.fetching.append(self.workspace.fetching(self.repositories))
        self.workspace.bazel("shutdown")


def read_lock(path: Path) -> Lock:
    """Return a lock of this checkout."""
    lock = parse_lock(path.read_bytes(), where=path.name, fix="none")
    assert lock is not None
    return lock


def fill(server: IndexServer, files: Mapping[str, LockedFile], cache: Path) -> None:
    """Let the server have the files, and the page that tells where the index has its files."""
    for file in files.values():
        body = (cache / "content_addressable/sha256" / file.sha256 / "file").read_bytes()
        server.replies[f"/{file.path}"] = Reply(body, kind="application/zip")
    tools = read_lock(ROOT / "tools/tools.lock.json")
    for file in tools.files.values():
        name = file.name.split("-")[0].replace("_", "-").lower()
        page = server.replies.get(f"/simple/{name}/", Reply()).body
        link = f'<a href="{server.origin}/{file.path}">{file.name}</a>\n'.encode()
        server.replies[f"/simple/{name}/"] = Reply(page + link)


def ours(folder: Path, server: IndexServer) -> Subject:
    """Return a workspace with the lock."""
    ignored = shutil.ignore_patterns("bazel-*", "MODULE.bazel.lock")
    shutil.copytree(ROOT / "examples/consumer", folder, ignore=ignored)
    module = folder / "MODULE.bazel"
    module.write_text(module.read_text().replace('"../.."', f'"{ROOT}"'))
    shutil.copyfile(ROOT / "examples/training/training.lock.json", folder / "envs/training.lock.json")
    return Subject(
        workspace=Workspace(folder),
        warm_up="@rules_python_env//rules/toolchain:tools",
        target=f"@training_lock//:{SIX_TAGS[0]}",
        environment={"PIP_INDEX_URL": server.url},
        repositories="~whl_",
    )


def plain(folder: Path, server: IndexServer, files: Mapping[str, LockedFile]) -> Subject:
    """Return a workspace with one http_file for each file."""
    folder.mkdir()
    rows = [
        _FILE.format(number=number, name=file.name, sha256=file.sha256, url=f"{server.origin}/{file.path}")
        for number, file in enumerate(files.values())
    ]
    (folder / "MODULE.bazel").write_text(_PLAIN + "".join(rows))
    (folder / "WORKSPACE.bzlmod").touch()
    labels = ", ".join(f'"@file{number}//file"' for number in range(len(files)))
    (folder / "BUILD").write_text(f'filegroup(name = "none")\nfilegroup(name = "all", srcs = [{labels}])\n')
    return Subject(Workspace(folder), warm_up="//:none", target="//:all", environment={}, repositories="~file")


def main() -> None:
    """Run both in turn and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", type=Path, default=Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"))
    options = parser.parse_args()
    lock = read_lock(ROOT / "examples/training/training.lock.json")
    files = {package.file: lock.files[package.file] for package in lock.sections[SIX_TAGS[0]].packages}
    cache = Path(Workspace(ROOT).bazel("info", "repository_cache").split()[-1])
    with tempfile.TemporaryDirectory(prefix="fetch_", dir=options.work) as name, index_server() as server:
        fill(server, files, cache)
        subjects = [ours(Path(name) / "ours", server), plain(Path(name) / "plain", server, files)]
        for _ in range(options.runs):
            for subject in subjects:
                subject.run()
        for subject in subjects:
            subject.workspace.bazel("clean", "--expunge")
    for what, taken in (
        ("fetch", [subject.fetching for subject in subjects]),
        ("whole command", [subject.seconds for subject in subjects]),
    ):
        one, other = (statistics.median(each) for each in taken)
        runs = [[round(second, 2) for second in each] for each in taken]
        print(f"{what}, {len(files)} files: ours {one:.2f} s, http_file {other:.2f} s, {one / other:.2f} x; {runs}")


if __name__ == "__main__":
    main()
