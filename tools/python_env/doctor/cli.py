"""`doctor FILE...`: says without a cluster whether an archive will run on one."""

from __future__ import annotations

import argparse
import errno
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from python_env.artifacts.model import Report, parse_report
from python_env.base.arguments import Parser
from python_env.base.documents import render_document
from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import parse_platform
from python_env.base.releases import Numbers, dotted, parse_release
from python_env.base.sparks import ARCHIVES_SINCE
from python_env.doctor.clusters import DEFAULT_HADOOP, DEFAULT_SPARKS
from python_env.doctor.diagnosis import Diagnosis, diagnose
from python_env.doctor.model import Case, Severity, Target
from python_env.doctor.policy import read_policy
from python_env.doctor.readers.open import read_subject
from python_env.doctor.report import print_text, render_json
from python_env.launcher.model import Combination

_EXIT_FOUND = 1
_NOT_ASKED = (Combination.STANDALONE_CLUSTER, Combination.LOCAL)
"""Refused by Spark whatever the file is (docs/launcher.md)."""

_MASTERS = ("yarn", "standalone", "kubernetes", "connect", "local-cluster")
_ASKED_MASTERS = tuple(master for master in _MASTERS if master != "connect")
"""Where nothing is named: a session starts workers in a way of its own, and no file has to stand it."""

"""A version with a vendor's suffix, which does not count: `3.5.6-amzn-0`."""


def main(argv: Sequence[str]) -> int:
    """Print what is found; 0 when nothing keeps the files from running, 1 for errors, 2 for what is no archive."""
    options = _parser().parse_args(argv)
    target = _target(options)
    diagnoses = [_diagnose(path, target, read_report=options.platform is None) for path in options.files]
    try:
        _print(diagnoses, target, as_json=options.json)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ToolError.one(f"cannot be printed: {error}", where="standard output", fix="make room there") from error
    bad = (Severity.ERROR, Severity.WARNING) if options.strict else (Severity.ERROR,)
    return _EXIT_FOUND if any(each.count(severity) for each in diagnoses for severity in bad) else 0


def _print(diagnoses: Sequence[Diagnosis], target: Target, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.buffer.write(render_document(render_json(diagnoses, target)))
    else:
        console = Console(soft_wrap=True, highlight=False)
        for diagnosis in diagnoses:
            print_text(console, diagnosis)
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python_env doctor", description=main.__doc__)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="a PEX, or an environment as an archive")
    parser.add_argument("--platform", help="the nodes' platform tag; by default what the report beside the file says")
    parser.add_argument("--python", help="the cluster's Python, X.Y; by default that of the platform")
    parser.add_argument("--spark", action="append", help=f"version of Spark; by default {_words(DEFAULT_SPARKS)}")
    parser.add_argument("--hadoop", help=f"version of the NodeManagers' Hadoop; by default {dotted(DEFAULT_HADOOP)}")
    parser.add_argument("--master", action="append", choices=_MASTERS, help="by default all but connect")
    parser.add_argument("--deploy-mode", choices=("client", "cluster"), help="by default both")
    parser.add_argument("--combination", action="append", help="master and deploy mode in one: yarn-cluster")
    parser.add_argument("--on-nodes", action="append", default=[], help="absolute path or library that every node has")
    parser.add_argument("--json", action="store_true", help="print the document of docs/formats/doctor.md")
    parser.add_argument("--strict", action="store_true", help="exit code 1 for warnings, too")
    return parser


def _words(versions: Sequence[Numbers]) -> str:
    return " and ".join(dotted(version) for version in versions)


def _target(options: argparse.Namespace) -> Target:
    """Return what was asked for; raises ToolError with all words that name nothing."""
    faults: list[Fault] = []
    sparks = [_version(word, "--spark", faults) for word in options.spark or []] or list(DEFAULT_SPARKS)
    hadoop = _version(options.hadoop, "--hadoop", faults) if options.hadoop else DEFAULT_HADOOP
    python = _version(options.python, "--python", faults) if options.python else None
    combinations = _combinations(options, faults)
    faults += [_unknown_spark(spark) for spark in sparks if spark and spark < ARCHIVES_SINCE]
    if faults:
        raise ToolError(faults)
    platform = parse_platform(options.platform) if options.platform else None
    return Target(
        cases=tuple(Case(combination=each, spark=spark, hadoop=hadoop) for each in combinations for spark in sparks),
        are_all_needed=bool(options.spark),
        platform=platform,
        python=(python[0], python[1]) if python and len(python) > 1 else None,
        policy=read_policy(platform),
        on_nodes=frozenset(options.on_nodes),
    )


def _unknown_spark(spark: Numbers) -> Fault:
    return Fault(
        f"Spark {dotted(spark)} has no archives for Python", "--spark", f"Spark {dotted(ARCHIVES_SINCE)} or newer"
    )


def _version(word: str, option: str, faults: list[Fault]) -> Numbers:
    numbers = parse_release(word)
    if numbers is None:
        faults.append(Fault(f"{word!r} is not a version", option, "write 3.5 or 3.5.6"))
    return numbers or ()


def _combinations(options: argparse.Namespace, faults: list[Fault]) -> list[Combination]:
    known = {each.value: each for each in Combination if each not in _NOT_ASKED}
    if options.combination:
        unknown = [word for word in options.combination if word not in known]
        fix = f"name some of {', '.join(known)}"
        faults += [Fault(f"no artifact runs as {word!r}", "--combination", fix) for word in unknown]
        return [known[word] for word in options.combination if word in known]
    chosen = [
        each
        for each in known.values()
        if each.manager in (options.master or _ASKED_MASTERS)
        and options.deploy_mode in (None, "cluster" if each.driver_on_cluster else "client")
    ]
    if not chosen:
        what = f"no artifact runs on {' or '.join(options.master or [])} in deploy mode {options.deploy_mode}"
        faults.append(Fault(what, "--master, --deploy-mode", "see docs/launcher.md for what Spark refuses"))
    return chosen


def _diagnose(path: Path, target: Target, *, read_report: bool) -> Diagnosis:
    subject = read_subject(path)
    report = _report_of(path) if read_report else None
    if report is not None:
        platform = parse_platform(report.platform)
        target = replace(target, platform=platform, policy=read_policy(platform), launched_by_us=True)
    return diagnose(subject, target)


def _report_of(path: Path) -> Report | None:
    """Return the report that lies beside an artifact of ours; what else has that name is none of ours.

    Raises ToolError for a report of another version of these rules; `--platform` does without it.
    """
    place = path.with_name(path.name + ".json")
    data = _beside(place)
    if not _is_report(data):
        return None
    try:
        report = parse_report(data, where=str(place))
    except ToolError as error:
        fix = "--platform TAG, which this report would have said; or "
        raise ToolError(Fault(each.what, each.where, fix + each.fix) for each in error.faults) from None
    return report if report.size == path.stat().st_size else None


def _beside(place: Path) -> bytes:
    """Return what lies there, nothing where no file can."""
    try:
        return place.read_bytes() if place.is_file() else b""
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return b""
        raise ToolError.one(f"cannot be read: {error}", where=str(place), fix="name --platform, or mend it") from None


def _is_report(data: bytes) -> bool:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("kind") == "artifact"
