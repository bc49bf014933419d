"""How a lock names a resolver's version. Standard library only, because `.lock_test` reads it."""

from __future__ import annotations

from collections.abc import Mapping

from python_env.base.resolving import ResolverName


def resolver_version(resolver: ResolverName, versions: Mapping[str, str]) -> str:
    """Return the version of a resolver, from the versions of distributions; pip decides as much as pip-tools does."""
    if resolver is ResolverName.PIP_TOOLS:
        return f"{versions['pip-tools']} (pip {versions['pip']})"
    return versions[resolver]
