"""A base's pins in a derived environment: what the resolver is asked, what is allowed, and what is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform, marker_environment
from python_env.lock.closure import holds
from python_env.lock.extends.model import Base
from python_env.lock.model import Lock, LockedSource
from python_env.lock.resolvers.model import Question
from python_env.requirements.model import Asked, Request, normalised


def forced(question: Question, base: Base) -> Question:
    """Return a question that leaves the resolver no other version of what the base pins.

    By `===`, as pins of other locks are: `==1.0` would also take 1.0+cpu (PEP 440).
    """
    pins = base.pins(question.platform)
    lines = tuple(
        Asked(requirement=Requirement(f"{name}==={version}"), source=base.label, line=0, key=name)
        for name, version in sorted(pins.items())
    )
    request = replace(question.request, constraints=(*question.request.constraints, *lines))
    return replace(question, request=request, preferred={**question.preferred, **pins})


def contradictions(request: Request, base: Base, platform: Platform) -> Iterator[Fault]:
    """Yield a fault for every own requirement, constraint and override that a pin of the base does not answer."""
    pins, environment = base.pins(platform), marker_environment(platform)
    overridden = {canonicalize_name(each.name) for each in request.policy.overrides}
    asked = [
        (line.requirement, line.where)
        for line in (*request.requirements, *request.constraints)
        if line.key != base.note and line.is_for(platform.tag) and line.name not in overridden
    ]
    asked += [(each, "overrides") for each in request.policy.overrides if not _inherited(each, base)]
    for requirement, where in asked:
        version = pins.get(canonicalize_name(requirement.name))
        if version is None or not holds(requirement.marker, environment):
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            what = f"{requirement} contradicts the base {base.label}, which pins {requirement.name} {version} on "
            yield Fault(what + platform.tag, where, _fix(base))


def _fix(base: Base) -> str:
    return f"loosen the requirement, or let the base have what it asks for and run: {base.update}"


def _inherited(override: Requirement, base: Base) -> bool:
    return normalised(override) in base.lock.inputs.overrides


def is_inherited(text: str, base: Base | None) -> bool:
    """Return whether the base states an override or exclude, so that it may meet nothing here."""
    return base is not None and text in (*base.lock.inputs.overrides, *base.lock.inputs.excludes)


def explained(faults: Iterable[Fault], base: Base, platform: Platform) -> list[Fault]:
    """Return a resolver's faults, those that name what the base pins with the pins and what to do about them."""
    return [_explained(fault, base, platform) for fault in faults]


def _explained(fault: Fault, base: Base, platform: Platform) -> Fault:
    named = [
        f"{name} {version}"
        for name, version in sorted(base.pins(platform).items())
        if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", fault.what)
    ]
    if not named:
        return fault
    return replace(fault, what=f"{fault.what}\nthe base {base.label} pins {', '.join(named)}", fix=_fix(base))


def lost(base: Base, platform: Platform, names: Sequence[str]) -> list[Fault]:
    """Return a fault for every pin of the base whose file the indexes, or a direct reference, did not give."""
    section = base.section(platform)
    files = {package.name: package.file for package in section.packages} if section else {}
    what = f"the file that the base {base.label} pins is not what is found for {platform.tag}"
    fix = f"mend the index or the reference, or lock the base anew: {base.update}"
    return [Fault(f"{what}: {files[name]}", f"{base.label}: {name}", fix) for name in names if name in files]


def with_bases_files(lock: Lock, base: Base, platforms: Sequence[Platform]) -> Lock:
    """Return the lock with the base's own words for its files and sources.

    Raises ToolError with every pin of the base that nothing reaches any more.
    """
    if faults := [fault for platform in platforms for fault in _missing(lock, base, platform)]:
        raise ToolError(faults)
    sources = {key: _source(source, base, platforms) for key, source in lock.sources.items()}
    used = {package.file for section in lock.sections.values() for package in section.packages}
    used |= {name for source in sources.values() for row in source.tools.values() for name in row}
    files = {**lock.files, **base.lock.files}
    return replace(lock, sources=sources, files={name: files[name] for name in sorted(used)})


def _missing(lock: Lock, base: Base, platform: Platform) -> Iterator[Fault]:
    section = base.section(platform)
    kept = {package.name: package.file for package in lock.sections[platform.tag].packages}
    for package in section.packages if section else ():
        if kept.get(package.name) != package.file:
            what = f"nothing asks for {package.name} {package.version} any more, which the base {base.label} pins on "
            fix = "remove the override that takes it away, or derive from a base without it"
            yield Fault(what + platform.tag, f"{base.label}: {package.name}", fix)


def _source(source: LockedSource, base: Base, platforms: Sequence[Platform]) -> LockedSource:
    """Return the base's source, with the tools of the derived environment's platforms; a new one as it is."""
    old = base.lock.sources.get(source.key)
    if old is None or old.identity != source.identity:
        return source
    rows = {
        platform.tag: old.tools.get(section.tag, ()) for platform in platforms if (section := base.section(platform))
    }
    return replace(old, tools={tag: row for tag, row in sorted(rows.items()) if row})
