"""Through Bazel: a wheel that has the locked digest and a corrupt stream; two wheels with one path; names of files."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from python_env.base.documents import canonical_json, sha256_hex
from python_env.lock.document import parse_lock, render_lock
from support.bazel import NEWER, Workspace, scratch_workspace
from support.wheels import deflated, make_wheel, sha256, wheel_members, write_raw

SANDBOX = ("--spawn_strategy=linux-sandbox", "--sandbox_default_allow_network=false")
TARGETS = ("//envs:training_pex", "//envs:training_venv")
CONTENT = b"X = 1\n" * 99
BUILD = """\
load("@rules_python_env//rules:defs.bzl", "python_env")

python_env(
    name = "training",
    collisions = {collisions},
    local_sources = {wheels},
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    platforms = ["cp311-manylinux_2_28_x86_64"],
    requirements = ["requirements.in"],
    src_root = "src",
    srcs = glob(["src/**"]),
    venv = {{"compile": {compile}}},
)
"""
NAMES = ("plain.py", "two words.py", "ünïcode.py", "日本.txt", "50% (a)$b.txt")


def fill(workspace: Workspace, names: list[str], collisions: dict[str, str], *, compile: bool = False) -> None:
    """Write an environment of these wheels."""
    files = [f"{name}-1.0-py3-none-any.whl" for name in names]
    labels = [f"//libs:{file}" for file in files]
    (workspace.path / "libs/BUILD").write_text(f'exports_files({files}, visibility = ["//visibility:public"])\n')
    (workspace.path / "envs/BUILD").write_text(BUILD.format(collisions=collisions, compile=compile, wheels=labels))
    (workspace.path / "envs/requirements.in").write_text("".join(f"../libs/{file}\n" for file in files))


@pytest.fixture(scope="module", params=list(NEWER))
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """Give a workspace with three wheels on each configuration, and stop its server."""
    slug = re.sub(r"\W+", "-", request.param)
    made = scratch_workspace(f"damaged-{slug}", NEWER[request.param])
    libs = made.path / "libs"
    libs.mkdir()
    for name in ("one", "two"):
        make_wheel(libs, name, files={"shared.py": f"OWNER = {name!r}\n".encode()})
    (made.path / "envs/src").mkdir()
    (made.path / "envs/src/plain.py").write_text("")
    yield made
    made.bazel("shutdown", check=False)


def relock(lock: Path, before: Path, after: Path) -> None:
    """Put the digest and size of a file into a lock in place of another's, as if it had been locked so."""
    text = lock.read_text().replace(sha256(before), sha256(after))
    document = json.loads(text.replace(f'"size": {before.stat().st_size}', f'"size": {after.stat().st_size}'))
    files = document["files"]
    rows = [
        [tag, package["file"], files[package["file"]]["sha256"]]
        for tag, section in sorted(document["platforms"].items())
        for package in section["packages"]
    ]
    document["request_id"] = sha256_hex(canonical_json(document["inputs"]))
    document["env_id"] = sha256_hex(canonical_json(rows))
    document.pop("content")
    signed = {**document, "content": sha256_hex(canonical_json(document))}
    parsed = parse_lock(json.dumps(signed).encode(), where="here", fix="none")
    assert parsed is not None
    lock.write_bytes(render_lock(parsed))


@pytest.mark.parametrize("of_index", [True, False], ids=["of an index", "of the workspace"])
def test_a_corrupt_stream_is_noticed_before_it_is_shipped(workspace: Workspace, of_index: bool) -> None:
    """The lock has its digest. The check of a fetched wheel fails, no artifact is begun; of another, the artifact."""
    wheel = make_wheel(workspace.path / "libs", "corrupt", files={"corrupt.py": CONTENT})
    fill(workspace, ["corrupt"], {})
    if of_index:
        build = workspace.path / "envs/BUILD"
        text = re.sub(
            "local_sources = .*", 'index_urls = {"made": "libs"},\n    indexes = ["made"],', build.read_text()
        )
        build.write_text(text)
        (workspace.path / "envs/requirements.in").write_text("corrupt\n")
    (workspace.path / "envs/training.lock.json").write_text("")
    workspace.bazel("run", "//envs:training.update")
    stream = bytearray(deflated(CONTENT))
    stream[len(stream) // 2] ^= 0xFF
    members = wheel_members("corrupt", "1.0", {"corrupt.py": CONTENT})
    corrupt = write_raw(workspace.path / "corrupt.whl", members, {"corrupt.py": (bytes(stream), CONTENT)})
    relock(workspace.path / "envs/training.lock.json", wheel, corrupt)
    corrupt.replace(wheel)
    for name in ("training.pex", "training.venv.tar.gz"):
        # of an earlier build in this workspace
        workspace.output(f"envs/{name}").unlink(missing_ok=True)
    done = workspace.bazel("build", *SANDBOX, "--keep_going", *TARGETS, check=False)
    assert done.returncode != 0 and "corrupt-1.0-py3-none-any.whl: corrupt.py" in done.stdout, done.stdout
    assert re.search(r"error: a member('s content does not fit its size and CRC| cannot be inflated)", done.stdout)
    failed = "Checking corrupt-1.0-py3-none-any.whl failed" if of_index else "Assembling envs/training.pex for"
    assert failed in done.stdout and ("Assembling" not in done.stdout or not of_index), done.stdout
    assert not workspace.output("envs/training.pex").exists()
    assert not workspace.output("envs/training.venv.tar.gz").exists()


def test_first_party_files_of_any_name_and_compiled_files(workspace: Workspace) -> None:
    """Letters beyond ASCII reach both artifacts on every engine; what is compiled lies beside its source."""
    sources = workspace.path / "envs/src"
    for name in NAMES:
        (sources / name).write_text("X = 1\n")
    fill(workspace, ["one"], {}, compile=True)
    workspace.bazel("run", "//envs:training.update")
    workspace.bazel("build", *SANDBOX, *TARGETS)
    with tarfile.open(workspace.output("envs/training.venv.tar.gz")) as archive:
        found = set(archive.getnames())
    site = "lib/python3.11/site-packages"
    assert {f"{site}/{name}" for name in NAMES} <= found
    assert {path.partition("/__pycache__/")[2] for path in found if path.endswith(".pyc")} == {
        f"{name}.cpython-311.pyc" for name in ("shared", "plain", "two words", "ünïcode")
    }
    with zipfile.ZipFile(workspace.output("envs/training.pex")) as pex:
        assert set(NAMES) <= set(pex.namelist())


def test_collisions_decide_for_both_artifacts(workspace: Workspace, tmp_path: Path) -> None:
    """Refused with both owners and the attribute that settles it; settled by it; an idle entry is an error."""
    fill(workspace, ["one", "two"], {})
    workspace.bazel("run", "//envs:training.update")
    done = workspace.bazel("build", *SANDBOX, *TARGETS, check=False)
    assert 'collisions = {"site-packages/shared.py": "two"}' in done.stdout, done.stdout
    for winner in ("one", "two"):
        fill(workspace, ["one", "two"], {"site-packages/shared.py": winner})
        workspace.bazel("build", *SANDBOX, *TARGETS)
        place = tmp_path / winner
        place.mkdir()
        subprocess.run(["tar", "-xzf", workspace.output("envs/training.venv.tar.gz"), "-C", place], check=True)
        for python in (place / "bin/python", workspace.output("envs/training.pex")):
            words = [python, "-c", "import shared; print(shared.OWNER)"]
            assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == f"{winner}\n"
    fill(workspace, ["one", "two"], {"site-packages/shared.py": "two", "site-packages/idle.py": "two"})
    done = workspace.bazel("build", *SANDBOX, *TARGETS, check=False)
    assert "which does not own it; owned by no wheel" in done.stdout, done.stdout
