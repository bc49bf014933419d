"""The real unpackers: a NodeManager's FSDownload and Spark's Utils.unpack, run on archives of the tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from support.hadoop.cluster import java_home

PROGRAM = Path(__file__).with_name("Unpack.java")


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked:
    """What an unpacker made of an archive."""

    place: Path
    """Where the archive's content is to lie."""
    outcome: str
    """`ok`, or the exception."""

    @property
    def failed(self) -> bool:
        """Return whether the unpacker itself gave up."""
        return self.outcome != "ok"

    def is_readable(self) -> bool:
        """Return whether a plain user could read all files and enter all folders: the tests may run as root."""
        for path in self.place.rglob("*"):
            wanted = 0o500 if path.is_dir() else 0o400
            if not path.is_symlink() and path.stat().st_mode & wanted != wanted:
                return False
        return self.place.is_dir()

    def starts(self, program: str) -> bool:
        """Return whether a program of the archive lies there, unchanged and executable, with nothing outside needed."""
        path = (self.place / program).resolve()
        if self.failed or not path.is_file() or not path.is_relative_to(self.place.resolve()):
            return False
        native = path.read_bytes().startswith((b"\x7fELF", b"#!"))
        return native and bool(path.stat().st_mode & 0o100) and self.is_readable()


def unpack(jars: Path, archives: Iterable[Path], folder: Path) -> dict[tuple[str, str], Unpacked]:
    """Unpack every archive as `yarn` and as `spark` do, with the classes of a pyspark's jars; by way and file name.

    One JVM for all of them; archives of one name lie in folders of different names, which tell them apart.
    """
    words: list[str] = []
    found: dict[tuple[str, str], Path] = {}
    for archive in archives:
        for way in ("yarn", "spark"):
            place = folder / way / archive.parent.name
            place.parent.mkdir(parents=True, exist_ok=True)
            words += [way, str(archive), str(place)]
            found[way, str(archive)] = place / archive.name if way == "yarn" else place
    opened = "--add-opens=java.base/java.lang=ALL-UNNAMED"
    command = [str(java_home() / "bin/java"), opened, "-Xmx256m", "-cp", f"{jars}/*", str(PROGRAM), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 3]
    assert len(rows) == len(found), done.stderr[-3000:]
    return {(way, file): Unpacked(place=found[way, file], outcome=outcome) for way, file, _, outcome in rows}
