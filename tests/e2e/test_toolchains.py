"""The tools run by an archive interpreter: on a machine without Python, the same bytes as by any other CPython."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.bazel import ENGINES, EVERY, NEWER, ROOT, Workspace
from support.interpreters import JAR_ROOT
from support.same_bytes import SameBytes
from support.toolchains import HOST, LINUX, Archive, Declared, WithoutPython, jar, tarball

FLAG = "--@rules_python_env//rules/platforms:platform"
SANDBOX = ("--spawn_strategy=linux-sandbox", "--sandbox_default_allow_network=false")
TAGS = ("cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64", "cp311-macosx_14_0_arm64")
TARGETS = tuple(f"//envs:training_{kind}" for kind in ("pex", "venv", "wheelhouse", "launcher"))
FILES = tuple(
    f"envs/training.{name}"
    for name in ("env.json", "pex", "pex.json", "venv.tar.gz", "venv.tar.gz.json", "launcher.json")
)
UNFETCHED = ("--repo_env=PYTHON_ENV_FETCH=no",)
ASK_PIP = ROOT / "tools/python_env/base/ask_pip.py"
BUILT = SameBytes()
NAMES: list[str] = []


def digests(workspace: Workspace) -> dict[str, str]:
    """Return the sha256 of what was built."""
    return workspace.digests(*FILES)


def run_by(declared: Declared, version: str) -> None:
    """Run the tools by a CPython; venvs carry 3.11."""
    seen = 'use_repo(python_env, "python_env_index_default")\n'
    declared.declare(jar(version), carried=jar("3.11.3"), module=seen)


@pytest.fixture(scope="module", params=list(ENGINES))
def declared(request: pytest.FixtureRequest) -> Iterator[Declared]:
    """Give a workspace that was locked and built without a Python, by an archive that its venv carries, too."""
    slug = re.sub(r"\W+", "-", request.param)
    made = Declared.new(f"toolchains-{slug}", ENGINES[request.param])
    run_by(made, "3.11.3")
    build = made.workspace.path / "envs/BUILD"
    build.write_text(build.read_text().replace("cp311-win_amd64", TAGS[2]))
    made.workspace.bazel(
        "clean", "--expunge", check=False
    )  # what was fetched before, and a server that sees the Pythons
    bare = WithoutPython()
    bare.bazel(made.workspace, "run", "//envs:training.update")
    bare.bazel(made.workspace, "build", *SANDBOX, *TARGETS)
    yield made
    made.workspace.bazel("shutdown", check=False)


def test_no_python_is_there_when_everything_is_made(declared: Declared) -> None:
    """Lock, artifacts and launcher were made; the lock test, doctor and deploy run, and no Python is found."""
    bare, workspace = WithoutPython(), declared.workspace
    found = bare.run(
        workspace, "sh", "-c", "for name in python python3 python3.11 python3.12; do command -v $name; done"
    )
    assert found.stdout == ""
    bare.bazel(workspace, "test", "//envs:training.lock_test")
    assert "runs" in bare.bazel(workspace, "run", "//envs:training_doctor")
    place = workspace.path / "deployed"
    place.mkdir()
    bare.bazel(workspace, "run", "//envs:training_deploy", "--", "--to", place.as_uri())
    assert list(place.rglob("training*.pex"))
    report = json.loads(workspace.output("envs/training.venv.tar.gz.json").read_text())
    assert (report["interpreter"], report["platform"]) == ("3.11.3", TAGS[0])


def test_one_archive_is_fetched_once_for_both_uses(declared: Declared) -> None:
    """No other platform's interpreter, and no second repository of the archive that venvs carry."""
    base = declared.workspace.bazel("info", "output_base").stdout.strip().split("\n")[-1]
    fetched = {path.name.split("~")[-1] for path in Path(base, "external").iterdir() if not path.name.startswith("@")}
    assert {name for name in fetched if "cpython" in name} == {"python_env_cpython_3_11_x86_64_unknown_linux_gnu"}
    assert "carried" in fetched and "python_env_host_interpreter" not in fetched


def test_the_default_index_is_the_carried_pips(declared: Declared) -> None:
    """The repository rule says what this machine's pip would, by the pip of the archive."""
    WithoutPython().bazel(declared.workspace, "build", "@python_env_index_default//:index.json")
    base = declared.workspace.bazel("info", "output_base").stdout.strip().split("\n")[-1]
    [place] = Path(base, "external").glob("*python_env_index_default/index.json")
    asked = subprocess.run([sys.executable, ASK_PIP], capture_output=True, text=True, check=True)
    assert json.loads(place.read_text())["url"] == json.loads(asked.stdout)["url"].rstrip("/")


def test_an_action_takes_little_and_nothing_of_the_machine(declared: Declared) -> None:
    """The library is one file; no headers, tests or pip of the interpreter; no absolute path in the command."""
    said = declared.workspace.bazel("aquery", f'mnemonic("PyEnvPex", {TARGETS[0]})').stdout
    command = said[said.index("Command Line") :]
    assert not re.search(r"(?:^|[ =])/", command, re.MULTILINE), command
    assert re.search(r"external/\S*python_env_cpython_3_11_x86_64_unknown_linux_gnu/\S*bin/python3.11", command)
    inputs = said[said.index("Inputs: [") : said.index("Outputs: [")].split(", ")
    ours = [name for name in inputs if "python_env_cpython" in name]
    allowed = re.compile(
        r"\.library\.zip$|/bin/python3\.11$|\.so[.0-9]*$|/(encodings|lib-dynload)/[^/]*$|/python3\.11/os\.py$"
    )
    assert not [name for name in ours if not allowed.search(name.rstrip("]\n "))] and len(ours) < 250


def test_any_cpython_builds_the_same_bytes(declared: Declared) -> None:
    """By 3.11 and by 3.13 of an archive, and by the machine's own: for macOS on another cpu, or all platforms."""
    if "4-2-3" in declared.workspace.path.name and not EVERY:
        pytest.skip("the tools are the same on each engine")
    workspace = declared.workspace
    seen: dict[str, dict[str, str]] = {}
    tags = TAGS if EVERY else TAGS[2:]  # the suite of determinism has CPythons beside each other, too
    for tag in tags:
        workspace.bazel("build", *SANDBOX, f"{FLAG}={tag}", *TARGETS)
        seen[tag] = digests(workspace)
    try:
        run_by(declared, "3.13.5")
        for tag in tags:
            workspace.bazel("build", *SANDBOX, f"{FLAG}={tag}", *TARGETS)
            assert digests(workspace) == seen[tag], tag
        workspace.bazel("shutdown")  # of the server that was started where no Python is
        workspace.bazel("build", *SANDBOX, f"--extra_toolchains={HOST}", f"{FLAG}={tags[0]}", *TARGETS)
        assert digests(workspace) == seen[tags[0]]
    finally:
        run_by(declared, "3.11.3")


def test_every_engine_builds_the_same_bytes(declared: Declared) -> None:
    """The digests are those of the configurations before."""
    NAMES.append(declared.workspace.path.name)
    declared.workspace.bazel("build", *SANDBOX, *TARGETS)
    BUILT.add(NAMES[-1], {path: declared.workspace.output(path) for path in FILES})
    BUILT.check(NAMES)


@pytest.mark.skipif(not EVERY, reason="a minute on each engine for the same rules")
def test_the_main_example_is_built_without_a_python(declared: Declared) -> None:
    """136 wheels, by the consumer's own lock."""
    workspace = declared.workspace
    build = workspace.path / "envs/BUILD"
    kept = {path: path.read_bytes() for path in (build, build.with_name("training.lock.json"))}
    try:
        for path in kept:
            shutil.copyfile(ROOT / "examples/consumer/envs" / path.name, path)
        WithoutPython().bazel(workspace, "build", *SANDBOX, *TARGETS)
        assert len(json.loads(workspace.output("envs/training.env.json").read_text())["wheels"]) > 100
    finally:
        for path, data in kept.items():
            path.write_bytes(data)


ELF_ARM = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00" + bytes(100)
ELF_MUSL = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00>\x00" + bytes(100) + b"/lib/ld-musl-x86_64.so.1"
MACHO_ARM = b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01" + bytes(100)
PE_ARM = b"MZ" + bytes(62) + b"PE\x00\x00\x64\xaa" + bytes(100)
LIBRARY = {"lib/python3.11/os.py": b""}


@pytest.fixture(scope="module")
def broken() -> Iterator[Declared]:
    """Give a workspace whose declarations are wrong."""
    made = Declared.new("toolchains-broken", next(iter(NEWER.values())))
    yield made
    made.workspace.bazel("shutdown", check=False)


def refusal(declared: Declared) -> str:
    """Return what an analysis says of the declarations, which it refuses."""
    done = declared.workspace.bazel("build", "--nobuild", "//envs:training.update", check=False)
    assert done.returncode != 0, done.stdout
    return done.stdout


def assert_parts(text: str, what: str, fix: str) -> None:
    """Check the three parts of an error."""
    assert f"error: {what}" in text, text[-3000:]
    assert "  where: " in text and "  fix:   " in text and fix in text, text[-3000:]


def test_a_wrong_digest_is_refused(broken: Declared) -> None:
    """The bytes are not the stated ones: mirror, --distdir and the machine's own Python are what is left."""
    broken.declare(Archive(url=jar("3.11.3").url, sha256="0" * 64))
    said = refusal(broken)
    assert_parts(said, "the archive cpython-3.11.3-1.5.9-linux-x86_64.jar is not to be had, or its bytes", HOST)


def test_an_archive_host_that_is_away_is_told_with_both_choices(broken: Declared) -> None:
    """The table's own archive behind a proxy that does not answer: --distdir, or the machine's own Python."""
    broken.declare(Archive(url="http://127.0.0.1:9/python.tar.gz", sha256="1" * 64))
    said = refusal(broken)
    assert_parts(said, "the archive python.tar.gz is not to be had", f'register_toolchains("{HOST}")')
    assert "--distdir" in said and "docs/toolchains.md" in said


def test_the_graph_is_told_without_an_archive(broken: Declared) -> None:
    """With PYTHON_ENV_FETCH=no no host is asked for it, and what stands in its place says so when it is run."""
    away = Archive(url="http://127.0.0.1:9/python.tar.gz", sha256="1" * 64)
    broken.declare(away, carried=away)
    lock = broken.workspace.path / "envs/training.lock.json"
    before = lock.read_bytes()
    shutil.copyfile(ROOT / "examples/hello/hello.lock.json", lock)
    try:
        graph = broken.workspace.bazel("cquery", *UNFETCHED, "deps(//...)")
        done = broken.workspace.bazel("build", *UNFETCHED, "//envs:training_pex", check=False)
    finally:
        lock.write_bytes(before)
    assert "//envs:training_pex (" in graph.stdout and "//:interpreter (" in graph.stdout
    assert done.returncode != 0
    assert_parts(done.stdout, "python.tar.gz was not fetched, as PYTHON_ENV_FETCH=no asks", "build without --repo_env")


def test_a_folder_of_files_answers_for_the_host(broken: Declared) -> None:
    """--distdir has the archive: the URL's host is not asked."""
    said = jar("3.11.3")
    broken.declare(Archive(url=f"http://127.0.0.1:9/{Path(said.url).name}", sha256=said.sha256))
    broken.workspace.bazel("build", "--nobuild", f"--distdir={Path(said.url[7:]).parent}", "//envs:training.update")


def test_another_minor_version_is_refused(broken: Declared) -> None:
    """What bin/ holds is said."""
    broken.declare(jar("3.12.1", python_version="3.11.3"))
    said = refusal(broken)
    assert_parts(
        said, f'the archive has no bin/python3.11 below "{JAR_ROOT}": its bin/ holds python3.12', "python_version"
    )


def test_another_patch_version_is_refused(broken: Declared) -> None:
    """The header's version counts."""
    broken.declare(jar("3.11.3", python_version="3.11.4"))
    assert_parts(refusal(broken), "the archive holds CPython 3.11.3, not 3.11.4", 'python_version = "3.11.3"')


@pytest.mark.parametrize(
    ("program", "what"),
    [
        (ELF_ARM, "a program for linux aarch64"),
        (ELF_MUSL, "a program for linux x86_64 musl"),
        (MACHO_ARM, "a program for osx aarch64"),
        (PE_ARM, "a program for windows aarch64"),
        (b"#!/bin/sh\n", "no program of Linux, macOS or Windows"),
    ],
)
def test_another_machines_program_is_refused(broken: Declared, tmp_path: Path, program: bytes, what: str) -> None:
    """By the first bytes of the program, whatever its name is."""
    place = tarball(tmp_path / "python.tar.gz", {"bin/python3.11": program, **LIBRARY})
    broken.declare(Archive.of(place, strip_prefix="python"))
    assert_parts(refusal(broken), f"python/bin/python3.11 is {what}, not for {LINUX}", "platform")


def test_an_archive_without_an_interpreter_is_refused(broken: Declared, tmp_path: Path) -> None:
    """What lies there instead is said, and so is a folder that is not there."""
    place = tarball(tmp_path / "python.tar.gz", {"share/readme": b"", **LIBRARY})
    broken.declare(Archive.of(place, strip_prefix="python"))
    assert_parts(
        refusal(broken), 'the archive has no bin/python3.11 below "python": it holds lib, share', "strip_prefix"
    )
    broken.declare(Archive.of(place, strip_prefix="other"))
    assert_parts(
        refusal(broken), 'the archive has no bin/python3.11 below "other": it has no such folder', "strip_prefix"
    )


def test_a_name_that_does_not_say_how_it_is_packed_is_refused(broken: Declared, tmp_path: Path) -> None:
    """Bazel unpacks by the file's name."""
    place = tarball(tmp_path / "python.archive", LIBRARY)
    broken.declare(Archive.of(place, strip_prefix="python"))
    assert_parts(refusal(broken), "the name python.archive does not say how the archive is packed", ".tar.gz")


@pytest.mark.parametrize(
    ("version", "what"),
    [
        ("3.10", "CPython 3.10 is too old to run the tools, which need 3.11 or newer"),
        ("3.15", "the table has no CPython 3.15, and no archive is named"),
        ("3", 'python_version is "3", not X.Y or X.Y.Z'),
    ],
)
def test_a_version_that_cannot_be_is_refused(broken: Declared, version: str, what: str) -> None:
    """With the versions of the table."""
    call = f'python_env.toolchain(python_version = "{version}")\n'
    broken.declare(module=call, calls=call.replace(".", "_", 1).replace("toolchain(", "toolchains("))
    assert_parts(refusal(broken), what, "take a version of the table: 3.11.15, ")


def test_an_unknown_platform_is_refused(broken: Declared) -> None:
    """With the words that platforms are made of."""
    broken.declare(jar("3.11.3", platform="linux-x86_64"))
    assert_parts(refusal(broken), 'platform "linux-x86_64" is not known', "write <cpu>-apple-darwin or ")


def test_modules_that_disagree_are_told_until_the_root_says_what_holds(broken: Declared) -> None:
    """Two modules ask for two versions; the root's tag wins."""
    if broken.workspace.environment:
        pytest.skip("there are no modules without bzlmod")
    module = ""
    for name, version in (("one", "3.12"), ("two", "3.13")):
        folder = broken.workspace.path / name
        folder.mkdir(exist_ok=True)
        (folder / "BUILD").write_text("")
        (folder / "MODULE.bazel").write_text(
            f'module(name = "{name}")\nbazel_dep(name = "rules_python_env", version = "0.1.0")\n'
            'python_env = use_extension("@rules_python_env//rules:extensions.bzl", "python_env")\n'
            f'python_env.toolchain(python_version = "{version}")\n'
        )
        module += (
            f'bazel_dep(name = "{name}", version = "0")\nlocal_path_override(module_name = "{name}", path = "{name}")\n'
        )
    broken.declare(module=module)
    what = "two versions of the Python that runs the tools are asked for: 3.12 by module one, 3.13 by module two"
    assert_parts(refusal(broken), what, 'python_env.toolchain(python_version = "3.13")')
    broken.declare(jar("3.11.3"), module=module)
    broken.workspace.bazel("build", "--nobuild", "//envs:training.update")


def test_a_platform_without_an_interpreter_is_told_both_choices(broken: Declared) -> None:
    """A version that the table has not, named for glibc alone, and an execution platform with musl."""
    broken.declare(jar("3.11.3"), module='python_env.toolchain(python_version = "3.11.3")\n')
    musl = "@rules_python_env//rules/platforms:linux_x86_64_musl"
    flags = (f"--extra_execution_platforms={musl}", f"--host_platform={musl}")
    done = broken.workspace.bazel("build", "--nobuild", *flags, "//envs:training.update", check=False)
    assert done.returncode != 0
    assert_parts(done.stdout, "no CPython is registered that runs the tools on this execution platform", HOST)
    assert "python_env.toolchain(platform = " in done.stdout
