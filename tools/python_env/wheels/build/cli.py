"""`wheels build`: builds the wheel of a locked source by its own backend, from locked build requirements."""

from __future__ import annotations

import argparse
import json
import platform as host_platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from email.parser import HeaderParser
from pathlib import Path
from typing import Literal

from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile

from python_env.base.arguments import Parser
from python_env.base.binary import is_program
from python_env.base.build_backend import Backend, build_environment, interpreter_of, read_build_system
from python_env.base.distribution_names import canonical_name
from python_env.base.errors import ToolError
from python_env.base.param_file import read_words
from python_env.base.platforms import Platform, parse_platform
from python_env.base.source_archive import unpack_sdist, unpack_tar
from python_env.base.versions import version_key
from python_env.wheels.build.folder import build_folder
from python_env.wheels.build.native import Host, host_fault, is_pure, libc_fault, tag_fault
from python_env.wheels.build.rewrite import Member, member, read_members, retagged, wheel_tags, write_wheel

_PATHS = "import json, sysconfig; print(json.dumps(sysconfig.get_paths('venv')))"
_LIBRARIES = (".so", ".dylib", ".pyd")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python_env wheels build")
    parser.add_argument("--key", required=True, help="the source's name in the lock, for messages")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--platform", required=True)
    parser.add_argument("--sdist", type=Path)
    parser.add_argument("--tree", type=Path, action="append", default=[], help="tar of a git commit")
    parser.add_argument("--file", action="append", default=[], metavar="DESTINATION")
    parser.add_argument("--file-path", type=Path, action="append", default=[], metavar="PATH")
    parser.add_argument("--subdirectory", default="")
    parser.add_argument("--tool", type=Path, action="append", default=[], help="wheel of a build requirement")
    parser.add_argument("--update-command", required=True)
    parser.add_argument("--output", type=Path, required=True)
    return parser


def _source_tree(options: argparse.Namespace, folder: Path) -> Path:
    """Lay the source out and return its root."""
    if options.sdist:
        return unpack_sdist(options.sdist, folder, where=options.key)
    for archive in options.tree:
        unpack_tar(archive, folder, where=options.key)
    for destination, path in zip(options.file, options.file_path, strict=True):
        place = folder / destination
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        place.chmod(_mode(place))
    return folder


def _mode(path: Path) -> int:
    """Return the mode of a project's file by its first bytes, because that of an input is Bazel's.

    Locally it is that of the checkout; a remote executor is told that every input is executable (Bazel's MerkleTree).
    """
    with path.open("rb") as file:
        return 0o755 if is_program(file.read(4)) else 0o644


def _build_venv(folder: Path, tools: Sequence[Path]) -> Path:
    """Make an environment that holds the build requirements and nothing else; return its interpreter."""
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(folder)], check=True)
    python = interpreter_of(folder)
    shown = subprocess.run([python, "-I", "-c", _PATHS], check=True, capture_output=True, text=True)
    paths = json.loads(shown.stdout)
    kind: Literal["posix", "win-amd64"] = "win-amd64" if sys.platform == "win32" else "posix"
    for tool in tools:
        with WheelFile.open(tool) as wheel:
            scheme = {**paths, "headers": str(Path(paths["include"], wheel.distribution))}
            destination = SchemeDictionaryDestination(scheme, interpreter=str(python), script_kind=kind)
            install(source=wheel, destination=destination, additional_metadata={})
    return python


def _built(options: argparse.Namespace, work: Path) -> Path:
    for name in ("home", "out", "tree"):
        (work / name).mkdir()
    tree = _source_tree(options, work / "tree") / options.subdirectory
    python = _build_venv(work / "venv", options.tool)
    environment = build_environment(name=options.name, version=options.version, home=work / "home", python=python)
    # What a compiler writes down of the place that it ran in is not in the bytes. Not by CFLAGS: setuptools takes that
    # in the place of the interpreter's own flags (-O2 -DNDEBUG ...), CPPFLAGS beside them.
    environment["CPPFLAGS"] = f"-ffile-prefix-map={work}=."
    backend = Backend(
        tree=tree,
        system=read_build_system(tree, where=options.key),
        python=python,
        environment=environment,
        where=options.key,
    )
    return backend.build(work / "out")


def _check_identity(members: tuple[Member, ...], options: argparse.Namespace) -> None:
    said = HeaderParser().parsestr(member(members, "METADATA"))
    name, version = str(said.get("Name", "")), str(said.get("Version", ""))
    own = (canonical_name(name), version_key(version))
    if own != (options.name, version_key(options.version)):
        raise ToolError.one(
            f"the source builds {name} {version}, locked is {options.name} {options.version}",
            where=options.key,
            fix=f"{options.update_command}; if that says the same version, the project asks git for it, as versioneer "
            "does: there is no .git in the action. Name a commit that has a tag, or write the version into the project",
        )


def _check_native(members: tuple[Member, ...], target: Platform, key: str) -> None:
    """Check that a native wheel is one of the target; raises ToolError with the remedy."""
    host = Host(system=sys.platform, machine=host_platform.machine(), python=sys.version_info[:2])
    libraries = {each.name: each.data for each in members if each.name.endswith(_LIBRARIES) or ".so." in each.name}
    reason = host_fault(host, target) or tag_fault(wheel_tags(members), target) or libc_fault(libraries, target)
    if reason:
        raise ToolError.one(
            f"the wheel of {key} is native and does not fit {target.tag}: {reason}",
            where=f"{key}, built by {host.words}",
            fix=f"build on a machine or a remote executor that is {target.tag}, or name a version with a wheel for it",
        )


def main(argv: Sequence[str]) -> int:
    """Build the wheel that the arguments name; its file name is that of the lock."""
    options = _parser().parse_args(read_words(argv))
    target = parse_platform(options.platform)
    with build_folder(options.output.name) as folder:
        members = read_members(_built(options, folder), where=options.key)
    _check_identity(members, options)
    tags = wheel_tags(members)
    wanted = "-".join(options.output.name.removesuffix(".whl").split("-")[-3:])
    if is_pure(tags) != is_pure([wanted]):
        built, locked = ("pure", "native") if is_pure(tags) else ("native", "pure")
        raise ToolError.one(
            f"the source builds a {built} wheel ({', '.join(tags)}), locked is a {locked} one ({wanted})",
            where=f"{options.key}: whether it finds a compiler may decide that",
            fix=f"refresh the lock on a machine like the one that builds: {options.update_command}",
        )
    if not is_pure(tags):
        _check_native(members, target, options.key)
        members = retagged(members, wanted)
    write_wheel(members, options.output)
    return 0
