"""`lock resolvers`: locks with both resolvers, in memory, and explains how the answers differ."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.base.resolving import ResolverName
from python_env.lock.cli_inputs import parse_platforms
from python_env.lock.comparison.comparable import check_comparable
from python_env.lock.comparison.compare import differences, render_differences, unexplained
from python_env.lock.facts import Facts
from python_env.lock.freshness.cli import request_parser
from python_env.lock.model import Lock, LockedPackage
from python_env.lock.request_words import RequestWords
from python_env.lock.resolvers.model import Resolver
from python_env.lock.update.open_task import Assignment, Programs, open_tasks
from python_env.lock.update.refresh import refresh
from python_env.lock.update.task import FactsOf, Task

EXIT_DIFFERENT = 1
"""The resolvers differ in a way that nobody has decided on."""


@dataclass(slots=True)
class RememberedFacts:
    """Facts that stay at hand, to say who asks for what."""

    source: FactsOf
    by_file: dict[str, Facts] = field(default_factory=dict)

    def get(self, *, url: str, sha256: str, file: str) -> Facts:
        """Return the facts of one wheel."""
        self.by_file[file] = self.source.get(url=url, sha256=sha256, file=file)
        return self.by_file[file]

    def asks(self, asker: str, package: LockedPackage | None, name: str) -> str:
        """Return the asker with the requirements of a distribution that its metadata states, without their markers."""
        if package is None:
            return asker
        texts = [text.partition(";")[0].strip() for text in self.by_file[package.file].requires]
        found = sorted({text for text in texts if canonicalize_name(Requirement(text).name) == name})
        return f"{asker} {package.version} ({' '.join(found)})"


def _locked(task: Task) -> Lock:
    """Return one resolver's lock; its faults carry its name."""
    try:
        return refresh(task)
    except ToolError as error:
        faults = [Fault(f"{task.resolver.name}: {fault.what}", fault.where, fault.fix) for fault in error.faults]
        raise ToolError(faults) from None


def compare(task: Task, resolvers: Sequence[Resolver], *, known: Sequence[str]) -> int:
    """Lock with both of two resolvers, print every difference, and return the exit code.

    Raises ToolError when one of them finds no answer, or when a known difference does not show.
    """
    facts = RememberedFacts(task.facts)
    first, second = (_locked(replace(task, resolver=resolver, facts=facts)) for resolver in resolvers)
    found = differences(first, second, facts.asks)
    if idle := sorted(set(known) - {each.name for each in found}):
        fix = "remove it: the resolvers agree"
        raise ToolError(Fault(f"known difference {name} does not show", "resolver_differences", fix) for name in idle)
    names = " and ".join(f"{each.resolver} {each.resolver_version}" for each in (first, second))
    if not found:
        print(f"{names} choose the same on {len(first.sections)} platforms: {len(first.files)} files")
        return 0
    left = unexplained(found, known)
    print(render_differences(found, (first.resolver, second.resolver)))
    print(f"{names} differ {len(found)} times, {len(found) - len(left)} of them known")
    if left:
        print("decide: constrain the package, choose the resolver, or give the reason in resolver_differences")
    return EXIT_DIFFERENT if left else 0


def _workspace(lock: Path) -> Path:
    """Return the workspace, which places of indexes are relative to: in a test, where the link to the lock leads."""
    start = os.environ.get("BUILD_WORKSPACE_DIRECTORY", "")
    place = str(lock.resolve())
    return Path(start or (place.removesuffix(str(lock)) if place.endswith(str(lock)) else "."))


def _assignment(options: argparse.Namespace) -> Assignment:
    """Return what `.update` would lock, but for the old lock, of which nothing is kept."""
    words = RequestWords.of(options)
    request, base = words.read()
    check_comparable(request)
    return Assignment(
        request=request,
        platforms=parse_platforms(options.locked_platform, request.policy.marker_values),
        base=base,
        programs=Programs(uv=options.uv, pip_tools_wheels=options.pip_tools_wheel),
        root=_workspace(options.lock),
        files_root=words.files_root,
    )


def main(argv: Sequence[str]) -> int:
    """Return 0 when the resolvers agree, or differ only where that is known; else 1."""
    parser = request_parser()
    parser.add_argument("--uv", type=Path, required=True)
    parser.add_argument("--pip-tools-wheel", type=Path, action="append", required=True)
    parser.add_argument("--known", action="append", default=[])
    options = parser.parse_args(argv)
    with open_tasks(_assignment(options), list(ResolverName)) as tasks:
        return compare(tasks[0], [task.resolver for task in tasks], known=options.known)
