"""`--upgrade-package NAME[==VERSION]`: what a person lets move in one refresh, and to where."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.base.pep508 import parse_requirement
from python_env.requirements.model import Asked

OPTION = "--upgrade-package"


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgrades:
    """Distributions whose locked version does not hold in this refresh."""

    names: frozenset[str] = frozenset()
    """Normalised names."""
    pins: tuple[Asked, ...] = ()
    """Versions that this refresh must take: constraints that are no input of the lock."""
    tool_pins: tuple[Asked, ...] = ()
    """The same of build requirements."""


def parse_upgrades(words: Sequence[str], *, known: Container[str], tools: Container[str] = ()) -> Upgrades:
    """Return what the option's words say; `known` has the names that are locked or asked for, `tools` those of builds.

    Raises ToolError with every word that is not understood, or names what is not known.
    """
    faults: list[Fault] = []
    names: set[str] = set()
    pins: list[Asked] = []
    for number, word in enumerate(words, start=1):
        requirement = _parse(word)
        name = str(canonicalize_name(requirement.name)) if requirement else ""
        if requirement is None:
            faults.append(Fault(f"not understood: {word}", OPTION, "write NAME or NAME==VERSION"))
        elif name not in known and name not in tools:
            faults.append(Fault(f"{name} is not in the lock", OPTION, "mend the name"))
        else:
            names.add(name)
            if requirement.specifier:
                pins.append(Asked(requirement=requirement, source=OPTION, line=number))
    if faults:
        raise ToolError(faults)
    return Upgrades(
        names=frozenset(names),
        pins=tuple(pin for pin in pins if pin.name in known),
        tool_pins=tuple(pin for pin in pins if pin.name in tools),
    )


def _parse(word: str) -> Requirement | None:
    try:
        requirement = parse_requirement(word)
    except InvalidRequirement:
        return None
    more = requirement.extras or requirement.marker or requirement.url
    specifiers = list(requirement.specifier)
    exact = not specifiers or (len(specifiers) == 1 and specifiers[0].operator == "==")
    return requirement if exact and not more else None
