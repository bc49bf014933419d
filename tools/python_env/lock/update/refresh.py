"""From a request to a lock: every platform resolved side by side, each one's wheels chosen and its closure checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from packaging.requirements import Requirement

from python_env.base.errors import ToolError
from python_env.base.platforms import Platform, marker_environment
from python_env.lock.closure import Closure, holds
from python_env.lock.extends.pins import contradictions, with_bases_files
from python_env.lock.facts import Facts
from python_env.lock.index import path_below_root
from python_env.lock.inputs import make_inputs
from python_env.lock.model import Lock, LockedFile, LockedSource, Section
from python_env.lock.scopes import check_scopes
from python_env.lock.sources.model import Origin
from python_env.lock.update.aligning import aligned
from python_env.lock.update.closures import all_facts, closure_of
from python_env.lock.update.faults import merge_faults
from python_env.lock.update.idle import idle_words
from python_env.lock.update.one_of_each import one_of_each
from python_env.lock.update.resolving import Chosen, resolve_all
from python_env.lock.update.task import Task
from python_env.requirements.model import Asked, Policy, Request, normalised


def refresh(task: Task) -> Lock:
    """Return the lock that answers the request on every platform.

    Raises ToolError with the faults of all platforms together.
    """
    check_scopes(task.request, task.platforms)
    _check_base(task)
    chosen = aligned(task, resolve_all(task, task.platforms, task.preferred))
    facts = all_facts(task, chosen)
    closures = {each.platform.tag: closure_of(task, each, facts) for each in chosen}
    faults = [fault for closure in closures.values() for fault in closure.faults]
    if task.all_platforms:
        faults += idle_words(task.request, [(each.platform, closures[each.platform.tag]) for each in chosen], task.base)
    if faults:
        raise ToolError(dict.fromkeys(faults))
    sections = {each.platform.tag: _section(task, each.platform, closures[each.platform.tag]) for each in chosen}
    used = {package.file for section in sections.values() for package in section.packages}
    files = one_of_each(
        (_locked_file(each, name, facts), each.platform.tag)
        for each in chosen
        for name, (_, wheel) in each.wheels.items()
    )
    sources, tools = lock_tools(task, (each.origins[name] for each in chosen for name in each.origins))
    lock = Lock(
        inputs=make_inputs(
            task.request,
            [platform.tag for platform in task.platforms],
            task.resolver.name,
            extends=task.base.recorded if task.base else (),
        ),
        resolver=task.resolver.name,
        resolver_version=task.resolver.version,
        files=dict(sorted({**tools, **{name: file for name, file in files.items() if name in used}}.items())),
        sections=sections,
        sources=sources,
    )
    return with_bases_files(lock, task.base, task.platforms) if task.base else lock


def _check_base(task: Task) -> None:
    if task.base is None:
        return
    found = [(each.tag, fault) for each in task.platforms for fault in contradictions(task.request, task.base, each)]
    if found:
        raise ToolError(merge_faults(found))


def lock_tools(task: Task, origins: Iterable[Origin]) -> tuple[dict[str, LockedSource], dict[str, LockedFile]]:
    """Return the sources by key with their locked build requirements, and the files of these.

    Build requirements are locked for every platform as the environment is, wheels only.
    """
    sources = {origin.source.key: origin.source for origin in origins if origin.source}
    locked: dict[tuple[str, ...], Lock] = {}
    for key, source in sorted(sources.items()):
        if source.requires and source.requires not in locked:
            locked[source.requires] = refresh(_tools_task(task, key, source.requires))
    files = {name: file for lock in locked.values() for name, file in lock.files.items()}
    return {
        key: replace(source, tools=_tools(locked[source.requires]) if source.requires else {})
        for key, source in sorted(sources.items())
    }, files


def _tools_task(task: Task, key: str, requires: tuple[str, ...]) -> Task:
    asked = tuple(
        Asked(requirement=Requirement(text), source=f"build requirements of {key}", line=1) for text in requires
    )
    policy = Policy(exclude_newer=task.request.policy.exclude_newer)
    request = Request(requirements=asked, constraints=tuple(task.tool_constraints), policy=policy)
    preferred = task.preferred_tools.get(requires, {})
    # a constraint on one source's tools is idle for another's
    return replace(task, request=request, preferred=preferred, sources=None, base=None, all_platforms=False)


def _tools(lock: Lock) -> dict[str, tuple[str, ...]]:
    return {tag: tuple(package.file for package in section.packages) for tag, section in sorted(lock.sections.items())}


def _section(task: Task, platform: Platform, closure: Closure) -> Section:
    environment = marker_environment(platform)
    asked = {
        normalised(line.requirement, marker=False)
        for line in task.request.requirements
        if line.is_for(platform.tag)
        and holds(line.requirement.marker, environment)
        and line.name not in task.request.policy.excludes
    }
    return Section(
        tag=platform.tag,
        python=platform.python_version,
        os=platform.os,
        cpu=platform.cpu,
        libc=platform.libc,
        requirements=tuple(sorted(asked)),
        packages=closure.packages,
    )


def _locked_file(chosen: Chosen, name: str, facts: Mapping[str, Facts]) -> LockedFile:
    wheel, origin = chosen.wheels[name][1], chosen.origins.get(name)
    if origin and origin.wheel:
        return origin.wheel
    if origin and origin.source:
        return LockedFile(name=wheel.file, build=origin.source.key)
    return LockedFile(
        name=wheel.file,
        sha256=wheel.sha256,
        size=facts[wheel.sha256].size,
        index=wheel.index,
        path=wheel.path or path_below_root(wheel.url),
    )
