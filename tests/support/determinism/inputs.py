"""The files that the commands read, and other arrangements of the same files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from python_env.base.platforms import parse_platform
from python_env.env.model import Env, Wheel, render_env
from support.cache import cache_of_the_tests
from support.interpreters import cpython_tarball
from support.wheels import sha256

TAG, OTHER_TAG = "cp311-manylinux_2_28_x86_64", "cp311-macosx_14_0_arm64"
DIFFICULT = ("coverage", "greenlet", "jmespath", "jupyterlab-widgets", "logilab-common", "ninja", "zope-interface")
""".pth files, headers, scripts with a suffix, data, namespaces of two kinds, a native program."""

_PINS = Path(__file__).parents[1] / "difficult.txt"
_KEPT: tuple[str, ...] = (
    "bin/python3.11",
    "lib/libpython3",
    "libpython3",
    "lib/python3.11/json/",
    "lib/python3.11/encodings/",
)
_KEPT += ("lib/python3.11/_sysconfigdata", "lib/python3.11/os.py", "lib/python3.11/lib-dynload/_json")


def difficult_wheels(names: tuple[str, ...] = DIFFICULT) -> list[Path]:
    """Return pinned wheels, downloaded once for all runs."""
    folder = cache_of_the_tests() / "difficult"
    folder.mkdir(exist_ok=True)
    pins = dict(line.split("==") for line in _PINS.read_text().splitlines() if "==" in line)
    starts = {name: f"{name.replace('-', '_')}-{pins[name]}-" for name in names}
    have = {path.name.replace(".", "_"): path for path in folder.glob("*.whl")}
    found = {name: [have[key] for key in have if key.startswith(starts[name].replace(".", "_"))] for name in names}
    missing = [f"{name}=={pins[name]}" for name in names if not found[name]]
    if missing:
        words = ["-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        words += ["--python-version=3.11", "--platform=manylinux_2_28_x86_64", "--platform=manylinux2014_x86_64"]
        subprocess.run([sys.executable, *words, "-d", folder, *missing], check=True)
        return difficult_wheels(names)
    return sorted(found[name][0] for name in names)


def small_interpreter() -> Path:
    """Return an archive of a real CPython of which few modules are left: its program, its libraries, a package."""
    small = cache_of_the_tests() / "interpreters" / "cpython-3.11.3-starts.tar"
    small.parent.mkdir(exist_ok=True)
    if not small.exists():
        with tempfile.TemporaryDirectory(dir=small.parent) as folder:
            part = Path(folder, "part")
            with (
                tarfile.open(cpython_tarball("3.11.3", Path(folder, "whole"))) as source,
                tarfile.open(part, "w") as target,
            ):
                for info in source:
                    if info.issym() or info.name.removeprefix("python/").startswith(_KEPT):
                        target.addfile(info, source.extractfile(info) if info.isreg() else None)
            part.rename(small)
    return small


def row(wheel: Path) -> Wheel:
    """Return a wheel as the env document has it."""
    name, version = wheel.name.split("-")[:2]
    name = name.replace("_", "-").replace(".", "-").lower()
    size = wheel.stat().st_size
    return Wheel(name=name, version=version, extras=(), file=wheel.name, sha256=sha256(wheel), size=size, requires=())


def make_inputs(folder: Path, *, wheels: list[Path], lock: Path, pex_wheel: Path) -> Path:
    """Fill a folder with the wheels of the lock's two platforms, difficult ones, code, pex and an interpreter."""
    (folder / "wheels").mkdir(parents=True)
    (folder / "code").mkdir()
    difficult = difficult_wheels()
    for wheel in [*wheels, *difficult]:
        shutil.copyfile(wheel, folder / "wheels" / wheel.name)
    shutil.copyfile(lock, folder / "hello.lock.json")
    shutil.copyfile(pex_wheel, folder / pex_wheel.name)
    (folder / "code/job.py").write_text("def main():\n    print('gr\u00fc\u00df')\n", encoding="utf-8")
    (folder / "code/\u00e4.txt").write_bytes(b"\xe4\n")
    shutil.copyfile(small_interpreter(), folder / "cpython.tar")
    rows = sorted((row(wheel) for wheel in difficult), key=lambda each: each.name)
    env = Env(
        name="difficult",
        env_id="e" * 64,
        parent="f" * 64,
        platform=parse_platform(TAG),
        requirements=DIFFICULT,
        wheels=tuple(rows),
    )
    (folder / "difficult.env.json").write_bytes(render_env(env))
    return folder


def regular_files(source: Path, target: Path) -> None:
    """Copy the files, with a clock of now."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)


def of_another_clock(source: Path, target: Path) -> None:
    """Copy the files and set clocks long ago and far ahead, of which a zip knows none."""
    regular_files(source, target)
    for number, path in enumerate(sorted(target.rglob("*"))):
        os.utime(path, (stamp := (480_000_000, 2_150_000_000)[number % 2], stamp))


def of_many_modes(source: Path, target: Path) -> None:
    """Copy the files and let them be for the owner only, or for all and executable."""
    regular_files(source, target)
    for number, path in enumerate(sorted(path for path in target.rglob("*") if path.is_file())):
        path.chmod((0o600, 0o777)[number % 2])


def hard_links(source: Path, target: Path) -> None:
    """Give the same files a second name."""
    shutil.copytree(source, target, copy_function=os.link)


def symbolic_links(source: Path, target: Path) -> None:
    """Give links to links, as a sandbox has them."""
    between = target.with_name(target.name + "_between")
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        for place, goal in ((between, path), (target, between / path.relative_to(source))):
            link = place / path.relative_to(source)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(goal)
