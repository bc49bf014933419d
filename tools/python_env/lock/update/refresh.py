"""From a request to a lock: every platform resolved side by side, each one's wheels chosen and its closure checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, canonicalize_version
from packaging.version import Version

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform, marker_environment
from python_env.base.resolving import ResolverName
from python_env.base.wheel_tags import supported_tags
from python_env.lock.closure import Closure, Pin, close, holds
from python_env.lock.extends.model import Base
from python_env.lock.extends.pins import contradictions, explained, forced, is_inherited, lost, with_bases_files
from python_env.lock.facts import Facts
from python_env.lock.index import path_below_root
from python_env.lock.inputs import make_inputs
from python_env.lock.model import Lock, LockedFile, LockedSource, Section
from python_env.lock.pins import answer, make_question
from python_env.lock.resolvers.model import Candidate, Question, Resolved, Unresolvable
from python_env.lock.resolvers.untold import untold
from python_env.lock.scopes import check_scopes
from python_env.lock.sources.model import Origin
from python_env.lock.update.choosing import Choice, Chooser, allowed_digests, no_hash, no_wheel, references
from python_env.lock.update.faults import merge_faults
from python_env.lock.update.one_of_each import one_of_each
from python_env.lock.update.task import Task
from python_env.requirements.model import Asked, Policy, Request, normalised

_MOST_ROUNDS = 8
"""How often one platform is asked again after a pinned version turned out to have no wheel for its floor."""

_MOST_ALIGNMENTS = 3
"""How often platforms are asked again so that a distribution has one version everywhere."""

_REQUESTS_AT_ONCE = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chosen:
    """One platform's pins with their wheels."""

    platform: Platform
    wheels: Mapping[str, tuple[str, Candidate]]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """By name, where those wheels come from that are built or lie outside the indexes."""


def refresh(task: Task) -> Lock:
    """Return the lock that answers the request on every platform.

    Raises ToolError with the faults of all platforms together.
    """
    check_scopes(task.request, task.platforms)
    _check_base(task)
    chosen = _aligned(task, _resolve_all(task, task.platforms, task.preferred))
    facts = _all_facts(task, chosen)
    closures = {each.platform.tag: _closure(task, each, facts) for each in chosen}
    faults = [fault for closure in closures.values() for fault in closure.faults]
    faults += _idle(task.request, closures.values(), task.base)
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
    request = Request(requirements=asked, policy=policy)
    return replace(task, request=request, preferred=task.preferred_tools.get(requires, {}), sources=None, base=None)


def _tools(lock: Lock) -> dict[str, tuple[str, ...]]:
    return {tag: tuple(package.file for package in section.packages) for tag, section in sorted(lock.sections.items())}


def _resolve_all(
    task: Task, platforms: Sequence[Platform], preferred: Mapping[str, Mapping[str, str]]
) -> list[_Chosen]:
    """Ask for all platforms at once; the faults of all that fail are raised together."""
    faults: list[tuple[str, Fault]] = []
    chosen: list[_Chosen] = []
    with ThreadPoolExecutor(max_workers=len(platforms)) as pool:
        futures = [pool.submit(_resolve, task, each, preferred.get(each.tag, {})) for each in platforms]
        for platform, future in zip(platforms, futures, strict=True):
            try:
                chosen.append(future.result())
            except Unresolvable as error:
                faults += [(platform.tag, fault) for fault in error.faults]
    if faults:
        raise ToolError(merge_faults(faults))
    return chosen


def _lowest_of_split(chosen: Sequence[_Chosen]) -> dict[str, str]:
    """Return the lowest version of every distribution that has several over the platforms."""
    versions: dict[str, set[str]] = {}
    for each in chosen:
        for name, (version, _) in each.wheels.items():
            versions.setdefault(name, set()).add(version)
    return {name: min(found, key=Version) for name, found in sorted(versions.items()) if len(found) > 1}


def _pins(chosen: _Chosen) -> dict[str, str]:
    return {name: version for name, (version, _) in chosen.wheels.items()}


def _aligned(task: Task, chosen: list[_Chosen]) -> list[_Chosen]:
    """Ask again until every distribution has one version everywhere, but where a platform forces another.

    The lowest version of a split is the one that all platforms may have; it is preferred, never forced. Pins that are
    all those of the old lock stay: what was split there was forced.
    """
    for _ in range(0 if task.request.pinned_by else _MOST_ALIGNMENTS):
        lowest = _lowest_of_split(chosen)
        unsettled = [each for each in chosen if _pins(each) != dict(task.preferred.get(each.platform.tag, {}))]
        moved = [each for each in unsettled if any(lowest.get(name, pin) != pin for name, pin in _pins(each).items())]
        if not moved:
            break
        preferred = {each.platform.tag: {**_pins(each), **lowest} for each in moved}
        again = {each.platform.tag: each for each in _resolve_all(task, [each.platform for each in moved], preferred)}
        after = [again.get(each.platform.tag, each) for each in chosen]
        if [_pins(each) for each in after] == [_pins(each) for each in chosen]:
            break
        chosen = after
    return chosen


def _resolve(task: Task, platform: Platform, preferred: Mapping[str, str]) -> _Chosen:
    """Ask the resolver until every pin has a wheel for the platform's floor, or none is left to ask for."""
    question = make_question(task.request, platform, preferred)
    question = replace(question, references=references(task, question))
    question = forced(question, task.base) if task.base else question
    chooser = Chooser(task, question, supported_tags(platform), allowed_digests(task, platform))
    for _ in range(_MOST_ROUNDS):
        task.progress(platform.tag, f"asking {task.resolver.name}")
        choices = [chooser.choose(pin) for pin in _answer(task, question)]
        refused = {(choice.pin.name, choice.pin.version) for choice in choices if choice.wheel is None}
        if not refused:
            task.progress(platform.tag, f"{len(choices)} distributions")
            return _chosen(platform, choices)
        if task.base and (gone := lost(task.base, platform, sorted(name for name, _ in refused))):
            raise Unresolvable(gone)
        if hashed := sorted((name, version) for name, version in refused if name in chooser.allowed):
            raise Unresolvable([no_hash(name, version, platform, task.request) for name, version in hashed])
        question = replace(question, refused=question.refused | refused)
    raise Unresolvable([no_wheel(name, version, platform) for name, version in sorted(refused)])


def _answer(task: Task, question: Question) -> tuple[Resolved, ...]:
    try:
        return answer(task.resolver, question)
    except Unresolvable as error:
        if task.base is None:
            raise
        raise Unresolvable(explained(error.faults, task.base, question.platform)) from None


def _chosen(platform: Platform, choices: Sequence[Choice]) -> _Chosen:
    return _Chosen(
        platform=platform,
        wheels={each.pin.name: (_version(each.pin), each.wheel) for each in choices if each.wheel},
        origins={each.pin.name: each.origin for each in choices if each.origin},
    )


def _version(pin: Resolved) -> str:
    return canonicalize_version(pin.version, strip_trailing_zero=False)


def _all_facts(task: Task, chosen: Sequence[_Chosen]) -> dict[str, Facts]:
    """Return the facts of every chosen file, by digest."""
    known = {
        each.wheels[name][1].sha256: origin.facts
        for each in chosen
        for name, origin in each.origins.items()
        if name in each.wheels
    }
    wheels = {wheel.sha256: wheel for each in chosen for _, wheel in each.wheels.values() if wheel.sha256 not in known}
    task.progress("files", f"reading the metadata of {len(wheels)} wheels")
    with ThreadPoolExecutor(max_workers=_REQUESTS_AT_ONCE) as pool:
        found = pool.map(
            lambda wheel: task.facts.get(url=wheel.url, sha256=wheel.sha256, file=wheel.file), wheels.values()
        )
        return {**known, **dict(zip(wheels, found, strict=True))}


def _closure(task: Task, chosen: _Chosen, facts: Mapping[str, Facts]) -> Closure:
    pins = {
        name: Pin(name=name, version=version, file=wheel.file, facts=facts[wheel.sha256])
        for name, (version, wheel) in chosen.wheels.items()
    }
    environment = marker_environment(chosen.platform)
    unknown = untold(chosen.platform) if task.resolver.name is ResolverName.UV else {}
    return close(task.request, pins=pins, environment=environment, tag=chosen.platform.tag, untold=unknown)


def _idle(request: Request, closures: Iterable[Closure], base: Base | None) -> Iterator[Fault]:
    """Yield a fault for every override, exclude and constraint that met nothing on any platform, but a base's."""
    found = list(closures)
    applied = {name for closure in found for name in closure.applied}
    locked = {package.name for closure in found for package in closure.packages}
    policy = request.policy
    words = [
        ("override", "overrides", normalised(each), str(canonicalize_name(each.name))) for each in policy.overrides
    ]
    words += [("exclude", "excludes", name, name) for name in policy.excludes]
    for kind, where, text, name in words:
        if name not in applied and not is_inherited(text, base):
            what = f"{kind} {text} changes nothing: nothing asks for {name} on any platform"
            yield Fault(what, where, "remove it, or mend its name")
    for asked in request.constraints:
        if asked.name not in locked:
            what = f"constraint {asked.text} changes nothing: {asked.name} is in no platform's closure"
            yield Fault(what, asked.where, "remove the line, or mend its name")


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


def _locked_file(chosen: _Chosen, name: str, facts: Mapping[str, Facts]) -> LockedFile:
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
