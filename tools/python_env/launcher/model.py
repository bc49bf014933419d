"""What the launcher says of an artifact: settings and refusals."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from python_env.artifacts.model import ArtifactKind, InheritPath, Report
from python_env.base.errors import Fault, ToolError

_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@~-]*")
"""A file name that is itself in a URI, in Spark's lists (no comma) and before the alias of an archive (no #)."""


_RELEASE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4}){1,2})(?:[.+_-][A-Za-z0-9.+_-]*)?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class PexPath:
    """What decides the order of a PEX's sys.path: a report says it, and PEX-INFO."""

    inherit: str
    """`false`, `fallback` or `prefer`."""
    is_venv: bool
    is_hermetic: bool

    @property
    def drops_pythonpath(self) -> bool:
        """Return whether it sees nothing of PYTHONPATH."""
        return self.inherit == InheritPath.FALSE or (self.is_venv and self.is_hermetic)

    @property
    def own_comes_first(self) -> bool:
        """Return whether what is inside is imported before what stands on PYTHONPATH, the cluster's pyspark for one.

        A venv-mode PEX with other than hermetic scripts has PYTHONPATH first; so has one that prefers what it inherits.
        """
        return self.drops_pythonpath or (self.inherit == InheritPath.FALLBACK and not self.is_venv)


class Combination(enum.Enum):
    """A master and, where it has two, a deploy mode."""

    YARN_CLIENT = "yarn-client"
    YARN_CLUSTER = "yarn-cluster"
    STANDALONE_CLIENT = "standalone-client"
    STANDALONE_CLUSTER = "standalone-cluster"
    KUBERNETES_CLIENT = "kubernetes-client"
    KUBERNETES_CLUSTER = "kubernetes-cluster"
    CONNECT = "connect"
    LOCAL_CLUSTER = "local-cluster"
    LOCAL = "local"

    @property
    def manager(self) -> str:
        """Return `yarn`, `standalone`, `kubernetes`, `connect`, `local-cluster` or `local`."""
        return self.value.removesuffix("-client") if self.value.endswith("-client") else _MANAGERS.get(self, self.value)

    @property
    def driver_on_cluster(self) -> bool:
        """Return whether the driver runs on the cluster: deploy mode cluster, or the server of Spark Connect."""
        return self in (*_MANAGERS, Combination.CONNECT)


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


class Profile(enum.StrEnum):
    """Whose settings are written."""

    OWN = ""
    """Those that were found to be right."""
    CLUSTER_PACK = "cluster-pack"
    """Exactly those of cluster-pack 0.3.17, for its users."""


@dataclass(frozen=True, order=True, slots=True)
class Release:
    """A release of Spark or Hadoop; a vendor's suffix does not count."""

    numbers: tuple[int, ...]
    text: str = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """What is stated of the cluster; empty where it may be any."""

    spark: tuple[Release, ...] = ()
    """All that the artifact must run on."""
    hadoop: Release | None = None
    """Hadoop of the cluster; it stands in the manifest for those who check an archive against it."""


def parse_cluster(spark_versions: Sequence[str], hadoop_version: str) -> Cluster:
    """Return what is stated of a cluster; raises ToolError with every version that is none."""
    said = [("spark_versions", text) for text in spark_versions]
    said += [("hadoop_version", hadoop_version)] if hadoop_version else []
    fix = "write the release, e.g. 3.5.6; a vendor's suffix may follow"
    faults = [Fault(f"{text!r} is no version", where, fix) for where, text in said if not _RELEASE.fullmatch(text)]
    if faults:
        raise ToolError(faults)
    spark = {_release(text) for text in spark_versions}
    return Cluster(spark=tuple(sorted(spark)), hadoop=_release(hadoop_version) if hadoop_version else None)


def _release(text: str) -> Release:
    found = _RELEASE.fullmatch(text)
    return Release(tuple(int(number) for number in found[1].split(".")) if found else (), text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """One `addArtifact` of a session of Spark Connect."""

    value: str
    archive: bool
    reason: str
    page: str


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
    added: tuple[Added, ...] = ()
    """What a client of Spark Connect adds to its session."""
    requires: tuple[str, ...] = field(default=())
    """What the cluster must have and no property can give."""


class Why(NamedTuple):
    """Why something is refused, what works instead, and the run that proves that it fails.

    A proof is `<file>::<test>` below tests/e2e, which passes as long as Spark is as it is; or says why none was run.
    """

    reason: str
    alternative: str
    proof: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why a combination cannot start an artifact, and what can."""

    artifact: ArtifactKind
    combination: Combination
    reason: str
    alternative: str
    proof: str


def check_file_name(report: Report, *, where: str) -> None:
    """Raise ToolError when the artifact's file name cannot stand in a URI or in a list of Spark."""
    if not _FILE.fullmatch(report.file):
        raise ToolError.one(
            f"the file name {report.file!r} cannot stand in a URI or in a list of Spark",
            where=f"{where}: file",
            fix="set file_name of the artifact: letters, digits, . _ + - @ ~",
        )
