"""What the doctor is asked and what it finds."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from python_env.base.platforms import Platform
from python_env.base.releases import Numbers, dotted
from python_env.doctor.policy import Policy
from python_env.doctor.subject import Subject
from python_env.launcher.model import Combination


class Severity(enum.StrEnum):
    """What a finding means for those who ship the file."""

    ERROR = "error"
    """It does not start, or not what was packed starts."""
    WARNING = "warning"
    """It starts; something in it fails or is not what it seems."""
    NOTE = "note"
    """What the cluster must have, or what it costs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One cluster: master and deploy mode, Spark's version, and the Hadoop version of its NodeManagers."""

    combination: Combination
    spark: Numbers
    """`3.5` is (3, 5): lower than every 3.5.x, so that what some of them cannot do counts as missing."""
    hadoop: Numbers

    @property
    def on_yarn(self) -> bool:
        """Return whether a NodeManager unpacks; else Spark does, by the Hadoop client that it brings."""
        return self.combination.manager == "yarn"

    @property
    def words(self) -> str:
        """Return the case in words."""
        words = f"{self.combination.value}, Spark {dotted(self.spark)}"
        return f"{words}, Hadoop {dotted(self.hadoop)}" if self.on_yarn else words


def on_connect(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Return the cases whose workers a session of Spark Connect starts: it sets no variable of theirs."""
    return tuple(case for case in cases if case.combination is Combination.CONNECT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where the file is to run."""

    cases: tuple[Case, ...]
    are_all_needed: bool = False
    """Whether the versions of Spark were named: the file must then run on each of them."""
    platform: Platform | None = None
    python: tuple[int, int] | None = None
    """The cluster's Python; None for what the file itself asks for."""
    policy: Policy | None = None
    """What every node of the platform has."""
    on_nodes: frozenset[str] = frozenset()
    """Absolute paths, and names of shared libraries, that every node has."""
    launched_by_us: bool = False
    """Whether the launcher's manifest starts it: it sets the variables of a PEX."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One place where a check struck."""

    file: str
    """Path inside the archive; empty for the archive itself."""
    reason: str
    remedy: str
    cases: tuple[Case, ...] = ()
    """Where it counts; empty for everywhere."""
    severity: Severity | None = None
    """Where it is not that of the check."""


Find = Callable[[Subject, Target], Iterable[Hit]]
"""Is handed both, though many a check looks at one of them only: what calls it need not know."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One kind of fault: a pure function over what is in the file and where it is to run."""

    id: str
    severity: Severity
    what: str
    """What it looks for, one clause for the table of docs/doctor.md."""
    source: str
    """Who says so: a class that was run, a page, a specification."""
    find: Find


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One fault of one file, as it is told."""

    check: str
    severity: Severity
    file: str
    reason: str
    remedy: str
    source: str
    stated: Severity
    """Its severity where it counts; `severity` is a note when every master that was asked for has a version without."""
    cases: tuple[Case, ...]
    """Where it counts: some of those that were asked for."""
