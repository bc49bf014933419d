"""`lock resolvers`: locks with both resolvers, in memory, and explains how the answers differ."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.lock.cli_inputs import PolicyWords, named_files, parse_files, parse_platforms, workspace_root
from python_env.lock.comparison.compare import differences, render_differences, unexplained
from python_env.lock.extends.cli_inputs import extended, read_base
from python_env.lock.facts import Facts, FactSource
from python_env.lock.freshness.cli import request_parser
from python_env.lock.index import default_index, network_environment
from python_env.lock.indexes.opened import open_indexes
from python_env.lock.model import Lock, LockedPackage
from python_env.lock.resolvers.model import Resolver
from python_env.lock.resolvers.pip_tools import PipToolsResolver
from python_env.lock.resolvers.uv import UvResolver
from python_env.lock.update.kept import kept_sources, kept_tools
from python_env.lock.update.refresh import refresh
from python_env.lock.update.run import cache_folder, make_sources
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
        facts = self.by_file.get(package.file)
        if facts is None:  # a direct reference, or built
            return f"{asker} {package.version}"
        texts = [text.partition(";")[0].strip() for text in facts.requires]
        found = sorted({text for text in texts if canonicalize_name(Requirement(text).name) == name})
        return f"{asker} {package.version} ({' '.join(found)})"


def _locked(task: Task) -> Lock:
    """Return one resolver's lock; its faults carry its name."""
    try:
        return refresh(task)
    except ToolError as error:
        faults = [Fault(f"{task.resolver.name}: {fault.what}", fault.where, fault.fix) for fault in error.faults]
        raise ToolError(faults) from None


def compare(task: Task, resolvers: tuple[Resolver, Resolver], *, known: Sequence[str]) -> int:
    """Lock with both, print every difference, and return the exit code.

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


def main(argv: Sequence[str]) -> int:
    """Return 0 when the resolvers agree, or differ only where that is known; else 1."""
    parser = request_parser()
    parser.add_argument("--uv", type=Path, required=True)
    parser.add_argument("--pip-tools-wheel", type=Path, action="append", required=True)
    parser.add_argument("--known", action="append", default=[])
    options = parser.parse_args(argv)
    words = PolicyWords(**{each.name: getattr(options, each.name) for each in fields(PolicyWords)})
    request = parse_files(named_files(options.requirements), named_files(options.constraints), words)
    base = read_base(options.base, options.base_lock, options.base_update)
    request = extended(request, base, options.locked_platform)
    default, cache = default_index(os.environ), cache_folder()
    root = workspace_root(named_files(options.requirements))
    wheels = tuple(wheel.absolute() for wheel in options.pip_tools_wheel)
    # an index that is a folder of the workspace is there only where Bazel names the workspace: `bazel run`
    workspace = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", root))
    with open_indexes(request.indexes, default, os.environ, workspace) as indexes:
        index, facts = indexes.index, FactSource(cache / "metadata", network_environment(default), indexes.web)
        kept = kept_sources(base.lock if base else None, moving=())
        sources = make_sources(options.uv, index, facts, root=root, kept=kept) if request.needs_sources else None
        uv = UvResolver(options.uv.absolute(), index, cache / "uv")
        pip_tools = PipToolsResolver(wheels, index, cache, indexes.sources(sources) if sources else None)
        task = Task(
            request=request,
            platforms=parse_platforms(options.locked_platform, request.policy.marker_values),
            resolver=uv,
            facts=facts,
            preferred={},
            preferred_tools=kept_tools(base.lock if base else None),
            base=base,
            sources=sources,
            progress=lambda *_: None,
        )
        return compare(task, (indexes.wrap(uv), indexes.wrap(pip_tools)), known=options.known)
