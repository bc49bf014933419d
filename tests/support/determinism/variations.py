"""Under what the commands are run: all that must leave no trace in what they write."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from support.determinism.inputs import hard_links, of_another_clock, of_many_modes, regular_files, symbolic_links
from support.interpreters import cpythons

USER = "rules-python-env-test"
_PATH = "/usr/local/bin:/usr/bin:/bin"
MEMORY = Path("/dev/shm")
"""Where Linux has files in memory: what is compared and thrown away needs no disk."""

_ISOLATED = ("-I", "-S")


@dataclass(frozen=True, kw_only=True, slots=True)
class Variation:
    """One set of surroundings; without any word it is what an action of Bazel has."""

    name: str
    python: str = ""
    """The one that runs the tests when empty."""
    options: tuple[str, ...] = _ISOLATED
    environment: Mapping[str, str] = field(default_factory=dict)
    umask: int = 0o022
    prefix: tuple[str, ...] = ()
    """Words before the interpreter's."""
    user: str = ""
    """Who runs it, from a copy of the tools in that user's own folder; the one who tests when empty."""
    inputs: Callable[[Path, Path], None] | None = None
    """Makes a copy of the inputs folder that is arranged in another way."""
    read_only: bool = False
    """Whether nobody may write into the inputs folder."""
    reverse: bool = False
    """Whether what may be named in any order is named in the reverse one."""
    absolute: bool = False
    """Whether files are named by absolute paths."""
    place: str = ""
    """Folder in which it is run; the matrix's own when empty."""
    copies: int = 1
    """How many run at the same time."""
    why_not: str = ""
    """Why it cannot be run here."""

    def variables(self) -> dict[str, str]:
        """Return the whole environment of the commands."""
        return {"PATH": _PATH, "LC_ALL": "C", **self.environment}


def variations(folder: Path) -> Iterator[Variation]:
    """Yield the variations of this machine, the plain one first; `folder` is for what they need."""
    (version, python), *others = cpythons().items()
    yield Variation(name=f"plain: CPython {version}, umask 022, LC_ALL=C", python=python)
    for version, other in others:
        yield Variation(name=f"CPython {version}", python=other)
    for each in (*_runs(), *_locales(folder), *_clocks(), *_machines(), *_files(), *_users(python)):
        yield replace(each, python=python)


def _runs() -> Iterator[Variation]:
    yield Variation(name="once more, a moment later")
    for seed in ("0", "7"):
        # -I hides PYTHON* variables: the seed is another one in every other run
        yield Variation(name=f"PYTHONHASHSEED={seed}", options=("-s", "-S"), environment={"PYTHONHASHSEED": seed})
    for umask in (0o077, 0o000):
        yield Variation(name=f"umask {umask:03o}", umask=umask)


def _locales(folder: Path) -> Iterator[Variation]:
    for name in ("POSIX", "C.UTF-8"):
        yield Variation(name=f"LC_ALL={name}", environment={"LC_ALL": name, "LANG": name})
    name = "LC_ALL=de_DE.ISO-8859-1"
    if shutil.which("localedef") and Path("/usr/share/i18n/locales/de_DE").exists():
        place = folder / "locales" / "de_DE.ISO-8859-1"
        place.parent.mkdir()
        subprocess.run(["localedef", "-i", "de_DE", "-f", "ISO-8859-1", place], check=True)
        words = {"LC_ALL": "de_DE.ISO-8859-1", "LANG": "de_DE.ISO-8859-1", "LOCPATH": str(place.parent)}
        yield Variation(name=name, environment=words)
    else:
        yield Variation(name=name, why_not="no sources of locales")


def _clocks() -> Iterator[Variation]:
    yield Variation(name="TZ=UTC", environment={"TZ": "UTC"})
    yield Variation(name="TZ=Pacific/Kiritimati", environment={"TZ": "Pacific/Kiritimati"})
    yield Variation(name="SOURCE_DATE_EPOCH", environment={"SOURCE_DATE_EPOCH": "1000000000"})


def _machines() -> Iterator[Variation]:
    taskset = shutil.which("taskset")
    yield Variation(
        name="one processor", prefix=("taskset", "-c", "0"), why_not="" if taskset else "taskset is missing"
    )
    yield Variation(name="8 at the same time", copies=8)
    disk = tempfile.gettempdir()
    yield Variation(name="another file system (disk for memory)", place=disk, inputs=regular_files)


def _files() -> Iterator[Variation]:
    yield Variation(name="wheels, checks, reports in reverse order", reverse=True)
    yield Variation(name="absolute paths", absolute=True)
    yield Variation(name="input files of 1985, 2038", inputs=of_another_clock)
    yield Variation(name="input files of modes 0600, 0777", inputs=of_many_modes)
    yield Variation(name="input files as hard links", inputs=hard_links)
    yield Variation(name="input files as links to links", inputs=symbolic_links)


def _users(python: str) -> Iterator[Variation]:
    why = "" if make_user() else "needs root"
    name = "another user and checkout"
    common = {"HOME": "/nonexistent", "USER": USER, "LOGNAME": USER}
    if not why and not python.startswith("/usr/"):
        why = "no CPython that another user may run"
    yield Variation(name=name, user=USER, environment=common, why_not=why)
    more = {**common, "LANG": "C", "TZ": "Pacific/Kiritimati", "TMPDIR": "/var/tmp"}
    name += ", wheels' folder read-only, umask 077"
    yield Variation(
        name=name,
        user=USER,
        environment=more,
        read_only=True,
        inputs=regular_files,
        umask=0o077,
        why_not=why,
    )


def make_user() -> bool:
    """Make the other user if it is not there yet; returns whether there is one that commands can be run as."""
    if os.geteuid() != 0 or not shutil.which("useradd") or not shutil.which("runuser"):
        return False
    subprocess.run(["useradd", "-m", USER], check=False, capture_output=True)
    return True


def is_writable(folder: Path) -> bool:
    """Return whether files may be written there."""
    return folder.is_dir() and os.access(folder, os.W_OK)
