"""A diagnosis as a document (docs/formats/doctor.md) and as text for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from python_env.base.releases import dotted
from python_env.doctor.diagnosis import Diagnosis, Verdict
from python_env.doctor.model import Finding, Severity, Target

SCHEMA = 1
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What moves a terminal's cursor, ends a line, or turns the direction of writing."""

_MOST_FILES = 3
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def render_json(diagnoses: Sequence[Diagnosis], target: Target) -> dict[str, Any]:
    """Return the document of all files."""
    return {
        "kind": "doctor",
        "schema": SCHEMA,
        "on_nodes": sorted(target.on_nodes),
        "files": [_file(each) for each in diagnoses],
    }


def _file(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "file": _encodable(diagnosis.file),
        "findings": [_finding(each) for each in diagnosis.findings],
        "holds": diagnosis.shape,
        "verdicts": [_verdict(each) for each in diagnosis.verdicts],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "cases": [case.words for case in finding.cases],
        "check": finding.check,
        "file": _encodable(finding.file),
        "reason": _encodable(finding.reason),
        "remedy": _encodable(finding.remedy),
        "severity": finding.severity,
        "source": finding.source,
        "stated": finding.stated,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    case = verdict.case
    return {
        "combination": case.combination.value,
        "fails": list(verdict.fails),
        "hadoop": dotted(case.hadoop),
        "runs": not verdict.fails,
        "spark": dotted(case.spark),
    }


def print_text(console: Console, diagnosis: Diagnosis) -> None:
    """Print findings, worst first, several files of one check as one, then a line for each cluster."""
    console.print(Text.assemble((_visible(diagnosis.file), "bold"), f": {diagnosis.shape}"))
    for _, group in groupby(diagnosis.findings, key=lambda each: (each.severity, each.check)):
        for line in _group(list(group)):
            console.print(line)
    for line in _verdict_lines(diagnosis.verdicts):
        console.print(line)
    counts = ", ".join(_counted(diagnosis.count(severity), severity) for severity in Severity)
    console.print(Text(f"  {counts}"))


def _counted(number: int, severity: Severity) -> str:
    return f"{number} {severity}{'' if number == 1 else 's'}"


def _group(findings: Sequence[Finding]) -> Iterator[Text]:
    first = findings[0]
    yield Text.assemble("  ", (f"{first.severity}", _STYLES[first.severity]), f" {first.check}")
    for finding in findings[:_MOST_FILES]:
        where = f"{finding.file}: " if finding.file else ""
        yield Text(_visible(f"    {where}{finding.reason}"))
    if len(findings) > _MOST_FILES:
        yield Text(f"    and {len(findings) - _MOST_FILES} more")
    if first.severity is not first.stated:
        article = "an" if first.stated is Severity.ERROR else "a"
        yield Text(f"    {article} {first.stated} on: {'; '.join(case.words for case in first.cases)}")
    if first.remedy:
        yield Text(_visible(f"    fix:    {first.remedy}"))
    yield Text(f"    source: {first.source}", style="dim")


def _verdict_lines(verdicts: Sequence[Verdict]) -> Iterator[Text]:
    for verdict in verdicts:
        if verdict.fails:
            yield Text.assemble("  ", ("fails", "red"), f"  {verdict.case.words}: {', '.join(verdict.fails)}")
        else:
            yield Text.assemble("  ", ("runs", "green"), f"   {verdict.case.words}")


def _encodable(text: str) -> str:
    """Return a text that UTF-8 can hold: a name in an archive may be any bytes."""
    return text.encode(errors="backslashreplace").decode()


def _visible(text: str) -> str:
    """Return a text that stays on its line and says nothing to the terminal: archives are others' work."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), _encodable(text))
