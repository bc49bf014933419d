"""A lock of some platforms joined with the old lock's other sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from python_env.base.errors import Fault, ToolError
from python_env.lock.model import Inputs, Lock, LockedSource, Section
from python_env.lock.update.one_of_each import one_of_each


def check_kept(old: Lock | None, inputs: Inputs, kept: Sequence[str]) -> None:
    """Check that the old sections of the platforms in `kept` answer the new inputs.

    Raises ToolError when one does not exist, or the requirements or constraints changed since.
    """
    missing = [tag for tag in kept if old is None or tag not in old.sections]
    if missing:
        raise ToolError(
            Fault(f"{tag} is not locked yet", "the old lock", "refresh without --platform, so that all are locked")
            for tag in missing
        )
    if old is not None and kept and replace(old.inputs, platforms=()) != replace(inputs, platforms=()):
        raise ToolError.one(
            f"the requirements changed: the old sections of {', '.join(kept)} do not answer them",
            where="the old lock",
            fix="refresh without --platform and --keep-going",
        )


def _check_resolver(new: Lock, old: Lock, kept: Sequence[str]) -> None:
    """Check that the old sections that are kept are answers of the resolver that made the new ones.

    A lock names one resolver for all its sections. Raises ToolError.
    """
    before, after = (f"{lock.resolver} {lock.resolver_version}" for lock in (old, new))
    if kept and before != after:
        raise ToolError.one(
            f"the resolver changed: {before} made the old sections of {', '.join(kept)}, {after} the new ones",
            where="the old lock",
            fix="refresh without --platform and --keep-going",
        )


def merge(new: Lock, old: Lock, inputs: Inputs) -> Lock:
    """Return a lock with the new sections, and the old ones of the other platforms of `inputs`.

    Raises ToolError when a new section and a kept one have different files of one name, or different resolvers.
    """
    _check_resolver(new, old, [tag for tag in inputs.platforms if tag not in new.sections])
    sections: dict[str, Section] = {tag: new.sections.get(tag) or old.sections[tag] for tag in inputs.platforms}
    used = {package.file for section in sections.values() for package in section.packages}
    rows = [(new if tag in new.sections else old, tag, section) for tag, section in sections.items()]
    one_of_each((lock.files[package.file], tag) for lock, tag, section in rows for package in section.packages)
    files = {**old.files, **new.files}
    built = {files[file].build for file in used if files[file].build}
    sources = {key: _joined(key, new, old, inputs.platforms) for key in sorted(built)}
    used |= {file for source in sources.values() for row in source.tools.values() for file in row}
    files = {name: files[name] for name in sorted(used)}
    return replace(new, inputs=inputs, sections=sections, files=files, sources=sources)


def _joined(key: str, new: Lock, old: Lock, tags: Sequence[str]) -> LockedSource:
    """Return a source with the tools of all platforms."""
    before, after = old.sources.get(key), new.sources.get(key)
    tools = {**(before.tools if before else {}), **(after.tools if after else {})}
    return replace(after or old.sources[key], tools={tag: tools[tag] for tag in sorted(tools) if tag in tags})
