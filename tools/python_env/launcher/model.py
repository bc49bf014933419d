"""What the launcher says of an artifact: settings and refusals."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

from python_env.artifacts.model import ArtifactKind, Report
from python_env.base.errors import ToolError

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
class Setting:
    """One property or variable, why it is there, and where Spark says so."""

    key: str
    value: str
    reason: str
    page: str
    before_others: bool = False
    """Of a variable that is a search path: what it holds already stays behind the value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How one combination starts one artifact."""

    artifact: ArtifactKind
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

    artifact: ArtifactKind
    combination: Combination
    reason: str
    alternative: str


def check_file_name(report: Report, *, where: str) -> None:
    """Raise ToolError when the artifact's file name cannot stand in a URI or in a list of Spark."""
    if not _FILE.fullmatch(report.file):
        raise ToolError.one(
            f"the file name {report.file!r} cannot stand in a URI or in a list of Spark",
            where=f"{where}: file",
            fix="set file_name of the artifact: letters, digits, . _ + - @ ~",
        )
