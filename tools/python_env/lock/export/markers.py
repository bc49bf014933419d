"""Which markers tell platforms apart that are locked differently."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from python_env.base.platform_markers import MARKER_VARIABLES, marker_of, stated_markers


def telling_markers(groups: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """Return for each group of tags a marker that holds on all of its platforms and on none of another group's.

    The fewest variables that tell the groups apart are used; None where no marker can.
    """
    stated = [[stated_markers(tag) for tag in group] for group in groups]
    for size in range(1, len(MARKER_VARIABLES) + 1):
        for names in combinations(MARKER_VARIABLES, size):
            if found := _told_by(names, stated):
                return found
    return None


def _told_by(names: Sequence[str], stated: Sequence[Sequence[dict[str, str]]]) -> tuple[str, ...] | None:
    if any(name not in values for group in stated for values in group for name in names):
        return None
    told = [{tuple((name, values[name]) for name in names) for values in group} for group in stated]
    if sum(map(len, told)) != len(set().union(*told)):
        return None
    return tuple(" or ".join(map(marker_of, sorted(group))) for group in told)
