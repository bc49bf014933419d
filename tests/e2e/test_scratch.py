"""What a user meets in a workspace of their own: empty, stale, broken and partly dead locks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from python_env.base.documents import canonical_json, sha256_hex
from python_env.lock.document import parse_lock, render_lock
from support.bazel import ENGINES, ROOT, Workspace, scratch_workspace

FLAG = "--@rules_python_env//rules/platforms:platform"
HELLO = ROOT / "examples/hello/hello.lock.json"


@pytest.fixture(scope="module", params=list(ENGINES))
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """Give a workspace on each configuration, and stop its server."""
    slug = re.sub(r"\W+", "-", request.param)
    made = scratch_workspace(f"scratch-{slug}", ENGINES[request.param])
    yield made
    made.bazel("shutdown", check=False)


def lock_file(workspace: Workspace) -> Path:
    """Return the workspace's lock."""
    return workspace.path / "envs/training.lock.json"


def good_lock(edit: str = "") -> bytes:
    """Return a lock of the small environment for the consumer's three platforms; `edit` breaks a file's digest."""
    document: dict[str, Any] = json.loads(HELLO.read_text())
    tags = ["cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64", "cp311-win_amd64"]
    document["inputs"]["platforms"] = tags
    document["platforms"] = {tag: document["platforms"][tag] for tag in tags}
    for line in document["inputs"]["requirements"]:
        line["source"] = "envs/requirements.in"
    used = {package["file"] for section in document["platforms"].values() for package in section["packages"]}
    document["files"] = {name: file for name, file in document["files"].items() if name in used}
    for name, file in document["files"].items():
        if edit and edit in name:
            file["sha256"] = sha256_hex(name.encode())
    document["request_id"] = sha256_hex(canonical_json(document["inputs"]))
    rows = [
        [tag, package["file"], document["files"][package["file"]]["sha256"]]
        for tag, section in sorted(document["platforms"].items())
        for package in section["packages"]
    ]
    document["env_id"] = sha256_hex(canonical_json(rows))
    document.pop("content")
    signed = {**document, "content": sha256_hex(canonical_json(document))}
    lock = parse_lock(json.dumps(signed).encode(), where="here", fix="none")
    assert lock is not None
    return render_lock(lock)


def readme_files() -> dict[str, str]:
    """Return the files that the README's "In your workspace" shows, with this checkout as the rules' place.

    The line that chooses the machine's Python, which the README shows by itself, stands where the README says.
    """
    section = (ROOT / "README.md").read_text().partition("## In your workspace")[2].partition("## Read on")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    build, module, workspace, choice = (block.replace("../rules_python_env", str(ROOT)) for block in blocks)
    before = "python_env_dependencies()\n"
    assert choice.startswith("register_toolchains(") and workspace.count(before) == 1
    workspace = workspace.replace(before, f"{choice}{before}")
    return {"envs/BUILD": build, "MODULE.bazel": f"{module}{choice}", "WORKSPACE": workspace}


def test_the_readme_can_be_pasted(workspace: Workspace) -> None:
    """Its three files and two commands are enough."""
    before = {name: (workspace.path / name).read_text() for name in readme_files()}
    for name, text in readme_files().items():
        (workspace.path / name).write_text(text)
    lock_file(workspace).write_text("")
    try:
        workspace.bazel("run", "//envs:training.update")
        workspace.bazel("build", "//envs:training_pex", "//envs:training_venv", "//envs:training_launcher")
    finally:
        for name, text in before.items():
            (workspace.path / name).write_text(text)


def test_an_empty_lock_names_the_command(workspace: Workspace) -> None:
    """Building fails with three parts; the command works and the build after it, too."""
    lock_file(workspace).write_text("{}\n")
    done = workspace.bazel("build", "//envs:training_pex", check=False)
    assert done.returncode != 0
    assert "error: nothing is locked yet" in done.stdout
    assert "fix:   bazel run //envs:training.update" in done.stdout
    workspace.bazel("run", "//envs:training.update")
    workspace.bazel("test", "//envs:training.lock_test")


def test_a_lock_that_is_not_there_is_made_by_the_command(workspace: Workspace) -> None:
    """A missing file is an empty lock; Bazel 4 would not see it appear, and says what to touch."""
    lock_file(workspace).unlink(missing_ok=True)
    done = workspace.bazel("build", "//envs:training_pex", check=False)
    assert done.returncode != 0
    if workspace.environment.get("BAZELW_ENGINE") == "4":
        assert "error: there is no file //envs:training.lock.json" in done.stdout
        assert "fix:   touch envs/training.lock.json" in done.stdout
        lock_file(workspace).touch()
    else:
        assert "where: //envs:training.lock.json (there is no such file)" in done.stdout
        assert "fix:   bazel run //envs:training.update" in done.stdout
    workspace.bazel("run", "//envs:training.update")
    workspace.bazel("build", "//envs:training_pex")


@pytest.mark.parametrize(
    ("label", "fix"),
    [
        ("envs/training.lock.json", 'fix:   write lock = "//envs:training.lock.json"'),
        ("//env:training.lock.json", "fix:   mend the label, or make the file env/BUILD"),
    ],
)
def test_a_label_that_leads_nowhere_is_corrected(workspace: Workspace, label: str, fix: str) -> None:
    """Both are what a newcomer types in MODULE.bazel or WORKSPACE."""
    files = [workspace.path / name for name in ("MODULE.bazel", "WORKSPACE")]
    before = [file.read_text() for file in files]
    for file, text in zip(files, before, strict=True):
        file.write_text(text.replace("//envs:training.lock.json", label))
    try:
        done = workspace.bazel("build", "--nobuild", "//envs:training_pex", check=False)
    finally:
        for file, text in zip(files, before, strict=True):
            file.write_text(text)
    assert done.returncode != 0 and fix in done.stdout, done.stdout


def test_a_changed_requirement_makes_the_lock_stale(workspace: Workspace) -> None:
    """The test names the requirement and the command."""
    lock_file(workspace).write_bytes(good_lock())
    requirements = workspace.path / "envs/requirements.in"
    before = requirements.read_text()
    requirements.write_text(before + "attrs\n")
    try:
        done = workspace.bazel("test", "//envs:training.lock_test", check=False)
    finally:
        requirements.write_text(before)
    assert done.returncode != 0
    assert "the lock is stale: requirement attrs is not in the lock" in done.stdout
    assert "fix:   bazel run //envs:training.update" in done.stdout


@pytest.mark.parametrize(
    "broken",
    ["<<<<<<< ours\n{}\n", '{\n "schema": 99, "kind": "lock"\n}\n', '{\n "schema": 1, "kind": "lock"\n}\n', "not json"],
)
def test_a_broken_lock_is_mended_by_the_command(workspace: Workspace, broken: str) -> None:
    """A lock that cannot be read fails the build, and never keeps `.update` from running."""
    lock_file(workspace).write_text(broken)
    done = workspace.bazel("build", "//envs:training_pex", check=False)
    assert done.returncode != 0 and "fix:   bazel run //envs:training.update" in done.stdout
    workspace.bazel("run", "//envs:training.update")
    workspace.bazel("test", "//envs:training.lock_test")


def test_a_dead_file_of_a_foreign_platform_is_not_asked_for(workspace: Workspace) -> None:
    """The lock names a Windows wheel that no index has: Linux builds, Windows fails with its name."""
    lock_file(workspace).write_bytes(good_lock(edit="win_amd64"))
    workspace.bazel("build", "//envs:training_pex", "//envs:training_venv")
    done = workspace.bazel("build", f"{FLAG}=cp311-win_amd64", "//envs:training_pex", check=False)
    assert done.returncode != 0
    assert re.search(r"error: \S+win_amd64\.whl is not to be had, or its bytes are not the locked ones", done.stdout)
    assert "or refresh the lock if it is one of yours" in done.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "fix"),
    [
        ('["requirements.in"]', '"requirements.in"', 'fix:   write requirements = ["requirements.in"]'),
        ('"@training_lock"', '"training_lock"', 'fix:   write lock_repo = "@training_lock"'),
        ("cp311-win_amd64", "cp311-windows_amd64", "fix:   write <python>[-<abi>]-<platform>: "),
        ("training.lock.json", "other.lock.json", "whose lock is //envs:other.lock.json, in MODULE.bazel or WORKSPACE"),
    ],
)
def test_a_slip_in_the_attributes_is_corrected(workspace: Workspace, right: str, wrong: str, fix: str) -> None:
    """Each in three parts, before anything is fetched or built."""
    lock_file(workspace).write_bytes(good_lock())
    build = workspace.path / "envs/BUILD"
    before = build.read_text()
    assert right in before
    build.write_text(before.replace(right, wrong))
    try:
        done = workspace.bazel("build", "--nobuild", "//envs:training_pex", check=False)
    finally:
        build.write_text(before)
    assert done.returncode != 0 and fix in done.stdout, done.stdout


def test_a_platform_that_is_not_locked_lists_those_that_are(workspace: Workspace) -> None:
    """The flag names a tag outside of the lock; the error says which."""
    lock_file(workspace).write_bytes(good_lock())
    done = workspace.bazel("build", f"{FLAG}=cp312-win_amd64", "//envs:training_pex", check=False)
    assert done.returncode != 0
    assert "error: no locked platform is selected: the platform flag (or" in done.stdout
    assert "names cp312-win_amd64\n" in done.stdout
    assert "cp311-manylinux_2_28_x86_64, cp311-manylinux_2_28_aarch64, cp311-win_amd64" in done.stdout


def test_what_has_no_wheel_is_listed_for_all_platforms(workspace: Workspace) -> None:
    """The refresh fails as a whole, names distribution and tags, and leaves the lock as it was."""
    lock_file(workspace).write_bytes(good_lock())
    requirements = workspace.path / "envs/requirements.in"
    before = requirements.read_text()
    requirements.write_text(before + "pywin32\nuvloop\n")
    try:
        done = workspace.bazel("run", "//envs:training.update", check=False)
    finally:
        requirements.write_text(before)
    assert done.returncode == 2, done.stdout
    assert "error: no wheel of pywin32 fits cp311-manylinux_2_28_x86_64" in done.stdout
    assert "error: no wheel of pywin32 fits cp311-manylinux_2_28_aarch64" in done.stdout
    assert "error: no wheel of uvloop fits cp311-win_amd64" in done.stdout
    assert "where: envs/requirements.in:" in done.stdout
    assert lock_file(workspace).read_bytes() == good_lock()


def test_a_conflict_is_explained(workspace: Workspace) -> None:
    """The resolver's own words, in the three parts."""
    lock_file(workspace).write_bytes(good_lock())
    requirements = workspace.path / "envs/requirements.in"
    before = requirements.read_text()
    requirements.write_text(before + "click<8\nclick>8.1\n")
    try:
        done = workspace.bazel("run", "//envs:training.update", check=False)
    finally:
        requirements.write_text(before)
    assert done.returncode == 2
    assert "error: the requirements cannot be satisfied together on cp311-manylinux_2_28_x86_64, " in done.stdout
    assert done.stdout.count("cannot be satisfied together") == 1
    assert "click<8" in done.stdout and "Traceback" not in done.stdout
