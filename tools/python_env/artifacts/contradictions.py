"""What METADATA of the wheels inside requires and the lock decided otherwise: by its excludes and overrides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from python_env.artifacts.install.wheel import WheelFile
from python_env.artifacts.requires_dist import requires_dist
from python_env.base.distribution_names import canonical_name
from python_env.env.model import Env, Wheel

if TYPE_CHECKING:
    from packaging.requirements import Requirement


def contradiction_warnings(env: Env, metadata: Callable[[Wheel], str]) -> tuple[str, ...]:
    """Return one sentence for each requirement that is true on the platform and that the lock does not answer.

    `metadata` returns the METADATA of a wheel; it is asked for only where the lock leaves out or overrides anything.
    Raises ValueError for what is no requirement.
    """
    if not env.excludes and not env.overrides:
        return ()
    # of additional wheels, which no lock knows, the row itself says what is required
    wheels = [wheel for wheel in env.wheels if wheel.name not in env.additional]
    return tuple(
        f"{wheel.name} {wheel.version} requires {text}"
        for wheel in wheels
        for text in sorted({*_unanswered(env, requires_dist(metadata(wheel), env.platform, wheel.extras))})
    )


def lock_warnings(env: Env, wheels: Sequence[WheelFile]) -> tuple[str, ...]:
    """Return the same of wheels that are open."""
    opened = {wheel.wheel.name: wheel for wheel in wheels}

    def metadata(wheel: Wheel) -> str:
        return opened[wheel.name].core_metadata()

    return contradiction_warnings(env, metadata)


def _unanswered(env: Env, required: Iterator[Requirement]) -> Iterator[str]:
    inside = {wheel.name: wheel.version for wheel in env.wheels}
    ignored = {wheel.name for wheel in env.ignored}
    for requirement in required:
        name, text = canonical_name(requirement.name), f"{requirement.name}{requirement.specifier}"
        if name not in (*env.excludes, *env.overrides) or name in ignored:
            continue
        if name not in inside:
            yield f"{text}, which the lock leaves out"
        elif not requirement.specifier.contains(inside[name], prereleases=True):
            yield f"{text}, which the lock overrides: {name} {inside[name]} is inside"
