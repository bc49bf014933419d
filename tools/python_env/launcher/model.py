"""What the launcher reads (artifact reports) and says (settings, refusals)."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from python_env.base.documents import parse_document, sha256_hex
from python_env.base.errors import ToolError
from python_env.base.platforms import parse_platform
from python_env.base.versions import version_key

ARTIFACT_SCHEMA = 1
_FIX = "build the artifact again; its report is written with it"
_KINDS = ("pex", "venv")
_INHERIT_PATH = ("", "false", "fallback", "prefer")
_PYTHON_PATHS = ("", "Scripts/python.cmd", "bin/python")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@~-]*")
"""A file name that is itself in a URI, in Spark's lists (no comma) and before the alias of an archive (no #)."""


class Combination(enum.Enum):
    """A master and, where it has two, a deploy mode."""

    YARN_CLIENT = "yarn-client"
    YARN_CLUSTER = "yarn-cluster"
    STANDALONE_CLIENT = "standalone-client"
    STANDALONE_CLUSTER = "standalone-cluster"
    KUBERNETES_CLIENT = "kubernetes-client"
    KUBERNETES_CLUSTER = "kubernetes-cluster"
    LOCAL_CLUSTER = "local-cluster"
    LOCAL = "local"

    @property
    def manager(self) -> str:
        """Return `yarn`, `standalone`, `kubernetes`, `local-cluster` or `local`."""
        return self.value.removesuffix("-client") if self.value.endswith("-client") else _MANAGERS.get(self, self.value)

    @property
    def driver_on_cluster(self) -> bool:
        """Return whether the driver runs on the cluster (deploy mode cluster)."""
        return self in (Combination.YARN_CLUSTER, Combination.STANDALONE_CLUSTER, Combination.KUBERNETES_CLUSTER)


_MANAGERS = {
    Combination.YARN_CLUSTER: "yarn",
    Combination.STANDALONE_CLUSTER: "standalone",
    Combination.KUBERNETES_CLUSTER: "kubernetes",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """What an artifact's report says of it."""

    kind: str
    name: str
    file: str
    env_id: str
    platform: str
    python: str
    digest: str
    """sha256 of the report itself."""
    distributions: Mapping[str, str]
    python_path: str
    bundled_interpreter: bool
    entry_point: str
    inherit_path: str
    venv_mode: bool
    hermetic_scripts: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One property or variable, why it is there, and where Spark says so."""

    key: str
    value: str
    reason: str
    page: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How one combination starts one artifact."""

    artifact: str
    combination: Combination
    master: str
    deploy_mode: str
    conf: tuple[Setting, ...]
    """Properties for spark-submit or spark-defaults."""
    env: tuple[Setting, ...]
    """Variables for a driver that is started without spark-submit."""
    requires: tuple[str, ...] = field(default=())
    """What the cluster must have and no property can give."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why a combination cannot start an artifact, and what can."""

    artifact: str
    combination: Combination
    reason: str
    alternative: str


def parse_artifact(data: bytes, *, where: str) -> Artifact:
    """Return the artifact that a report describes.

    Raises ToolError when a field is missing, of another type, or has a value that no artifact has: values enter file
    names, properties and shell text.
    """
    document = parse_document(data, where=where, kind="artifact", schema=ARTIFACT_SCHEMA, fix=_FIX)

    def take(key: str, kind: type) -> Any:
        if not isinstance(document.get(key), kind):
            raise ToolError.one(f"expected {kind.__name__}", where=f"{where}: {key}", fix=_FIX)
        if isinstance(document[key], str) and has_control_character(document[key]):
            raise ToolError.one(f"{document[key]!r} has a control character", where=f"{where}: {key}", fix=_FIX)
        return document[key]

    def choose(key: str, values: tuple[str, ...]) -> str:
        if (value := str(take(key, str))) not in values:
            raise ToolError.one(f"expected one of {values}, found {value!r}", where=f"{where}: {key}", fix=_FIX)
        return value

    return Artifact(
        kind=choose("artifact", _KINDS),
        name=take("name", str),
        file=_checked_file(take("file", str), where),
        env_id=take("env_id", str),
        platform=take("platform", str),
        python=choose("python", (parse_platform(take("platform", str)).python_version,)),
        digest=sha256_hex(data),
        distributions=_checked_distributions(take("distributions", dict), where),
        python_path=choose("python_path", _PYTHON_PATHS),
        bundled_interpreter=take("bundled_interpreter", bool),
        entry_point=take("entry_point", str),
        inherit_path=choose("inherit_path", _INHERIT_PATH),
        venv_mode=take("venv_mode", bool),
        hermetic_scripts=take("hermetic_scripts", bool),
    )


def has_control_character(text: str) -> bool:
    """Return whether a text has a character that ends a line or hides what follows (Unicode: Cc, Zl, Zp)."""
    return any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text)


def _checked_file(name: str, where: str) -> str:
    if not _FILE.fullmatch(name):
        what = f"the file name {name!r} cannot stand in a URI or in a list of Spark"
        raise ToolError.one(
            what, where=f"{where}: file", fix="set file_name of the artifact: letters, digits, . _ + - @ ~"
        )
    return name


def _checked_distributions(versions: Mapping[str, Any], where: str) -> Mapping[str, str]:
    for name, version in versions.items():
        if not isinstance(version, str) or version_key(version) is None:
            raise ToolError.one(f"{version!r} is not a version", where=f"{where}: distributions.{name}", fix=_FIX)
    return versions
