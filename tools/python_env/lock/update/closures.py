"""What was chosen, checked: the metadata of every file and each platform's closure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from python_env.base.errors import Fault
from python_env.base.platforms import is_for_two_machines, marker_environment
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
    tag = chosen.platform.tag
    unknown = untold(chosen.platform) if task.resolver.name is ResolverName.UV else {}
    closure = close(task.request, pins=pins, environment=environment, tag=tag, untold=unknown)
    if not is_for_two_machines(chosen.platform):
        return closure
    other = close(task.request, pins=pins, environment={**environment, "platform_machine": "x86_64"}, tag=tag)
    return replace(closure, faults=(*closure.faults, *_of_other_machine(closure, other, tag)))


def _of_other_machine(closure: Closure, other: Closure, tag: str) -> Iterator[Fault]:
    """Yield what the pins, which are made for arm64, lack on x86_64."""
    known = {fault.what for fault in closure.faults}
    system = tag.removesuffix("universal2")
    fix = f"name a platform for each machine in its place: {system}arm64 and {system}x86_64"
    for fault in other.faults:
        if fault.what not in known:
            what = f"{fault.what.partition(': the resolver pinned')[0]} where platform_machine is x86_64"
            yield Fault(f"{what}: universal2 is locked for arm64, and must do for both", fault.where, fix)
