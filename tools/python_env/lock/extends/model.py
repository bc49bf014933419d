"""The environment that another one is derived from."""

from __future__ import annotations

from dataclasses import dataclass

from python_env.base.platforms import Platform, parse_platform
from python_env.lock.model import Lock, Section


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A base, by its lock."""

    label: str
    """Label of its `python_env`, as messages and locks name it."""
    update: str
    """The command that refreshes its lock."""
    lock: Lock

    @property
    def recorded(self) -> tuple[tuple[str, str], ...]:
        """Return what a derived lock's inputs say of the base: label and env_id."""
        return ((self.label, self.lock.env_id),)

    @property
    def note(self) -> str:
        """Return the key of the base's requirements, in place of the line, which its lock does not hold."""
        return f"from {self.label}"

    def section(self, platform: Platform) -> Section | None:
        """Return the base's section of a platform, however its tag is spelled; None where it has none."""
        for tag, section in self.lock.sections.items():
            own = parse_platform(tag)
            if (own.python, own.abi, own.name) == (platform.python, platform.abi, platform.name):
                return section
        return None

    def pins(self, platform: Platform) -> dict[str, str]:
        """Return the locked version by name on a platform."""
        section = self.section(platform)
        return {package.name: package.version for package in section.packages} if section else {}

    def digests(self, platform: Platform) -> dict[str, set[str]]:
        """Return by name the one digest, of the file or of what it is built from, that is allowed on a platform."""
        section = self.section(platform)
        return {package.name: {self.lock.identity(package.file)} for package in section.packages} if section else {}
