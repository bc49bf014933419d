"""A resolver and an index that exist only here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from packaging.version import Version

from python_env.base.platforms import parse_platform
from python_env.base.resolving import ResolverName
from python_env.base.wheel_tags import supported_tags
from python_env.lock.choice import choose_wheel
from python_env.lock.facts import Facts
from python_env.lock.resolvers.model import Candidate, Question, Resolved
from python_env.lock.update.task import Task
from python_env.requirements.model import Asked
from python_env.requirements.parse import parse_request

LINUX = "cp311-manylinux_2_28_x86_64"
WINDOWS = "cp311-win_amd64"


@dataclass
class FakeIndex:
    """Distributions by name, each with versions (newest first), their wheels and requirements."""

    wheels: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    name: ResolverName = ResolverName.UV
    version: str = "1"
    asked: list[Question] = field(default_factory=list)

    def add(self, name: str, version: str, *tags: str, requires: tuple[str, ...] = ()) -> None:
        """Add a version with one wheel per tag."""
        files = [f"{name.replace('-', '_')}-{version}-{tag}.whl" for tag in tags or ("py3-none-any",)]
        self.wheels[name, version] = files
        self.requires.update(dict.fromkeys(files, requires))

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Pin the first version of every distribution that is not refused, preferred ones first.

        Of pins it answers these alone, as uv does with --no-deps.
        """
        self.asked.append(question)
        if question.pinned:
            return tuple(self._pinned(asked) for asked in question.request.requirements)
        pins: dict[str, str] = {}
        for name, version in self.wheels:
            fits = (
                choose_wheel(map(candidate, self.wheels[name, version]), supported_tags(question.platform)) is not None
            )
            preferred = fits and version == question.preferred.get(name)
            if (name, version) not in question.refused and (name not in pins or preferred):
                pins[name] = version
        return tuple(
            Resolved(name=name, version=version, candidates=tuple(map(candidate, self.wheels[name, version])))
            for name, version in pins.items()
        )

    def _pinned(self, asked: Asked) -> Resolved:
        wanted = next(iter(asked.requirement.specifier)).version
        found = [each for name, each in self.wheels if name == asked.name and Version(each) == Version(wanted)]
        files = self.wheels[asked.name, found[0]] if found else []
        return Resolved(name=asked.name, version=(found or [wanted])[0], candidates=tuple(map(candidate, files)))

    def get(self, *, url: str, sha256: str, file: str) -> Facts:
        """Return the facts of one of the wheels."""
        assert sha256 == candidate(file).sha256 and url.endswith(file)
        name, version = file.split("-")[:2]
        return Facts(
            name=name.replace("_", "-"),
            version=version,
            requires=self.requires[file],
            requires_python="",
            size=len(file),
            extras=tuple(sorted(set(re.findall(r'extra == "([^"]+)"', " ".join(self.requires[file]))))),
        )


def candidate(file: str) -> Candidate:
    """Return the candidate of a file name."""
    digest = hashlib.sha256(file.encode()).hexdigest()
    return Candidate(file=file, url=f"https://files.example.invalid/packages/{digest[:2]}/{file}", sha256=digest)


def make_task(index: FakeIndex, text: str, tags: Sequence[str] = (LINUX,), **preferred: dict[str, str]) -> Task:
    """Return a refresh of one requirement file against a fake index."""
    return Task(
        request=parse_request(["r.in"], [], read=lambda _: text),
        platforms=[parse_platform(tag) for tag in tags],
        resolver=index,
        facts=index,
        preferred=preferred,
        progress=lambda *_: None,
    )
