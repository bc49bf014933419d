"""Sources that exist only here: what they say is told by a test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from python_env.base.errors import ToolError
from python_env.lock.facts import Facts
from python_env.lock.model import LockedSource, SourceKind
from python_env.lock.resolvers.model import Candidate
from python_env.lock.sources.model import Origin
from python_env.requirements.model import Direct


def facts(name: str, version: str = "1.0", *requires: str, python: str = "") -> Facts:
    """Return what a wheel says of itself."""
    return Facts(name=name, version=version, requires=requires, requires_python=python, size=1)


@dataclass
class FakeSources:
    """Direct references by location and sdists by name; remembers what it was asked."""

    known: dict[str, Facts] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    """URLs of the sdists."""

    def reference(self, name: str, direct: Direct) -> str:
        """Return the reference as it is."""
        return direct.location

    def direct(self, name: str, direct: Direct) -> Origin:
        """Return what the location is known to hold."""
        self.asked.append(direct.location)
        return _origin(self.known[direct.location])

    def sdist(self, name: str, version: str, sdist: Candidate) -> Origin:
        """Return what the sdist is known to say, in its own version; raises ToolError of what is not known."""
        self.asked.append(f"{sdist.file} {sdist.sha256}")
        self.places.append(sdist.url)
        if name not in self.known:
            raise ToolError.one("it does not build", where=sdist.file, fix="none")
        return _origin(replace(self.known[name], version=version))


def _origin(found: Facts) -> Origin:
    source = LockedSource(key=found.name, kind=SourceKind.SDIST, name=found.name, version=found.version, sha256="a")
    return Origin(facts=found, file=f"{found.name}-{found.version}-py3-none-any.whl", source=source)
