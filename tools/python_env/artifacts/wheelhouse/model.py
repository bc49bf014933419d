"""What a wheelhouse holds, decided before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from python_env.base.errors import Fault, ToolError
from python_env.env.model import Env, Wheel

WHEELS = "wheels"
"""Folder of the wheels, from the archive's root."""


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """The closures of one environment, one for each platform."""

    envs: tuple[Env, ...]
    """Sorted by tag, at least one."""
    wheels: tuple[Wheel, ...]
    """Every file once, sorted by its name."""
    requires_python: Mapping[str, str] = field(default_factory=dict)
    """By file, the specifier of its METADATA; only where there is one."""

    @property
    def first(self) -> Env:
        """Return the closure of the first platform; name, env id and lock are those of all."""
        return self.envs[0]


def make_house(envs: Sequence[Env]) -> House:
    """Return what the closures come to together.

    Raises ToolError when they are not of one lock, a platform stands twice, or one file name has two contents.
    """
    ordered = tuple(sorted(envs, key=lambda env: env.platform.tag))
    _check_one_lock(ordered)
    files: dict[str, tuple[Wheel, Env]] = {}
    faults = []
    for env in ordered:
        for wheel in env.wheels:
            other, owner = files.setdefault(wheel.file, (wheel, env))
            if (other.sha256, other.size) != (wheel.sha256, wheel.size):
                faults.append(_two_contents(wheel, env, owner))
    if faults:
        raise ToolError(faults)
    return House(envs=ordered, wheels=tuple(files[name][0] for name in sorted(files)))


def _check_one_lock(envs: Sequence[Env]) -> None:
    tags = [env.platform.tag for env in envs]
    if len(set(tags)) != len(tags) or len({(env.name, env.env_id, env.parent) for env in envs}) != 1:
        raise ToolError.one(
            f"the closures are not one of each platform from one lock: {', '.join(tags)}",
            where=", ".join(sorted({f"{env.name}.env.json" for env in envs})),
            fix="name each tag once in platforms, and as env a single python_env",
        )


def _two_contents(wheel: Wheel, env: Env, owner: Env) -> Fault:
    return Fault(
        f"{wheel.file} is not the same bytes on {owner.platform.tag} and on {env.platform.tag}",
        f"{env.name}: {wheel.name}",
        "let its build write the same bytes each time, or make a wheelhouse for each of these platforms",
    )


def wheel_tag(env: Env) -> str:
    """Return the best wheel tag of a platform: an interpreter that takes it is one that the closure is for."""
    platform = env.platform
    return f"cp{platform.python[0]}{platform.python[1]}-{platform.abi}-{platform.name}"


def versions_by_name(house: House) -> Iterator[tuple[str, list[Wheel]]]:
    """Yield every distribution with its wheels, sorted by name."""
    found: dict[str, list[Wheel]] = {}
    for wheel in house.wheels:
        found.setdefault(wheel.name, []).append(wheel)
    yield from sorted(found.items())
