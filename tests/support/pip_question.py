"""Questions for the pip-tools adapter."""

from __future__ import annotations

from dataclasses import replace

from python_env.base.platforms import parse_platform
from python_env.lock.resolvers.model import Question, Resolver
from python_env.requirements.parse import parse_request
from python_env.requirements.policy import parse_policy

LINUX = "cp311-manylinux_2_28_x86_64"
WINDOWS = "cp312-win_amd64"


def question(text: str, tag: str = LINUX, *, constraints: str = "", **policy: object) -> Question:
    """Return one platform's question."""
    files = {"r.in": text, "c.txt": constraints}
    plain: dict[str, object] = {"overrides": [], "excludes": [], "exclude_newer": "", "prereleases": "", "sdists": []}
    request = parse_request(["r.in"], ["c.txt"] if constraints else [], read=files.__getitem__)
    decided = parse_policy(**{**plain, **policy})  # type: ignore[arg-type]  # the words of one test each
    decided = replace(decided, no_binary=request.policy.no_binary)
    return Question(request=replace(request, policy=decided), platform=parse_platform(tag), preferred={})


def pins(resolver: Resolver, asked: Question) -> dict[str, str]:
    """Return the pinned versions."""
    return {pin.name: pin.version for pin in resolver.resolve(asked)}
