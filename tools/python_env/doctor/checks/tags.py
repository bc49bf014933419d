"""Wheel tags and names of native modules against the platform and Python."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from packaging.tags import Tag, parse_tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from python_env.base.wheel_tags import supported_tags
from python_env.doctor.archive import Kind, Member
from python_env.doctor.model import Check, Hit, Severity, Target
from python_env.doctor.pythons import EXTENSION, own_python
from python_env.doctor.subject import Subject

_MOST_TAGS = 1000
"""More than any wheel has: `a.b-c.d-e` stands for every combination of its parts."""

_FIX = "lock for the nodes' platform tag"


def _wheels(subject: Subject, target: Target) -> Iterator[Hit]:
    if target.platform is None:
        return
    supported = frozenset(supported_tags(target.platform))
    for label, tags in _tags(subject):
        if not tags or tags & supported:
            continue
        words = ", ".join(sorted(str(tag) for tag in tags)[:3])
        if any(tag.platform == f"linux_{target.platform.cpu}" for tag in tags):
            reason = f"its tag {words} names no libc: it was built on some machine, for that machine"
            yield Hit(file=label, reason=reason, remedy=_FIX, severity=Severity.NOTE)
        else:
            reason = f"its tag {words} does not fit {target.platform.tag}"
            yield Hit(file=label, reason=reason, remedy=_FIX)


def _tags(subject: Subject) -> Iterator[tuple[str, frozenset[Tag]]]:
    """Yield the tags of every wheel: of one that lies there whole by its name, of an installed one by WHEEL."""
    for member in subject.archive.members:
        if member.base.endswith(".whl") and member.kind is Kind.FILE:
            yield member.label, _tags_of_name(member.base)
        elif member.base == "WHEEL" and member.data is not None:
            yield member.label, _tags_of_text(member)


def _tags_of_name(name: str) -> frozenset[Tag]:
    if not _are_few("-".join(name.rsplit("-", 3)[1:])):
        return frozenset()
    try:
        return parse_wheel_filename(name)[3]
    except InvalidWheelFilename:
        return frozenset()


def _tags_of_text(member: Member) -> frozenset[Tag]:
    lines = (member.data or b"").decode(errors="replace").splitlines()
    words = [line.partition(":")[2].strip() for line in lines if line.startswith("Tag:")]
    return frozenset(tag for word in words if word.count("-") == 2 and _are_few(word) for tag in parse_tag(word))


def _are_few(word: str) -> bool:
    return math.prod(part.count(".") + 1 for part in word.split("-")) <= _MOST_TAGS


def _extensions(subject: Subject, target: Target) -> Iterator[Hit]:
    python = own_python(subject)
    if python is None:
        return
    minors: dict[str, dict[int, str]] = {}
    for member in subject.everything:
        match = EXTENSION.search(member.name)
        if match:
            module = f"{member.wheel}:{member.name[: match.start()]}"
            minors.setdefault(module, {})[int(match[1])] = member.label
    plain = {f"{member.wheel}:{name}" for member in subject.everything if (name := _module(member.name))}
    for module, found in minors.items():
        if python[1] not in found and module not in plain:
            reason = f"{_versions(found)} alone can import it, not {python[0]}.{python[1]}"
            yield Hit(file=next(iter(found.values())), reason=reason, remedy=_FIX)


def _module(name: str) -> str:
    """Return the module that a file of no certain Python is, or an empty text."""
    for suffix in (".abi3.so", ".py", ".so"):
        if name.endswith(suffix) and not EXTENSION.search(name):
            return name.removesuffix(suffix)
    return ""


def _versions(minors: Iterable[int]) -> str:
    return "Python " + " and ".join(f"3.{minor}" for minor in sorted(minors))


CHECKS = (
    Check(
        id="wheel-tag",
        severity=Severity.ERROR,
        what="a wheel whose tags do not fit the platform (WHEEL, or the name of a raw wheel)",
        source="PEP 425, PEP 600; packaging.tags",
        find=_wheels,
    ),
    Check(
        id="extension-python",
        severity=Severity.ERROR,
        what="a native module of another Python, by its suffix",
        source="PEP 3149",
        find=_extensions,
    ),
)
