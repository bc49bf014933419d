"""Whose file wins where two wheels own one path with different content: what a person chose by `collisions`.

The wheels that lose are spliced anew, without that file and without its row of RECORD, before anything is planned: so
every artifact kind holds the same, also a PEX, whose own bootstrap only warns of the clash.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.plan import PlannedFile, member_files, same_content, script_files
from python_env.artifacts.install.wheel import WheelFile, open_wheel
from python_env.base.archive import FILE_MODE
from python_env.base.archive.output import open_output
from python_env.base.archive.zip_read import Entry
from python_env.base.archive.zip_write import ZipWriter
from python_env.base.errors import Fault, ToolError
from python_env.base.wheel_record import row_of

_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
"""Of a RECORD that no longer is."""

_Owners = Mapping[str, Mapping[str, PlannedFile]]
"""Path to the wheels (by distribution name) that own it."""


def settle_collisions(
    wheels: Sequence[WheelFile], collisions: Mapping[str, str], *, layout: Layout, where: str, folder: Path
) -> tuple[WheelFile, ...]:
    """Return the wheels, those that lose a file spliced anew in `folder`, where nothing is left.

    `collisions` is path to distribution name, `where` names the attribute. Raises ToolError with every entry that
    changes nothing.
    """
    if not collisions:
        return tuple(wheels)
    chosen = {layout.tree_path(path): name for path, name in collisions.items()}
    owners = _owners(wheels, layout, paths=frozenset(chosen))
    _check(wheels, collisions, owners, layout=layout, where=where)
    lost: dict[str, set[str]] = defaultdict(set)
    for path, winner in chosen.items():
        for name in owners[path].keys() - {winner}:
            lost[name].add(path)
    # an open file needs no name: the folder may go
    with tempfile.TemporaryDirectory(dir=folder, prefix=".collisions.") as scratch:
        return tuple(
            _without(wheel, lost[wheel.wheel.name], layout=layout, place=Path(scratch) / wheel.wheel.file)
            if wheel.wheel.name in lost
            else wheel
            for wheel in wheels
        )


def _check(
    wheels: Sequence[WheelFile], collisions: Mapping[str, str], owners: _Owners, *, layout: Layout, where: str
) -> None:
    metadata = {wheel.wheel.name: f"{layout.site_packages}/{wheel.dist_info}/" for wheel in wheels}
    faults = []
    for path, name in sorted(collisions.items()):
        place = layout.tree_path(path)
        fault = _fault(place, name, owners, metadata)
        if place != path and place in collisions:
            fault = f"collisions has two entries for {place}"
        if fault:
            fix = (
                "take the entry out, or name the path and the owner as the clash names them; where one artifact alone\n"
                "has the clash (additional, ignored), declare that by itself: python_env_venv, python_env_pex"
            )
            faults.append(Fault(fault, f"{where}: {path!r}", fix))
    if faults:
        raise ToolError(faults)


def _owners(wheels: Iterable[WheelFile], layout: Layout, *, paths: frozenset[str]) -> _Owners:
    owners: dict[str, dict[str, PlannedFile]] = defaultdict(dict)
    for wheel in wheels:
        for file in _files(wheel, layout):
            if file.path in paths:
                owners[file.path][wheel.wheel.name] = file
    return owners


def _files(wheel: WheelFile, layout: Layout) -> Iterator[PlannedFile]:
    for entry in wheel.entries:
        yield from member_files(wheel, entry, layout)
    yield from script_files(wheel, layout)


def _fault(path: str, winner: str, owners: _Owners, metadata: Mapping[str, str]) -> str | None:
    """Return what is wrong with an entry: it must settle something, and leave every wheel its own metadata."""
    files = owners.get(path, {})
    if winner not in files:
        found = ", ".join(sorted(files)) or "no wheel"
        return f"collisions gives {path} to {winner}, which does not own it; owned by {found}"
    losers = [name for name in files if name != winner]
    if not any(not same_content(files[winner], files[name]) for name in losers):
        return f"the entry of {path} in collisions changes nothing: no other wheel has a different file there"
    robbed = [name for name in losers if path.startswith(metadata[name])]
    return f"{path} is the metadata of {robbed[0]}, which no other wheel may replace" if robbed else None


def _without(wheel: WheelFile, lost: set[str], *, layout: Layout, place: Path) -> WheelFile:
    """Write a wheel without the members and scripts that would fill the paths of `lost`, and return it opened."""
    dropped = {f"{wheel.dist_info}/{name}" for name in _SIGNATURES}
    for entry in wheel.entries:
        if any(file.path in lost for file in member_files(wheel, entry, layout)):
            dropped.add(entry.name)
    changed = _entry_points(wheel, lost, layout)
    record = f"{wheel.dist_info}/RECORD"
    changed[record] = _record(wheel, dropped, changed, record)
    with open_output(place, mode=FILE_MODE) as output:
        archive = ZipWriter(output)
        for entry in wheel.entries:
            if entry.name in changed:
                archive.add_bytes(entry.name, changed[entry.name])
            elif entry.name not in dropped:
                _copy(archive, wheel, entry)
        digest, size = archive.finish(), output.tell()
    return open_wheel(dataclasses.replace(wheel.wheel, sha256=digest, size=size), place)


def _copy(archive: ZipWriter, wheel: WheelFile, entry: Entry) -> None:
    archive.add_raw(
        entry.name,
        wheel.source.raw(entry),
        method=entry.method,
        crc=entry.crc,
        sizes=(entry.compressed, entry.size),
        executable=entry.executable,
    )


def _entry_points(wheel: WheelFile, lost: set[str], layout: Layout) -> dict[str, bytes]:
    """Return entry_points.txt without the scripts that lose, if there are such."""
    names = {
        script.name
        for script in wheel.scripts
        if any(path in lost for path, _ in layout.console_script(script.name, script.module, script.attribute))
    }
    if not names:
        return {}
    place = f"{wheel.dist_info}/entry_points.txt"
    return {place: "".join(_lines_without(wheel.read(place).decode(), names)).encode()}


def _lines_without(text: str, names: set[str]) -> Iterator[str]:
    """Yield the lines of entry points, but for scripts of these names."""
    section = ""
    dropping = False
    for line in text.splitlines(keepends=True):
        if line.startswith("["):
            section = line.strip()[1:-1]
        if not line[:1].isspace():  # what is indented goes on with the entry above
            is_script = section in ("console_scripts", "gui_scripts")
            dropping = is_script and line.partition("=")[0].strip() in names
        if not dropping:
            yield line


def _record(wheel: WheelFile, dropped: set[str], changed: Mapping[str, bytes], place: str) -> bytes:
    rows = {path: tuple(row) for path, row in wheel.record().items() if path not in dropped}
    rows |= {path: row_of(data) for path, data in changed.items()}
    rows[place] = ("", "")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows((path, *row) for path, row in rows.items())
    return text.getvalue().encode()
