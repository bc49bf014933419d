"""The archive that a user pins: the same bytes from both engines, the rules and nothing else, and it builds."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from python_env.lock.document import render_lock
from support.bazel import ENGINES, NEWER, ROOT, Workspace, scratch_workspace
from support.cache import cache_of_the_tests
from support.generated_locks import make_lock
from support.same_bytes import SameBytes

STEM = "rules_python_env-0.1.0"
FILES = tuple(f"release/{STEM}{suffix}" for suffix in (".tar.gz", ".MODULE.bazel", ".WORKSPACE"))
BUILT = SameBytes()
TAG = "cp311-manylinux_2_28_x86_64"


@dataclass(frozen=True, slots=True)
class Release:
    """What was built."""

    archive: Path

    def snippet(self, name: str) -> str:
        """Return the lines for MODULE.bazel or WORKSPACE, with the archive's own place as the URL."""
        text = self.archive.with_name(f"{STEM}.{name}").read_text()
        assert text.count("https://example.com/") == 1
        return text.replace("https://example.com/", f"{self.archive.parent.as_uri()}/")

    def names(self) -> list[str]:
        """Return the paths of its files below its one folder."""
        with tarfile.open(self.archive) as archive:
            members = archive.getmembers()
        assert all(member.isfile() and member.name.startswith(f"{STEM}/") for member in members)
        return [member.name.removeprefix(f"{STEM}/") for member in members]


@pytest.fixture(scope="module")
def release() -> Iterator[Release]:
    """Build it by the newest engine, and give a copy."""
    folder = cache_of_the_tests() / "release"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    workspace = Workspace(ROOT, next(iter(ENGINES.values())))
    workspace.bazel("build", "//:release")
    for path in FILES:
        shutil.copyfile(workspace.output(path), folder / Path(path).name)
    yield Release(folder / f"{STEM}.tar.gz")
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_builds_it(name: str) -> None:
    """Archive and snippets."""
    workspace = Workspace(ROOT, ENGINES[name])
    workspace.bazel("build", "//:release")
    BUILT.add(name, {path: workspace.output(path) for path in FILES})


def test_all_engines_build_the_same_bytes() -> None:
    """The digests of the runs above are equal."""
    BUILT.check(ENGINES)


def test_it_holds_the_rules_and_nothing_of_their_development(release: Release) -> None:
    """Every file of rules/ and tools/ that git has, the pages, and the two files that make it a repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "rules", "tools", "docs"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    wanted = [name for name in listed if not name.startswith("docs/") or name.endswith(".md")]
    assert release.names() == sorted([*wanted, "CHANGELOG.md", "MODULE.bazel", "README.md", "WORKSPACE"])


def test_the_snippets_pin_it(release: Release) -> None:
    """Digest, prefix and version are those of the archive."""
    digest = hashlib.sha256(release.archive.read_bytes()).hexdigest()
    assert f'sha256 = "{digest}"' in release.snippet("WORKSPACE")
    module = release.snippet("MODULE.bazel")
    assert f'strip_prefix = "{STEM}"' in module and 'version = "0.1.0"' in module
    assert re.search(r'integrity = "sha256-[A-Za-z0-9+/]{43}="', module)


@pytest.mark.parametrize(
    ("version", "edit", "what"),
    [
        ("0.2.0", ("", ""), "error: the release is version 0.2.0, MODULE.bazel states 0.1.0"),
        ("0.1.0", ("# This repository's own", "# Our own"), "error: MODULE.bazel has no line that begins with"),
    ],
)
def test_a_release_of_another_version_or_of_everything_is_refused(
    tmp_path: Path, version: str, edit: tuple[str, str], what: str
) -> None:
    """In three parts, and nothing is written."""
    (tmp_path / "MODULE.bazel").write_text((ROOT / "MODULE.bazel").read_text().replace(*edit))
    words = ["--version", version, "--module", tmp_path / "MODULE.bazel", "--workspace", ROOT / "WORKSPACE"]
    words += ["--output", tmp_path / "o", "--module-snippet", tmp_path / "m", "--workspace-snippet", tmp_path / "w"]
    program = [sys.executable, "-I", "-S", "-B", ROOT / "release/write_release.py", ROOT / "tools/run.py"]
    done = subprocess.run([*program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and what in done.stderr and "  where: " in done.stderr and "  fix:   " in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["MODULE.bazel"]


def pin(workspace: Workspace, release: Release) -> None:
    """Let a workspace take the rules from the archive, by the generated lines."""
    module, old = workspace.path / "MODULE.bazel", workspace.path / "WORKSPACE"
    text, count = re.subn(
        r'bazel_dep\(name = "rules_python_env".*?\n\)\n',
        lambda _: release.snippet("MODULE.bazel"),
        module.read_text(),
        flags=re.DOTALL,
    )
    assert count == 1
    module.write_text(text)
    text, count = re.subn(
        r"local_repository\(.*?\n\)\n", lambda _: release.snippet("WORKSPACE"), old.read_text(), flags=re.DOTALL
    )
    assert count == 1
    old.write_text(text)


@pytest.mark.parametrize("name", ENGINES)
def test_a_user_builds_from_it(release: Release, name: str) -> None:
    """A workspace like examples/consumer, with nothing of this checkout but the archive; its targets load, too."""
    workspace = scratch_workspace(f"release-{re.sub(r'[^a-zA-Z0-9]+', '-', name)}", ENGINES[name])
    pin(workspace, release)
    (workspace.path / "envs/requirements.in").write_text("package-0000\n")
    wheels = workspace.path / "wheels"
    wheels.mkdir()
    tags = (TAG, "cp311-manylinux_2_28_aarch64", "cp311-win_amd64")
    lock = make_lock(range(3), wheels, tags=tags, made=(TAG,))
    (workspace.path / "envs/training.lock.json").write_bytes(render_lock(lock))
    try:
        workspace.bazel("build", f"--distdir={wheels}", "//envs:training_pex")
        pex = workspace.output("envs/training.pex")
        done = subprocess.run([pex, "-c", "import package_0000"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said = workspace.bazel("query", "@rules_python_env//...").stdout
        assert "//rules/platforms:platform\n" in said and "//tools:uv\n" in said
    finally:
        workspace.bazel("clean", "--expunge", check=False)


@pytest.mark.parametrize("name", NEWER)
def test_it_is_a_workspace_by_itself(release: Release, name: str) -> None:
    """Unpacked, all its packages are loaded; nothing in it names what was left out."""
    place = release.archive.parent / "unpacked"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    subprocess.run(["tar", "-xzf", release.archive, "-C", place], check=True)
    workspace = Workspace(place / STEM, NEWER[name])
    (workspace.path / "WORKSPACE.bzlmod").touch()
    try:
        assert "//rules/toolchain:tools_toolchain" in workspace.bazel("query", "//...").stdout
    finally:
        workspace.bazel("clean", "--expunge", check=False)
    texts = [path.read_text() for path in (place / STEM).rglob("*") if path.suffix == ".bzl" or path.name == "BUILD"]
    assert len(texts) > 90
    left_out = re.compile(r"""["(](//|@rules_python_env//)(tests|examples|benchmarks|offline|release)\b""")
    assert [text for text in texts if left_out.search(text)] == []
