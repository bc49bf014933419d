"""Where every file of the wheels goes: installing, decided and not done.

Follows "Installing a wheel" of the binary distribution format; the target is a layout, never this machine.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from python_env.artifacts.install.layout import PEX_FILES, PEX_SITE_FILES, Layout, takes_a_head
from python_env.artifacts.install.names import ENVIRONMENT, INTERPRETER, name_faults
from python_env.artifacts.install.precedence import unimportable
from python_env.artifacts.install.wheel import WheelFile
from python_env.artifacts.model import OUR_FILES, Source
from python_env.base.archive.zip_read import Entry, ZipSource
from python_env.base.distribution_names import canonical_name
from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Os
from python_env.base.wheel_record import Row, sha256_row

FIRST_PARTY = "first-party code"
"""Owner of the files that no wheel brings, in words."""

_INSTALLER = b"rules_python_env\n"
LEFT_OUT = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "direct_url.json", "REQUESTED"})
"""Files of a dist-info that an installer writes, or that do not hold any longer."""


class PlannedFile(NamedTuple):
    """One file of the installed tree: a wheel's member as it is, or bytes of ours.

    A tuple, because there are tens of thousands: it is made in half the time of a frozen dataclass.
    """

    path: str
    owner: str
    """What brings the file, in words; empty for the environment itself."""
    executable: bool = False
    source: ZipSource | None = None
    """Where the member is read; with `entry`, or neither."""
    entry: Entry | None = None
    data: bytes = b""

    @property
    def size(self) -> int:
        """Return the content's size in bytes."""
        return self.entry.size if self.entry else len(self.data)

    def content(self) -> bytes:
        """Return every byte; raises ToolError when a member cannot be read."""
        return self.source.read(self.entry) if self.source and self.entry else self.data


def plan_install(
    wheels: Iterable[WheelFile], sources: Iterable[Source], layout: Layout, *, records: bool = True
) -> tuple[PlannedFile, ...]:
    """Return the installed tree, sorted by path.

    Without `records` each RECORD is the wheel's own: another installer makes the tree, and here it is only asked
    whether one can. Raises ToolError with every path that two owners fill with different content, or that is ours, and
    with every module that could not be imported for a package.
    """
    tree: dict[str, PlannedFile] = {}
    faults: list[Fault] = []
    ours = _our_files(layout)
    for file in _planned(wheels, sources, layout, records=records):
        before = tree.setdefault(file.path, file)
        if file.path in ours:
            faults.append(Fault(f"{file.owner} would overwrite our own file {file.path}", file.path, "leave it out"))
        elif before is not file and not same_content(before, file):
            faults.append(_clash(before, file, layout))
    owners = {**ours, **{path: file.owner for path, file in tree.items()}}
    faults += [*name_faults(owners, layout.os), *unimportable(owners, FIRST_PARTY)]
    if faults:
        raise ToolError(faults)
    return tuple(tree[path] for path in sorted(tree))


def _our_files(layout: Layout) -> dict[str, str]:
    """Return by path the owner of what no wheel may fill; the interpreter's program is of every venv."""
    of_pex = {*PEX_FILES, *(f"{layout.site_packages}/{name}" for name in PEX_SITE_FILES)}
    of_venv = dataclasses.replace(layout, bundled=frozenset()).own_files & layout.own_files
    of_all = OUR_FILES | of_pex | of_venv
    of_interpreter = dict.fromkeys(sorted(layout.bundled - of_all), INTERPRETER)
    return {**dict.fromkeys(sorted(of_all | layout.own_files), ENVIRONMENT), **of_interpreter}


def _planned(
    wheels: Iterable[WheelFile], sources: Iterable[Source], layout: Layout, *, records: bool
) -> Iterator[PlannedFile]:
    for wheel in wheels:
        yield from _plan_wheel(wheel, layout, records=records)
    for source in sources:
        path = f"{layout.site_packages}/{source.destination}"
        yield PlannedFile(path=path, owner=FIRST_PARTY, data=source.data)


def _plan_wheel(wheel: WheelFile, layout: Layout, *, records: bool) -> Iterator[PlannedFile]:
    files = with_compiled([*_members(wheel, layout), *script_files(wheel, layout)], wheel.compiled, layout)
    info = f"{layout.site_packages}/{wheel.dist_info}"
    files.append(PlannedFile(path=f"{info}/INSTALLER", owner=wheel.wheel.file, data=_INSTALLER))
    yield from files
    if records:
        record = _record(wheel, files, layout, f"{info}/RECORD")
        yield PlannedFile(path=f"{info}/RECORD", owner=wheel.wheel.file, data=record)
    else:
        yield _member(wheel, wheel.metadata[f"{wheel.dist_info}/RECORD"], f"{info}/RECORD", executable=False)


def _members(wheel: WheelFile, layout: Layout) -> Iterator[PlannedFile]:
    """Yield what the members become; most lie below site-packages as they lie in the wheel, and are not asked twice."""
    special = (wheel.data + "/", wheel.dist_info + "/")
    site_packages, owner, source = layout.site_packages, wheel.wheel.file, wheel.source
    for entry in wheel.entries:
        if entry.name.startswith(special):
            yield from member_files(wheel, entry, layout)
        else:
            yield PlannedFile(f"{site_packages}/{entry.name}", owner, entry.executable, source, entry)


def member_files(wheel: WheelFile, entry: Entry, layout: Layout) -> Iterator[PlannedFile]:
    """Yield what a member of a wheel becomes: one file, none, or a script with its launcher."""
    name, info = entry.name, wheel.dist_info + "/"
    if name.startswith(wheel.data + "/"):
        yield from _scheme_files(wheel, entry, layout)
    elif not (name.startswith(info) and name[len(info) :] in LEFT_OUT):
        yield _member(wheel, entry, f"{layout.site_packages}/{name}", executable=entry.executable)


def _member(wheel: WheelFile, entry: Entry, path: str, *, executable: bool) -> PlannedFile:
    return PlannedFile(path=path, owner=wheel.wheel.file, executable=executable, source=wheel.source, entry=entry)


def _scheme_files(wheel: WheelFile, entry: Entry, layout: Layout) -> Iterator[PlannedFile]:
    """Yield what a member of `*.data` becomes, by its scheme; scripts get a shebang that survives moving."""
    scheme, _, rest = entry.name[len(wheel.data) + 1 :].partition("/")
    folder = layout.scheme(scheme, wheel.wheel.name)
    if folder is None or not rest:
        raise wheel.error(f"unknown scheme {scheme!r}", entry.name)
    path = f"{folder}/{rest}" if folder else rest
    if scheme != "scripts":
        yield _member(wheel, entry, path, executable=entry.executable)
    elif entry.name in wheel.python_scripts:
        yield from _python_script(wheel, entry, layout, rest)
    else:
        yield _member(wheel, entry, path, executable=True)


def _python_script(wheel: WheelFile, entry: Entry, layout: Layout, name: str) -> Iterator[PlannedFile]:
    text = wheel.python_scripts[entry.name]
    if layout.os is Os.WINDOWS or takes_a_head(text):
        path, data = layout.script_file(name, text.partition(b"\n")[2])
        yield PlannedFile(path=path, owner=wheel.wheel.file, executable=True, data=data)
        if layout.os is Os.WINDOWS:
            path, data = layout.script_launcher(name)
            yield PlannedFile(path=path, owner=wheel.wheel.file, executable=True, data=data)
        return
    path, data = layout.script_launcher(name)
    yield PlannedFile(path=path, owner=wheel.wheel.file, executable=True, data=data)
    yield _member(wheel, entry, f"{path}-script.py", executable=False)


def with_compiled(files: Sequence[PlannedFile], compiled: ZipSource | None, layout: Layout) -> list[PlannedFile]:
    """Return the files, and the compiled form of those that have one; what a wheel brings of it itself is left out."""
    if compiled is None:
        return list(files)
    entries = {entry.name: entry for entry in compiled.entries}
    sources = {layout.compiled_path(file.path): file for file in files if file.path.endswith(".py")}
    made = {path: file for path, file in sources.items() if path in entries}
    kept = [file for file in files if file.path not in made]
    return kept + [
        file._replace(path=path, executable=False, source=compiled, entry=entries[path]) for path, file in made.items()
    ]


def script_files(wheel: WheelFile, layout: Layout) -> Iterator[PlannedFile]:
    """Yield what a wheel's entry points become."""
    for script in wheel.scripts:
        for path, data in layout.console_script(script.name, script.module, script.attribute):
            yield PlannedFile(path=path, owner=wheel.wheel.file, executable=True, data=data)


def _record(wheel: WheelFile, files: Iterable[PlannedFile], layout: Layout, path: str) -> bytes:
    """Return the RECORD of the installed tree: the wheel's own hashes where a member lies as it was."""
    relative, said = layout.relative_to_site_packages, wheel.record()
    lines = [
        f"{quoted(relative(file.path))},{',' if _is_compiled(wheel, file) else record_row(file, said)}"
        for file in files
    ]
    lines.append(f"{quoted(relative(path))},,")
    return ("\n".join(sorted(lines)) + "\n").encode()


def _is_compiled(wheel: WheelFile, file: PlannedFile) -> bool:
    return file.source is not None and file.source is wheel.compiled


def record_row(file: PlannedFile, said: Mapping[str, Row]) -> str:
    """Return digest and size of a file as RECORD has them: what the wheel has `said` where a member lies as it was."""
    row = said.get(file.entry.name) if file.entry else None
    return f"{row.digest},{row.size}" if row and row.digest else f"{sha256_row(file.content())},{file.size}"


def quoted(path: str) -> str:
    """Return a path as a field of RECORD, which is CSV."""
    return '"' + path.replace('"', '""') + '"' if "," in path or '"' in path else path


def same_content(one: PlannedFile, other: PlannedFile) -> bool:
    """Return whether two files have equal content; it is read where the archives claim that."""
    claims = [(file.entry.size, file.entry.crc) for file in (one, other) if file.entry]
    return one.size == other.size and len(set(claims)) < 2 and one.content() == other.content()


def _clash(one: PlannedFile, other: PlannedFile, layout: Layout) -> Fault:
    fix = "constrain one of them to a version without that file, or drop it from the requirements"
    if FIRST_PARTY in (one.owner, other.owner):
        fix = "rename or move the first-party file, or drop the wheel from the requirements"
    elif one.owner == other.owner:
        fix = "constrain it to another version, or drop it from the requirements"
    elif not one.path.endswith(".dist-info/RECORD"):
        winner = canonical_name(other.owner.split("-")[0])
        entry = json.dumps({layout.portable_path(one.path): winner})
        fix += f",\nor say whose file wins: collisions = {entry}"
    return Fault(f"two owners of {one.path} with different content: {one.owner} and {other.owner}", one.path, fix)
