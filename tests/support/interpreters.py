"""Real relocatable CPythons: fetched once by Maven as jars, made into tarballs of another shape, declared to Bazel."""

from __future__ import annotations

import functools
import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from support.bazel import Workspace
from support.cache import cache_of_the_tests
from support.wheels import sha256

JAR_ROOT = "org/bytedeco/cpython/linux-x86_64"
"""Folder of a jar that holds bin/ and lib/."""

_ATTRIBUTES = (
    'platform = "x86_64-unknown-linux-gnu", python_version = "3.11.3", urls = ["file://{place}"], sha256 = "{sha256}"'
)
ARCHIVES = {
    "cpython_jar": f'strip_prefix = "{JAR_ROOT}", leave_out = ["libjnipython.so", "python3.11"]',
    "cpython_tar": "",
}
"""Name of an archive of CPython 3.11.3 to what its shape asks for."""

_RELEASES = {"3.11.3": "1.5.9", "3.12.1": "1.5.10", "3.13.5": "1.5.12", "3.14.3": "1.5.13"}


def cpython_jar(version: str) -> Path:
    """Return the jar of a CPython for Linux x86_64; about 5 s the first time."""
    folder = cache_of_the_tests() / "interpreters"
    jar = folder / f"cpython-{version}-{_RELEASES[version]}-linux-x86_64.jar"
    if not jar.exists():
        artifact = f"org.bytedeco:cpython:{version}-{_RELEASES[version]}:jar:linux-x86_64"
        plugin = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy"
        command = ["mvn", "-q", "-B", plugin, f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
        subprocess.run(command, check=True)
    return jar


def cpython_tarball(version: str, path: Path) -> Path:
    """Write a CPython as python-build-standalone's install_only archives are: root `python`, links, modes."""
    python = "python" + ".".join(version.split(".")[:2])
    with zipfile.ZipFile(cpython_jar(version)) as jar, tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for entry in jar.infolist():
            inside = entry.filename.removeprefix(JAR_ROOT + "/")
            if entry.is_dir() or inside == entry.filename or inside in (python, "libjnipython.so", "bin/python3"):
                continue
            info = tarfile.TarInfo("python/" + inside)
            info.size, info.mode = entry.file_size, 0o755 if inside.startswith("bin/") else 0o644
            tar.addfile(info, io.BytesIO(jar.read(entry)))
        links = {"bin/python3": python, "bin/python": "python3", "share/link": f"../lib{python}.so.1.0"}
        for link, target in links.items():
            info = tarfile.TarInfo("python/" + link)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return path


def declare_archives(workspace: Workspace, places: Mapping[str, Path]) -> None:
    """Write archives into MODULE.bazel, as tags, and into WORKSPACE, before the rules' own dependencies."""
    module, calls = "", 'load("@rules_python_env//rules:repositories.bzl", "python_interpreter_archive")\n'
    for name, place in places.items():
        words = _ATTRIBUTES.format(place=place, sha256=sha256(place))
        words = ", ".join([f'name = "{name}"', words, *([ARCHIVES[name]] if ARCHIVES[name] else [])])
        module += f'python_env.interpreter({words})\nuse_repo(python_env, "{name}")\n'
        calls += f"python_interpreter_archive({words})\n"
    with (workspace.path / "MODULE.bazel").open("a") as file:
        file.write(module)
    text = (workspace.path / "WORKSPACE").read_text()
    (workspace.path / "WORKSPACE").write_text(
        text.replace("\npython_env_dependencies()", f"\n{calls}\npython_env_dependencies()")
    )


@functools.cache
def cpythons() -> dict[str, str]:
    """Return by minor version, 3.11 to 3.14, a CPython that starts: the machine's, pyenv's, else Maven's."""
    return {
        release.rpartition(".")[0]: _on_this_machine(release) or str(unpacked_cpython(release)) for release in _RELEASES
    }


def _on_this_machine(release: str) -> str:
    name = "python" + release.rpartition(".")[0]
    pyenv = sorted(Path("~/.pyenv/versions").expanduser().glob("3.*/bin"))
    for folder in ("/usr/bin", "/usr/local/bin", *pyenv):
        path = Path(folder, name)
        if (
            path.exists()
            and subprocess.run([path, "-I", "-c", "import zlib"], capture_output=True, check=False).returncode == 0
        ):
            return str(path)
    return ""


def unpacked_cpython(release: str) -> Path:
    """Return the program, in `bin`, of a jar that is unpacked in the tests' cache, once."""
    folder = cache_of_the_tests() / "interpreters" / f"cpython-{release}"
    if not folder.exists():
        part = folder.with_name(f"{folder.name}.{os.getpid()}")
        with zipfile.ZipFile(cpython_jar(release)) as jar:
            jar.extractall(part, [name for name in jar.namelist() if "/test/" not in name])
        for path in (part / JAR_ROOT / "bin").iterdir():
            path.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    return folder / JAR_ROOT / "bin" / ("python" + release.rpartition(".")[0])
