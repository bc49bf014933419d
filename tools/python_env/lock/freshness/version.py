"""The resolver that made a lock beside the one that the rules have now, offline."""

from __future__ import annotations

import json

from python_env.lock.model import Lock
from python_env.lock.resolvers.versions import resolver_version


def version_change(lock: Lock, tools_lock: bytes) -> str:
    """Return how the lock's resolver differs from the one in the tools' lock (its JSON), or nothing."""
    sections = json.loads(tools_lock)["platforms"].values()
    versions = {package["name"]: package["version"] for section in sections for package in section["packages"]}
    now = resolver_version(lock.inputs.resolver, versions)
    if (lock.resolver, lock.resolver_version) == (lock.inputs.resolver, now):
        return ""
    made = f"{lock.resolver} {lock.resolver_version}"
    return f"the lock was made by {made}, these rules have {lock.inputs.resolver} {now}"
