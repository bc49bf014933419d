"""What a venv's tree is written to: a tarball, a zip or a folder."""

from __future__ import annotations

import hashlib
import os
import posixpath
import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_env.artifacts.install.plan import PlannedFile
from python_env.artifacts.model import Container
from python_env.base.archive import EXECUTABLE_MODE, FILE_MODE
from python_env.base.archive.links import resolved
from python_env.base.archive.output import open_output
from python_env.base.archive.tar_gzip import TarGzipWriter
from python_env.base.archive.zip_read import DEFLATED
from python_env.base.archive.zip_write import ZipWriter

_SH_LINK = """\
#!/bin/sh
here=$(dirname -- "$(realpath -- "$0" 2>/dev/null || echo "$0")")
exec "$here"/{target} "$@"
"""
"""Another name of a program, where there are no links."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What was written."""

    sha256: str
    """Of the file; of a folder: see `write_folder`."""
    size: int
    """In bytes; of a folder, of its files."""
    files: int
    unpacked_size: int
    """In bytes."""


def write_container(
    container: Container, path: Path, files: Sequence[PlannedFile], links: Mapping[str, str]
) -> Written:
    """Write the tree to `path`; `links` are symbolic links, path to relative target.

    Only a tarball holds them: Hadoop unpacks a link of a zip as a text, and not every remote cache keeps those of a
    folder. There a link to a program becomes a script that runs it, and every other one a copy.
    """
    if container is not Container.TAR_GZ:
        files = sorted([*files, *_without_links(files, links)], key=lambda file: file.path)
    write = _WRITERS[container]
    sha256, size = write(path, files, links)
    unpacked_size = sum(file.size for file in files)
    return Written(sha256=sha256, size=size, files=len(files), unpacked_size=unpacked_size)


def _write_tarball(path: Path, files: Sequence[PlannedFile], links: Mapping[str, str]) -> tuple[str, int]:
    with open_output(path, mode=FILE_MODE) as output:
        tar = TarGzipWriter(output)
        for link, target in sorted(links.items()):
            tar.add_link(link, target)
        for file in files:
            if file.source is None or file.entry is None:
                tar.add_bytes(file.path, file.data, executable=file.executable)
                continue
            entry = file.entry
            add = tar.add_deflated if entry.method == DEFLATED else tar.add_stored
            add(file.path, file.source.raw(entry), crc=entry.crc, size=entry.size, executable=file.executable)
        return tar.finish(), output.tell()


def _write_zip(path: Path, files: Sequence[PlannedFile], _links: Mapping[str, str]) -> tuple[str, int]:
    with open_output(path, mode=FILE_MODE) as output:
        archive = ZipWriter(output)
        for file in files:
            if file.source is None or file.entry is None:
                archive.add_bytes(file.path, file.data, executable=file.executable)
                continue
            entry = file.entry
            raw = file.source.raw(entry)
            sizes = (entry.compressed, entry.size)
            archive.add_raw(file.path, raw, method=entry.method, crc=entry.crc, sizes=sizes, executable=file.executable)
        return archive.finish(), output.tell()


def write_folder(path: Path, files: Sequence[PlannedFile], _links: Mapping[str, str]) -> tuple[str, int]:
    """Write the tree as a folder and return its digest and the size of its files.

    The digest is the sha256 (hex) of one line a file, in the order of `files`: mode, sha256 and path.
    Raises what reading and writing do; nothing is left in the folder then.
    """
    try:
        return _fill(path, files)
    except BaseException:
        for child in path.iterdir() if path.is_dir() else ():
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        raise


def _fill(path: Path, files: Sequence[PlannedFile]) -> tuple[str, int]:
    whole = hashlib.sha256()
    size = 0
    for file in files:
        place = path / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = EXECUTABLE_MODE if file.executable else FILE_MODE
        digest = hashlib.sha256()
        with place.open("wb") as output:
            for piece in _content(file):
                digest.update(piece)
                size += output.write(piece)
        place.chmod(mode)
        whole.update(f"{mode:o} {digest.hexdigest()} {file.path}\n".encode())
    for folder, _, _ in os.walk(path):
        Path(folder).chmod(EXECUTABLE_MODE)  # whatever the umask
    return whole.hexdigest(), size


_WRITERS: Mapping[Container, Callable[[Path, Sequence[PlannedFile], Mapping[str, str]], tuple[str, int]]] = {
    Container.TAR_GZ: _write_tarball,
    Container.ZIP: _write_zip,
    Container.DIR: write_folder,
}


def _content(file: PlannedFile) -> Iterable[bytes]:
    return file.source.content(file.entry) if file.source and file.entry else [file.data]


def _without_links(files: Iterable[PlannedFile], links: Mapping[str, str]) -> Iterator[PlannedFile]:
    """Yield what stands for the links: a script beside a program, else a copy of the file or folder that it leads to.

    Links to folders come last and are copied once: a link in a folder that lies in itself has no end.
    """
    places = {path: resolved(path, links) or path for path in links}
    found = {file.path: file for file in files}
    copies = [_other_name(path, target, found[places[path]]) for path, target in links.items() if places[path] in found]
    yield from copies
    found.update({copy.path: copy for copy in copies})
    for path, place in places.items():
        inside = [name for name in found if name.startswith(place + "/")]
        if not path.startswith(place + "/"):
            yield from (found[name]._replace(path=path + name[len(place) :]) for name in inside)


def _other_name(path: str, target: str, file: PlannedFile) -> PlannedFile:
    if not file.executable or posixpath.dirname(file.path) != posixpath.dirname(path):
        return file._replace(path=path)
    data = _SH_LINK.format(target=shlex.quote(posixpath.basename(target))).encode()
    return PlannedFile(path=path, owner="", executable=True, data=data)
