"""An archive as an environment: what it is, where it starts, where its links lead. No I/O."""

from __future__ import annotations

import enum
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from python_env.artifacts.model import InheritPath
from python_env.base.distribution_names import canonical_name
from python_env.doctor.archive import Archive, Kind, Member
from python_env.doctor.folders import Folders
from python_env.launcher.model import own_packages_win

UNPACKED = (".tar.gz", ".tgz", ".zip", ".jar", ".tar")
"""Suffixes that FSDownload and Utils.unpack know, in lower case; they judge the source's name by nothing else."""

_DATA = re.compile(r"^[^/]+\.data/(purelib|platlib)/")
"""Part of a wheel that is installed into site-packages, too (PEP 427)."""

_MOST_LINKS = 40
"""Links that the kernel follows in one path: path_resolution(7)."""

_PYTHON_FOLDER = "lib/python3."


class Shape(enum.StrEnum):
    """What the archive holds."""

    CODE = "first-party code"
    PEX = "PEX"
    ZIPAPP = "zipapp"
    CONDA = "conda environment"
    VENV = "venv"
    TREE = "folder"


class Astray(enum.Enum):
    """Why a path of the archive ends in none of its members."""

    ABSOLUTE = enum.auto()
    LEAVES = enum.auto()
    MISSING = enum.auto()
    CYCLE = enum.auto()


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """An archive as an environment."""

    archive: Archive
    pex_info: Mapping[str, object] = field(default_factory=dict)
    identity: Mapping[str, object] = field(default_factory=dict)
    """`python_env.json` of what we have built."""

    @property
    def suffix(self) -> str:
        """Return the suffix by which a cluster unpacks it, or an empty text."""
        name = self.archive.name.lower()
        return next((suffix for suffix in UNPACKED if name.endswith(suffix)), "")

    @cached_property
    def by_name(self) -> dict[str, Member]:
        """Return the archive's own members by name; the last of a name, as unpacking leaves it."""
        return {member.name: member for member in self.archive.members}

    @cached_property
    def folders(self) -> Folders:
        """Return every folder that is there, told or implied."""
        return Folders(self.archive.members)

    @cached_property
    def root(self) -> str:
        """Return the folder inside the archive, with its slash, that the environment lies in."""
        if any(f"bin/{name}" in self.by_name for name in ("python", "python3")) or "__main__.py" in self.by_name:
            return ""
        tops = {
            member.name.split("/", 1)[0]
            for member in self.archive.members
            if member.name.endswith(("/bin/python", "/bin/python3", "/__main__.py")) and member.name.count("/") <= 2
        }
        return f"{min(tops)}/" if len(tops) == 1 else ""

    @cached_property
    def shape(self) -> Shape:
        """Return what it holds."""
        if self.is_code:
            return Shape.CODE
        if self.pex_info:
            return Shape.PEX
        if f"{self.root}conda-meta" in self.folders:
            return Shape.CONDA
        if f"{self.root}pyvenv.cfg" in self.by_name:
            return Shape.VENV
        if f"{self.root}__main__.py" in self.by_name and not self.start.endswith("bin/python"):
            return Shape.ZIPAPP
        return Shape.TREE

    @property
    def is_code(self) -> bool:
        """Return whether it lies beside an environment that was split: nothing of it is an interpreter."""
        return self.identity.get("layer") == "code"  # docs/formats/artifact.md

    @property
    def inherit_path(self) -> InheritPath:
        """Return what a PEX sees of the outer sys.path; pex takes what it does not know, and nothing, for `false`."""
        stated = self.pex_info.get("inherit_path")
        return next((each for each in InheritPath if each == stated), InheritPath.FALSE)

    @property
    def venv_mode(self) -> bool:
        """Return whether a PEX runs from a venv that it makes of itself."""
        return bool(self.pex_info.get("venv", False))

    @property
    def hermetic_scripts(self) -> bool:
        """Return whether the scripts of that venv drop PYTHONPATH."""
        return bool(self.pex_info.get("venv_hermetic_scripts", True))

    @property
    def own_packages_win(self) -> bool:
        """Return whether it is a PEX in which the packages inside come before the cluster's on PYTHONPATH."""
        return self.shape is Shape.PEX and own_packages_win(
            self.inherit_path, venv_mode=self.venv_mode, hermetic_scripts=self.hermetic_scripts
        )

    @property
    def is_wheelhouse(self) -> bool:
        """Return whether it holds wheels, and no environment."""
        is_environment = self.shape not in (Shape.TREE, Shape.ZIPAPP) or self.python_folders
        return not is_environment and any(member.base.endswith(".whl") for member in self.archive.members)

    @property
    def is_unpacked(self) -> bool:
        """Return whether a cluster unpacks it: else it is a file that is run as it is, or nothing."""
        return bool(self.suffix)

    @cached_property
    def start(self) -> str:
        """Return the member that is the environment's interpreter; empty where there is none."""
        if self.is_code:
            return ""
        for name in ("bin/python", "bin/python3"):
            if self.root + name in self.by_name:
                return self.root + name
        return f"{self.root}__main__.py" if f"{self.root}__main__.py" in self.by_name else ""

    @cached_property
    def everything(self) -> tuple[Member, ...]:
        """Return all members, those of the wheels inside, too."""
        return self.archive.members + self.archive.packed

    def installed(self, member: Member) -> str:
        """Return where a member lies when the environment is installed, for paths between members."""
        name = member.name
        if self.pex_info and not member.wheel and name.startswith(".deps/"):
            name = name.split("/", 2)[-1]
        return _DATA.sub("", name, count=1) if ".data/" in name else name

    @cached_property
    def libraries(self) -> frozenset[str]:
        """Return where every shared library lies when the environment is installed, links among them."""
        kinds = (Kind.FILE, Kind.LINK, Kind.HARD_LINK)
        return frozenset(self.installed(each) for each in self.everything if ".so" in each.name and each.kind in kinds)

    @cached_property
    def library_names(self) -> frozenset[str]:
        """Return file names and sonames of the shared libraries inside."""
        names = {posixpath.basename(place) for place in self.libraries}
        return frozenset(names | {each.binary.soname for each in self.everything if each.binary is not None})

    @cached_property
    def of_any_machine(self) -> frozenset[str]:
        """Return the labels of files of wheels for any machine: what is native in them is chosen at run time."""
        found = {member.label for member in self.archive.packed if member.wheel.endswith("-none-any.whl")}
        for member in self.archive.members:
            if member.base == "WHEEL" and member.data is not None and _is_for_any(member.data):
                folder = posixpath.dirname(member.name)
                record = self.by_name.get(f"{folder}/RECORD")
                rows = (record.data or b"").decode(errors="replace").splitlines() if record else []
                site = posixpath.dirname(folder)
                found |= {
                    posixpath.normpath(posixpath.join(site, row.split(",", 1)[0])) for row in rows if ".so" in row
                }
        return frozenset(found)

    def resolve(self, name: str) -> tuple[str, Astray | None]:
        """Return where a path of the archive leads through its links, and why that is no member of it."""
        todo, hops = name.split("/")[::-1], 0
        at: list[str] = []
        while todo:
            part = todo.pop()
            if part == ".." and not at:
                return posixpath.join("..", *reversed(todo)), Astray.LEAVES
            if part in ("", ".", ".."):
                del at[len(at) - (part == "..") :]
                continue
            at.append(part)
            link = self._links.get("/".join(at))
            if link is None:
                continue
            hops += 1
            if link.target.startswith("/"):
                return posixpath.join(link.target, *reversed(todo)), Astray.ABSOLUTE
            if hops > _MOST_LINKS:
                return name, Astray.CYCLE
            at.pop()
            todo += link.target.split("/")[::-1]
        place = "/".join(at)
        return place, None if not place or place in self.by_name or place in self.folders else Astray.MISSING

    @cached_property
    def _links(self) -> dict[str, Member]:
        return {name: member for name, member in self.by_name.items() if member.kind is Kind.LINK}

    @cached_property
    def python_folders(self) -> tuple[tuple[int, int], ...]:
        """Return the Python versions of the folders `lib/python3.X`."""
        start = self.root + _PYTHON_FOLDER
        found = {folder[len(start) :] for folder in self.folders.starting(start)}
        return tuple(sorted((3, int(each)) for each in found if each.isdecimal()))

    @cached_property
    def standard_library(self) -> str:
        """Return the folder that holds the standard library, or an empty text."""
        for _, minor in self.python_folders:
            folder = f"{self.root}{_PYTHON_FOLDER}{minor}"
            if f"{folder}/os.py" in self.by_name:
                return folder
        return ""

    @property
    def has_interpreter(self) -> bool:
        """Return whether the archive brings its own CPython."""
        place, fault = self.resolve(self.start)
        member = self.by_name.get(place)
        return bool(self.standard_library and not fault and member is not None and member.binary is not None)

    @cached_property
    def distributions(self) -> dict[str, str]:
        """Return version by normalised name of every distribution that is installed or packed."""
        return {name: version for name, version, _ in self._distributions()}

    def _distributions(self) -> Iterator[tuple[str, str, str]]:
        for member in self.everything:
            if ".dist-info/" not in member.name:
                continue
            folder = next(part for part in member.name.split("/") if part.endswith(".dist-info"))
            name, _, version = folder.removesuffix(".dist-info").partition("-")
            yield canonical_name(name), version, member.label


def _is_for_any(wheel: bytes) -> bool:
    """Return whether all tags of a WHEEL file are of any platform."""
    tags = [line for line in wheel.splitlines() if line.startswith(b"Tag:")]
    return bool(tags) and all(line.strip().endswith(b"-none-any") for line in tags)
