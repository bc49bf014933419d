"""Sources for the pip-tools adapter: pip is told what they say of themselves, so that it fetches and builds none.

A direct reference is given to pip as a pure wheel at a URL that nobody asks, with the metadata of what it leads to.
Of an sdist pip is given the metadata when it looks at it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from python_env.base.documents import sha256_hex
from python_env.base.errors import Fault, ToolError
from python_env.lock.facts import Facts
from python_env.lock.resolvers.model import Candidate, Question
from python_env.lock.sources.model import Sources
from python_env.requirements.model import Asked


def stand_ins(question: Question, sources: Sources | None) -> dict[str, dict[str, Any]]:
    """Return by the URL of each direct reference the `url` that pip is given, and the `facts`.

    Raises ToolError when a reference leads nowhere, or to another distribution.
    """
    if sources is None:
        return {}
    found = [(line, sources.direct(line.name, line.direct).facts) for line in question.direct if line.direct]
    if faults := [_other(line, facts) for line, facts in found if facts.name != line.name]:
        raise ToolError(faults)
    return {str(line.requirement.url): {"facts": asdict(facts), "url": _url(line, facts)} for line, facts in found}


def _url(line: Asked, facts: Facts) -> str:
    """Return the URL of a wheel that fits every platform; whether what it stands for does is decided later."""
    digest = sha256_hex(f"{line.name} @ {line.requirement.url}".encode())
    file = f"{facts.name.replace('-', '_')}-{facts.version}-py3-none-any.whl"
    return f"https://{digest[:16]}.invalid/{file}#sha256={digest}"


def _other(line: Asked, facts: Facts) -> Fault:
    return Fault(f"{line.name} is asked for, and the reference leads to {facts.name}", line.where, "mend the name")


def sdist_facts(asked: dict[str, str], sources: Sources) -> dict[str, Any]:
    """Return the facts of an index's sdist, as the child asks for them; raises ToolError when it cannot be built."""
    candidate = Candidate(file=asked["file"], url=asked["url"], sha256=asked["sha256"])
    return asdict(sources.sdist(asked["name"], asked["version"], candidate).facts)
