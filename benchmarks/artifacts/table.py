"""Turns figures into Markdown: the subjects' table, and the ratios beside what the issue aims at."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from measure import Measured, Subject

PEX, PACKED = "our PEX", "our PEX, packed"
PRE_INSTALLED, PACKED_INSTALLED = "our PEX, pre_installed", "our PEX, packed, pre_installed"
VENV, BUNDLED, VENV_ZIP = "our venv.tar.gz", "our venv.tar.gz, interpreter inside", "our venv.zip"
UNCHECKED = "our venv.tar.gz, no wheel checked before"
WHEELHOUSE = "our wheelhouse"
CAT, COPY = "cat of the wheels into one file", "cp of the wheels into a folder"
HOUSE_CAT, HOUSE_COPY = "cat of the wheelhouse's wheels", "cp of the wheelhouse's wheels"
PEX_DEFAULT, PEX_FASTEST = "pex, default", "pex, fastest flags"
PEX_PACKED = "pex, packed layout"
VENV_PACK, TAR_ZSTD = "uv pip install + venv-pack", "uv pip install + tar --zstd"
TAR_ZSTD_ALL = "uv pip install + tar, zstd -T0"


class Kind(StrEnum):
    """What an aim compares."""

    RATIO = "x"
    DIFFERENCE = "s"
    SIZE = "x size"
    MEMORY = "MB"


_WHAT = {
    Kind.RATIO: "time",
    Kind.DIFFERENCE: "time",
    Kind.SIZE: "size",
    Kind.MEMORY: "peak memory, of ours the largest",
}


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim: `ours` against `other`, and the most that may come of it."""

    ours: str
    other: str
    most: float
    kind: Kind = Kind.RATIO

    @property
    def text(self) -> str:
        """The aim as the issue has it: `1/30`, `4 x`, `+ 0.3 s`."""
        match self.kind:
            case Kind.DIFFERENCE:
                return f"+ {self.most:g} s"
            case Kind.MEMORY:
                return f"{self.most:g} MB"
        return f"1/{1 / self.most:.0f}" if self.most < 1 else f"{self.most:g} x"


AIMS = (
    Aim(PEX, PEX_DEFAULT, 1 / 30),
    Aim(PEX, PEX_FASTEST, 1 / 2),
    Aim(PEX, CAT, 4),
    Aim(PEX, COPY, 4),
    Aim(VENV, VENV_PACK, 1 / 15),
    Aim(VENV, TAR_ZSTD, 1 / 4),
    Aim(VENV, CAT, 1.05, Kind.SIZE),
    Aim(BUNDLED, VENV, 0.3, Kind.DIFFERENCE),
    Aim(WHEELHOUSE, HOUSE_COPY, 2),
    Aim(WHEELHOUSE, HOUSE_CAT, 2),
)
"""Issue 5, section 2, as far as one run of the tools shows it."""

MOST_MEMORY = 150.0
"""MB that a tool of ours may take, whatever the environment's size."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an aim: by the medians, and by the best run of each side, which other work blurs least."""

    aim: Aim
    median: float
    best: float

    @property
    def reached(self) -> bool:
        """Whether the median is within the aim."""
        return self.median <= self.aim.most


def median(results: Sequence[Measured]) -> float:
    """Return the median of the wall seconds."""
    return statistics.median(result.seconds for result in results)


def _peak(subject: Subject) -> float:
    return max(result.memory for result in subject.results)


def _best(results: Sequence[Measured]) -> float:
    return min(result.seconds for result in results)


def _outcome(aim: Aim, ours: Subject, other: Subject) -> Outcome:
    def compared(pick: Callable[[Sequence[Measured]], float]) -> float:
        match aim.kind:
            case Kind.DIFFERENCE:
                return pick(ours.results) - pick(other.results)
            case Kind.SIZE:
                return ours.size / other.size
        return pick(ours.results) / pick(other.results)

    return Outcome(aim, compared(median), compared(_best))


def outcomes(measured: Sequence[Subject], aims: Sequence[Aim] = AIMS) -> list[Outcome]:
    """Return what came of each aim whose two sides were both run, and of the memory of ours that takes most."""
    run = {subject.name: subject for subject in measured if subject.results}
    found = [_outcome(aim, run[aim.ours], run[aim.other]) for aim in aims if aim.ours in run and aim.other in run]
    if peaks := {name: _peak(subject) for name, subject in run.items() if subject.ours}:
        largest = max(peaks, key=lambda name: peaks[name])
        found.append(Outcome(Aim(largest, "", MOST_MEMORY, Kind.MEMORY), peaks[largest], peaks[largest]))
    return found


def rows(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def table(measured: Sequence[Subject]) -> str:
    """Return the figures of all subjects that were run."""
    body = []
    for subject in measured:
        if not subject.results:
            continue
        seconds = [result.seconds for result in subject.results]
        spread = f"{min(seconds):.2f}-{max(seconds):.2f}"
        figures = [f"{median(subject.results):.2f}", spread, f"{_peak(subject):.0f}", f"{subject.size / 1e6:.0f}"]
        body.append([subject.name, str(len(seconds)), *figures])
    return rows(["what", "runs", "median s", "min-max s", "peak MB", "size MB"], body)


def _figure(value: float, kind: Kind) -> str:
    match kind:
        case Kind.DIFFERENCE:
            return f"{value:+.2f} s"
        case Kind.MEMORY:
            return f"{value:.0f} MB"
        case Kind.RATIO if value < 1:
            return f"1/{1 / value:.1f}"
    return f"{value:.2f} x" if kind is Kind.RATIO else f"{value:.3f} x"


def ratio_table(found: Sequence[Outcome]) -> str:
    """Return the ratios with their aims beside them."""
    body = []
    for each in found:
        aim = each.aim
        what = f"{aim.ours}: {_WHAT[aim.kind]}"
        figures = [_figure(each.median, aim.kind), _figure(each.best, aim.kind)]
        body.append([what, aim.other, *figures, aim.text, "yes" if each.reached else "no"])
    return rows(["what", "against", "by medians", "by the best", "aim", "reached"], body)


def raw(measured: Sequence[Subject], about: Mapping[str, object]) -> dict[str, object]:
    """Return every single figure, for a JSON file."""
    subjects = [
        {
            "name": subject.name,
            "size": subject.size,
            "runs": [
                {"load": run.load, "memory_mb": round(run.memory, 1), "seconds": round(run.seconds, 4)}
                for run in subject.results
            ],
        }
        for subject in measured
        if subject.results
    ]
    found = [
        {"ours": each.aim.ours, "other": each.aim.other, "kind": each.aim.kind.value, "most": each.aim.most}
        | {"median": round(each.median, 4), "best": round(each.best, 4), "reached": each.reached}
        for each in outcomes(measured)
    ]
    return {"about": dict(about), "aims": found, "subjects": subjects}
