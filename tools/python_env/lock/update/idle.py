"""Words of a person that met nothing: an override, exclude or constraint that no platform's closure has to do with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault
from python_env.base.platforms import Platform, marker_environment
from python_env.lock.closure import Closure, holds
from python_env.lock.extends.model import Base
from python_env.lock.extends.pins import is_inherited
from python_env.requirements.model import Asked, Request, normalised

Closures = Sequence[tuple[Platform, Closure]]
"""Every platform of the lock with its closure: of some of them alone no word can be said to be idle."""


def idle_words(request: Request, closures: Closures, base: Base | None) -> Iterator[Fault]:
    """Yield a fault for every override, exclude and constraint that met nothing on any platform, but a base's."""
    return chain(
        _overrides(request, closures, base),
        _excludes(request, closures, base),
        (fault for asked in request.constraints for fault in _constraint(asked, closures)),
    )


def _overrides(request: Request, closures: Closures, base: Base | None) -> Iterator[Fault]:
    """Yield what nothing asks for, and what is never true beside another: a lone one then leaves its name out."""
    effective: set[str] = set()
    untrue: list[tuple[str, str]] = []
    for each in request.policy.overrides:
        name, text = canonicalize_name(each.name), normalised(each)
        met = [platform for platform, closure in closures if name in closure.applied]
        if _holds_on_one(each.marker, met):
            effective.add(name)
        elif not is_inherited(text, base) and met:
            untrue.append((name, text))
        elif not is_inherited(text, base):
            yield _never_asked(f"override {text}", "overrides", name)
    yield from (_never_true(f"override {text}", "overrides", name) for name, text in untrue if name in effective)


def _excludes(request: Request, closures: Closures, base: Base | None) -> Iterator[Fault]:
    applied = {name for _, closure in closures for name in closure.applied}
    for name in request.policy.excludes:
        if name not in applied and not is_inherited(name, base):
            yield _never_asked(f"exclude {name}", "excludes", name)


def _constraint(asked: Asked, closures: Closures) -> Iterator[Fault]:
    locked = [platform for platform, closure in closures if any(each.name == asked.name for each in closure.packages)]
    if not locked:
        what = f"constraint {asked.text} changes nothing: {asked.name} is in no platform's closure"
        yield Fault(what, asked.where, "remove the line, or mend its name")
    elif not _holds_on_one(asked.requirement.marker, locked):
        yield _never_true(f"constraint {asked.text}", asked.where, asked.name)


def _holds_on_one(marker: Marker | None, platforms: Sequence[Platform]) -> bool:
    return any(holds(marker, marker_environment(platform)) for platform in platforms)


def _never_asked(word: str, where: str, name: str) -> Fault:
    what = f"{word} changes nothing: nothing asks for {name} on any platform"
    return Fault(what, where, "remove it, or mend its name")


def _never_true(word: str, where: str, name: str) -> Fault:
    what = f"{word} changes nothing: its marker holds on no platform that has to do with {name}"
    return Fault(what, where, "remove it, or mend its marker")
