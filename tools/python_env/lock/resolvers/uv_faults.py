"""What uv says when it finds no answer, as faults."""

from __future__ import annotations

import re
from collections.abc import Mapping

from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.lock.resolvers.model import Question

_ABSENT = (
    (
        re.compile(r"Because (?P<name>\S+) was not found in the package registry and you require (?P=name)\b"),
        "the index has no distribution named {}",
        "mend the name",
    ),
    (
        re.compile(r"Because there is no version of (?P<asked>(?P<name>[\w.-]+)\S*) and you require (?P=asked)"),
        "there is no version {}",
        "name a version that the index has",
    ),
)
"""uv's words for what is simply not there, ours, and what mends it."""

_PROGRESS = re.compile(r" +(?:Updating|Updated|Building|Built|Downloading|Downloaded) ")
"""Lines in which uv tells what it does, not why it failed."""


def explanation(stderr: str) -> str:
    """Return uv's words without its hints and its `error:` label."""
    said = [line for line in stderr.splitlines() if line.strip() and not _PROGRESS.match(line)]
    lines = [line for line in said if not line.startswith(("hint:", "warning:"))]
    text = "\n".join(re.sub(r"^(error:|\s+cause:|\s*×|\s*╰─▶)\s*", "", line).strip() for line in lines)
    return text or "the resolver gave no reason"


def _sources(question: Question, name: str) -> str:
    places = [asked.where for asked in question.request.requirements if asked.name == name]
    return ", ".join(places) or ", ".join(sorted({asked.source for asked in question.request.requirements}))


def missing_faults(question: Question, missing: Mapping[str, str]) -> list[Fault]:
    """Return a fault for every distribution that has no wheel, with uv's reason by its name."""
    tag = question.platform.tag
    mend = "make the lock again with" if question.pinned else "constrain it to"
    return [
        Fault(
            f"no wheel of {name} fits {tag}\n{reason}",
            _sources(question, name),
            f"drop that platform, {mend} a version with a wheel, exclude {name} there by a marker, "
            f'or allow to build it: sdists = ["{name}"]',
        )
        for name, reason in sorted(missing.items())
    ]


def _absent(question: Question, said: str) -> Fault | None:
    """Return the fault of a requirement that the index has nothing for at all; None where the reason is another."""
    for pattern, what, fix in _ABSENT:
        if found := pattern.search(said):
            name = canonicalize_name(found["name"])
            asked = (*question.request.requirements, *question.request.constraints)
            if places := [line.where for line in asked if line.name == name]:
                return Fault(
                    what.format(found["asked"] if "asked" in found.groupdict() else name), ", ".join(places), fix
                )
    return None


def conflict(question: Question, stderr: str) -> Fault:
    """Return why there is no answer; raises ToolError when uv failed for another reason."""
    if "No solution found" not in stderr:
        raise ToolError.one(
            f"uv failed for {question.platform.tag}: {explanation(stderr)}",
            where="the resolver uv, index alias default",
            fix="check the index that pip is configured with, and run the command again",
        )
    if plain := _absent(question, explanation(stderr)):
        return plain
    sources = sorted({asked.source for asked in (*question.request.requirements, *question.request.constraints)})
    if question.pinned:
        what = f"the index does not have what is pinned for {question.platform.tag}\n{explanation(stderr)}"
        return Fault(what, ", ".join(sources), "make the lock again from what the index has, or mend the index")
    date = question.request.policy.exclude_newer
    cut_off = f", or move the cut-off: no file of {date} or later is seen (exclude_newer)" if date else ""
    if "no publish time" in stderr:
        cut_off = ", or remove exclude_newer: the index does not say when these files were uploaded (PEP 700)"
    return Fault(
        f"the requirements cannot be satisfied together on {question.platform.tag}\n{explanation(stderr)}",
        ", ".join(sources),
        f"loosen one of the requirements that the explanation names{cut_off}",
    )
