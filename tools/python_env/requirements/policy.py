"""What a rule's attributes decide beside the requirement files: text to model."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.base.pep508 import parse_requirement
from python_env.base.resolving import Prereleases
from python_env.requirements.indexes import normalised_pattern
from python_env.requirements.model import Choice, Policy

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
"""The name of a distribution, an extra or a group."""

_MOST_SHOWN = 500
"""Characters of a text that a message repeats."""


def parse_policy(
    *,
    overrides: Sequence[str],
    excludes: Sequence[str],
    exclude_newer: str,
    prereleases: str,
    sdists: Sequence[str] = (),
) -> Policy:
    """Return a policy from the words of a rule's attributes.

    Raises ToolError with every word that is not understood.
    """
    faults: list[Fault] = []
    replaced = [_override(text, faults) for text in overrides]
    for where, names in (("excludes", excludes), ("sdists", sdists)):
        wrong = [name for name in names if not NAME.fullmatch(name)]
        faults += [Fault(f"not the name of a distribution: {name!r}", where, "write the name alone") for name in wrong]
    for name in sorted(
        {canonicalize_name(each.name) for each in replaced if each} & set(map(canonicalize_name, excludes))
    ):
        faults.append(Fault(f"{name} is both overridden and excluded", "overrides, excludes", "keep one of the two"))
    faults += _conflicting([each for each in replaced if each])
    if exclude_newer and not _is_date(exclude_newer):
        faults.append(Fault(f"not a date: {exclude_newer!r}", "exclude_newer", "write it as YYYY-MM-DD"))
    if prereleases not in set(Prereleases):
        faults.append(
            Fault(f"unknown value {prereleases!r}", "prereleases", "write allow or disallow, or leave it out")
        )
    if faults:
        raise ToolError(faults)
    return Policy(
        overrides=tuple(sorted((each for each in replaced if each), key=str)),
        excludes=tuple(sorted({canonicalize_name(name) for name in excludes})),
        exclude_newer=exclude_newer,
        prereleases=Prereleases(prereleases),
        sdists=tuple(sorted({canonicalize_name(name) for name in sdists})),
    )


def parse_choice(
    extras: Sequence[str], groups: Sequence[str], *, excludes: Sequence[str] = (), bindings: Sequence[str] = ()
) -> Choice:
    """Return the choice that a rule's attributes state; `bindings` are ALIAS=NAME.

    Raises ToolError with every word that is no name.
    """
    faults = [
        Fault(f"not a name: {name!r}", where, "write the name alone")
        for where, names in (("extras", extras), ("groups", groups))
        for name in names
        if not NAME.fullmatch(name)
    ]
    if faults:
        raise ToolError(faults)
    return Choice(
        extras=tuple(sorted({canonicalize_name(name) for name in extras})),
        groups=tuple(sorted({canonicalize_name(name) for name in groups})),
        excludes=frozenset(excludes),
        bound=tuple(normalised_pattern(word.partition("=")[2]) for word in bindings),
    )


def shown(text: str) -> str:
    """Return a text, cut where it is too long for a message."""
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def _override(text: str, faults: list[Fault]) -> Requirement | None:
    try:
        requirement = parse_requirement(text)
    except InvalidRequirement as error:
        faults.append(Fault(f"not a requirement: {shown(text)} ({error})", "overrides", "write it as PEP 508 says"))
        return None
    if requirement.url:
        fix = "name it in a requirement file: a direct reference there is taken for every requirement of its name"
        faults.append(Fault(f"an override cannot be a direct reference: {text}", "overrides", fix))
        return None
    return requirement


def _conflicting(overrides: Sequence[Requirement]) -> Iterator[Fault]:
    """Yield a fault for every distribution that several overrides replace, unless each has a marker of its own."""
    by_name: dict[str, list[Requirement]] = {}
    for each in overrides:
        by_name.setdefault(canonicalize_name(each.name), []).append(each)
    for name, found in sorted(by_name.items()):
        markers = {str(each.marker or "") for each in found}
        if len(found) > 1 and ("" in markers or len(markers) < len(found)):
            texts = " and ".join(sorted(map(str, found)))
            what = f"{name} is overridden more than once: {texts}"
            yield Fault(what, "overrides", "keep one of them, or give each a marker of its own")


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
