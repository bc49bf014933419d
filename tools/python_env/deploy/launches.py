"""What a launcher manifest says of starting the artifacts, and how its placeholders are filled. Pure.

Deploy takes the manifest and its renderings as they are written (docs/formats/launcher.md) and plans no launch itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from python_env.base.documents import Reader, has_control_character, parse_document
from python_env.base.errors import Fault, ToolError

SCHEMA = 1
_FIX = "build the :<name>_launcher target again"
_PLACEHOLDER = re.compile(r"\{(uri|file|code_uri|driver_python|driver_code|master)\}")
_TORN = frozenset(" ,#\"'`$\\{}|<>^")
"""What Spark's lists, URIs with a fragment, shells or YAML would take for something else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How one combination starts one artifact; values hold placeholders."""

    artifact: str
    combination: str
    master: str
    deploy_mode: str
    conf: Mapping[str, str]
    env: Mapping[str, str]
    local_only: bool
    """Whether a client of Spark Connect adds the artifact: from its own machine only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """What a combination cannot start, why, and what can."""

    artifact: str
    combination: str
    reason: str
    alternative: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Launches:
    """A launcher manifest."""

    name: str
    parents: Mapping[str, str]
    """Artifact kind to the sha256 of its report."""
    launches: Sequence[Launch]
    refused: Sequence[Refused]
    document: Mapping[str, Any]
    """The whole of it."""


def parse_launches(data: bytes, *, where: str) -> Launches:
    """Return the manifest in `data`; raises ToolError when it is none."""
    document = parse_document(data, where=where, kind="launcher", schema=SCHEMA, fix=_FIX)
    reader = Reader(where, _FIX)
    parents = reader.take(document, "parents", dict)
    rows = enumerate(reader.items(document, "launches", dict))
    refused = enumerate(reader.items(document, "refused", dict))
    fields = ("artifact", "combination", "reason", "alternative")
    return Launches(
        name=reader.text(document, "name"),
        parents={kind: reader.text(parents, kind, "parents") for kind in parents},
        launches=[_launch(reader, row, f"launches[{i}]") for i, row in rows],
        refused=[Refused(**{key: reader.text(row, key, f"refused[{i}]") for key in fields}) for i, row in refused],
        document=document,
    )


def _launch(reader: Reader, row: Mapping[str, Any], path: str) -> Launch:
    def values(name: str) -> dict[str, str]:
        found = reader.take(row, name, dict, path)
        rows = {key: reader.take(found, key, dict, f"{path}.{name}") for key in sorted(found)}
        return {key: reader.text(row, "value", f"{path}.{name}.{key}") for key, row in rows.items()}

    return Launch(
        artifact=reader.text(row, "artifact", path),
        combination=reader.text(row, "combination", path),
        master=reader.text(row, "master", path),
        deploy_mode=reader.text(row, "deploy_mode", path),
        conf=values("conf"),
        env=values("env"),
        local_only=bool(row.get("added")),
    )


def check_built_together(manifest: Launches, digests: Mapping[str, str], *, where: str) -> None:
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
    """Return what the placeholders stand for; those that are not known are not there."""
    known = {
        "uri": hadoop_uri(uri),
        "file": uri.rpartition("/")[2],
        "code_uri": hadoop_uri(code_uri),
        "driver_python": driver_python,
        "driver_code": driver_code,
        "master": master,
    }
    return {name: value for name, value in known.items() if value}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders filled; those that `values` does not have stay."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def unfilled(text: str) -> list[str]:
    """Return the names of the placeholders in a text."""
    return sorted(set(_PLACEHOLDER.findall(text)))


def filled_manifest(manifest: Launches, values: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the manifest with the launches of each artifact kind in `values` filled."""
    rows = [_filled(row, values.get(row["artifact"], {})) for row in manifest.document["launches"]]
    return {**manifest.document, "launches": rows}


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    return {key: _filled(each, values) for key, each in value.items()} if isinstance(value, dict) else value
