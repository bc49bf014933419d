"""A resolver that asks through the catalog: its answers are the index's own files, its failures name an alias."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from packaging.utils import parse_wheel_filename
from packaging.version import Version

from python_env.base.errors import Fault, ToolError
from python_env.base.resolving import ResolverName
from python_env.base.wheel_tags import supported_tags
from python_env.lock.indexes.catalog import Catalog, path_of
from python_env.lock.indexes.page import Link
from python_env.lock.resolvers.model import Candidate, Question, Resolved, Resolver, Unresolvable

Warn = Callable[[str], None]


@dataclass(slots=True)
class WrappedResolver:
    """What the wrappers of a resolver share."""

    inner: Resolver
    catalog: Catalog
    warn: Warn
    name: ResolverName = field(init=False)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the inner resolver's name and version, which the lock records."""
        self.name, self.version = self.inner.name, self.inner.version


class IndexedResolver(WrappedResolver):
    """Wraps a resolver whose one index is the gateway."""

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Return the pins of one platform, their candidates by alias.

        Raises Unresolvable, and ToolError with what is wrong with the indexes.
        """
        try:
            pins = self.inner.resolve(question)
        except (Unresolvable, ToolError) as error:
            if self.catalog.faults:
                raise ToolError(self.catalog.faults) from None
            if faults := self._absent(error, question):
                raise Unresolvable(faults) from None
            raise
        if self.catalog.faults:
            raise ToolError(self.catalog.faults)
        return tuple(self._own(pin, question) for pin in pins)

    def _absent(self, error: Unresolvable | ToolError, question: Question) -> list[Fault]:
        """Return a fault for each name of the explanation that no index had."""
        said = "\n".join(fault.what for fault in error.faults)
        return [
            absent_fault(name, self.catalog.indexes.asked_for(name), question)
            for name in sorted(self.catalog.absent)
            if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", said)
        ]

    def _own(self, pin: Resolved, question: Question) -> Resolved:
        if any(line.name == pin.name and line.direct for line in question.requirements):
            return pin
        known = {candidate.file for candidate in pin.candidates}
        links = [link for link in self.catalog.project(pin.name) if _is_version(link, pin.version)]
        wheels = [link for link in links if link.file in known or not link.sha256]
        tags = set(supported_tags(question.platform))
        wanted = [link for link in wheels if tags & parse_wheel_filename(link.file)[3]]
        if wanted and all(link.yanked is not None for link in wanted):
            self.warn(yanked_text(pin.name, pin.version, wanted[0].yanked or "", wanted[0].index))
        self.catalog.web.aliases.update((link.url, link.index) for link in wanted)
        sdists = [link for link in self.catalog.project(pin.name) if pin.sdist and link.file == pin.sdist.file]
        return Resolved(
            name=pin.name,
            version=pin.version,
            candidates=tuple(map(self._candidate, wanted)),
            sdist=self._candidate(sdists[0]) if sdists else None,
        )

    def _candidate(self, link: Link) -> Candidate:
        return Candidate(
            file=link.file,
            url=link.url,
            sha256=self.catalog.digest(link),
            index=link.index,
            path=path_of(link, self.catalog.places[link.index]),
        )


def _is_version(link: Link, version: str) -> bool:
    release = link.release
    return link.file.endswith(".whl") and release is not None and release[1] == Version(version)


def yanked_text(name: str, version: str, reason: str, alias: str) -> str:
    """Return the warning about a pinned version that was yanked (PEP 592)."""
    said = f" ({reason})" if reason else ""
    return f"{name} {version} is yanked from index alias {alias}{said}: it is taken because it is pinned"


def absent_fault(name: str, aliases: tuple[str, ...], question: Question) -> Fault:
    """Return the fault of a name that is on none of the indexes that may be asked for it."""
    places = [asked.where for asked in question.request.requirements if asked.name == name]
    bound = len(aliases) == 1 and aliases != question.request.indexes.order
    what = f"{name} is not on index alias {' nor on '.join(aliases)}"
    return Fault(
        f"{what}, which it is bound to: it is looked up nowhere else" if bound else what,
        ", ".join(places) or f"the closure of {question.platform.tag}",
        "mend the name, or add an index that has it (indexes, index_bindings)",
    )
