"""Completes the launcher's renderings by where the artifacts lie, and writes them into a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_env.artifacts.model import ArtifactKind
from python_env.base.documents import render_document
from python_env.base.errors import ToolError
from python_env.deploy.documents.metadata import Metadata
from python_env.deploy.documents.receipt import Receipt, render_receipt
from python_env.deploy.edge import write_file
from python_env.deploy.launches import check_built_together, filled_manifest, values_of
from python_env.launcher.manifest.model import Manifest, fill, parse_manifest
from python_env.launcher.model import Combination


@dataclass(frozen=True, kw_only=True, slots=True)
class Launcher:
    """What the launcher stage wrote: its manifest and the texts of its renderings."""

    name: str
    """The manifest's file name."""
    manifest: Manifest
    files: Mapping[str, str]
    """`<artifact>/<combination>/<file>` to text."""


def read_launcher(manifest: Path, renderings: Path | None) -> Launcher:
    """Return what the launcher wrote; raises ToolError when it cannot be read or is no manifest."""
    try:
        found = parse_manifest(manifest.read_bytes(), where=manifest.name)
        files = (
            {path: (renderings / path).read_text(encoding="utf-8") for path in _below(renderings)} if renderings else {}
        )
    except (OSError, UnicodeDecodeError) as error:
        raise ToolError.one(f"cannot be read: {error}", where=str(manifest), fix="build :<name>_launcher") from error
    return Launcher(name=manifest.name, manifest=found, files=files)


def _below(folder: Path) -> list[str]:
    """Return the files below a folder; among runfiles a folder inside is a link."""
    found = [Path(place, name) for place, _, names in os.walk(folder, followlinks=True) for name in names]
    return sorted(path.relative_to(folder).as_posix() for path in found)


def places_of(uris: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return what the placeholders stand for, by artifact kind; `uris` is kind to URI, code is shipped with each."""
    code = uris.get(ArtifactKind.CODE, "")
    return {kind: values_of(uri, code_uri=code) for kind, uri in uris.items() if kind != ArtifactKind.CODE}


def completed(launcher: Launcher, uris: Mapping[str, str]) -> dict[str, bytes]:
    """Return file name to bytes: the manifest and the renderings of the artifacts that were deployed.

    A client of Spark Connect can add files of its own machine only; elsewhere its rendering is left out.
    """
    values = places_of(uris)
    skipped = {
        f"{each.artifact}/{each.combination.value}/"
        for each in launcher.manifest.launches
        if each.combination is Combination.CONNECT and not uris.get(each.artifact, "").startswith("file:")
    }
    files = {launcher.name: render_document(filled_manifest(launcher.manifest, values))}
    for name, text in launcher.files.items():
        kind = name.partition("/")[0]
        if kind in values and not name.startswith(tuple(skipped)):
            files[name] = fill(text, values[kind]).encode()
    return files


def check_launcher(launcher: Launcher, wanted: Sequence[Metadata]) -> None:
    """Raise ToolError when the manifest was written for other artifacts than these."""
    digests = {metadata.artifact: metadata.parent for metadata in wanted}
    check_built_together(launcher.manifest, digests, where=launcher.name)


def write_completed(folder: Path, launcher: Launcher, receipts: Sequence[tuple[Metadata, Receipt]]) -> list[Path]:
    """Write renderings and receipts into a folder, each file whole or not at all, and return their paths.

    Raises ToolError when one cannot be written.
    """
    files = completed(launcher, {metadata.artifact: receipt.uri for metadata, receipt in receipts})
    files |= {f"{receipt.file}.receipt.json": render_receipt(receipt) for _, receipt in receipts}
    for name, data in sorted(files.items()):
        write_file(folder / name, data)
    return [folder / name for name in sorted(files)]
