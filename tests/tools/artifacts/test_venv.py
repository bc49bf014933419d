"""The venv tarball: opened, moved, run and checked."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from artifacts.conftest import Builder, bare_environment

from support.wheels import make_wheel, record_line, sha256


@pytest.fixture
def unpacked(builder: Builder) -> Path:
    """Return the tree of the built tarball, at a place with a space in its name."""
    assert builder.venv() == 0
    place = builder.folder / "some where"
    place.mkdir()
    subprocess.run(["tar", "-xzf", builder.folder / "small.venv.tar.gz", "-C", place], check=True)
    return place


def python(place: Path, *words: str, **environment: str) -> str:
    """Run the environment's interpreter and return what it prints."""
    command = [place / "bin/python", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=bare_environment(**environment), cwd="/"
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip()


def test_sys_prefix_is_where_the_tree_lies(unpacked: Path) -> None:
    """Also isolated, and after moving; packages come from inside."""
    moved = unpacked.rename(unpacked.parent / "moved")
    for words in (["-c"], ["-I", "-c"]):
        assert python(moved, *words, "import sys; print(sys.prefix)") == str(moved)
    assert python(moved, "-c", "import app; print(app.VALUE, app.__file__)") == (
        f"lib {moved}/lib/python3.11/site-packages/app/__init__.py"
    )


@pytest.mark.parametrize("name", ["python3", "python3.11"])
def test_the_other_names_of_the_interpreter_work(unpacked: Path, name: str) -> None:
    """They are links inside the archive."""
    done = subprocess.run(
        [unpacked / "bin" / name, "-c", "import sys; print(sys.prefix)"],
        capture_output=True,
        text=True,
        check=True,
        env=bare_environment(),
    )
    assert done.stdout.strip() == str(unpacked)


def test_a_link_from_outside_works(unpacked: Path, tmp_path: Path) -> None:
    """An interpreter that is started through a link still finds its folder."""
    link = tmp_path / "link"
    link.symlink_to(unpacked / "bin" / "python3")
    done = subprocess.run(
        [link, "-c", "import app"], capture_output=True, text=True, check=False, env=bare_environment()
    )
    assert done.returncode == 0, done.stderr


def test_it_runs_from_a_read_only_place(unpacked: Path) -> None:
    """It starts where nothing can be written: without the right to pass over modes, where the tests run as root."""
    subprocess.run(["chmod", "-R", "a-w,a+rX", unpacked], check=True)
    drop = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
    code = "import app, os; print(app.VALUE, os.access(app.__file__, os.W_OK))"
    words = [*drop, unpacked / "bin/python", "-c", code]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=bare_environment())
    finally:
        subprocess.run(["chmod", "-R", "u+w", unpacked], check=True)
    assert done.stdout == "lib False\n", done.stderr
    assert not list(unpacked.rglob("*.pyc"))


def test_children_see_the_same_packages(unpacked: Path, tmp_path: Path) -> None:
    """subprocess through sys.executable, and multiprocessing with spawn."""
    script = tmp_path / "spawn.py"
    script.write_text(
        "import multiprocessing, subprocess, sys\n"
        "def name(_):\n    import app\n    return app.VALUE + sys.prefix\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n        print(pool.map(name, [1]))\n"
        "    sys.stdout.flush()\n"
        "    subprocess.run([sys.executable, '-c', 'import app, sys; print(app.VALUE + sys.prefix)'], check=True)\n"
    )
    assert python(unpacked, str(script)).splitlines() == [f"['lib{unpacked}']", f"lib{unpacked}"]


def test_nothing_leaks_to_another_python(unpacked: Path) -> None:
    """A child of the host's own interpreter does not see the environment."""
    code = (
        "import os, subprocess\n"
        "assert 'PYTHONPATH' not in os.environ and 'PYTHONHOME' not in os.environ\n"
        "print(subprocess.run(['/usr/bin/env', 'python3', '-c', 'import app'], capture_output=True).returncode)\n"
    )
    assert python(unpacked, "-c", code) == "1"


def test_the_clusters_pythonpath_is_visible(unpacked: Path, tmp_path: Path) -> None:
    """Spark hands pyspark to a worker by PYTHONPATH."""
    (tmp_path / "clusters.py").write_text("X = 1\n")
    assert python(unpacked, "-c", "import clusters, app; print(clusters.X)", PYTHONPATH=str(tmp_path)) == "1"


def test_console_scripts_work_after_moving(unpacked: Path, tmp_path: Path) -> None:
    """From an entry point and from the wheel's own scripts, through a link and from another folder."""
    link = tmp_path / "linked"
    link.symlink_to(unpacked / "bin/run-app")
    for script in (unpacked / "bin/run-app", link):
        command = [script, "one", "two words"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=bare_environment(), cwd="/")
        assert (done.returncode, done.stdout) == (3, f"app {unpacked} one two words\n"), done.stderr
    done = subprocess.run([unpacked / "bin/hello"], capture_output=True, text=True, check=True, env=bare_environment())
    assert done.stdout == "hello lib\n"


SCRIPTS = {
    "plain": b"#!python\nprint('ok')\n",
    "docstring": b'#!python\n# a comment\n\n"""ok"""\nprint(__doc__)\n',
    "docstring in parentheses": b"#!python\n('ok')\nprint(__doc__)\n",
    "__future__": b"#!python\nfrom __future__ import annotations\nprint('ok')\n",
    "docstring and __future__": b'#!python\nr"""ok"""\nfrom __future__ import annotations\nprint(__doc__)\n',
    "encoding": b"#!python\n# -*- coding: latin-1 -*-\nprint('ok' if '\xe9' == chr(233) else 'moved')\n",
    "encoding first": b"#!python # coding: latin-1\nprint('ok' if '\xe9' == chr(233) else 'moved')\n",
    "more than a megabyte": b"#!python\nprint('ok')\n" + b"#" * (1 << 20) + b"\n",
    "windows lines": b"#!python\r\nprint('ok')\r\n",
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_a_python_script_means_what_it_meant(builder: Builder, case: str) -> None:
    """Whatever its first statement and its first lines say; through a link and with arguments."""
    files = {"tool-1.0.data/scripts/run it": SCRIPTS[case]}
    builder.wheels.append(make_wheel(builder.folder, "tool", files=files))
    assert builder.venv() == 0
    place = builder.folder / "some where"
    place.mkdir()
    subprocess.run(["tar", "-xzf", builder.folder / "small.venv.tar.gz", "-C", place], check=True)
    link = builder.folder / "linked"
    link.symlink_to(place / "bin/run it")
    for script in (place / "bin/run it", link):
        done = subprocess.run(
            [script, "one"], capture_output=True, text=True, check=False, env=bare_environment(), cwd="/"
        )
        assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr


def test_a_script_that_lies_beside_its_launcher_is_recorded(builder: Builder) -> None:
    """Both files, with their digests; the script as it was in the wheel."""
    files = {"tool-1.0.data/scripts/run": SCRIPTS["docstring"]}
    builder.wheels.append(make_wheel(builder.folder, "tool", files=files))
    assert builder.venv() == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        record = archive.extractfile("lib/python3.11/site-packages/tool-1.0.dist-info/RECORD")
        rows = record.read().decode().splitlines()  # type: ignore[union-attr]  # a regular file
        launcher = archive.extractfile("bin/run").read()  # type: ignore[union-attr]  # a regular file
    assert record_line("../../../bin/run-script.py", SCRIPTS["docstring"]) in rows
    assert record_line("../../../bin/run", launcher) in rows


def test_no_shebang_and_no_link_names_a_place(builder: Builder) -> None:
    """No absolute path stands in the archive, no link leaves it, nothing is writable by others."""
    assert builder.venv() == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        for member in archive:
            assert (not member.name.startswith(("/", "..")) and not member.mode & 0o022) or member.issym()
            assert (member.uid, member.gid, member.uname, member.gname, member.mtime) == (0, 0, "", "", 315532800)
            if member.issym():
                assert "/" not in member.linkname
            elif member.name.startswith("bin/"):
                head = archive.extractfile(member).read(64)  # type: ignore[union-attr]  # a regular file
                assert head.startswith((b"#!/bin/sh\n", b"#!/usr/bin/env bash\n"))


def test_a_missing_interpreter_is_said_in_three_parts(unpacked: Path, tmp_path: Path) -> None:
    """A node without python3.11: the error names PATH and what to install; a version manager's shim is none."""
    (tmp_path / "python3.11").write_text("#!/bin/sh\necho shim\n")
    (tmp_path / "python3.11").chmod(0o755)
    for tool in ("bash", "env"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}" if Path(f"/bin/{tool}").exists() else f"/usr/bin/{tool}")
    done = subprocess.run(
        ["/usr/bin/env", "bash", unpacked / "bin/python", "-c", "1"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(tmp_path)},
    )
    assert done.returncode == 127
    assert "error: there is no python3.11 that can be used on this machine's PATH" in done.stderr
    assert "fix:   install python3.11" in done.stderr


def test_an_interpreter_that_does_not_start_is_passed_over(unpacked: Path, tmp_path: Path) -> None:
    """A moved build does not find its library; the next python3.11 on PATH is taken."""
    shutil.copy("/bin/false", tmp_path / "python3.11")
    environment = bare_environment()
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    command = [unpacked / "bin/python", "-c", "import sys; print(sys.prefix)"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.strip() == str(unpacked), done.stderr


def test_the_schemes_go_where_an_installer_puts_them(unpacked: Path) -> None:
    """data, headers and scripts."""
    assert (unpacked / "share/app/data.txt").read_text() == "data\n"
    assert (unpacked / "include/site/python3.11/app/app.h").exists()


def test_record_lists_every_installed_file(unpacked: Path) -> None:
    """Paths are relative to site-packages, hashes fit, generated scripts are listed."""
    site = unpacked / "lib/python3.11/site-packages"
    with (site / "app-1.0.dist-info/RECORD").open(newline="") as file:
        rows = {row[0]: row for row in csv.reader(file)}
    assert {"../../../bin/run-app", "../../../bin/hello", "../../../share/app/data.txt"} <= rows.keys()
    for name, row in rows.items():
        path = (site / name).resolve()
        assert path.exists(), name
        if not name.endswith("RECORD"):
            assert ",".join(row) == record_line(name, path.read_bytes())
    assert (site / "app-1.0.dist-info/INSTALLER").read_text() == "rules_python_env\n"


def test_it_says_which_environment_it_is(unpacked: Path) -> None:
    """python_env.json is a file, readable without an import."""
    identity = json.loads((unpacked / "python_env.json").read_text())
    assert (identity["name"], identity["env_id"], identity["platform"]) == (
        "small",
        "e" * 64,
        "cp311-manylinux_2_28_x86_64",
    )


def test_the_report_fits_the_file(builder: Builder) -> None:
    """sha256, size and number of files are those of the archive."""
    assert builder.venv() == 0
    archive = builder.folder / "small.venv.tar.gz"
    report = json.loads(Path(f"{archive}.json").read_text())
    with tarfile.open(archive) as members:
        files = [member for member in members if member.isfile()]
    assert (report["sha256"], report["size"]) == (sha256(archive), archive.stat().st_size)
    assert (report["file_count"], report["unpacked_size"]) == (len(files), sum(member.size for member in files))
    assert report["distributions"] == {"app": "1.0", "lib": "1.0"}
    assert (report["venv_mode"], report["hermetic_scripts"], report["inherit_path"]) == (False, False, "")


def test_first_party_code_is_importable(builder: Builder) -> None:
    """It lies in site-packages; a clash with a wheel's file is refused."""
    assert builder.venv(*builder.source("jobs/job.py")) == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        assert "lib/python3.11/site-packages/jobs/job.py" in archive.getnames()
    assert builder.venv(*builder.source("lib/__init__.py")) == 2


def test_windows_has_its_own_layout(builder: Builder) -> None:
    """Folders and scripts are those of the target, made on this machine."""
    builder.os = "windows"
    assert builder.venv() == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        names = set(archive.getnames())
    assert {"Lib/site-packages/app/__init__.py", "Scripts/run-app.cmd", "Scripts/run-app-script.py"} <= names
    assert "Scripts/python.cmd" in names and not [name for name in names if name.startswith(("bin/", "lib/"))]


def test_modes_of_the_wheel_are_kept(builder: Builder) -> None:
    """A program inside a package stays executable."""
    files = {"tool/__init__.py": b"", "tool/run.sh": b"#!/bin/sh\n"}
    builder.wheels.append(make_wheel(builder.folder, "tool", files=files, modes={"tool/run.sh": 0o100755}))
    assert builder.venv() == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        assert archive.getmember("lib/python3.11/site-packages/tool/run.sh").mode == 0o755
        assert archive.getmember("lib/python3.11/site-packages/tool/__init__.py").mode == 0o644


def test_paths_of_any_length_survive(builder: Builder) -> None:
    """Names beyond the 100 bytes of a tar header are read back whole by GNU tar."""
    long = "/".join(["deep" * 10] * 5) + "/ünïcode.py"
    builder.wheels.append(make_wheel(builder.folder, "deep", files={long: b"X = 1\n"}))
    assert builder.venv() == 0
    place = builder.folder / "long"
    place.mkdir()
    subprocess.run(["tar", "-xzf", builder.folder / "small.venv.tar.gz", "-C", place], check=True)
    assert (place / "lib/python3.11/site-packages" / long).read_bytes() == b"X = 1\n"
