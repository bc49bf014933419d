"""Which wheel a pin gets on a platform: the index's, a direct reference's, or one that is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from packaging.tags import Tag
from packaging.utils import canonicalize_version

from python_env.base.errors import Fault
from python_env.base.platforms import Platform, marker_environment
from python_env.lock.choice import choose_wheel
from python_env.lock.closure import holds
from python_env.lock.resolvers.model import Candidate, Question, Resolved, Unresolvable
from python_env.lock.sources.model import Origin
from python_env.lock.update.task import Task
from python_env.requirements.model import Asked, Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A pin, and the wheel that is taken of it: None when nothing fits."""

    pin: Resolved
    wheel: Candidate | None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses the wheels of one platform."""

    task: Task
    question: Question
    tags: tuple[Tag, ...]
    allowed: Mapping[str, set[str]]

    def choose(self, pin: Resolved) -> Choice:
        """Return the direct reference's wheel, else the best of the index, else what may be built from the sdist."""
        direct = [line for line in self.question.requirements if line.name == pin.name and line.direct]
        if direct and self.task.sources:
            return self._from(pin, self.task.sources.direct(pin.name, direct[0].direct), direct[0])  # type: ignore[arg-type]  # filtered above
        policy = self.task.request.policy
        wheels = () if pin.name in policy.no_binary else _hashed(pin, self.allowed)
        wheel = choose_wheel(wheels, self.tags)
        if wheel is None and pin.sdist and self.task.sources and pin.name in (*policy.sdists, *policy.no_binary):
            return self._from(pin, self.task.sources.sdist(pin.name, pin.version, pin.sdist), None)
        return Choice(pin=pin, wheel=wheel)

    def _from(self, pin: Resolved, origin: Origin, asked: Asked | None) -> Choice:
        file = origin.file_for(self.question.platform)
        identity = origin.wheel.sha256 if origin.wheel else origin.source.identity if origin.source else ""
        if file is None and asked is not None:
            raise Unresolvable([_unfit(origin.file, asked, self.question.platform)])
        if asked is not None and asked.version and not _same(asked.version, origin.facts.version):
            raise Unresolvable([_moved(asked, origin.facts.version)])
        digests = self.allowed.get(pin.name, {identity})
        # several projects of one commit have its identity: the folder tells them apart
        key = f"{identity} {origin.source.subdirectory}".rstrip() if origin.source else identity
        wheel = Candidate(file=file, url="", sha256=key) if file and identity in digests else None
        return Choice(pin=replace(pin, version=origin.facts.version), wheel=wheel, origin=origin)


def _unfit(file: str, asked: Asked, platform: Platform) -> Fault:
    return Fault(
        f"{file} does not fit {platform.tag}",
        asked.where,
        "name the wheel under a marker, and another one for that platform; or name a source that can be built for it",
    )


def _same(one: str, other: str) -> bool:
    return canonicalize_version(one) == canonicalize_version(other)


def _moved(asked: Asked, version: str) -> Fault:
    what = f"{asked.name} is {version} where it lies, and {asked.version} in {asked.source}"
    return Fault(what, asked.where, f"make {asked.source} again, then this lock")


def references(task: Task, question: Question) -> dict[str, str]:
    """Return by the URL of each direct reference what the resolver is to follow on this machine."""
    if task.sources is None:
        return {}
    return {
        str(line.requirement.url): task.sources.reference(line.name, line.direct)
        for line in question.requirements
        if line.direct
    }


def allowed_digests(task: Task, platform: Platform) -> dict[str, set[str]]:
    """Return by name the digests that the platform's requirements, constraints and base allow; all must allow one."""
    environment = marker_environment(platform)
    allowed = task.base.digests(platform) if task.base else {}
    for line in (*task.request.requirements, *task.request.constraints):
        if line.hashes and line.is_for(platform.tag) and holds(line.requirement.marker, environment):
            allowed[line.name] = allowed.get(line.name, set(line.hashes)) & set(line.hashes)
    return allowed


def _hashed(pin: Resolved, allowed: Mapping[str, set[str]]) -> Iterator[Candidate]:
    return (wheel for wheel in pin.candidates if pin.name not in allowed or wheel.sha256 in allowed[pin.name])


def no_hash(name: str, version: str, platform: Platform, request: Request) -> Fault:
    """Return the fault of a version none of whose wheels has an allowed digest."""
    lines = [line.where for line in (*request.requirements, *request.constraints) if line.name == name and line.hashes]
    fix = "add the hash of the wheel for that platform, or remove the hashes: the lock holds them"
    if request.pinned_by:
        fix = f"make {', '.join(request.pinned_by)} again with a wheel for that platform, or drop the platform"
    what = f"no wheel of {name} {version} that fits {platform.tag} has one of the hashes that are asked for"
    return Fault(what, ", ".join(lines), fix)


def no_wheel(name: str, version: str, platform: Platform) -> Fault:
    """Return the fault of a version without a wheel for the platform."""
    return Fault(
        f"no wheel of {name} {version} fits {platform.tag}, nor did earlier versions that were tried",
        f"the closure of {platform.tag}",
        f'drop that platform, constrain {name} to a version with a wheel, or allow to build it: sdists = ["{name}"]',
    )
