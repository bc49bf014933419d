"""All checks, in the order of docs/doctor.md."""

from __future__ import annotations

from python_env.doctor.checks import (
    connect,
    container,
    cost,
    libraries,
    links,
    modes,
    native,
    packages,
    paths,
    pex,
    python,
    tags,
)
from python_env.doctor.model import Check

CHECKS: tuple[Check, ...] = tuple(
    check
    for module in (container, links, modes, paths, python, pex, packages, connect, tags, native, libraries, cost)
    for check in module.CHECKS
)


def check_rows() -> list[tuple[str, ...]]:
    """Return id, severity, what and source of every check, for the table of docs/doctor.md."""
    return [(f"`{check.id}`", check.severity, check.what, check.source) for check in CHECKS]
