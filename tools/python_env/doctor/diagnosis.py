"""Runs the checks and judges: what counts where, and whether each cluster starts the file. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from python_env.doctor.catalog import CHECKS
from python_env.doctor.model import Case, Check, Finding, Hit, Severity, Target
from python_env.doctor.subject import Subject

_ORDER = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether one cluster starts the file."""

    case: Case
    fails: tuple[str, ...]
    """Checks that say no; empty for yes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """Everything that was found about one file."""

    file: str
    shape: str
    findings: tuple[Finding, ...]
    """Worst first."""
    verdicts: tuple[Verdict, ...]

    def count(self, severity: Severity) -> int:
        """Return how many findings are of a severity."""
        return sum(1 for finding in self.findings if finding.severity is severity)


def diagnose(subject: Subject, target: Target, *, checks: Sequence[Check] = CHECKS) -> Diagnosis:
    """Return what the checks find, worst first."""
    findings = [_finding(check, hit, target) for check in checks for hit in check.find(subject, target)]
    findings.sort(key=lambda each: (_ORDER[each.severity], [check.id for check in checks].index(each.check), each.file))
    return Diagnosis(
        file=subject.archive.name,
        shape=_shape_words(subject),
        findings=tuple(findings),
        verdicts=tuple(_verdicts(findings, target.cases)),
    )


def _shape_words(subject: Subject) -> str:
    if subject.is_code:
        return f"{subject.shape}, {subject.archive.format}"
    inside = "with an interpreter inside" if subject.has_interpreter else "without an interpreter"
    return f"{subject.shape}, {subject.archive.format}, {inside}"


def _finding(check: Check, hit: Hit, target: Target) -> Finding:
    stated = hit.severity or check.severity
    return Finding(
        check=check.id,
        severity=_severity(stated, hit.cases, target),
        file=hit.file,
        reason=hit.reason,
        remedy=hit.remedy,
        source=check.source,
        stated=stated,
        cases=hit.cases or target.cases,
    )


def _severity(stated: Severity, cases: Iterable[Case], target: Target) -> Severity:
    """Return a note where every master that was asked for has a version that the finding does not touch.

    Who names versions of Spark gets what is stated; who names none learns which version it takes.
    """
    touched = set(cases)
    if not touched or target.are_all_needed:
        return stated
    for combination in {case.combination for case in target.cases}:
        if all(case in touched for case in target.cases if case.combination is combination):
            return stated
    return Severity.NOTE


def _verdicts(findings: Sequence[Finding], cases: Iterable[Case]) -> Iterator[Verdict]:
    for case in cases:
        fails = {each.check for each in findings if each.stated is Severity.ERROR and case in each.cases}
        yield Verdict(case=case, fails=tuple(sorted(fails)))
