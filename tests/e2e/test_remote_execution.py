"""Remote execution on a real server: every action, from its declared inputs and libc alone."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.bazel import CONFIGURATIONS, EVERY, ROOT
from support.remote.casd import casd, mounts_of
from support.remote.http_cache import http_cache
from support.remote.spawns import Spawn, read_spawns, runners
from support.toolchains import Declared, jar

ENGINE = "7.7.1 bzlmod"
TARGETS = (*(f"//envs:training_{kind}" for kind in ("pex", "venv", "launcher")), "//envs:compiled")
FILES = ("envs/training.pex", "envs/training.venv.tar.gz", "envs/training.launcher.json", "envs/compiled.venv.tar.gz")
COMPILED = """
load("@rules_python_env//rules:defs.bzl", "python_env_venv")

python_env_venv(name = "compiled", compile = True, env = ":training", file_name = "compiled")
"""

EXAMPLES = ("hello", "training") if EVERY else ("hello",)
OF_MAVEN = ("libz.so.1", "libbz2.so.1", "liblzma.so.5")
"""What Maven's CPython, unlike those of the table, takes from the machine."""

# Bazel 4.2.3 expects that the server makes the folders of outputs, which REAPI 2.0 leaves to the client
pytestmark = pytest.mark.skipif(ENGINE not in CONFIGURATIONS, reason="no Bazel 7")


@pytest.fixture(scope="module")
def declared() -> Iterator[Declared]:
    """Give a consumer's workspace; an archive interpreter runs the tools, and lies in the venv."""
    made = Declared.new("remote-execution", CONFIGURATIONS[ENGINE])
    made.declare(jar("3.11.3"), carried=jar("3.11.3"))
    build_file = made.workspace.path / "envs/BUILD"
    build_file.write_text(build_file.read_text() + COMPILED)
    yield made
    made.workspace.bazel("clean", "--expunge", check=False)


def build(declared: Declared, *words: str) -> tuple[Spawn, ...]:
    """Build after nothing was built; return what ran."""
    log = declared.workspace.path / "execution.log.json"
    declared.workspace.bazel("clean")
    declared.workspace.bazel("build", f"--execution_log_json_file={log}", *words, *TARGETS)
    return read_spawns(log)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_action_runs_remotely(declared: Declared, tmp_path: Path, example: str) -> None:
    """In a root of inputs and libc, without shell, Python or network, with the bytes of a local build."""
    lock = ROOT / f"examples/{example}/{example}.lock.json"
    shutil.copyfile(lock, declared.workspace.path / "envs/training.lock.json")
    local = build(declared)
    expected = declared.workspace.digests(*FILES)
    with casd(tmp_path / "store", mounts=mounts_of(*OF_MAVEN)) as url:
        remote = build(declared, f"--remote_executor={url}", "--spawn_strategy=remote")
    counts = Counter(each.mnemonic for each in remote)
    print(f"\nlocal: {runners(local)}, remote: {runners(remote)}, {dict(counts)}")
    assert runners(remote) == {"remote": len(local)}
    assert {
        f"PyEnv{name}" for name in ("Compile", "Interpreter", "Launcher", "Library", "Pex", "Venv")
    } <= counts.keys()
    assert declared.workspace.digests(*FILES) == expected


def test_another_machine_executes_nothing(declared: Declared, tmp_path: Path) -> None:
    """The unpacked interpreter has one key, in another workspace and output base and under another umask, too."""
    other = Declared.new("remote-execution-elsewhere", CONFIGURATIONS[ENGINE])
    other = replace(other, workspace=replace(other.workspace, umask=0o077))
    other.declare(jar("3.11.3"), carried=jar("3.11.3"))
    shutil.copyfile(declared.workspace.path / "envs/BUILD", other.workspace.path / "envs/BUILD")
    for each in (declared, other):
        shutil.copyfile(ROOT / "examples/hello/hello.lock.json", each.workspace.path / "envs/training.lock.json")
    other.workspace.bazel("shutdown")  # a server keeps the umask that it was started with
    with http_cache(tmp_path / "store") as cache:
        first, second = (build(each, f"--remote_cache={cache.url}") for each in (declared, other))
    assert first and not any(each.hit for each in first)
    assert [each.name for each in second if not each.hit] == []
    assert other.workspace.digests(*FILES) == declared.workspace.digests(*FILES)
    other.workspace.bazel("clean", "--expunge")
