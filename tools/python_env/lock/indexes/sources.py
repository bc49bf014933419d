"""Sources for a resolver that asks through the gateway: an sdist is the index's own file, as the lock names it."""

from __future__ import annotations

from dataclasses import dataclass

from python_env.lock.indexes.catalog import Catalog
from python_env.lock.indexes.resolver import own_candidate
from python_env.lock.resolvers.model import Candidate
from python_env.lock.sources.model import Origin, Sources
from python_env.requirements.model import Direct


@dataclass(frozen=True, slots=True)
class IndexedSources:
    """Wraps sources for a resolver whose one index is the gateway."""

    inner: Sources
    catalog: Catalog

    def reference(self, name: str, direct: Direct) -> str:
        """Return a direct reference as a resolver on this machine can follow it."""
        return self.inner.reference(name, direct)

    def direct(self, name: str, direct: Direct) -> Origin:
        """Return what a direct reference leads to."""
        return self.inner.direct(name, direct)

    def sdist(self, name: str, version: str, sdist: Candidate) -> Origin:
        """Return what an sdist builds that the gateway named."""
        link = next(link for link in self.catalog.project(name) if link.file == sdist.file)
        return self.inner.sdist(name, version, own_candidate(self.catalog, link))
