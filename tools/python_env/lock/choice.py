"""Which of a version's wheels a platform gets: the best by the order of its tags."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from python_env.lock.resolvers.model import Candidate


def choose_wheel(candidates: Iterable[Candidate], tags: tuple[Tag, ...]) -> Candidate | None:
    """Return the wheel whose tag comes first in `tags` (ties: highest build tag, then name), or None."""
    ranks = {tag: rank for rank, tag in enumerate(tags)}
    best: tuple[tuple[int, tuple[int, str], str], Candidate] | None = None
    for candidate in candidates:
        try:
            _, _, build, wheel_tags = parse_wheel_filename(candidate.file)
        except InvalidWheelFilename:
            continue
        fitting = [ranks[tag] for tag in wheel_tags if tag in ranks]
        if not fitting:
            continue
        number, rest = build or (0, "")
        key = (-min(fitting), (number, rest), candidate.file)
        if best is None or key > best[0]:
            best = (key, candidate)
    return best[1] if best else None


def unfit_versions(files: Iterable[str], tags: tuple[Tag, ...]) -> frozenset[str]:
    """Return the versions that have wheels among the files, and none that has one of the tags.

    A version of which a local one fits is left out: `!=1.0` refuses 1.0+cpu as well (PEP 440).
    """
    known = frozenset(tags)
    seen: set[str] = set()
    fitting: set[str] = set()
    for file in files:
        try:
            _, version, _, wheel_tags = parse_wheel_filename(file)
        except InvalidWheelFilename:
            continue
        seen.add(str(version))
        if known & wheel_tags:
            fitting |= {str(version), version.public}
    return frozenset(seen - fitting)
