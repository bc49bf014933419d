"""Stated marker values that uv cannot be told: it takes a platform's name and the full Python version, no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from packaging.requirements import Requirement

from python_env.base.platforms import Platform, marker_environment
from python_env.lock.resolvers.model import Question
from python_env.requirements.model import Asked

UNTOLD_FIX = 'lock with resolver = "pip-tools", which is told all of marker_values; or remove that value'
"""What mends a lock that uv cannot be asked for."""


def untold(platform: Platform) -> dict[str, str]:
    """Return the stated values that differ from what uv takes the platform to have, by name."""
    told = tuple((name, value) for name, value in platform.stated if name == "python_full_version")
    environment = marker_environment(replace(platform, stated=told))
    return {name: value for name, value in platform.stated if value != environment[name]}


def decided(question: Question) -> Question:
    """Return a question in which no line that a person wrote has a marker that uv would judge by other values.

    What wheels say of themselves uv reads and judges; the closure check finds where that differs.
    """
    names = untold(question.platform)
    if not names:
        return question
    environment = marker_environment(question.platform)
    request = question.request
    overrides = (_decided(each, names, environment) for each in request.policy.overrides)
    return replace(
        question,
        request=replace(
            request,
            requirements=_lines(request.requirements, names, environment),
            constraints=_lines(request.constraints, names, environment),
            policy=replace(request.policy, overrides=tuple(each for each in overrides if each)),
        ),
    )


def _lines(lines: Iterable[Asked], names: Iterable[str], environment: dict[str, str]) -> tuple[Asked, ...]:
    found = ((line, _decided(line.requirement, names, environment)) for line in lines)
    return tuple(replace(line, requirement=requirement) for line, requirement in found if requirement)


def _decided(requirement: Requirement, names: Iterable[str], environment: dict[str, str]) -> Requirement | None:
    """Return a requirement without a marker of these names if it holds, None if it does not, and any other as it is."""
    if requirement.marker is None or not any(name in str(requirement.marker) for name in names):
        return requirement
    if not requirement.marker.evaluate({**environment, "extra": ""}):
        return None
    plain = Requirement(str(requirement))
    plain.marker = None
    return plain
