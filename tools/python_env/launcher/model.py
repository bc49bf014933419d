"""What the launcher reads (artifact reports) and says (settings, refusals)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from python_env.base.documents import parse_document, sha256_hex
from python_env.base.errors import ToolError

ARTIFACT_SCHEMA = 1
_FIX = "build the artifact again; its report is written with it"


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

    Raises ToolError when a field is missing or of another type.
    """
    document = parse_document(data, where=where, kind="artifact", schema=ARTIFACT_SCHEMA, fix=_FIX)

    def take(key: str, kind: type) -> Any:
        if not isinstance(document.get(key), kind):
            raise ToolError.one(f"expected {kind.__name__}", where=f"{where}: {key}", fix=_FIX)
        return document[key]

    return Artifact(
        kind=take("artifact", str),
        name=take("name", str),
        file=take("file", str),
        env_id=take("env_id", str),
        platform=take("platform", str),
        python=take("python", str),
        digest=sha256_hex(data),
        distributions=take("distributions", dict),
        python_path=take("python_path", str),
        bundled_interpreter=take("bundled_interpreter", bool),
        entry_point=take("entry_point", str),
        inherit_path=take("inherit_path", str),
        venv_mode=take("venv_mode", bool),
        hermetic_scripts=take("hermetic_scripts", bool),
    )
