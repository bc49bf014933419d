"""Interpreter constraints (pex's own form: `CPython>=3.11,<3.12`): whether one admits the target's Python."""

from __future__ import annotations

import re
from collections.abc import Sequence

from python_env.base.errors import ToolError
from python_env.base.platforms import Platform

_CONSTRAINT = re.compile(r"(?P<implementation>CPython(?:[+-]t|\[free-threaded\]|\[gil\])?)?(?P<clauses>.*)")
_CLAUSE = re.compile(r"(?P<operator>==|!=|>=|<=|~=|>|<)\s*(?P<release>[0-9]{1,9}(?:\.[0-9]{1,9})*)(?P<wildcard>\.\*)?")
_FREE_THREADED = ("CPython+t", "CPython[free-threaded]")
_GIL = ("CPython-t", "CPython[gil]")
_SPELLED = {"CPython[free-threaded]": "CPython+t", "CPython[gil]": "CPython-t"}
_MOST_PATCHES = 100
"""More bugfix releases than any X.Y of CPython had."""


def interpreter_constraints(chosen: Sequence[str], platform: Platform, *, where: str) -> tuple[str, ...]:
    """Return the constraints of a PEX, sorted; `CPython==X.Y.*` of the platform when none is chosen.

    Raises ToolError when one cannot be read, or none of them admits a Python of the platform.
    """
    if not chosen:
        return (f"CPython=={platform.python_version}.*",)
    admitting = [constraint for constraint in chosen if _admits(constraint, platform, where)]
    if not admitting:
        raise ToolError.one(
            f"{' or '.join(chosen)} admits no Python of {platform.tag}: its wheels run on {platform.python_version}",
            where=f"{where}, interpreter_constraints",
            fix=f'write "CPython=={platform.python_version}.*", or leave it out',
        )
    return tuple(sorted({_normal(constraint) for constraint in chosen}))


def _normal(constraint: str) -> str:
    """Return a constraint as pex writes it: one spelling of each implementation, its specifiers sorted, no spaces."""
    match = _CONSTRAINT.fullmatch(constraint)
    implementation, clauses = (match["implementation"] or "", match["clauses"]) if match else ("", constraint)
    sorted_clauses = sorted({re.sub(r"\s", "", clause) for clause in clauses.split(",")})
    return _SPELLED.get(implementation, implementation) + ",".join(sorted_clauses)


def _admits(constraint: str, platform: Platform, where: str) -> bool:
    match = _CONSTRAINT.fullmatch(constraint)
    clauses = [_CLAUSE.fullmatch(clause.strip()) for clause in (match["clauses"].split(",") if match else [""])]
    if match is None or not all(clauses):
        if match is not None and match["implementation"] and not match["clauses"]:
            return _implementation_fits(match["implementation"], platform)
        raise ToolError.one(
            f"{constraint!r} is not an interpreter constraint",
            where=f"{where}, interpreter_constraints",
            fix='write [CPython]<specifiers>, as in "CPython>=3.11.4,<3.12"',
        )
    if not _implementation_fits(match["implementation"], platform):
        return False
    major, minor = map(int, platform.python_version.split("."))
    versions = ((major, minor, patch) for patch in range(_MOST_PATCHES))
    return any(all(_fits(clause, version) for clause in clauses if clause) for version in versions)


def _implementation_fits(implementation: str | None, platform: Platform) -> bool:
    free_threaded = platform.abi.endswith("t")
    return implementation not in (_GIL if free_threaded else _FREE_THREADED)


def _fits(clause: re.Match[str], version: tuple[int, ...]) -> bool:
    """Return whether a final release fits a clause (PEP 440, version specifiers)."""
    release = tuple(map(int, clause["release"].split(".")))
    operator = clause["operator"]
    if operator == "~=":
        return len(release) > 1 and version >= _padded(release) and version[: len(release) - 1] == release[:-1]
    if clause["wildcard"]:
        same = version[: len(release)] == release
        return {"==": same, "!=": not same}.get(operator, False)
    padded = _padded(release)
    return {
        "==": version == padded,
        "!=": version != padded,
        ">=": version >= padded,
        "<=": version <= padded,
        ">": version > padded,
        "<": version < padded,
    }[operator]


def _padded(release: tuple[int, ...]) -> tuple[int, ...]:
    return (*release, 0, 0, 0)[:3] if len(release) < 3 else release
