"""What the placeholders of a launcher manifest stand for, once it is known where the artifacts lie. Pure.

Deploy takes the manifest and its renderings as they are written (docs/formats/launcher.md) and plans no launch itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from python_env.base.documents import has_control_character
from python_env.base.errors import Fault, ToolError
from python_env.launcher.manifest.model import Manifest, fill, manifest_document

_TORN = frozenset(" ,#\"'`$\\{}|<>^")
"""What Spark's lists, URIs with a fragment, shells or YAML would take for something else."""


def check_built_together(manifest: Manifest, digests: Mapping[str, str], *, where: str) -> None:
    """Raise ToolError with every kind whose report (`digests`: kind to sha256) is not the one the manifest is of."""
    parents = manifest.parents
    others = [kind for kind, digest in sorted(digests.items()) if kind in parents and parents[kind] != digest]
    what, fix = "the launcher manifest is of another {} than the one that is deployed", "build both again, in one build"
    if others:
        raise ToolError(Fault(what.format(kind), where, fix) for kind in others)


def hadoop_uri(uri: str) -> str:
    """Return a URI as Hadoop spells it: its file system for S3 is s3a.

    Raises ToolError for one that Spark's lists or a rendering would tear.
    """
    if torn := sorted(each for each in uri if each in _TORN or has_control_character(each)):
        raise ToolError.one(
            f"{torn[0]!r} in a URI is taken for something else by Spark or a shell",
            where=f"--to {uri}",
            fix="deploy to a folder whose name has letters, digits, . _ - = @ + % / only",
        )
    return f"s3a{uri.removeprefix('s3')}" if uri.startswith("s3://") else uri


def values_of(
    uri: str, *, code_uri: str = "", driver_python: str = "", driver_code: str = "", master: str = ""
) -> dict[str, str]:
    """Return what the placeholders stand for, by their names; those that are not known are not there."""
    known = {
        "uri": hadoop_uri(uri),
        "file": uri.rpartition("/")[2],
        "code_uri": hadoop_uri(code_uri),
        "driver_python": driver_python,
        "driver_code": driver_code,
        "master": master,
    }
    return {name: value for name, value in known.items() if value}


def filled_manifest(manifest: Manifest, values: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the document with the launches of each artifact kind in `values` filled."""
    document = manifest_document(manifest)
    return {**document, "launches": [_filled(row, values.get(row["artifact"], {})) for row in document["launches"]]}


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    return {key: _filled(each, values) for key, each in value.items()} if isinstance(value, dict) else value
