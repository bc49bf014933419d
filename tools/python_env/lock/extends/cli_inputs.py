"""The command line's base as a value, and the request that keeps what the base decided."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.base.marker_values import fits
from python_env.base.pep508 import parse_requirement
from python_env.base.platforms import Platform, parse_platform
from python_env.lock.document import parse_lock
from python_env.lock.extends.model import Base
from python_env.lock.model import InputLine, Inputs
from python_env.requirements.direct import parse_direct
from python_env.requirements.model import Asked, Indexes, Policy, Request

_WHERE = "extends"
_OPTION = re.compile(r" --(hash|hashes|content)=(\S+)")


def read_base(labels: Sequence[str], paths: Sequence[Path], updates: Sequence[str]) -> Base | None:
    """Return the base that the rule's words name, or None.

    Raises ToolError for several, and for a base whose lock is empty or broken.
    """
    if not labels:
        return None
    if len(labels) > 1:
        fix = "keep one; that one may extend the other"
        raise ToolError.one(f"an environment has one base, not {', '.join(labels)}", where=_WHERE, fix=fix)
    lock = parse_lock(paths[0].read_bytes(), where=f"the lock of {labels[0]}", fix=updates[0])
    if lock is None:
        raise ToolError.one(f"the base {labels[0]} is not locked yet", where=_WHERE, fix=updates[0])
    return Base(label=labels[0], update=updates[0], lock=lock)


def extended(request: Request, base: Base | None, tags: Sequence[str]) -> Request:
    """Return the request with the base's requirements and policy, so that its pins answer it, too.

    Raises ToolError with every platform that the base does not lock, and with what takes its pins away.
    """
    if base is None:
        return request
    platforms = [parse_platform(tag) for tag in tags]
    if faults := [*_platform_faults(base, platforms), *_request_faults(base, request)]:
        raise ToolError(faults)
    lines = [_asked(line, base, platforms) for line in base.lock.inputs.requirements]
    return replace(
        request,
        requirements=(*request.requirements, *lines),
        policy=_policy(request, base.lock.inputs, platforms),
        indexes=_indexes(request.indexes, base.lock.inputs),
    )


def _platform_faults(base: Base, platforms: Sequence[Platform]) -> Iterator[Fault]:
    for platform in platforms:
        if base.section(platform) is None:
            fix = f"drop it, or add it to the platforms of {base.label} and run: {base.update}"
            yield Fault(f"the base {base.label} does not lock {platform.tag}", "platforms", fix)


def _request_faults(base: Base, request: Request) -> Iterator[Fault]:
    if request.pinned_by:
        what = f"a lock made elsewhere is taken over pin by pin, and so is the base {base.label}"
        yield Fault(what, ", ".join(request.pinned_by), "leave one of the two out")
    pinned = {package.name for section in base.lock.sections.values() for package in section.packages}
    for name in sorted(pinned & set(request.policy.excludes)):
        what = f"exclude {name} takes away what the base {base.label} pins"
        yield Fault(what, "excludes", f"remove it, or exclude {name} in {base.label} and run: {base.update}")


def _asked(line: InputLine, base: Base, platforms: Sequence[Platform]) -> Asked:
    """Return a line of the base's inputs as it was asked for; more hashes than a line shows stand in its pins."""
    options = _OPTION.findall(line.requirement)
    requirement = parse_requirement(_OPTION.sub("", line.requirement))
    direct = parse_direct(requirement.url) if requirement.url else None
    content = next((value.removeprefix("sha256:") for name, value in options if name == "content"), "")
    return Asked(
        requirement=requirement,
        source=line.source,
        line=0,
        hashes=tuple(sorted(value.removeprefix("sha256:") for name, value in options if name == "hash")),
        platforms=_respelled(line.platforms, base, platforms),
        direct=replace(direct, content=content) if direct else None,
        key=base.note,
    )


def _respelled(tags: Sequence[str], base: Base, platforms: Sequence[Platform]) -> tuple[str, ...]:
    """Return the base's tags, those of the derived environment's platforms in its spelling."""
    own = {section.tag: platform.tag for platform in platforms if (section := base.section(platform))}
    return tuple(sorted(own.get(tag, tag) for tag in tags))


def _policy(request: Request, inputs: Inputs, platforms: Sequence[Platform]) -> Policy:
    """Return the policy with the base's; what is decided here, or asked for here, wins."""
    own = request.policy
    decided = {canonicalize_name(each.name) for each in own.overrides}
    overrides = [Requirement(text) for text in inputs.overrides]
    wanted = decided | {line.name for line in request.requirements}
    values = {name: value for name, value in inputs.marker_values if _is_here(name, value, platforms)}
    return replace(
        own,
        overrides=(*own.overrides, *(each for each in overrides if canonicalize_name(each.name) not in decided)),
        excludes=tuple(sorted({*own.excludes, *(set(inputs.excludes) - wanted)})),
        sdists=tuple(sorted({*own.sdists, *inputs.sdists})),
        no_binary=tuple(sorted({*own.no_binary, *inputs.no_binary})),
        marker_values=tuple(sorted({**values, **dict(own.marker_values)}.items())),
    )


def _is_here(name: str, value: str, platforms: Sequence[Platform]) -> bool:
    return name != "python_full_version" or fits(value, platforms)


def _indexes(own: Indexes, inputs: Inputs) -> Indexes:
    """Return the indexes with the base's: where nothing is stated its order, else those that are missing come last."""
    order = inputs.indexes if own.order == Indexes().order else tuple(dict.fromkeys([*own.order, *inputs.indexes]))
    return Indexes(
        order=order,
        urls=tuple(sorted({**dict(inputs.index_urls), **dict(own.urls)}.items())),
        bindings=tuple(sorted({**dict(inputs.index_bindings), **dict(own.bindings)}.items())),
    )
