"""Overrides and excludes for a resolver that has none: each requirement becomes what stands in its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_env.requirements.model import Policy


def rewritten(
    requirement: Requirement,
    policy: Policy,
    *,
    environment: Mapping[str, str],
    extras: Iterable[str] = (),
    excludes: Collection[str] = (),
) -> tuple[Requirement, ...]:
    """Return the requirements that replace one: itself, the overrides of its distribution, or nothing.

    An override has no marker of what it replaces: that was true, else nothing is returned. `extras` are those of the
    distribution that states the requirement; `excludes` are left out beside those of the policy.
    """
    name = canonicalize_name(requirement.name)
    if name in policy.excludes or name in excludes:
        return ()
    overrides = [each for each in policy.overrides if canonicalize_name(each.name) == name]
    if not overrides:
        return (requirement,)
    if not _holds(requirement, environment, tuple(extras) or ("",)):
        return ()
    return tuple(_in_place(each, requirement) for each in overrides if _holds(each, environment, ("",)))


def _holds(requirement: Requirement, environment: Mapping[str, str], extras: Iterable[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in extras)


def _in_place(override: Requirement, replaced: Requirement) -> Requirement:
    """Return the override with the extras of what it replaces, unless it names its own."""
    made = Requirement(str(override))
    made.marker = None
    made.extras = set(override.extras or replaced.extras)
    return made
