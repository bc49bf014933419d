"""From a request to the lock's inputs: order, comments and line numbers do not count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from python_env.lock.model import InputLine, Inputs
from python_env.requirements.model import Asked, Request, normalised


def _lines(asked: Iterable[Asked]) -> tuple[InputLine, ...]:
    unique = {(line.input_text, line.source) for line in asked}
    return tuple(InputLine(requirement=text, source=source) for text, source in sorted(unique))


def make_inputs(request: Request, platforms: Sequence[str]) -> Inputs:
    """Return what a lock of this request for these platform tags answers."""
    return Inputs(
        requirements=_lines(request.requirements),
        constraints=_lines(request.constraints),
        platforms=tuple(platforms),
        indexes=request.indexes.order,
        index_bindings=request.indexes.bindings,
        index_urls=request.indexes.urls,
        overrides=tuple(sorted(normalised(each) for each in request.policy.overrides)),
        excludes=request.policy.excludes,
        exclude_newer=request.policy.exclude_newer,
        prereleases=request.policy.prereleases,
    )
