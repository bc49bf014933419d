"""What a person wants to move and what cannot move here: it is pinned by a lock made elsewhere, or by a base."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Sequence

from python_env.base.errors import Fault, ToolError
from python_env.lock.extends.model import Base
from python_env.lock.update.upgrades import OPTION, Upgrades
from python_env.requirements.model import Request

_MAKERS = {"uv.lock": "uv lock --upgrade", "pylock.toml": "uv export, pip lock"}


def check_movable(
    request: Request, base: Base | None, upgrades: Upgrades, *, upgrade: bool, update: str, tools: Collection[str] = ()
) -> None:
    """Check that what is asked to move can move: a refresh that silently moves nothing is taken for up to date.

    Build requirements (`tools`) stand in no such lock: they move, by `--upgrade` of an environment with sources, too.
    Raises ToolError.
    """
    given = {"--upgrade": upgrade and not request.needs_sources, OPTION: bool(upgrades.names - set(tools))}
    faults = [_pinned(request.pinned_by, option, update) for option in given if request.pinned_by and given[option]]
    faults += _inherited(base, upgrades, update) if base else ()
    if faults:
        raise ToolError(faults)


def _pinned(locks: Sequence[str], option: str, update: str) -> Fault:
    names = ", ".join(locks)
    makers = dict.fromkeys(_MAKERS.get(posixpath.basename(each), "pip-compile, uv export") for each in locks)
    fix = f"make {names} again with the tool that made it ({', '.join(makers)}), then run: {update}"
    return Fault(f"{option} moves nothing: {names} pins every version", option, fix)


def _inherited(base: Base, upgrades: Upgrades, update: str) -> Iterator[Fault]:
    pinned = {package.name for section in base.lock.sections.values() for package in section.packages}
    for name in sorted(pinned & upgrades.names):
        fix = f"move it there: {base.update} -- {OPTION} {name}; then run: {update}"
        yield Fault(f"{name} stays where it is: the base {base.label} pins it", OPTION, fix)
