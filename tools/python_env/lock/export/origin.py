"""Where an exported file comes from: what stands in its head, so that it can be traced to its lock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """The lock that is exported."""

    label: str
    """The lock's label, as errors name it."""
    sha256: str
    """Of the lock's bytes."""
    env_id: str

    def comment(self, what: str) -> str:
        """Return the comment lines that requirement and constraint files begin with."""
        return f"# {what}\n# Written by rules_python_env from {self.label}, environment {self.env_id[:16]}.\n"
