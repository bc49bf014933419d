"""Locks made elsewhere, taken over pin by pin: what the resolver is asked then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from packaging.requirements import Requirement

from python_env.base.errors import Fault
from python_env.base.platforms import Platform, marker_environment
from python_env.lock.closure import holds
from python_env.lock.resolvers.model import Question, Resolved, Resolver, Unresolvable
from python_env.requirements.model import Asked, Request


def make_question(request: Request, platform: Platform, preferred: Mapping[str, str]) -> Question:
    """Return what a resolver is asked: the request, or the platform's pins alone where another lock made them.

    Raises Unresolvable when the other locks pin two versions of one distribution.
    """
    if not request.pinned_by:
        return Question(request=request, platform=platform, preferred=preferred)
    pins = _true_pins(request, platform)
    if faults := list(_contradictions(pins, platform)):
        raise Unresolvable(faults)
    unique = {asked.name: replace(asked, requirement=_bare(asked.requirement)) for asked in pins}
    policy = replace(request.policy, overrides=(), excludes=(), marker_values=())
    only = Request(requirements=tuple(unique.values()), policy=policy)
    return Question(request=only, platform=platform, preferred={}, pinned=True)


def answer(resolver: Resolver, question: Question) -> tuple[Resolved, ...]:
    """Return the resolver's answer; of no pins at all it is not asked."""
    return () if question.pinned and not question.request.requirements else resolver.resolve(question)


def _true_pins(request: Request, platform: Platform) -> list[Asked]:
    environment = marker_environment(platform)
    return [
        asked
        for asked in request.requirements
        if asked.pinned and asked.name not in request.policy.excludes and holds(asked.requirement.marker, environment)
    ]


def _bare(requirement: Requirement) -> Requirement:
    """Return a requirement without its marker and extras: what they mean here is decided already."""
    place = f" @ {requirement.url}" if requirement.url else ""
    return Requirement(f"{requirement.name}{requirement.specifier}{place}")


def _contradictions(pins: Sequence[Asked], platform: Platform) -> Iterator[Fault]:
    versions: dict[str, dict[str, list[str]]] = {}
    for asked in pins:
        pinned = asked.requirement.url or str(asked.requirement.specifier)
        versions.setdefault(asked.name, {}).setdefault(pinned, []).append(asked.where)
    for name, found in sorted(versions.items()):
        if len(found) > 1:
            where = ", ".join(place for places in found.values() for place in places)
            what = f"{name} is pinned to several versions on {platform.tag}: {', '.join(sorted(found))}"
            yield Fault(what, where, "keep one of the pins, or make the lock again")
