"""What the distributions of an artifact require that it does not hold."""

from __future__ import annotations

from python_env.env.model import Env, Wheel


def missing_requirements(env: Env) -> dict[str, list[Wheel]]:
    """Return by name what wheels of an artifact require and it does not hold, each with those wheels."""
    inside = {wheel.name for wheel in env.wheels}
    missing: dict[str, list[Wheel]] = {}
    for wheel in env.wheels:
        for name in wheel.requires:
            if name not in inside:
                missing.setdefault(name, []).append(wheel)
    return dict(sorted(missing.items()))


def selection_warnings(env: Env) -> tuple[str, ...]:
    """Return one sentence for each wheel inside and each of its requirements that are not."""
    left_out = {wheel.name: f"the artifact leaves out ({wheel.version} is locked)" for wheel in env.ignored}
    return tuple(
        f"{wheel.name} {wheel.version} requires {name}, which {left_out.get(name, 'neither it nor the lock has')}"
        for name, wheels in missing_requirements(env).items()
        for wheel in wheels
    )
