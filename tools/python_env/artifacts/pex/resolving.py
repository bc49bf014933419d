"""What a PEX resolves when it starts: pex reads the METADATA of each wheel, and the closure may be something else.

It activates only what it reaches from the requirements of PEX-INFO, and does not start where it finds nothing fitting
(pex.environment). What it knows beside METADATA are `excluded` and `overridden`; the latter replaces what wheels
require, not what PEX-INFO does.
"""

from __future__ import annotations

from python_env.artifacts.identity import added_wheels
from python_env.artifacts.missing import missing_requirements
from python_env.base.distribution_names import requirement_name
from python_env.env.model import Env, Wheel


def excluded(env: Env) -> set[str]:
    """Return the names that pex must not look for: what the artifact or the lock leaves out, and what is nowhere."""
    inside = {wheel.name for wheel in env.wheels}
    # an override that is true on another platform only takes its distribution away
    by_the_lock = {*env.excludes, *env.overrides} - inside
    return {wheel.name for wheel in env.ignored} | missing_requirements(env).keys() | by_the_lock


def overridden(env: Env) -> list[str]:
    """Return the requirements that pex takes in place of those of METADATA, by what the artifact holds.

    The lock's own would lose the extras of what they replace, and pex refuses two that are true on one platform.
    """
    return [_pin(wheel) for wheel in env.wheels if wheel.name in env.overrides]


def root_requirements(env: Env) -> list[str]:
    """Return what pex resolves first: what a person asked for, as far as no override replaces it, and what is added."""
    asked = [text for text in env.requirements if requirement_name(text) not in env.overrides]
    names = {requirement_name(text) for text in env.requirements}
    added = added_wheels(env)
    replaced = [wheel for wheel in env.wheels if wheel.name in names and wheel.name in env.overrides]
    pins = [_pin(wheel) for wheel in replaced if wheel not in added]
    return [*asked, *pins, *(f"{wheel.name}=={wheel.version}" for wheel in added)]


def _pin(wheel: Wheel) -> str:
    extras = f"[{','.join(wheel.extras)}]" if wheel.extras else ""
    return f"{wheel.name}{extras}=={wheel.version}"
