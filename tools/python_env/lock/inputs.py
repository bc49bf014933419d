"""From a request to the lock's inputs: order, comments and line numbers do not count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from python_env.base.resolving import ResolverName
from python_env.lock.model import InputLine, Inputs
from python_env.requirements.model import Asked, Request, normalised


def _lines(asked: Iterable[Asked]) -> tuple[InputLine, ...]:
    unique = {(line.input_text, line.source, line.platforms) for line in asked}
    return tuple(
        InputLine(requirement=text, source=source, platforms=platforms) for text, source, platforms in sorted(unique)
    )


def make_inputs(
    request: Request,
    platforms: Sequence[str],
    resolver: ResolverName = ResolverName.UV,
    *,
    extends: tuple[tuple[str, str], ...] = (),
) -> Inputs:
    """Return what a lock of this request for these platform tags answers; `extends` names the base by its env_id."""
    return Inputs(
        requirements=_lines(request.requirements),
        constraints=_lines(request.constraints),
        platforms=tuple(platforms),
        extras=request.choice.extras,
        groups=request.choice.groups,
        indexes=request.indexes.order,
        index_bindings=request.indexes.bindings,
        index_urls=request.indexes.urls,
        overrides=tuple(sorted(normalised(each) for each in request.policy.overrides)),
        excludes=request.policy.excludes,
        exclude_newer=request.policy.exclude_newer,
        prereleases=request.policy.prereleases,
        sdists=request.policy.sdists,
        no_binary=request.policy.no_binary,
        marker_values=request.policy.marker_values,
        extends=extends,
        resolver=resolver,
    )
