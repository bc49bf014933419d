"""A wheel of the workspace that one artifact holds beside the closure: is it what its name says, and does it fit?

Tags and markers are those of `packaging`, which the action has on its path.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from python_env.artifacts.install.wheel import WheelFile, open_wheel
from python_env.artifacts.requires_dist import requires_dist
from python_env.base.archive.content import read_content
from python_env.base.distribution_names import canonical_name
from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform
from python_env.env.model import Env, Wheel

_PARTS = (5, 6)
"""Of a wheel's file name: distribution, version, a build number perhaps, three tags."""


def additional_row(path: Path) -> Wheel:
    """Return what a file name says of a wheel; its content is not read. Raises ToolError for a name that is none."""
    parts = path.name.removesuffix(".whl").split("-")
    if len(parts) not in _PARTS or not path.name.endswith(".whl"):
        raise ToolError.one(
            f"{path.name} is not the name of a wheel",
            where="additional",
            fix="name it <distribution>-<version>-<python>-<abi>-<platform>.whl, as its build did",
        )
    name, version = canonical_name(parts[0]), parts[1]
    return Wheel(name=name, version=version, extras=(), file=path.name, sha256="", size=0, requires=())


def additional_wheels(paths: Sequence[Path], env: Env, inside: Mapping[str, Wheel]) -> tuple[Wheel, ...]:
    """Return the rows of wheels, sorted by file name; raises ToolError with what is wrong with each of them."""
    wheels: list[Wheel] = []
    faults: list[Fault] = []
    for path in sorted(paths, key=lambda path: path.name):
        try:
            wheels.append(additional_wheel(path, env, inside))
        except ToolError as error:
            faults += error.faults
    if faults:
        raise ToolError(faults)
    return tuple(wheels)


def additional_wheel(path: Path, env: Env, inside: Mapping[str, Wheel]) -> Wheel:
    """Return the row of a wheel, with digest and requirements for the platform of the env.

    `inside` has what the artifact holds, by name. Raises ToolError when the wheel does not fit the platform, or asks
    for another version of what lies beside it.
    """
    content = read_content(path)
    row = dataclasses.replace(additional_row(path), sha256=content.sha256, size=content.size)
    faults = [*_tag_faults(row, env)]
    opened = open_wheel(row, path)
    required = dict(_required(opened, env.platform))
    faults += _version_faults(row, env, required, inside)
    if faults:
        raise ToolError(faults)
    return dataclasses.replace(row, requires=tuple(sorted(required)))


def _tag_faults(row: Wheel, env: Env) -> Iterator[Fault]:
    from packaging.tags import parse_tag

    from python_env.base.wheel_tags import supported_tags

    tag = "-".join(row.file.removesuffix(".whl").split("-")[-3:])
    if parse_tag(tag).isdisjoint(supported_tags(env.platform)):
        what = f"{row.file} does not fit {env.platform.tag}: its tag is {tag}"
        fix = "name a wheel for that platform, by a select() where there are several"
        yield Fault(what, f"{env.name}, additional", fix)


def _required(opened: WheelFile, platform: Platform) -> Iterator[tuple[str, str]]:
    """Yield name and specifiers of what METADATA requires on the platform, extras apart."""
    try:
        for requirement in requires_dist(opened.core_metadata(), platform):
            yield canonical_name(requirement.name), str(requirement.specifier)
    except ValueError as error:
        raise opened.error(str(error), f"{opened.dist_info}/METADATA") from None


def _version_faults(row: Wheel, env: Env, required: Mapping[str, str], inside: Mapping[str, Wheel]) -> Iterator[Fault]:
    from packaging.specifiers import SpecifierSet

    for name, specifiers in sorted(required.items()):
        other = inside.get(name)
        if other and not SpecifierSet(specifiers).contains(other.version, prereleases=True):
            what = f"{row.file} requires {name}{specifiers}, and the artifact holds {name} {other.version}"
            yield Fault(what, f"{env.name}, additional", f"name a wheel that takes it, or lock another {name}")
