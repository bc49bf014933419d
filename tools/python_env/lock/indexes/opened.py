"""The indexes of a refresh, opened: what a resolver is given, and the client that reads files from them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from python_env.base.errors import ToolError
from python_env.lock.index import Index, network_environment
from python_env.lock.indexes.catalog import Catalog
from python_env.lock.indexes.credentials import HELPER, Credentials
from python_env.lock.indexes.gateway import gateway
from python_env.lock.indexes.places import find_places, origins
from python_env.lock.indexes.resolver import IndexedResolver, WrappedResolver, absent_fault
from python_env.lock.indexes.sources import IndexedSources
from python_env.lock.indexes.web import Web
from python_env.lock.resolvers.model import Question, Resolved, Resolver, Unresolvable
from python_env.lock.sources.model import Sources
from python_env.requirements.model import Indexes

_ABSENT = ("package registry", "no versions of", "the index has no distribution named")
"""Words of a resolver, and of its adapter, for a name that it did not find."""


@dataclass(slots=True)
class OpenedIndexes:
    """What stands for all indexes while a refresh runs."""

    index: Index
    """The one index that the resolver asks: pip's own, or the gateway."""
    catalog: Catalog
    direct: bool
    """The resolver asks pip's index itself."""
    gateway: Callable[[], Index]
    """Gives the gateway, opened when it is first wanted."""

    @property
    def web(self) -> Web:
        """Return the client of all indexes."""
        return self.catalog.web

    @property
    def warnings(self) -> dict[str, None]:
        """Return what a person should know, once each, in the order in which it was found."""
        return self.catalog.warnings

    def sources(self, sources: Sources) -> Sources:
        """Return the sources as a resolver asks them: by the files that its one index names."""
        return sources if self.direct else IndexedSources(sources, self.catalog)

    def wrap(self, resolver: Resolver, another: Callable[[Index], Resolver] | None = None) -> Resolver:
        """Return a resolver whose answers and failures name aliases.

        `another` makes one for the gateway, which is asked where the index fails the one that asks it itself.
        """
        if self.direct:
            direct = DirectResolver(resolver, self.catalog, self.catalog.warn)
            direct.indirect = functools.cache(lambda: self._indirect(another)) if another else None
            return direct
        return IndexedResolver(resolver, self.catalog, self.catalog.warn)

    def _indirect(self, make: Callable[[Index], Resolver]) -> Resolver:
        return IndexedResolver(make(self.gateway()), self.catalog, self.catalog.warn)


@dataclass(slots=True)
class DirectResolver(WrappedResolver):
    """Wraps a resolver that asks the default index itself; when it fails, the index's pages are looked at.

    Where these are good, a file failed: the gateway is asked instead, which gets on without it or names the fault.
    """

    indirect: Callable[[], Resolver] | None = None

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Return the pins of one platform.

        Raises Unresolvable, and ToolError with what is wrong with the index.
        """
        try:
            pins = self.inner.resolve(question)
        except (Unresolvable, ToolError) as error:
            said = "\n".join(fault.what for fault in error.faults)
            if isinstance(error, ToolError) or any(words in said for words in _ABSENT):
                self._look(question, said)
            if isinstance(error, ToolError) and self.indirect:
                return self.indirect().resolve(question)
            raise
        for text in getattr(self.inner, "warnings", ()):
            self.warn(text)
        direct = {line.name for line in question.requirements if line.direct}
        files = (each for pin in pins if pin.name not in direct for each in pin.candidates)
        self.catalog.web.aliases.update((each.url, "default") for each in files)
        return pins

    def _look(self, question: Question, said: str) -> None:
        """Raise what is wrong with the pages of the names that are asked for or named in the explanation."""
        names = {asked.name for asked in question.request.requirements}
        names |= set(re.findall(r"([a-z0-9][a-z0-9.-]*) was not found in the package registry", said))
        self.look(sorted(names))
        absent = sorted(self.catalog.absent & names)
        if absent:
            raise Unresolvable([absent_fault(name, self.catalog.indexes.asked_for(name), question) for name in absent])


@contextmanager
def open_indexes(indexes: Indexes, default: Index, environ: Mapping[str, str], root: Path) -> Iterator[OpenedIndexes]:
    """Give the indexes of a request, as this machine reaches them.

    Raises ToolError when an alias lies nowhere on this machine.
    """
    places = find_places(indexes, default, environ, root)
    credentials = Credentials(environ=environ, known=dict(origins(places)))
    web = Web(network_environment(default, environ), credentials)
    catalog = Catalog(indexes=indexes, places=places, web=web)
    plain = indexes == Indexes() and not places["default"].is_folder and not environ.get(HELPER)
    with ExitStack() as stack:
        opened = functools.cache(lambda: stack.enter_context(gateway(catalog)))
        yield OpenedIndexes(index=default if plain else opened(), catalog=catalog, direct=plain, gateway=opened)
