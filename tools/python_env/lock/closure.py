"""Is a platform's set of pins closed? Every true requirement satisfied, every constraint kept, nothing superfluous."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault
from python_env.base.pep508 import parse_requirement
from python_env.lock.facts import Facts
from python_env.lock.model import LockedPackage
from python_env.lock.resolvers.untold import UNTOLD_FIX
from python_env.requirements.model import Asked, Policy, Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """A chosen version of one distribution, with its wheel."""

    name: str
    version: str
    file: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Closure:
    """The packages that are reached, sorted by name, and what is wrong with them."""

    packages: tuple[LockedPackage, ...]
    faults: tuple[Fault, ...]
    applied: frozenset[str] = frozenset()
    """Names of the overrides and excludes that some requirement met."""


@dataclass(slots=True)
class _Node:
    extras: set[str] = field(default_factory=set)
    requires: set[str] = field(default_factory=set)
    why: set[str] = field(default_factory=set)


def holds(marker: Marker | None, environment: Mapping[str, str], extra: str = "") -> bool:
    """Return whether a marker is true on the platform; no value comes from this machine."""
    return marker is None or marker.evaluate({**environment, "extra": extra})


@functools.cache
def _parsed(text: str) -> Requirement:
    """Return a requirement, read once for all platforms; nobody changes it. Raises InvalidRequirement."""
    return parse_requirement(text)


@dataclass(slots=True)
class _Walk:
    pins: Mapping[str, Pin]
    environment: Mapping[str, str]
    tag: str
    policy: Policy
    pinned_by: tuple[str, ...] = ()
    """The locks made elsewhere whose pins these are; empty: a resolver's."""
    untold: Mapping[str, str] = field(default_factory=dict)
    """Marker values that the resolver could not be told."""
    applied: set[str] = field(default_factory=set)
    nodes: dict[str, _Node] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    queue: list[tuple[str, str]] = field(default_factory=list)

    def ask(self, requirement: Requirement, *, extra: str, asked_by: str, where: str) -> None:
        """Follow a requirement that is true on the platform, after overrides and excludes."""
        if not holds(requirement.marker, self.environment, extra):
            return
        name = canonicalize_name(requirement.name)
        if name in self.policy.excludes:
            self.applied.add(name)
            return
        overrides = [each for each in self.policy.overrides if canonicalize_name(each.name) == name]
        if overrides:
            self.applied.add(name)
        for each in overrides or [requirement]:
            if holds(each.marker, self.environment) or each is requirement:
                self.reach(each, extras=each.extras or requirement.extras, asked_by=asked_by, where=where)

    def reach(self, requirement: Requirement, *, extras: Iterable[str], asked_by: str, where: str) -> None:
        """Check the pin of a requirement, and queue the distribution with its extras."""
        name = canonicalize_name(requirement.name)
        pin = self.pins.get(name)
        if pin is None or not requirement.specifier.contains(pin.version, prereleases=True):
            self.faults.append(self.unsatisfied(requirement, pin, where))
            return
        node = self.nodes.get(name)
        if node is None:
            node = self.nodes[name] = _Node()
            self.queue.append((name, ""))
        if asked_by != name:
            node.why.add(asked_by)
            if asked_by in self.nodes:
                self.nodes[asked_by].requires.add(name)
        for extra in sorted(canonicalize_name(extra) for extra in extras):
            if extra not in node.extras:
                node.extras.add(extra)
                self.queue.append((name, extra))

    def unsatisfied(self, requirement: Requirement, pin: Pin | None, where: str) -> Fault:
        """Return the fault of a requirement whose pin is missing or wrong, by who made the pins."""
        found = f"{pin.name} {pin.version}" if pin else "nothing"
        what = f"{requirement} is not satisfied on {self.tag}"
        unknown = [name for name in self.untold if name in str(requirement.marker or "")]
        if unknown and not self.pinned_by:
            values = ", ".join(f"{name} = {self.untold[name]!r}" for name in unknown)
            return Fault(f"{what}: uv cannot be told {values}, and pinned {found}", where, UNTOLD_FIX)
        if not self.pinned_by:
            fix = "this is a fault of the resolver or of the wheel's metadata: report it with the lock"
            return Fault(f"{what}: the resolver pinned {found}", where, fix)
        locks = ", ".join(self.pinned_by)
        fix = f"make {locks} again for this platform, or decide by `overrides` or `excludes`"
        return Fault(f"{what}: {locks} pins {found}", where, fix)

    def run(self) -> None:
        """Follow the queue until nothing new is reached."""
        while self.queue:
            name, extra = self.queue.pop()
            for requirement in self._edges(self.pins[name]):
                self.ask(requirement, extra=extra, asked_by=name, where=f"METADATA of {self.pins[name].file}")

    def _edges(self, pin: Pin) -> Iterator[Requirement]:
        for text in pin.facts.requires:
            try:
                yield _parsed(text)
            except InvalidRequirement as error:
                what = f"Requires-Dist is not a requirement: {text[:500]} ({error})"
                self.faults.append(Fault(what, f"METADATA of {pin.file}", f"constrain {pin.name} to another version"))


def close(
    request: Request,
    *,
    pins: Mapping[str, Pin],
    environment: Mapping[str, str],
    tag: str,
    untold: Mapping[str, str] | None = None,
) -> Closure:
    """Return the closure of the true requirements over the pins, with every fault that is found.

    Pins that nothing reaches are left out. `untold` are the marker values that the resolver could not be told.
    """
    walk = _Walk(pins, environment, tag, request.policy, request.pinned_by, untold or {})
    for asked in request.requirements:
        if not asked.is_for(tag):
            continue
        walk.ask(asked.requirement, extra="", asked_by=asked.source, where=asked.where)
    walk.run()
    faults = [
        *walk.faults,
        *_extra_faults(request.requirements, walk),
        *_constraint_faults(request.constraints, walk),
        *_pin_faults(walk),
    ]
    packages = tuple(_package(pins[name], walk.nodes[name]) for name in sorted(walk.nodes))
    return Closure(packages, tuple(faults), frozenset(walk.applied))


def _package(pin: Pin, node: _Node) -> LockedPackage:
    return LockedPackage(
        name=pin.name,
        version=pin.version,
        extras=tuple(sorted(node.extras)),
        file=pin.file,
        requires=tuple(sorted(node.requires)),
        why=tuple(sorted(node.why)),
    )


def _extra_faults(requirements: tuple[Asked, ...], walk: _Walk) -> Iterator[Fault]:
    """Yield the extras that a person asks for and the wheel does not have; what METADATA asks for, pip lets pass."""
    for asked in requirements:
        pin = walk.pins.get(asked.name) if asked.name in walk.nodes else None
        if pin is None or not holds(asked.requirement.marker, walk.environment):
            continue
        for extra in sorted({canonicalize_name(extra) for extra in asked.requirement.extras} - {*pin.facts.extras}):
            fix = f"name one of: {', '.join(pin.facts.extras)}" if pin.facts.extras else "remove it: there are none"
            yield Fault(f"{pin.name} {pin.version} has no extra {extra}", asked.where, fix)


def _constraint_faults(constraints: tuple[Asked, ...], walk: _Walk) -> Iterator[Fault]:
    for asked in constraints:
        pin = walk.pins.get(asked.name) if asked.name in walk.nodes else None
        if pin is None or not holds(asked.requirement.marker, walk.environment):
            continue
        if not asked.requirement.specifier.contains(pin.version, prereleases=True):
            what = f"constraint {asked.text} is not kept on {walk.tag}: {pin.name} {pin.version}"
            locks = ", ".join(walk.pinned_by)
            fix = (
                f"make {locks} again under it, or remove it" if locks else "this is a fault of the resolver: report it"
            )
            yield Fault(what, asked.where, fix)


def _pin_faults(walk: _Walk) -> Iterator[Fault]:
    """Yield what the wheels' own metadata contradicts: their name, version and Requires-Python."""
    for name in sorted(walk.nodes):
        pin = walk.pins[name]
        where = f"METADATA of {pin.file}"
        fix = f"constrain {name} to another version"
        if pin.facts.name != name or pin.facts.version != pin.version:
            said = f"{pin.facts.name} {pin.facts.version}"
            yield Fault(f"the wheel of {name} {pin.version} says that it is {said}", where, fix)
        if not _python_fits(pin.facts.requires_python, walk.environment["python_full_version"]):
            yield Fault(f"{name} {pin.version} needs Python {pin.facts.requires_python}", where, fix)


def _python_fits(requires_python: str, full_version: str) -> bool:
    try:
        return SpecifierSet(requires_python).contains(full_version, prereleases=True)
    except InvalidSpecifier:
        return True  # pip ignores what it cannot read here
