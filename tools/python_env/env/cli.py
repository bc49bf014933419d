"""`env closure`: writes the closure of one platform of a lock."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from python_env.base.arguments import Parser
from python_env.base.distribution_names import requirement_name
from python_env.base.documents import sha256_hex, write_atomically
from python_env.base.errors import ToolError
from python_env.base.platforms import parse_platform
from python_env.env.model import Env, Wheel, render_env
from python_env.lock.document import parse_lock
from python_env.lock.model import Lock, Section


def plan_env(lock: Lock, section: Section, *, name: str, parent: str, built: Mapping[str, tuple[str, int]]) -> Env:
    """Return the closure of one platform of a lock.

    `parent` is the sha256 of the lock's bytes; `built` has the sha256 and the size in bytes of the wheels that the lock
    only knows the source of.
    """
    content = {file.name: (file.sha256, file.size) for file in lock.files.values()} | dict(built)
    wheels = tuple(
        Wheel(
            name=package.name,
            version=package.version,
            extras=package.extras,
            file=package.file,
            sha256=content[package.file][0],
            size=content[package.file][1],
            requires=package.requires,
        )
        for package in section.packages
    )
    return Env(
        name=name,
        env_id=lock.env_id,
        parent=parent,
        platform=parse_platform(section.tag),
        requirements=section.requirements,
        wheels=wheels,
        excludes=tuple(sorted(lock.inputs.excludes)),
        overrides=tuple(sorted(set(map(requirement_name, lock.inputs.overrides)))),
    )


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python_env env closure")
    parser.add_argument("--lock", type=Path, required=True)
    parser.add_argument("--lock-label", required=True)
    parser.add_argument("--update-command", required=True, help="what refreshes the lock, for messages")
    parser.add_argument("--platform", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--built", type=Path, action="append", default=[], help="wheel that an action built")
    parser.add_argument("--output", type=Path, required=True)
    return parser


def main(argv: Sequence[str]) -> int:
    """Write the env document of the platform that the arguments name."""
    options = _parser().parse_args(argv)
    where = options.lock_label
    fix = options.update_command
    data = options.lock.read_bytes()
    lock = parse_lock(data, where=where, fix=fix)
    if lock is None:
        raise ToolError.one("nothing is locked yet", where=where, fix=fix)
    section = lock.sections.get(options.platform)
    if section is None:
        held = ", ".join(lock.inputs.platforms)
        raise ToolError.one(f"the lock does not hold {options.platform}; it holds {held}", where=where, fix=fix)
    from_source = {file.name for file in lock.files.values() if file.build}
    files = {path.name: path.read_bytes() for path in options.built if path.name in from_source}
    built = {name: (sha256_hex(content), len(content)) for name, content in files.items()}
    env = plan_env(lock, section, name=options.name, parent=sha256_hex(data), built=built)
    write_atomically(options.output, render_env(env))
    return 0
