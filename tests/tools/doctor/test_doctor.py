"""The command, what its notes say, and where a finding counts."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from python_env.__main__ import main
from python_env.artifacts.model import ArtifactKind, Container, InheritPath, Report, render_report
from python_env.base.platforms import parse_platform
from python_env.doctor.archive import Archive, Format, Member
from python_env.doctor.catalog import CHECKS
from python_env.doctor.clusters import DEFAULT_HADOOP, DEFAULT_SPARKS
from python_env.doctor.diagnosis import diagnose
from python_env.doctor.model import Case, Severity, Target
from python_env.doctor.policy import choose_policy, read_policy
from python_env.doctor.readers.open import read_subject
from python_env.doctor.subject import Subject
from python_env.launcher.model import Combination
from support.binaries import elf
from support.broken_artifacts import BROKEN, MODULE, Node, code, link, pex, venv, write_tree

PLATFORM = "cp311-manylinux_2_28_x86_64"


def run(capfd: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Run the command and return its exit code and what it prints."""
    code = main(["doctor", *map(str, words)])
    captured = capfd.readouterr()
    return code, captured.out, captured.err


def document(capfd: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    """Return the first file of the JSON document."""
    found: dict[str, Any] = json.loads(run(capfd, "--json", *words)[1])
    assert (found["kind"], found["schema"]) == ("doctor", 1)
    file: dict[str, Any] = found["files"][0]
    return file


def checks(file: dict[str, Any]) -> dict[str, str]:
    """Return severity by check."""
    return {each["check"]: each["severity"] for each in file["findings"]}


@pytest.mark.parametrize("content", [b"", b"neither", b"PK\x05\x06" + bytes(10), b"\x1f\x8b\x08\0cut"])
def test_what_is_no_archive_exits_2(tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes) -> None:
    """An empty, foreign or cut file, one error in three parts, and no verdict."""
    (tmp_path / "a.zip").write_bytes(content)
    code, out, err = run(capfd, tmp_path / "a.zip")
    assert (code, out) == (2, "")
    assert err.startswith("error: ") and "where: " in err and "fix: " in err


def test_a_cut_tarball_exits_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The members before the cut are no environment."""
    path = write_tree(tmp_path / "a.tar.gz", venv())
    path.write_bytes(path.read_bytes()[:-20])
    assert run(capfd, path)[0] == 2


def test_a_folder_and_a_missing_file_exit_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither is shipped."""
    assert "Spark ships files" in run(capfd, tmp_path)[2]
    assert run(capfd, tmp_path / "absent.tar.gz")[0] == 2


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_wheelhouse_exits_2(tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    """Ours has a program that installs; another's is a folder of wheels, in any container."""
    tree = {"__main__.py": Node(data=b"install()"), "wheels/six-1.17.0-py3-none-any.whl": Node(data=b"no zip")}
    code, out, err = run(capfd, write_tree(tmp_path / name, tree))
    assert (code, out) == (2, "")
    assert "error: a wheelhouse is nothing that a cluster starts" in err and "fix:   give the PEX or the venv" in err


def test_an_interpreter_that_brings_wheels_is_no_wheelhouse(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """ensurepip has wheels inside; without its bin/python such a tree is a broken environment."""
    tree = {"lib/python3.11/ensurepip/_bundled/pip-23.0-py3-none-any.whl": Node(), "lib/python3.11/os.py": Node()}
    assert checks(document(capfd, write_tree(tmp_path / "a.tar.gz", tree)))["interpreter-missing"] == "error"


def test_code_that_lies_apart_needs_no_interpreter(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Its python_env.json says what it is; a first-party __main__.py or bin/python is no interpreter of it."""
    path = write_tree(tmp_path / "a.code.tar.gz", code(**{"bin/python": Node()}))
    file = document(capfd, path, "--platform", PLATFORM)
    assert checks(file) == {"cost": "note"}
    assert file["holds"] == "first-party code, tar.gz"
    assert all(verdict["runs"] for verdict in file["verdicts"])


def test_faults_of_code_that_lies_apart_are_found(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Links, modes and native modules count there, too."""
    tree = code(a=link("/opt/a"), b=Node(mode=0o200), **{"c.so": Node(data=elf(loader=b"", versions=("GLIBC_2.34",)))})
    found = checks(document(capfd, write_tree(tmp_path / "a.code.tar.gz", tree), "--platform", PLATFORM))
    assert {"link-outside", "unreadable", "elf-glibc"} <= {check for check in found if found[check] == "error"}


def test_words_that_mean_nothing_are_told_together(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """All of them at once, and no archive is read."""
    words = ("--spark", "new", "--hadoop", "3", "--combination", "standalone-cluster")
    code, _, err = run(capfd, *words, tmp_path / "absent")
    assert code == 2
    assert err.count("error: ") == 3


def test_strict_makes_warnings_fail(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A dead link is a warning: exit code 0, and 1 with --strict."""
    path = write_tree(tmp_path / "a.tar.gz", {**venv(), "d": link("nowhere")})
    assert run(capfd, path)[0] == 0
    assert run(capfd, path, "--strict")[0] == 1


def test_a_fault_of_some_versions_is_a_note_until_one_is_asked_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A zip outside of YARN works on Spark 4: a note for who names none, an error for who has 3.5, too."""
    path = write_tree(tmp_path / "a.zip", venv())
    file = document(capfd, path)
    (found,) = [each for each in file["findings"] if each["check"] == "modes-lost"]
    assert (found["severity"], found["stated"]) == ("note", "error")
    assert "kubernetes-client, Spark 3.5" in found["cases"] and not any("yarn" in case for case in found["cases"])
    no = {(each["combination"], each["spark"]) for each in file["verdicts"] if not each["runs"]}
    assert ("kubernetes-client", "3.5") in no and ("kubernetes-client", "4.3") not in no
    assert checks(document(capfd, path, "--spark", "3.5-vendor.1"))["modes-lost"] == "error"
    assert checks(document(capfd, path, "--spark", "3.5", "--spark", "4.0"))["modes-lost"] == "error"
    assert "modes-lost" not in checks(document(capfd, path, "--spark", "3.5", "--master", "yarn"))


@pytest.mark.parametrize(("hadoop", "reads"), [("3.3", False), ("3.4.0", False), ("3.4", False), ("3.4.1", True)])
def test_a_preamble_is_read_from_hadoop_3_4_1_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], hadoop: str, reads: bool
) -> None:
    """What real NodeManager classes did with it; `3.4` is all of 3.4.x, of which 3.4.0 fails."""
    path = write_tree(tmp_path / "a.zip", venv(), preamble=b"#!/usr/bin/env python3.11\n")
    file = document(capfd, path, "--hadoop", hadoop, "--master", "yarn")
    assert ("zip-preamble" not in checks(file)) is reads


def test_what_every_node_has_is_no_fault(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Absolute links and libraries that --on-nodes names."""
    tree = {**venv(), "bin/python": link("/opt/py"), MODULE: Node(data=elf(loader=b"", needed=("libx.so.1",)))}
    path = write_tree(tmp_path / "a.tar.gz", tree)
    found = checks(document(capfd, path))
    assert {found["link-outside"], found["elf-needed"]} == {"error"}
    code, out, _ = run(capfd, path, "--on-nodes", "/opt/py", "--on-nodes", "libx.so.1")
    assert code == 0, out


@pytest.mark.parametrize(
    ("runpath", "place", "fits"),
    [
        ("$ORIGIN/../numpy.libs", "numpy.libs/libx.so.1", True),
        ("/nowhere:${ORIGIN}", "numpy/libx.so.1", True),
        ("$ORIGIN/../other", "numpy.libs/liby.so.1", False),
    ],
)
def test_libraries_are_looked_for_by_origin(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], runpath: str, place: str, fits: bool
) -> None:
    """RUNPATH entries of the archive, as the loader expands them."""
    site = MODULE.rpartition("/numpy/")[0]
    module = Node(data=elf(loader=b"", needed=("libx.so.1",), runpath=runpath))
    tree = {**venv(), MODULE: module, f"{site}/{place}": Node(data=elf(loader=b""))}
    found = checks(document(capfd, write_tree(tmp_path / "a.tar.gz", tree)))
    assert ("elf-needed" in found) is not fits


def test_modules_of_the_interpreter_are_notes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A CPython that takes libbz2 from the node starts without it; a wheel's module may be all that a package is."""
    module = Node(data=elf(loader=b"", needed=("libbz2.so.1",)))
    tree = {**venv(), "lib/python3.11/lib-dynload/_bz2.so": module}
    assert checks(document(capfd, write_tree(tmp_path / "a.tar.gz", tree)))["elf-needed"] == "note"


def test_native_files_of_pure_wheels_are_notes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A py3-none-any wheel brings one library per machine and chooses when it runs, as debugpy does."""
    site = MODULE.rpartition("/numpy/")[0]
    info = f"{site}/debugpy-1.0.dist-info"
    tree = {
        **venv(),
        f"{site}/debugpy/attach.so": Node(data=elf(loader=b"", versions=("GLIBC_2.34",))),
        f"{info}/WHEEL": Node(data=b"Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n"),
        f"{info}/RECORD": Node(data=b"debugpy/attach.so,sha256=x,1\n"),
    }
    path = write_tree(tmp_path / "a.tar.gz", tree)
    assert checks(document(capfd, path, "--platform", PLATFORM))["elf-glibc"] == "note"
    del tree[f"{info}/RECORD"]
    path = write_tree(tmp_path / "a.tar.gz", tree)
    assert checks(document(capfd, path, "--platform", PLATFORM))["elf-glibc"] == "error"


def test_nothing_is_compared_with_a_floor_that_nobody_stated(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Without a platform the machine is that of most files, and no glibc is too new."""
    module = Node(data=elf(loader=b"", versions=("GLIBC_2.39",)))
    path = write_tree(tmp_path / "a.tar.gz", {**venv(), MODULE: module})
    assert "elf-glibc" not in checks(document(capfd, path))
    mixed = {**venv(), f"{MODULE}.1": Node(data=elf("aarch64", loader=b""))}
    assert checks(document(capfd, write_tree(tmp_path / "b.tar.gz", mixed)))["elf-machine"] == "error"


def test_the_notes_of_a_pex(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The Python that nodes must have, PEX_ROOT, and what it costs."""
    path = write_tree(tmp_path / "a.pex", pex(), preamble=b"#!/usr/bin/env python3.11\n")
    file = document(capfd, path)
    assert checks(file) == dict.fromkeys(("interpreter-on-node", "pex-root", "cost"), "note")
    assert "python3.11" in next(each["reason"] for each in file["findings"] if each["check"] == "interpreter-on-node")
    assert file["holds"] == "PEX, zip, without an interpreter"


def test_the_cost_is_about_4_ms_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """1000 files and the 8 of the environment: about 4 s on a node."""
    tree = {**venv(), **{f"share/{number}": Node() for number in range(1000)}}
    (found,) = [
        each for each in document(capfd, write_tree(tmp_path / "a.tar.gz", tree))["findings"] if each["check"] == "cost"
    ]
    assert "1008 files" in found["reason"] and "about 4 s" in found["reason"]


def test_a_name_that_stands_twice(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What unpacks takes the last one; nobody meant that."""
    path = write_tree(tmp_path / "a.zip", venv())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("bin/tool", b"")
    assert checks(document(capfd, path, "--master", "yarn"))["name-twice"] == "warning"


def test_an_encrypted_member(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The flag of the central directory tells; nothing is inflated."""
    path = write_tree(tmp_path / "a.zip", venv())
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, at + 8, struct.unpack_from("<H", data, at + 8)[0] | 1)
    path.write_bytes(data)
    assert checks(document(capfd, path, "--master", "yarn"))["zip-encrypted"] == "error"


def test_a_zipapp_that_its_python_cannot_start() -> None:
    """From 65,535 files on, before CPython 3.13; the packed layout may have more."""
    members = tuple(Member(name=f"{number}") for number in range(65_535))
    archive = Archive(name="a.pex", format=Format.ZIP, size=1, members=(Member(name="__main__.py"), *members))
    info = {"inherit_path": "fallback"}
    target = Target(cases=(), python=(3, 12))

    def found(archive: Archive, target: Target) -> set[str]:
        return {each.check for each in diagnose(Subject(archive=archive, pex_info=info), target).findings}

    assert "pex-size" in found(archive, target)
    assert "pex-size" not in found(archive, replace(target, python=(3, 13)))
    assert "pex-size" not in found(replace(archive, name="a.pex.zip"), target)


def _report(path: Path, *, size: int) -> None:
    report = Report(
        kind=ArtifactKind.PEX,
        container=Container.FILE,
        name="a",
        env_id="",
        parent="",
        platform=PLATFORM,
        python="3.11",
        distributions={},
        file=path.name,
        sha256="",
        size=size,
        file_count=1,
        unpacked_size=1,
        entry_point="app",
        inherit_path=InheritPath.FALLBACK,
    )
    path.with_name(path.name + ".json").write_bytes(render_report(report))


def test_the_report_of_our_own_states_the_platform(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The platform of the report counts, and our launcher sets what an entry point needs; not of another file's."""
    tree = {**pex(entry_point="app"), "a/c.so": Node(data=elf(loader=b"", versions=("GLIBC_2.34",)))}
    path = write_tree(tmp_path / "a.pex", tree, preamble=b"#!/usr/bin/env python3.11\n")
    _report(path, size=path.stat().st_size)
    assert checks(document(capfd, path, "--master", "connect"))["pex-entry-point"] == "error"
    found = checks(document(capfd, path))
    assert (found["elf-glibc"], found["pex-entry-point"]) == ("error", "note")
    assert "pex-root" not in found
    _report(path, size=1)
    found = checks(document(capfd, path))
    assert found["pex-entry-point"] == "error" and "elf-glibc" not in found


def test_a_report_of_another_version_is_not_needed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is refused, since it may say what is not understood; --platform says what is wanted of it."""
    path = write_tree(tmp_path / "a.tar.gz", venv())
    path.with_name("a.tar.gz.json").write_text('{"kind": "artifact", "schema": 1}')
    code, _, err = run(capfd, path)
    assert code == 2 and "fix:   --platform TAG, which this report would have said; or build the artifact again" in err
    assert run(capfd, path, "--platform", PLATFORM)[0] == 0


@pytest.mark.parametrize(
    "text",
    ["not JSON", "[]", '{"kind": "lock", "schema": 1}', "[" * 100_000],
    ids=["text", "array", "another kind", "deep"],
)
def test_a_foreign_json_beside_the_file_is_none_of_ours(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str
) -> None:
    """Other tools write files of such names, too."""
    path = write_tree(tmp_path / "a.tar.gz", venv())
    path.with_name("a.tar.gz.json").write_text(text)
    assert run(capfd, path)[0] == 0


def test_sessions_are_judged_where_they_are_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Spark Connect starts workers in its own way: no file fails for it that was not meant for it."""
    path = write_tree(tmp_path / "a.tar.gz", venv())
    for words, are_there in (((), False), (("--master", "connect"), True), (("--combination", "connect"), True)):
        verdicts = document(capfd, path, *words)["verdicts"]
        assert any(verdict["combination"] == "connect" for verdict in verdicts) is are_there


def test_executors_run_on_linux(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An archive for Windows runs on no cluster, as the launcher says."""
    path = write_tree(tmp_path / "a.tar.gz", {**venv(), MODULE: Node()})
    assert checks(document(capfd, path, "--platform", "cp311-win_amd64"))["not-linux"] == "error"


def test_the_text_groups_files_and_ends_with_verdicts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Three files of a check are named, the others counted; no colour where nobody looks."""
    tree = {**venv(), **{f"d{number}": link("nowhere") for number in range(5)}}
    code, out, _ = run(capfd, write_tree(tmp_path / "a.tar.gz", tree), "--spark", "3.5", "--master", "yarn")
    assert code == 0
    assert out.count("link-broken") == 1 and "and 2 more" in out and "\x1b" not in out
    assert out.splitlines()[-3:] == [
        "  runs   yarn-client, Spark 3.5, Hadoop 3.3",
        "  runs   yarn-cluster, Spark 3.5, Hadoop 3.3",
        "  0 errors, 5 warnings, 1 note",
    ]


def test_the_document_is_the_same_in_another_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """No path of the machine in it."""
    texts = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        texts.append(run(capfd, "--json", write_tree(tmp_path / name / "a.tar.gz", venv()))[1])
    assert texts[0] == texts[1]


def test_links_are_followed_through_links(tmp_path: Path) -> None:
    """As the kernel does: each part of a path, from where the link lies."""
    tree = {**venv(), "a": link("lib"), "lib/b": link("../a/python3.11"), "c": link("a/b/os.py")}
    subject = read_subject(write_tree(tmp_path / "a.tar.gz", tree))
    assert subject.resolve("c") == ("lib/python3.11/os.py", "")
    assert subject.resolve("a/../x")[1] == "missing"
    assert subject.resolve("a/../../x") == ("../x", "leaves")


def test_members_are_read_no_further_than_needed(tmp_path: Path) -> None:
    """A large library behind whose dynamic section much follows: read from a zip as from a tar."""
    data = elf(loader=b"", needed=("libc.so.6", "libz.so.1")) + os.urandom(1 << 21)
    for name in ("a.zip", "a.tar.gz"):
        subject = read_subject(write_tree(tmp_path / name, {**venv(), MODULE: Node(data=data)}))
        binary = subject.by_name[MODULE].binary
        assert binary is not None and binary.needed == ("libc.so.6", "libz.so.1")


@pytest.mark.parametrize("name", ["a.pex.zip", "a.tar.gz"])
def test_wheels_of_a_packed_pex_are_read(tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    """A packed PEX that a person zipped or tarred: its wheels are compressed once more."""
    (wheel,) = [each for each in BROKEN if each.title == "elf-glibc-in-wheel"]
    tree = {path: replace(node, method=zipfile.ZIP_DEFLATED) for path, node in wheel.tree.items()}
    file = document(capfd, write_tree(tmp_path / name, tree), "--platform", PLATFORM, "--master", "yarn")
    assert checks(file)["elf-glibc"] == "error"


def test_policies_follow_the_platform() -> None:
    """The newest policy that the platform is not older than; musl has its own."""
    assert read_policy(parse_platform("cp311-manylinux_2_30_x86_64")).name == "manylinux_2_28"
    assert read_policy(parse_platform("cp311-musllinux_1_2_x86_64")).name == "musllinux_1_2"
    policy = read_policy(parse_platform(PLATFORM))
    assert policy.has("libstdc++.so.6") and policy.has("ld-linux-x86-64.so.2") and not policy.has("libcuda.so.1")
    assert policy.is_too_new("GLIBCXX_3.4.25") and not policy.is_too_new("GLIBCXX_3.4.24")


def test_a_platform_older_than_all_policies_takes_the_first() -> None:
    """Rather too strict than none."""
    rows = [{"name": "manylinux_2_17", "lib_whitelist": [], "symbol_versions": {}}]
    assert choose_policy(rows, parse_platform("cp311-manylinux_2_5_x86_64")).name == "manylinux_2_17"


def test_ids_are_unique_and_every_check_has_its_words() -> None:
    """A row of the table says what and who says so."""
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(check.what and check.source for check in CHECKS)


def test_a_finding_without_cases_counts_everywhere(tmp_path: Path) -> None:
    """And an error that touches all cases of one master stays an error."""
    subject = read_subject(write_tree(tmp_path / "a.tar.gz", {"x": Node()}))
    cases = tuple(
        Case(combination=each, spark=DEFAULT_SPARKS[0], hadoop=DEFAULT_HADOOP)
        for each in (Combination.YARN_CLIENT, Combination.LOCAL_CLUSTER)
    )
    found = diagnose(subject, Target(cases=cases))
    assert found.count(Severity.ERROR) == 1
    assert all(verdict.fails == ("interpreter-missing",) for verdict in found.verdicts)
