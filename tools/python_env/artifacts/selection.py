"""What one artifact holds beside the closure, and without which of its distributions: `additional` and `ignored`."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from python_env.artifacts.additional import additional_row, additional_wheels
from python_env.base.distribution_names import canonical_name
from python_env.base.errors import Fault, ToolError
from python_env.env.model import Env, Wheel


def add_selection_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of what an artifact holds beside the closure, and without."""
    parser.add_argument("--additional", type=Path, action="append", default=[], metavar="WHEEL")
    parser.add_argument("--ignored", action="append", default=[], metavar="DISTRIBUTION")


def select(env: Env, additional: Sequence[Path], ignored: Sequence[str]) -> Env:
    """Return the env as one artifact has it: its `wheels` without those that are ignored, and with the additional ones.

    Raises ToolError with every name that is not in the closure, every additional wheel that does not fit the platform
    or what lies beside it, and every distribution that would stand twice.
    """
    left_out = {canonical_name(name) for name in ignored}
    kept = tuple(wheel for wheel in env.wheels if wheel.name not in left_out)
    rows = [additional_row(path) for path in additional]
    faults = [fault for name in ignored if (fault := _unknown(env, name))]
    faults += _twice(env, kept, rows)
    if faults:
        raise ToolError(faults)
    inside = {wheel.name: wheel for wheel in [*kept, *rows]}
    wheels = additional_wheels(additional, env, inside)
    return dataclasses.replace(
        env,
        wheels=tuple(sorted([*kept, *wheels], key=lambda wheel: wheel.name)) if wheels else kept,
        ignored=tuple(wheel for wheel in env.wheels if wheel.name not in inside),
        additional=tuple(sorted(wheel.name for wheel in wheels)),
    )


def without(envs: Sequence[Env], ignored: Sequence[str]) -> list[Env]:
    """Return the closures of several platforms without some distributions.

    Raises ToolError with every name that none of them has.
    """
    held = [{wheel.name for wheel in env.wheels} for env in envs]
    unknown = [name for name in ignored if not any(canonical_name(name) in names for names in held)]
    if unknown:
        raise ToolError(fault for name in unknown if (fault := _unknown(envs[0], name)))
    return [
        select(env, (), [name for name in ignored if canonical_name(name) in names])
        for env, names in zip(envs, held, strict=True)
    ]


def _unknown(env: Env, name: str) -> Fault | None:
    names = [wheel.name for wheel in env.wheels]
    if canonical_name(name) in names:
        return None
    similar = difflib.get_close_matches(canonical_name(name), names)
    known = f"take the name out: {env.name}.env.json has those that can be ignored"
    fix = f"write {' or '.join(similar)}" if similar else known
    return Fault(f"{name} is not in the closure for {env.platform.tag}", f"{env.name}, ignored", fix)


def _twice(env: Env, kept: Sequence[Wheel], rows: Sequence[Wheel]) -> Iterator[Fault]:
    locked = {wheel.name: wheel for wheel in kept}
    where = f"{env.name}, additional"
    for row in rows:
        if row.name in locked:
            what = f"{row.file} and {locked[row.name].file} of the closure are both {row.name}"
            yield Fault(what, where, f'take one: ignored = ["{row.name}"] leaves out that of the closure')
    for name, count in Counter(row.name for row in rows).items():
        if count > 1:
            files = ", ".join(sorted(row.file for row in rows if row.name == name))
            yield Fault(f"{name} stands twice among the additional wheels: {files}", where, "name one of them")
