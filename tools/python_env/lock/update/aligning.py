"""One version of a distribution on all platforms, where nothing forces several."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.version import Version

from python_env.lock.update.resolving import Chosen, resolve_all
from python_env.lock.update.task import Task

_MOST_ALIGNMENTS = 3
"""How often platforms are asked again so that a distribution has one version everywhere."""


def _lowest_of_split(chosen: Sequence[Chosen]) -> dict[str, str]:
    """Return the lowest version of every distribution that has several over the platforms."""
    versions: dict[str, set[str]] = {}
    for each in chosen:
        for name, (version, _) in each.wheels.items():
            versions.setdefault(name, set()).add(version)
    return {name: min(found, key=Version) for name, found in sorted(versions.items()) if len(found) > 1}


def _pins(chosen: Chosen) -> dict[str, str]:
    return {name: version for name, (version, _) in chosen.wheels.items()}


def aligned(task: Task, chosen: list[Chosen]) -> list[Chosen]:
    """Ask again until every distribution has one version everywhere, but where a platform forces another.

    The lowest version of a split is the one that all platforms may have; it is preferred, never forced. Pins that are
    all those of the old lock stay: what was split there was forced.
    """
    for _ in range(0 if task.request.pinned_by else _MOST_ALIGNMENTS):
        lowest = _lowest_of_split(chosen)
        unsettled = [each for each in chosen if _pins(each) != dict(task.preferred.get(each.platform.tag, {}))]
        moved = [each for each in unsettled if any(lowest.get(name, pin) != pin for name, pin in _pins(each).items())]
        if not moved:
            break
        preferred = {each.platform.tag: {**_pins(each), **lowest} for each in moved}
        again = {each.platform.tag: each for each in resolve_all(task, [each.platform for each in moved], preferred)}
        after = [again.get(each.platform.tag, each) for each in chosen]
        if [_pins(each) for each in after] == [_pins(each) for each in chosen]:
            break
        chosen = after
    return chosen
