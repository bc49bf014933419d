"""A wheelhouse's own program: wheels for one or several platforms, with the lock that names them.

    python NAME.wheelhouse.zip COMMAND ...      or, once it is unpacked:  python FOLDER COMMAND ...

Standard library, and for `install` pip, of CPython 3.8 or newer; no network.
"""

# Python 3.8 reads this file: no newer syntax, no newer function of the standard library.

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import posixpath
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import IO, Any, Dict, Iterator, Sequence, Tuple, Union

MANIFEST = "manifest.json"
SCHEMA = 1
DIFFERENT = 1
"""Exit code when files are missing, extra or changed, or pip fails."""

BAD_INPUT = 2
"""Exit code when nothing could be done at all."""

_VERIFY = "copy or build it again; `verify` names everything that differs"
_PIECE = 1 << 20
_LIMIT = 0xFFFFFFFF

_ONLY_PIP = """
import importlib.machinery, json, runpy, sys
class OnlyPip:
    folder = sys.argv.pop(1)
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return importlib.machinery.PathFinder.find_spec(name, [cls.folder]) if name == "pip" else None
sys.meta_path.insert(0, OnlyPip)
"""
"""Run by the target's interpreter: of a folder in which pip lies, nothing but pip is there (as in pip's own runner)."""

_TAGS = """
from pip._vendor.packaging.tags import sys_tags
print(json.dumps([str(tag) for tag in sys_tags()]))
"""
"""Pip's own list of the wheel tags that it takes, best first."""

_RUN = "runpy.run_module('pip', run_name='__main__', alter_sys=True)"
_PIP_FOLDER = "import os, pip; print(os.path.dirname(os.path.dirname(os.path.abspath(pip.__file__))))"

Manifest = Dict[str, Any]
Content = Tuple[str, int, int]
"""sha256 (hex), size in bytes, CRC-32."""


_UNREADABLE = (
    OSError,
    EOFError,
    KeyError,
    RuntimeError,  # NotImplementedError is one
    ValueError,  # UnicodeDecodeError is one
    OverflowError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)
"""What zipfile and files raise where there is no whole content."""


class Refusal(Exception):
    """Why nothing was done: what, where, and the fix."""

    def __init__(self, what: str, where: str, fix: str) -> None:
        super().__init__(f"error: {what}\n  where: {where}\n  fix:   {fix}")


class Folder:
    """An unpacked wheelhouse."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> Iterator[str]:
        """Yield the path of every file; a link to a folder is one, and is in no manifest."""
        for folder, folders, files in os.walk(str(self.path)):
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH114, PTH118
            for name in files + links:
                yield Path(folder, name).relative_to(self.path).as_posix()

    def open(self, name: str) -> IO[bytes]:
        """Open a file."""
        path = self.path.joinpath(*name.split("/"))
        if not path.is_file():  # of a pipe, reading would wait for somebody who writes
            raise OSError("it is no file")
        return path.open("rb")

    def frame_faults(self, contents: dict[str, Content]) -> list[str]:
        """Return no faults: a folder has nothing between its files."""
        return []

    def close(self) -> None:
        """Do nothing."""


class Zip:
    """The archive as it was written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(str(path))
        except _UNREADABLE as error:
            raise Refusal(f"not a readable zip: {error}", str(path), "copy or build it again") from None

    def names(self) -> Iterator[str]:
        """Yield the name of every member, as often as it stands there."""
        yield from (info.filename for info in self._zip.infolist())

    def open(self, name: str) -> IO[bytes]:
        """Open a member."""
        return self._zip.open(name)

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()

    def frame_faults(self, contents: dict[str, Content]) -> list[str]:
        """Return what differs between the members: they are written one way only, so that nothing hides there."""
        faults, end, central = [], 0, b""
        with self.path.open("rb") as file:
            for name, (_, size, crc) in sorted(contents.items()):
                head = _local_header(name, size, crc)
                file.seek(end)
                if file.read(len(head)) != head:
                    faults.append(f"changed  {name}: its header in the zip")
                central += _central_header(name, size, crc, end)
                end += len(head) + size
            file.seek(end)
            expected = central + _zip_end(len(contents), len(central), end)
            if file.read(len(expected) + 1) != expected:
                faults.append("changed  the zip's table of contents")
        return faults


Place = Union[Folder, Zip]


def _flags(name: str) -> int:
    return 0 if all(ord(character) < 128 for character in name) else 0x800


def _local_header(name: str, size: int, crc: int) -> bytes:
    raw, large = name.encode(), size >= _LIMIT
    extra = struct.pack("<HHQQ", 1, 16, size, size) if large else b""
    shown = min(size, _LIMIT)
    fields = (45 if large else 20, _flags(name), 0, 0, 33, crc, shown, shown, len(raw), len(extra))
    return b"PK\x03\x04" + struct.pack("<5H3L2H", *fields) + raw + extra


def _central_header(name: str, size: int, crc: int, offset: int) -> bytes:
    raw = name.encode()
    large = [value for value in (size, size, offset) if value >= _LIMIT]
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    version, shown = 45 if large else 20, min(size, _LIMIT)
    fields = (3 << 8 | version, version, _flags(name), 0, 0, 33, crc, shown, shown, len(raw), len(extra), 0, 0, 0)
    return struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields, 0o100644 << 16, min(offset, _LIMIT)) + raw + extra


def _zip_end(count: int, length: int, start: int) -> bytes:
    more = b""
    if start >= _LIMIT or count >= 0xFFFF or length >= _LIMIT:
        record = (b"PK\x06\x06", 44, 3 << 8 | 45, 45, 0, 0, count, count, length, start)
        more = struct.pack("<4sQ2H2L4Q", *record) + struct.pack("<4sLQL", b"PK\x06\x07", 0, start + length, 1)
    count, length, start = min(count, 0xFFFF), min(length, _LIMIT), min(start, _LIMIT)
    return more + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, length, start, 0)


def open_place(path: Path) -> Place:
    """Return a wheelhouse as a zip or as a folder."""
    if path.is_dir():
        return Folder(path)
    return Zip(path)


def read_manifest(place: Place) -> Manifest:
    """Return the manifest; raises Refusal when it is missing, not one, edited, or too new."""
    fix = "copy or build the wheelhouse again"
    where = f"{place.path}: {MANIFEST}"
    try:
        with place.open(MANIFEST) as file:
            manifest = json.loads(file.read().decode())
        said = manifest.pop("content")
        kind, schema = manifest["kind"], manifest["schema"]
    except (ValueError, AttributeError, TypeError, *_UNREADABLE) as error:
        raise Refusal(f"no manifest of a wheelhouse: {error!r}", where, fix) from None
    if kind != "wheelhouse" or said != _digest_of(manifest):
        raise Refusal("the manifest was changed: it is not what its own digest says", where, fix)
    if not isinstance(schema, int) or schema > SCHEMA:
        raise Refusal(f"the manifest has schema {schema}; this program reads up to {SCHEMA}", where, fix)
    if not _is_complete(manifest):
        raise Refusal("the manifest lacks what every one of its schema has", where, fix)
    return dict(manifest)


def _is_complete(manifest: Manifest) -> bool:
    """Return whether everything that is read of a manifest is there, of the type that it is read as."""
    try:
        files = {name: (str(row["sha256"]), row["size"] + 0) for name, row in manifest["files"].items()}
        platforms = manifest["platforms"].values()
        packages = [package for platform in platforms for package in platform["packages"]]
        named = all(
            "wheels/" + package["file"] in files and package["name"] + package["version"] for package in packages
        )
        pinned = all("requirements." + tag + ".txt" in files for tag in manifest["platforms"])
        texts = [manifest["name"], manifest["env_id"], *(platform["wheel_tag"] for platform in platforms)]
        return named and pinned and all(isinstance(text, str) for text in texts)
    except (AttributeError, KeyError, TypeError):
        return False


def _content(file: IO[bytes], copy: Any = None) -> Content:
    digest, size, crc = hashlib.sha256(), 0, 0
    while True:
        piece = file.read(_PIECE)
        if not piece:
            return digest.hexdigest(), size, crc
        digest.update(piece)
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        if copy:
            copy(piece)


def verify(place: Place, manifest: Manifest) -> list[str]:
    """Return a line for every missing, extra or changed file, sorted by path."""
    listed = manifest["files"]
    found = Counter(place.names())
    faults = [f"missing  {name}" for name in [*listed, MANIFEST] if name not in found]
    faults += [f"extra    {name}" for name in found if name not in listed and name != MANIFEST]
    faults += [f"extra    {name}: it stands {count} times" for name, count in found.items() if count > 1]
    contents = {}
    for name in [name for name in [*listed, MANIFEST] if name in found]:
        fault, contents[name] = _changed(place, name, manifest)
        faults += [f"changed  {name}: {fault}"] if fault else []
    return sorted(faults, key=lambda line: line[9:]) or place.frame_faults(contents)


def _changed(place: Place, name: str, manifest: Manifest) -> tuple[str, Content]:
    """Return how a file differs from what the manifest says, empty where it does not, and what it holds."""
    if name == MANIFEST:
        data = _manifest_bytes(manifest)
        expected = (hashlib.sha256(data).hexdigest(), len(data))
    else:
        expected = (manifest["files"][name]["sha256"], manifest["files"][name]["size"])
    try:
        with place.open(name) as file:
            content = _content(file)
    except _UNREADABLE as error:
        return f"not readable: {error}", ("", 0, 0)
    if content[:2] == expected:
        return "", content
    return f"sha256 {content[0]}, {content[1]} bytes; expected {expected[0]}, {expected[1]} bytes", content


def _manifest_bytes(manifest: Manifest) -> bytes:
    """Return the manifest as it is written, in one way only, so that nothing hides between its words."""
    whole = {**manifest, "content": _digest_of(manifest)}
    return (json.dumps(whole, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def _digest_of(manifest: Manifest) -> str:
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _check(place: Place, manifest: Manifest) -> int:
    faults = verify(place, manifest)
    for line in faults:
        print(line)
    if faults:
        what = f"{len(faults)} file{'s differ' if len(faults) > 1 else ' differs'} from the manifest"
        print(f"error: {what}\n  where: {place.path}\n  fix:   copy or build it again", file=sys.stderr)
        return DIFFERENT
    return 0


def run_verify(place: Place, options: argparse.Namespace) -> int:
    """Compare this wheelhouse, or another copy of it, with this one's manifest."""
    manifest = read_manifest(place)
    other = open_place(options.copy) if options.copy else place
    code = _check(other, manifest)
    if not code:
        size = sum(row["size"] for row in manifest["files"].values())
        print(f"ok: {len(manifest['files'])} files, {size} bytes, {manifest['name']} {manifest['env_id']}")
    return code


def run_list(place: Place, options: argparse.Namespace) -> int:
    """Print the platforms, or the packages of one."""
    manifest = read_manifest(place)
    if options.platform:
        for package in _platform(manifest, options.platform)["packages"]:
            print(f"{package['name']}=={package['version']}  {package['file']}")
        return 0
    print(f"{manifest['name']} {manifest['env_id']}")
    for tag, platform in sorted(manifest["platforms"].items()):
        size = sum(manifest["files"]["wheels/" + package["file"]]["size"] for package in platform["packages"])
        print(f"{tag}  {len(platform['packages'])} wheels, {size} bytes")
    return 0


def _platform(manifest: Manifest, tag: str) -> Any:
    if tag in manifest["platforms"]:
        return manifest["platforms"][tag]
    raise Refusal(
        f"there is no platform {tag}", "--platform", f"name one of: {', '.join(sorted(manifest['platforms']))}"
    )


def run_extract(place: Place, options: argparse.Namespace) -> int:
    """Unpack everything, verified before, into a folder that is not there yet or empty."""
    manifest = read_manifest(place)
    target = options.folder
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refusal("there is something already", str(target), "name a folder that is empty or not there yet")
    if _check(place, manifest):
        return DIFFERENT
    _refuse_unsafe(manifest)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=str(target.parent), prefix=f".{target.name}.") as name:
        whole = Path(name, "whole")
        whole.mkdir()
        for path in [*manifest["files"], MANIFEST]:
            _copy_out(place, path, whole.joinpath(*path.split("/")))
        if target.exists():
            target.rmdir()
        whole.rename(target)
    return 0


def _refuse_unsafe(manifest: Manifest) -> None:
    """Refuse paths that leave the folder; no wheelhouse of ours has one."""
    for path in manifest["files"]:
        if posixpath.normpath(path) != path or path.startswith(("/", "..")) or "\\" in path or ":" in path:
            raise Refusal(f"{path!r} leaves the folder", MANIFEST, "get the wheelhouse from where it was built")


def _copy_out(place: Place, name: str, target: Path) -> Content:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with place.open(name) as source, target.open("wb") as file:
            return _content(source, file.write)
    except _UNREADABLE as error:
        raise Refusal(f"{name} is not readable: {error}", str(place.path), _VERIFY) from None


def _run(words: Sequence[str | Path]) -> str:
    """Return what a short program prints, or an empty text when it fails."""
    done = subprocess.run(
        [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def venv_python(venv: Path) -> Path:
    """Return the interpreter of a venv."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def pip_folder(python: Path) -> str:
    """Return the folder that the interpreter, or the one that runs this, has its pip in."""
    for each in (python, Path(sys.executable)):
        found = _run([each, "-c", _PIP_FOLDER])
        if found:
            return found
    raise Refusal(
        "there is no pip", f"{python}, {sys.executable}", "install pip: python -m ensurepip, or the package python3-pip"
    )


def choose_platform(manifest: Manifest, python: Path, pip: str) -> str:
    """Return the platform whose wheel tag comes first among those that the interpreter's pip takes."""
    platforms = manifest["platforms"]
    printed = _run([python, "-c", _ONLY_PIP + _TAGS, pip])
    taken = json.loads(printed) if printed else []
    places = {taken.index(row["wheel_tag"]): tag for tag, row in platforms.items() if row["wheel_tag"] in taken}
    if places:
        return str(places[min(places)])
    best = taken[0] if taken else "unknown"
    raise Refusal(
        f"no platform of this wheelhouse fits {python}, whose best wheel tag is {best}",
        f"it holds {', '.join(sorted(platforms))}",
        "run it with a Python of one of these; --platform TAG names one whose wheels that Python takes all the same",
    )


def run_install(place: Place, options: argparse.Namespace) -> int:
    """Install one platform's wheels into a venv, which is made where there is none."""
    manifest = read_manifest(place)
    venv = options.venv
    found = venv_python(venv).exists()
    python = venv_python(venv) if found else Path(sys.executable)
    if not found and venv.exists() and (not venv.is_dir() or any(venv.iterdir())):
        raise Refusal("there is something that is no venv", str(venv), "name a venv, or a folder that is not there yet")
    pip = pip_folder(python)
    tag = options.platform or choose_platform(manifest, python, pip)
    packages = _platform(manifest, tag)["packages"]
    with _wheels(place, manifest, tag) as folder:
        if not found:
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
        words = [str(venv_python(venv)), "-c", _ONLY_PIP + _RUN, pip, *_pip_words(folder, tag)]
        code = subprocess.run(words, env={**os.environ, "PIP_CONFIG_FILE": os.devnull}, check=False).returncode
    if code:
        if not found:
            shutil.rmtree(str(venv), ignore_errors=True)
        raise SystemExit(DIFFERENT)
    print(f"{tag}: {len(packages)} distributions in {venv}")
    return 0


def _pip_words(folder: Path, tag: str) -> list[str]:
    words = ["install", "--isolated", "--disable-pip-version-check", "--no-input", "--no-cache-dir", "--quiet"]
    words += ["--no-warn-script-location", "--no-index", "--find-links", str(folder / "wheels")]
    return [
        *words,
        "--only-binary=:all:",
        "--no-deps",
        "--require-hashes",
        "-r",
        str(folder / f"requirements.{tag}.txt"),
    ]


@contextlib.contextmanager
def _wheels(place: Place, manifest: Manifest, tag: str) -> Iterator[Path]:
    """Give a folder with one platform's wheels and requirements, whose digests were compared."""
    names = ["wheels/" + package["file"] for package in manifest["platforms"][tag]["packages"]]
    names.append(f"requirements.{tag}.txt")
    with tempfile.TemporaryDirectory(prefix="wheelhouse.") as temporary:
        for name in names:
            target = Path(temporary, *name.split("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            found = _copy_out(place, name, target)[:2]
            row = manifest["files"][name]
            if found != (row["sha256"], row["size"]):
                raise Refusal(
                    f"{name} is not what the manifest says", str(place.path), "`verify` names all that differ"
                )
        yield Path(temporary)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=Path(sys.argv[0]).name, description=(__doc__ or "").split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.required = True
    each = commands.add_parser("verify", help="name every missing, extra or changed file; exit code 1 if there is one")
    each.add_argument("copy", nargs="?", type=Path, help="another copy, zip or folder, to compare with this manifest")
    each.set_defaults(run=run_verify)
    each = commands.add_parser("list", help="print the platforms, or the packages of one")
    each.add_argument("--platform", default="", metavar="TAG")
    each.set_defaults(run=run_list)
    each = commands.add_parser("install", help="install into a venv, offline; it is made where there is none")
    each.add_argument("venv", type=Path)
    each.add_argument("--platform", default="", metavar="TAG", help="instead of the one that fits the interpreter best")
    each.set_defaults(run=run_install)
    each = commands.add_parser("extract", help="verify, then unpack into a new folder")
    each.add_argument("folder", type=Path)
    each.set_defaults(run=run_extract)
    return parser


def main(argv: Sequence[str], path: Path) -> int:
    """Run a command on the wheelhouse at `path`; return the exit code."""
    options = _parser().parse_args(argv)
    try:
        place = open_place(path)
        try:
            return int(options.run(place, options))
        finally:
            place.close()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return BAD_INPUT


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main(sys.argv[1:], Path(__file__).parent))
