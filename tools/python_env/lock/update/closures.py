"""What was chosen, checked: the metadata of every file and each platform's closure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from python_env.base.platforms import marker_environment
from python_env.base.resolving import ResolverName
from python_env.lock.closure import Closure, Pin, close
from python_env.lock.facts import Facts
from python_env.lock.resolvers.untold import untold
from python_env.lock.update.resolving import Chosen
from python_env.lock.update.task import Task

_REQUESTS_AT_ONCE = 16


def all_facts(task: Task, chosen: Sequence[Chosen]) -> dict[str, Facts]:
    """Return the facts of every chosen file, by digest."""
    known = {
        each.wheels[name][1].sha256: origin.facts
        for each in chosen
        for name, origin in each.origins.items()
        if name in each.wheels
    }
    wheels = {wheel.sha256: wheel for each in chosen for _, wheel in each.wheels.values() if wheel.sha256 not in known}
    task.progress("files", f"reading the metadata of {len(wheels)} wheels")
    with ThreadPoolExecutor(max_workers=_REQUESTS_AT_ONCE) as pool:
        found = pool.map(
            lambda wheel: task.facts.get(url=wheel.url, sha256=wheel.sha256, file=wheel.file), wheels.values()
        )
        return {**known, **dict(zip(wheels, found, strict=True))}


def closure_of(task: Task, chosen: Chosen, facts: Mapping[str, Facts]) -> Closure:
    """Return one platform's closure; what it lacks is among its faults."""
    pins = {
        name: Pin(name=name, version=version, file=wheel.file, facts=facts[wheel.sha256])
        for name, (version, wheel) in chosen.wheels.items()
    }
    environment = marker_environment(chosen.platform)
    unknown = untold(chosen.platform) if task.resolver.name is ResolverName.UV else {}
    return close(task.request, pins=pins, environment=environment, tag=chosen.platform.tag, untold=unknown)
